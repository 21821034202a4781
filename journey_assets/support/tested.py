"""False discovery rates of the tests of a day, for SQL.

Belongs here: what the tests of several statistics of contacts share. Does not belong here: which are
made (the ``tests.py`` of each entry), the procedure (:mod:`journey_assets.journeys.error_control`).
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from journey_assets.journeys.error_control import false_discovery_rates
from journey_assets.warehouse.arrow import arrow_table

if TYPE_CHECKING:
    import numpy as np
    from duckdb import DuckDBPyConnection
    from numpy.typing import NDArray


def leave_q_values(
    con: "DuckDBPyConnection",
    name: str,
    tested: "dict[str, NDArray[np.generic]]",
    key: Sequence[str],
    p: "NDArray[np.float64] | None",
) -> None:
    """Leave table ``name`` (as_of, test, ``key``, p_value, q_value).

    test: a number of its own. q_value: the tests of a day in this table are one family.
    """
    columns = ", ".join(f"{column} VARCHAR" for column in key)
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {name} "
        f"(as_of DATE, test BIGINT, {columns}, p_value DOUBLE, q_value DOUBLE)"
    )
    if p is None:
        return  # a day without tests should not pay for loading pyarrow
    days = tested["as_of"].astype("datetime64[D]")
    rows = {"test": list(range(len(p))), **{column: tested[column] for column in key}}
    q = false_discovery_rates(p, days.astype("int64"))
    con.register("tested", arrow_table({"as_of": days, **rows, "p_value": p, "q_value": q}))
    con.execute(f"INSERT INTO {name} BY NAME FROM tested")
    con.unregister("tested")


def whole(column: "NDArray[np.generic]") -> "NDArray[np.int64]":
    """The column of counts as whole numbers."""
    return column.astype("int64")
