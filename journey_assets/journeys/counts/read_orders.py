"""Reading back what :data:`~.FIRST_ORDERS` counted, as arrays."""

from typing import TYPE_CHECKING, Any

from journey_assets.journeys.counts import CODE
from journey_assets.warehouse.arrow import numbers_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import numpy as np
    from duckdb import DuckDBPyConnection
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]

#: Orders that are on their way from the session at once.
_BATCH_ROWS = 100_000


def read_orders(
    con: "DuckDBPyConnection", comparison: "Mapping[str, Any]"
) -> "Iterator[tuple[NDArray[np.uint32], Integers, Integers]]":
    """The orders of a cohort, some at a time: codes of events end to end, how many each has, persons.

    comparison: ``as_of`` and ``focus``.
    """
    import numpy as np
    import pyarrow as pa

    selected = con.sql(
        "SELECT events, persons FROM journey_compared_first_orders WHERE (as_of, cohort) = ($as_of, $focus)",
        params={each: comparison[each] for each in ("as_of", "focus")},
    )
    for batch in selected.to_arrow_reader(_BATCH_ROWS):
        if not batch.num_rows:
            continue
        orders = batch.column(0).cast(pa.large_binary())
        _, ends, data = orders.buffers()
        ends = np.frombuffer(ends, np.int64)[orders.offset : orders.offset + len(orders) + 1]
        codes = np.frombuffer(data, CODE, (ends[-1] - ends[0]) // 4, ends[0])
        yield codes.astype(np.uint32), np.diff(ends) // 4, numbers_of(batch.column(1), "int64")
