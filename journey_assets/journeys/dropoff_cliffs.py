"""Filling ``journeys.dropoff_cliffs``: the tests between the counts and the rows.

Belongs here: the p-values of exit rates above the cohort's and their error control. Does not belong
here: counting and guards (``leavings.sql``), rates and verdicts (``dropoff_cliffs.sql``).
"""

from typing import TYPE_CHECKING

from journey_assets.journeys.error_control import false_discovery_rates, more_than_elsewhere
from journey_assets.journeys.ordered import sql
from journey_assets.settings import Settings
from journey_assets.warehouse.tables.journeys.comparisons import DROPOFF_CLIFFS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def fill(con: "DuckDBPyConnection", settings: Settings) -> None:  # noqa: ARG001 — a Fill takes them
    """Insert the rows of the batch whose counts ``leavings.sql`` left."""
    import pyarrow as pa

    tested = con.execute(
        "SELECT test, family, exits, visits, cohort_exits, cohort_visits "
        "FROM journey_leavings WHERE tested ORDER BY test"
    ).fetchnumpy()
    p = more_than_elsewhere(
        tested["exits"], tested["visits"], tested["cohort_exits"], tested["cohort_visits"]
    )
    q = false_discovery_rates(p, tested["family"])
    con.register("cliff_tests", pa.table({"test": tested["test"], "p_value": p, "q_value": q}))
    con.execute(f"INSERT INTO {DROPOFF_CLIFFS.result} BY NAME {sql('dropoff_cliffs')}")
    con.unregister("cliff_tests")
