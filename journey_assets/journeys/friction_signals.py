"""Filling ``journeys.friction_signals``: the tests between the counts and the rows.

Belongs here: Fisher's p-values and their error control for every event that is tested. Does not
belong here: counting and guards (``friction_counts.sql``), ratios and verdicts
(``friction_signals.sql``).
"""

from typing import TYPE_CHECKING

from journey_assets.journeys.error_control import false_discovery_rates, fisher_exact
from journey_assets.journeys.ordered import sql
from journey_assets.settings import Settings
from journey_assets.warehouse.intervals import register_relative_risk
from journey_assets.warehouse.tables.journeys.comparisons import FRICTION_SIGNALS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def fill(con: "DuckDBPyConnection", settings: Settings) -> None:
    """Insert the rows of the batch whose counts ``friction_counts.sql`` left."""
    import pyarrow as pa

    tested = con.execute(
        "SELECT test, family, non_converters_with, non_converters, converters_with, converters "
        "FROM journey_friction WHERE untested IS NULL ORDER BY test"
    ).fetchnumpy()
    p = fisher_exact(
        tested["non_converters_with"],
        tested["non_converters"],
        tested["converters_with"],
        tested["converters"],
    )
    q = false_discovery_rates(p, tested["family"])
    con.register("friction_tests", pa.table({"test": tested["test"], "p_value": p, "q_value": q}))
    register_relative_risk(con, settings.confidence_level)
    con.execute(f"INSERT INTO {FRICTION_SIGNALS.result} BY NAME {sql('friction_signals')}")
    con.unregister("friction_tests")
