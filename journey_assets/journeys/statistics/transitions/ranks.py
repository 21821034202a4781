"""Exact quantiles of the gaps: which buckets hold them, and which of their gaps they are.

Belongs here: ranks. Does not belong here: counting (:mod:`~.buckets`, :mod:`~.gaps`).

A quantile lies between the values of the ranks below and above it, and interpolates linearly, as
DuckDB's quantile_cont does. Ranks count from 0.
"""

from datetime import date, timedelta
from typing import TYPE_CHECKING

from journey_assets.journeys.paths import Rules
from journey_assets.journeys.statistics.transitions.keys import BUCKETS, columns
from journey_assets.warehouse.arrow import arrow_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import pyarrow as pa
    from duckdb import DuckDBPyConnection
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]

QUANTILES = {"median_seconds": 0.5, "p75_seconds": 0.75, "p90_seconds": 0.9, "p95_seconds": 0.95}

_SIDES = range(2 * len(QUANTILES))
_LEFT = {
    "gap_ranks": "as_of DATE, pair BIGINT, total BIGINT"
    + "".join(f", place_{side} BIGINT, rank_{side} BIGINT" for side in _SIDES),
    "journey_gap_quantiles": "as_of DATE, cohort BIGINT, event BIGINT, next_event BIGINT"
    + "".join(f", {name} DOUBLE" for name in QUANTILES),
}

_EPOCH = date(1970, 1, 1)
#: Bits of a gap in milliseconds when it is sorted together with the place of its bucket.
_GAP_BITS = 44


def wanted_buckets(con: "DuckDBPyConnection", _rules: Rules) -> "Mapping[date, Integers]":
    """Leave ``gap_ranks``; returns the keys of the buckets that hold a wanted rank, by as_of, ascending.

    gap_ranks: as_of, pair, total; for each quantile the places of the two buckets among those wanted,
    and the ranks within them.
    """
    import numpy as np

    found: dict[date, Integers] = {}
    tables = []
    for as_of, keys, n in _by_day(con, "SELECT key, n FROM journey_gap_buckets"):
        keys, n = _summed(keys, n)
        upto = np.cumsum(n)
        pairs, first = np.unique(keys // BUCKETS, return_index=True)
        before = upto[first] - n[first]
        total = np.append(before[1:], upto[-1]) - before
        ranks = np.array(
            [f((total - 1) * q) for q in QUANTILES.values() for f in (np.floor, np.ceil)]
        )
        ranks = ranks.astype(np.int64)
        buckets = np.searchsorted(upto, before + ranks, side="right")
        wanted, places = np.unique(buckets, return_inverse=True)
        found[as_of] = keys[wanted]
        within = before + ranks - (upto - n)[buckets]
        columns_ = {"pair": pairs, "total": total}
        for number, (place, rank) in enumerate(
            zip(places.reshape(ranks.shape), within, strict=True)
        ):
            columns_ |= {f"place_{number}": place, f"rank_{number}": rank}
        tables.append(arrow_table({"as_of": [as_of] * len(pairs), **columns_}))
    _leave(con, "gap_ranks", tables)
    return found


def leave_quantiles(con: "DuckDBPyConnection", rules: Rules) -> None:
    """Leave ``journey_gap_quantiles``: cohort (an index), event, next_event and the quantiles."""
    import numpy as np

    gaps = {
        as_of: _sorted(places, ms)
        for as_of, places, ms in _by_day(con, "SELECT place, ms FROM journey_gaps")
    }
    tables = []
    for as_of, (place_starts, ms) in gaps.items():
        ranked = con.execute("FROM gap_ranks WHERE as_of = ?", [as_of]).fetchnumpy()
        made = columns(ranked["pair"] * BUCKETS, rules.steps + 1)
        del made["bucket"]
        for number, (name, q) in enumerate(QUANTILES.items()):
            low, high = (
                ms[place_starts[ranked[f"place_{side}"]] + ranked[f"rank_{side}"]]
                for side in (2 * number, 2 * number + 1)
            )
            part = (ranked["total"] - 1) * q
            made[name] = (low + (high - low) * (part - np.floor(part))) / 1000
        tables.append(arrow_table({"as_of": [as_of] * len(ranked["pair"]), **made}))
    _leave(con, "journey_gap_quantiles", tables)


def _by_day(con: "DuckDBPyConnection", select: str) -> "list[tuple[date, Integers, Integers]]":
    """The two columns of ``select`` for each as_of that has any."""
    import numpy as np

    rows = con.execute(
        select.replace("SELECT ", "SELECT as_of - DATE '1970-01-01' AS day, ", 1)
    ).fetchnumpy()
    day, one, other = rows.values()
    if not len(day):
        return []
    order = np.argsort(day, kind="stable") if np.any(np.diff(day) < 0) else slice(None)
    day, one, other = day[order], one[order], other[order]
    days, first = np.unique(day, return_index=True)
    return [
        (_EPOCH + timedelta(days=int(each)), of_one, of_other)
        for each, of_one, of_other in zip(
            days, np.split(one, first[1:]), np.split(other, first[1:]), strict=True
        )
    ]


def _summed(keys: "Integers", n: "Integers") -> "tuple[Integers, Integers]":
    """Each key once, ascending, with the sum over all parts."""
    import numpy as np

    order = np.argsort(keys)
    keys, n = keys[order], n[order]
    first = np.flatnonzero(np.diff(keys, prepend=-1))
    return keys[first], np.add.reduceat(n, first)


def _sorted(places: "Integers", ms: "Integers") -> "tuple[Integers, Integers]":
    """Where each place's gaps begin, and all gaps, those of a place in order."""
    import numpy as np

    if places.max(initial=0) < 1 << (63 - _GAP_BITS):
        both = np.sort((places << _GAP_BITS) | ms)
        places, ms = both >> _GAP_BITS, both & ((1 << _GAP_BITS) - 1)
    else:
        order = np.lexsort((ms, places))
        places, ms = places[order], ms[order]
    return np.searchsorted(places, np.arange(places.max(initial=0) + 1)), ms


def _leave(con: "DuckDBPyConnection", name: str, tables: list["pa.Table"]) -> None:
    """Leave the rows of all as_ofs; without a transition there is none, in the same columns."""
    import pyarrow as pa

    con.execute(f"CREATE OR REPLACE TEMP TABLE {name} ({_LEFT[name]})")
    if tables:
        con.register("quantile_rows", pa.concat_tables(tables))
        con.execute(f"INSERT INTO {name} BY NAME FROM quantile_rows")
        con.unregister("quantile_rows")
