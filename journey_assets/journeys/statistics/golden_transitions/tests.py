"""The tests of the golden path's steps: hazards of conversion after the first session, with each and without.

Does not belong here: counting and guards (``steps.sql``), the tests (``journeys/hazard_tests.py``),
ratios and verdicts (``figures.sql``).
"""

from typing import TYPE_CHECKING

from journey_assets.journeys.hazard_tests import leave_hazards
from journey_assets.journeys.paths import Rules

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_TESTS = """
SELECT as_of, focus, test, family, step AS exposure
FROM journey_golden_steps
WHERE untested IS NULL
"""

#: Where the groups are the outcome all persons of both are at risk; else those of the label.
_RISKS = """
SELECT risks.*
FROM journey_golden_risks AS risks
JOIN journey_comparisons USING (as_of, focus)
WHERE by_conversion OR cohort = focus
"""


def leave_tests(con: "DuckDBPyConnection", rules: Rules) -> None:
    """Leave ``step_hazards`` and ``step_tests`` of what ``steps.sql`` left."""
    leave_hazards(con, rules, "step", _TESTS, _RISKS)
