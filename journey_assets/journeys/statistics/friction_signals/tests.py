"""Fisher's p-values and their error control for every event that is tested.

Does not belong here: counting and guards (``exposed.sql``), ratios and verdicts (``figures.sql``).
"""

from typing import TYPE_CHECKING

from journey_assets.journeys.error_control import false_discovery_rates, fisher_exact
from journey_assets.journeys.paths import Rules

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def leave_tests(con: "DuckDBPyConnection", _rules: Rules) -> None:
    """Leave ``friction_tests`` (as_of, test, p_value, q_value) of what ``exposed.sql`` left."""
    import pyarrow as pa

    tested = con.execute(
        "SELECT as_of, test, family, non_converters_with, non_converters, converters_with, converters "
        "FROM journey_friction WHERE untested IS NULL ORDER BY test"
    ).fetchnumpy()
    p = fisher_exact(
        tested["non_converters_with"],
        tested["non_converters"],
        tested["converters_with"],
        tested["converters"],
    )
    q = false_discovery_rates(p, tested["family"])
    con.register(
        "friction_tests",
        pa.table({"as_of": tested["as_of"], "test": tested["test"], "p_value": p, "q_value": q}),
    )
