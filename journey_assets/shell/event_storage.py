"""Dagster's event log in SQLite, with connections that are kept and batches that are one transaction.

Belongs here: the event log of :mod:`journey_assets.shell.instance_storage`. A run of the whole graph
over a month stores some thousands of events; Dagster opens the file, looks its tables up and commits
anew for each of them.
"""

import json
import os
import threading
from collections import OrderedDict
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagster import _check as check
from dagster._core.events import DagsterEventType
from dagster._core.events.log import EventLogEntry
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.event_log.schema import SqlEventLogStorageTable
from dagster._core.storage.event_log.sqlite.sqlite_event_log import INDEX_SHARD_NAME
from dagster._core.storage.sql import create_engine
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster_shared.record import copy
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import QueuePool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

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

    def store_event(self, event: EventLogEntry) -> None:
        """Store an event. Dagster keeps a materialization twice, in the run's file and in the index,
        where the UI and every question about assets look: what it shows stands in the index only.
        """
        check.inst_param(event, "event", EventLogEntry)
        if event.dagster_event_type != DagsterEventType.ASSET_MATERIALIZATION:
            super().store_event(event)
            return
        with self.run_connection(event.run_id) as connection:
            row = _without_what_is_shown(self._event_to_row(event))
            connection.execute(SqlEventLogStorageTable.insert().values(**row))
        with self.index_transaction() as connection:
            stored: Any = connection.execute(self.prepare_insert_event(event))
            event_id = stored.inserted_primary_key[0]
            self._store_asset_event_tags(connection, [event], [event_id])
            self._store_asset_event(connection, event, event_id)

    def _store_asset_check_evaluation_planned(
        self, event: EventLogEntry, event_id: int | None
    ) -> None:
        """Plan a check once a run: it has one result, and a row for each day would wait for ever."""
        happened: Any = event.dagster_event
        planned = copy(happened.event_specific_data, partitions_subset=None)
        once = event._replace(dagster_event=happened._replace(event_specific_data=planned))
        super()._store_asset_check_evaluation_planned(once, event_id)

    def remove_shard(self, run_id: str) -> None:
        """Remove the file of a run."""
        with self._db_lock:
            if (engine := self._engines.pop(run_id, None)) is not None:
                engine.dispose()
            path = Path(self.path_for_shard(run_id))
            for end in ("", "-wal", "-shm"):
                path.with_name(f"{path.name}{end}").unlink(missing_ok=True)

    def compact(self) -> None:
        """Give the room of deleted events back to the disk; another process's writing puts it off."""
        with self._db_lock, suppress(OperationalError):
            engine = self._engine(INDEX_SHARD_NAME)
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("VACUUM"))

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
                # An error would print the events that it could not store.
                hide_parameters=True,
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


def _without_what_is_shown(row: dict[str, Any]) -> dict[str, Any]:
    """A materialization's row without metadata and tags."""
    entry = json.loads(row["event"])
    made = entry["dagster_event"]["event_specific_data"]["materialization"]
    made |= {"metadata_entries": [], "tags": {}}
    return {**row, "event": json.dumps(entry, separators=(",", ":"))}


def _without_waiting_for_the_disk(connection: Any, _record: object) -> None:
    """With Dagster's write-ahead log this survives a killed process; a power cut may cost the last
    events, never the file (https://sqlite.org/pragma.html#pragma_synchronous).
    """
    connection.execute("PRAGMA synchronous = NORMAL")
