"""Reading the events of a store by shard into arrays, in whatever process.

Belongs here: the one interface that counting reads a store through. Nothing in it needs the database,
DuckDB or Dagster, and a :class:`Reading` is small and can be pickled: a driver makes one, which pins
the versions of its days, and sends it to workers, who read the same rows::

    reading = Reading.of(StoreAddress.of(settings), first, last)     # lists, and reads manifests
    reading.names                                                    # event types; an event's code is
                                                                     # its place here, in every shard
    reading.rows_of                                                  # events by shard
    events = reading.read(range(0, 8))                               # some shards of all days, or one
    events = reading.read(7, first=day, last=day)                    # of some of them
    events.owner[events.index]                                       # whose each event is

Shards that follow each other are better read together: small ones share a row group.

A :class:`~.address.StoreAddress` is pickled without secrets: a worker takes ``AWS_ACCESS_KEY_ID`` and
its like from its own environment, or the role of its machine.

Owners are named by a hash of 64 bits (:data:`.writing.OWNER`) which does not depend on the machine or
the day, and whose person is who is for identity to say: :meth:`Reading.owners` gives the Amplitude id
and user id behind each. A person may have owners in several shards.
"""

from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from journey_assets.warehouse.event_store.address import StoreAddress
from journey_assets.warehouse.event_store.days import Day, EventFile, present_days
from journey_assets.warehouse.event_store.objects import StoreError

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq
    from numpy.typing import NDArray

_COUNTED = ["shard", "owner", "event_type", "event_time", "source_order"]
_OWNERS = ["shard", "owner", "amplitude_id", "user_id"]


@dataclass(frozen=True)
class ShardEvents:
    """Events of shards, as columns of equal length, by day, owner, time and rank.

    owner: the distinct owners, ascending. index: the place of each event's owner in it. event: the
    place of its type in :attr:`Reading.names`. at: microseconds since 1970, UTC. order: its rank among
    the owner's events of equal time.
    """

    owner: "NDArray[np.uint64]"
    index: "NDArray[np.uint32]"
    event: "NDArray[np.uint32]"
    at: "NDArray[np.int64]"
    order: "NDArray[np.uint32]"


@dataclass(frozen=True)
class Reading:
    """The events of days of a store, as they stood when this was made.

    days: with events, ascending.
    """

    address: StoreAddress
    days: tuple[Day, ...]

    @classmethod
    def of(cls, address: StoreAddress, first: date, last: date) -> "Reading":
        """The days ``first`` to ``last`` as they are now. Raises :class:`.objects.StoreError`."""
        present = present_days(address.objects(), first, last)
        return cls(address, tuple(each for _, each in sorted(present.items()) if each.rows))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The event types of all days, in order; an event's code is its place."""
        return tuple(sorted({name for day in self.days for name in day.names}))

    @cached_property
    def rows_of(self) -> dict[int, int]:
        """Events of all days by shard, where there are any."""
        rows: dict[int, int] = {}
        for day in self.days:
            for shard, count in day.shards.items():
                rows[shard] = rows.get(shard, 0) + count
        return dict(sorted(rows.items()))

    def read(
        self,
        shards: int | range,
        *,
        first: date | None = None,
        last: date | None = None,
        kept: Collection[str] | None = None,
        owners: "NDArray[np.uint64] | None" = None,
    ) -> ShardEvents:
        """The events of ``shards`` of the days ``first`` to ``last``, all days unless given.

        kept: event types, all unless given. owners: ascending; only theirs, all unless given.
        """
        import numpy as np

        code = {name: place for place, name in enumerate(self.names)}
        wanted = None if kept is None else frozenset(kept)
        runs, lengths, columns = [], [], []
        for table in self._tables(_range(shards), _COUNTED, first, last):
            owner = _numbers(table, "owner", np.uint64)
            event, keep = _codes(table, code, wanted)
            if owners is not None:
                keep = _both(keep, _among(owner, owners))
            at, order = (
                _numbers(table, "event_time", np.int64),
                _numbers(table, "source_order", np.int64),
            )
            if keep is not None:
                owner, event, at, order = (each[keep] for each in (owner, event, at, order))
            starts = (
                np.flatnonzero(np.diff(owner, prepend=~owner[:1]))
                if len(owner)
                else np.empty(0, int)
            )
            runs.append(owner[starts])
            lengths.append(np.diff(starts, append=len(owner)))
            columns.append((event, at, order))
        distinct, of_run = np.unique(_joined(runs, np.uint64), return_inverse=True)
        return ShardEvents(
            distinct,
            np.repeat(of_run, _joined(lengths, np.int64)).astype(np.uint32),
            _joined([event for event, _, _ in columns], np.uint32),
            _joined([at for _, at, _ in columns], np.int64),
            _joined([order for _, _, order in columns], np.int64).astype(np.uint32),
        )

    def owners(self, shards: int | range) -> "pa.Table":
        """The owners of ``shards`` (owner, amplitude_id, user_id), each once, by owner.

        Raises :class:`.objects.StoreError` when two of them have one hash.
        """
        import pyarrow as pa

        tables = [
            table.group_by(["owner", "amplitude_id", "user_id"]).aggregate([])
            for table in self._tables(_range(shards), _OWNERS, None, None)
        ]
        if not tables:
            types = (pa.uint64(), pa.int64(), pa.string())
            return pa.table([pa.array([], each) for each in types], names=_OWNERS[1:])
        found = pa.concat_tables(tables).group_by(_OWNERS[1:]).aggregate([]).sort_by("owner")
        if len(found.column("owner").unique()) < found.num_rows:
            raise StoreError(SAME_HASH)
        return found.select(_OWNERS[1:])

    def _tables(
        self, shards: range, columns: Sequence[str], first: date | None, last: date | None
    ) -> Iterator["pa.Table"]:
        files = [
            file
            for day in self.days
            if (first or day.day) <= day.day <= (last or day.day)
            if not day.shards.keys().isdisjoint(shards)
            for file in day.files
            if file.shards[0] < shards.stop and file.shards[1] >= shards.start
        ]

        def read(file: EventFile) -> "list[pa.Table]":
            try:
                return list(_of_shards(self.address, file, shards, columns))
            except OSError as error:
                raise StoreError(
                    f"The event store {self.address.location} could not be read: a file of "
                    f"{file.name.split('/')[1]} is gone or broken ({type(error).__name__}). Run again; "
                    "if it stays so, check the store."
                ) from None

        with ThreadPoolExecutor(self.address.objects().at_once) as threads:
            for tables in threads.map(read, files):
                yield from tables


#: What is to be said when it happens; it is as likely as a broken disk.
SAME_HASH = (
    "Two owners of events in the event store have the same hash of 64 bits, so that they cannot be told "
    "apart. Keep the events in the database: make migrate-events BACK=1"
)


def _range(shards: int | range) -> range:
    return range(shards, shards + 1) if isinstance(shards, int) else shards


def _of_shards(
    address: StoreAddress, file: EventFile, shards: range, columns: Sequence[str]
) -> Iterator["pa.Table"]:
    """The rows of shards that follow each other, by row group. Only what is needed is read."""
    import numpy as np
    import pyarrow.parquet as pq

    groups = _groups(address, file.name)
    with address.objects().open(file.name) as opened:
        parquet = pq.ParquetFile(
            opened,
            metadata=groups,
            pre_buffer=True,
            read_dictionary=["event_type", "user_id"],
        )
        for number in range(parquet.num_row_groups):
            limits = groups.row_group(number).column(0).statistics
            if limits.min >= shards.stop or limits.max < shards.start:
                continue
            table = parquet.read_row_group(number, columns=list(columns), use_threads=False)
            if limits.min < shards.start or limits.max >= shards.stop:
                shard = _numbers(table, "shard", np.uint8)
                begin, end = np.searchsorted(shard, [shards.start, shards.stop])
                table = table.slice(begin, end - begin)
            if table.num_rows:
                yield table


@lru_cache(maxsize=512)
def _groups(address: StoreAddress, name: str) -> "pq.FileMetaData":
    """Where the row groups of a file are. A worker asks for it once, and reads many shards."""
    import pyarrow.parquet as pq

    with address.objects().open(name) as opened:
        return pq.ParquetFile(opened).metadata


def _codes(
    table: "pa.Table", code: dict[str, int], wanted: frozenset[str] | None
) -> "tuple[NDArray[np.uint32], NDArray[np.bool_] | None]":
    """The code of each event, and which are wanted; None when all are."""
    import numpy as np

    parts, all_kept = [], []
    for chunk in table.column("event_type").chunks:
        words = chunk.dictionary.to_pylist()
        places = np.asarray(chunk.indices)
        parts.append(np.array([code[word] for word in words], dtype=np.uint32)[places])
        if wanted is not None:
            all_kept.append(np.array([word in wanted for word in words], dtype=bool)[places])
    return _joined(parts, np.uint32), _joined(all_kept, bool) if wanted is not None else None


def _both(one: "NDArray[np.bool_] | None", other: "NDArray[np.bool_]") -> "NDArray[np.bool_]":
    return other if one is None else one & other


def _among(values: "NDArray[Any]", ascending: "NDArray[Any]") -> "NDArray[np.bool_]":
    import numpy as np

    if not len(ascending):
        return np.zeros(len(values), dtype=bool)
    places = np.minimum(np.searchsorted(ascending, values), len(ascending) - 1)
    found: NDArray[np.bool_] = ascending[places] == values
    return found


def _numbers(table: "pa.Table", name: str, type_: Any) -> "NDArray[Any]":
    """A column without empty values, as it stands in memory. (to_numpy would import pandas.)"""
    import numpy as np

    parts = []
    for chunk in table.column(name).chunks:
        values: NDArray[Any] = np.frombuffer(chunk.buffers()[1], dtype=type_)
        parts.append(values[chunk.offset : chunk.offset + len(chunk)])
    return _joined(parts, type_)


def _joined(parts: "Sequence[NDArray[Any]]", type_: Any) -> "NDArray[Any]":
    import numpy as np

    if len(parts) == 1:
        return parts[0]
    return np.concatenate(parts) if parts else np.empty(0, dtype=type_)
