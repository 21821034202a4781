"""The tests of every event whose persons are enough: hazards of conversion with it and without.

Does not belong here: counting and guards (``exposed.sql``), the tests (``journeys/hazard_tests.py``),
ratios and verdicts (``figures.sql``).
"""

from typing import TYPE_CHECKING

from journey_assets.journeys.hazard_tests import leave_hazards
from journey_assets.journeys.paths import Rules

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_TESTS = """
SELECT as_of, focus, test, family, event::BIGINT AS exposure
FROM journey_friction
WHERE untested IS NULL
"""

#: Where the groups are the outcome all persons of both are at risk; else those of the label.
_RISKS = """
SELECT risks.*, focus
FROM journey_risks AS risks
JOIN journey_comparisons USING (as_of)
WHERE by_conversion OR cohort = focus
"""


def leave_tests(con: "DuckDBPyConnection", rules: Rules) -> None:
    """Leave ``friction_hazards`` and ``friction_tests`` of what ``exposed.sql`` left."""
    leave_hazards(con, rules, "friction", _TESTS, _RISKS)
