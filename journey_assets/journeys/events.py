"""Reading the window's coded events into arrays, one part of the persons after the other.

Belongs here: how many parts fit the memory, which ids a part holds, and reading it. Does not belong
here: the run's dictionaries and persons (:mod:`journey_assets.journeys.window`), paths.

A part is a range of the stored shards. Identity may put ids of several shards into one person; such
ids are read with the part of the person's first id (``journey_ids.part``), and they are few.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from journey_assets.journeys.paths import Events
from journey_assets.warehouse.arrow import arrow_table, numbers_of
from journey_assets.warehouse.database import CATALOG, Session
from journey_assets.warehouse.event_store.mirror import is_mirror, owners_sql
from journey_assets.warehouse.tables.raw import CODED_EVENTS, EVENT_OWNERS, SHARDS

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from duckdb import DuckDBPyConnection
    from numpy.typing import NDArray

#: Rows that are on their way from the store to the arrays at once.
_BATCH_ROWS = 1_000_000

#: The columns that are read, as they stand in memory.
_TYPES = ("uint64", "uint32", "int64", "uint32")

#: Bytes that an event takes in the arrays: read, laid out as a path, and while it is counted.
BYTES_PER_EVENT = 96

_OWNERS = f"{CATALOG}.{EVENT_OWNERS.full_name}"
_STORED = f"{CATALOG}.{CODED_EVENTS.full_name}"


@dataclass(frozen=True)
class Source:
    """What is read: the codes of the events that are kept, and what they become.

    days: SQL of the partitions, empty when nothing is stored. kept: codes that are read, None for all.
    told_apart: whether ``journey_told_events`` holds further events. step_of: the step of each code.
    owners: their codes, ascending. id_of: the place of each one's events. ids: how many there are.
    """

    days: str
    kept: tuple[int, ...] | None
    told_apart: bool
    step_of: "NDArray[np.uint32]"
    owners: "NDArray[np.uint64] | None" = None
    id_of: "NDArray[np.int64] | None" = None
    ids: int = 0

    def select(self, columns: str, where: str = "true") -> str:
        """A SELECT of ``columns`` over all events of the source."""
        kept = (
            "true"
            if self.kept is None
            else f"event IN ({', '.join(map(str, self.kept)) or 'NULL'})"
        )
        stored = f"SELECT {columns} FROM {_STORED} WHERE {self.days} AND {kept} AND {where}"
        if not self.told_apart:
            return stored
        return f"{stored} UNION ALL SELECT {columns} FROM journey_told_events WHERE {where}"


def read_part(session: Session, source: Source, part: int, parts: int) -> Events:
    """The events of the ids of ``part`` of ``parts``; the ids of other parts have none."""
    import numpy as np

    from journey_assets.journeys import kernels

    con = session.con
    where = "true" if parts == 1 else _within(con, part, parts)
    with session.reading():
        counts = con.execute(
            "SELECT place, n FROM journey_ids JOIN journey_owner_counts USING (owner) "
            f"WHERE part = {part}"
        ).fetchnumpy()
        offset = np.zeros(source.ids + 1, dtype=np.int64)
        offset[counts["place"] + 1] = counts["n"]
        offset = np.cumsum(offset)
        events = Events(offset, np.empty((offset[-1], 2), dtype=np.int64))
        cursor = offset[:-1].copy()
        columns = "owner::UBIGINT AS owner, event, epoch_us(event_time) AS at, source_order"
        for batch in con.sql(source.select(columns, where)).to_arrow_reader(_BATCH_ROWS):
            owner, *rest = (numbers_of(batch.column(n), type_) for n, type_ in enumerate(_TYPES))
            kernels.scatter(
                _ranks(owner, source.owners),
                *rest,
                source.id_of,
                source.step_of,
                cursor,
                events.rows,
            )
    kernels.put_in_order(events.offset, events.rows)
    return events


def _within(con: "DuckDBPyConnection", part: int, parts: int) -> str:
    """SQL: whether an event is of the part. The store's order spares reading other shards' rows."""
    size = SHARDS // parts
    first, last = part * size, (part + 1) * size - 1
    moved = con.execute(
        "SELECT coalesce(list(owner) FILTER (part = $part), []), "
        "coalesce(list(owner) FILTER (part <> $part), []) FROM journey_ids WHERE owner IS NOT NULL "
        "AND (part = $part) <> (shard BETWEEN $first AND $last)",
        {"part": part, "first": first, "last": last},
    ).fetchall()
    come, gone = ([str(owner) for owner in owners] for owners in moved[0])
    own = f"shard BETWEEN {first} AND {last}"
    if gone:
        own += f" AND owner NOT IN ({', '.join(gone)})"
    return f"({own} OR owner IN ({', '.join(come)}))" if come else f"({own})"


def _ranks(owner: "NDArray[np.uint64]", owners: Any) -> "NDArray[np.uint32]":
    """The place of each owner among all of them; events of one mostly follow each other."""
    import numpy as np

    starts = np.flatnonzero(np.diff(owner, prepend=~owner[:1]))
    ranks = np.searchsorted(owners, owner[starts]).astype(np.uint32)
    return np.repeat(ranks, np.diff(starts, append=len(owner)))


def owners_of(con: "DuckDBPyConnection", partitions: str) -> str:
    """SQL of a relation: the owners of all events, or, where they are in a store, of the partitions'."""
    return owners_sql(partitions) if is_mirror(con) else _OWNERS


def parts_for(con: "DuckDBPyConnection", events: int, memory_bytes: int, least: int = 1) -> int:
    """In how many parts ``events`` are read so that their arrays keep within ``memory_bytes``.

    ``least``: as many parts there are at least, as far as there are shards. Marks the part of every
    id in ``journey_ids``.
    """
    parts = 1
    while parts < SHARDS and (parts < least or events * BYTES_PER_EVENT > memory_bytes * parts):
        parts *= 2
    if parts > 1:
        con.register("homes", _homes(con))
        con.execute(
            f"UPDATE journey_ids SET part = homes.shard * {parts} // {SHARDS} "
            "FROM homes WHERE homes.id = journey_ids.id"
        )
        con.unregister("homes")
    return parts


def _homes(con: "DuckDBPyConnection") -> "pa.Table":
    """The shard that each id is read with (id, shard).

    Ids that are one person's at any as_of of the run are read together, with the shard of the first.
    """
    import numpy as np
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    ids = con.execute(
        "SELECT id, coalesce(shard, 0) AS shard FROM journey_ids ORDER BY id"
    ).fetchnumpy()
    whose = con.execute(
        "SELECT DISTINCT id, person FROM (SELECT id, person FROM journey_identified "
        "UNION ALL SELECT id, person FROM journey_unidentified)"
    ).fetchnumpy()
    # Ids are the nodes 0 to n, persons those behind them.
    persons = whose["person"].astype(np.int64) + int(ids["id"].max(initial=0)) + 1
    nodes = int(persons.max(initial=0)) + 1
    edges = coo_array((np.ones(len(persons), bool), (whose["id"], persons)), shape=(nodes, nodes))
    _, component = connected_components(edges, directed=False)
    _, first, member = np.unique(component[ids["id"]], return_index=True, return_inverse=True)
    return arrow_table({"id": ids["id"], "shard": ids["shard"][first][member].astype(np.int64)})
