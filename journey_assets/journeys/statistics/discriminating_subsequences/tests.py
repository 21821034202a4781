"""Which subsequences are looked at, and the tests of those that enough persons have.

Does not belong here: the choice among them (``chosen.sql``), the tests (``journeys/hazard_tests.py``),
verdicts (``figures.sql``).
"""

from typing import TYPE_CHECKING

from journey_assets.journeys.hazard_tests import leave_hazards
from journey_assets.journeys.paths import Rules

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    import numpy as np
    from duckdb import DuckDBPyConnection
    from numpy.typing import NDArray

#: Events, by persons who have them, of which subsequences are made.
MOST_EVENTS = 8

_COMMON = f"""
SELECT as_of, event
FROM journey_exposures
WHERE NOT is_outcome(event)
GROUP BY as_of, event
QUALIFY row_number() OVER (PARTITION BY as_of ORDER BY sum(persons) DESC, event) <= {MOST_EVENTS}
ORDER BY as_of, event
"""

_TESTS = """
SELECT as_of, focus, test, family, exposure
FROM journey_subsequences_chosen
WHERE untested IS NULL
"""

#: Where the groups are the outcome all persons of both are at risk; else those of the label.
_RISKS = """
SELECT risks.*, focus
FROM journey_subsequence_risks AS risks
JOIN journey_comparisons USING (as_of)
WHERE by_conversion OR cohort = focus
"""


def common_events(con: "DuckDBPyConnection", _rules: Rules) -> "Mapping[date, NDArray[np.int64]]":
    """The codes of the most common events of each as_of, whoever has them, ascending.

    Left for the figures too, as ``journey_common_events`` (as_of, event, place: from 1).
    """
    import numpy as np

    con.execute(
        "CREATE OR REPLACE TEMP TABLE journey_common_events AS SELECT *, "
        f"row_number() OVER (PARTITION BY as_of ORDER BY event) AS place FROM ({_COMMON})"
    )
    found = con.execute(
        "SELECT as_of, list(event::BIGINT ORDER BY event) FROM journey_common_events GROUP BY as_of"
    ).fetchall()
    return {as_of: np.array(events, dtype=np.int64) for as_of, events in found}


def leave_tests(con: "DuckDBPyConnection", rules: Rules) -> None:
    """Leave ``subsequence_hazards`` and ``subsequence_tests`` of what ``chosen.sql`` left."""
    leave_hazards(con, rules, "subsequence", _TESTS, _RISKS)
