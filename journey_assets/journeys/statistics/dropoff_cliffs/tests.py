"""The p-values of exit rates above the cohort's, and their error control.

Does not belong here: counting and guards (``leavings.sql``), rates and verdicts (``figures.sql``).
"""

from typing import TYPE_CHECKING

from journey_assets.journeys.error_control import (
    effective_counts,
    false_discovery_rates,
    more_than_elsewhere,
)
from journey_assets.journeys.paths import Rules
from journey_assets.warehouse.arrow import arrow_table

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def leave_tests(con: "DuckDBPyConnection", _rules: Rules) -> None:
    """Leave ``cliff_tests`` (as_of, test, p_value, q_value) of what ``leavings.sql`` left."""
    tested = con.execute(
        "SELECT as_of, test, family, exits, visits, cohort_exits, cohort_visits, "
        "visits / n_effective AS divisor FROM journey_leavings WHERE tested ORDER BY test"
    ).fetchnumpy()
    counts = (tested[name] for name in ("exits", "visits", "cohort_exits", "cohort_visits"))
    p = more_than_elsewhere(*effective_counts(tested["divisor"], *counts))
    q = false_discovery_rates(p, tested["family"])
    con.register(
        "cliff_tests",
        arrow_table({"as_of": tested["as_of"], "test": tested["test"], "p_value": p, "q_value": q}),
    )
