"""Dagster's event log in SQLite, with connections that are kept and batches that are one transaction.

Belongs here: the event log of :mod:`journey_assets.shell.instance_storage`. A run of the whole graph
over a month stores some thousands of events; Dagster opens the file, looks its tables up and commits
anew for each of them.
"""

import os
import threading
from collections import OrderedDict
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from dagster import _check as check
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.event_log.sqlite.sqlite_event_log import INDEX_SHARD_NAME
from dagster._core.storage.sql import create_engine
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from sqlalchemy import event
from sqlalchemy.pool import QueuePool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from dagster._core.events.log import EventLogEntry
    from dagster._serdes import ConfigurableClassData
    from sqlalchemy.engine import Connection, Engine

#: Every run has a file of its own: a server that shows many of them must not hold all open.
_OPEN_FILES = 8

#: Dagster hands events of one asset's partitions over in batches of this size; by default singly.
_BATCH = "DAGSTER_EVENT_BATCH_SIZE"
_LARGEST_BATCH = 1000


class EventStorage(SqliteEventLogStorage):
    """:class:`SqliteEventLogStorage` with the same files, and an engine kept per file in use."""

    def __init__(self, base_dir: str, inst_data: "ConfigurableClassData | None" = None) -> None:
        self._engines: OrderedDict[str, Engine] = OrderedDict()
        self._held: dict[str, Connection] = {}
        self._found: set[str] = set()
        os.environ.setdefault(_BATCH, str(_LARGEST_BATCH))
        super().__init__(base_dir, inst_data)
        # A batch holds it around the connections of its events, hence another kind than Dagster's.
        self._db_lock = threading.RLock()  # type: ignore[assignment]

    def store_event_batch(self, events: "Sequence[EventLogEntry]") -> None:
        """Store events of one run, all or none of them."""
        with self._db_lock, ExitStack() as stack:
            for shard in (events[0].run_id, INDEX_SHARD_NAME):
                connection = stack.enter_context(self._connect(shard))
                stack.callback(self._held.pop, shard)
                self._held[shard] = connection
            super().store_event_batch(events)

    @contextmanager
    def _connect(self, shard: str) -> "Iterator[Connection]":
        check.str_param(shard, "shard")
        with self._db_lock:
            if shard in self._held:
                yield self._held[shard]
                return
            with self._engine(shard).begin() as connection:
                yield connection

    def _engine(self, shard: str) -> "Engine":
        if shard not in self._engines:
            engine = create_engine(
                self.conn_string_for_shard(shard),
                poolclass=QueuePool,
                connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS},
            )
            event.listen(engine, "connect", _without_waiting_for_the_disk)
            self._initdb(engine)
            self._engines[shard] = engine
            if len(self._engines) > _OPEN_FILES:
                self._engines.popitem(last=False)[1].dispose()
        self._engines.move_to_end(shard)
        return self._engines[shard]

    def has_table(self, table_name: str) -> bool:
        """Whether the index has the table. A table that was there is there."""
        return self._there(table_name, lambda: super(EventStorage, self).has_table(table_name))

    def _has_asset_key_col_on_connection(self, conn: "Connection", column_name: str) -> bool:
        of_dagster = super()._has_asset_key_col_on_connection
        return self._there(f"column {column_name}", lambda: of_dagster(conn, column_name))

    def _there(self, name: str, look: "Callable[[], bool]") -> bool:
        if name not in self._found and look():
            self._found.add(name)
        return name in self._found

    def wipe(self) -> None:
        """Remove all events; the files are closed before they go."""
        self._close()
        self._found.clear()
        super().wipe()

    def dispose(self) -> None:
        """Close the files, and what the storage watches."""
        self._close()
        super().dispose()

    def _close(self) -> None:
        while self._engines:
            self._engines.popitem()[1].dispose()


def _without_waiting_for_the_disk(connection: Any, _record: object) -> None:
    """With Dagster's write-ahead log this survives a killed process; a power cut may cost the last
    events, never the file (https://sqlite.org/pragma.html#pragma_synchronous).
    """
    connection.execute("PRAGMA synchronous = NORMAL")
