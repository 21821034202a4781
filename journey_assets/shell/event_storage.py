"""Dagster's event log in SQLite, with connections that are kept.

Belongs here: the storage class that ``dagster.yaml`` names. A run of the whole graph stores some
hundreds of events; Dagster opens the file and compiles its statements anew for each of them, which
costs 6 to 16 ms of CPU an event against 2 to 5 with kept engines.
"""

from collections import OrderedDict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from dagster import _check as check
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.sql import create_engine
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from sqlalchemy import event
from sqlalchemy.pool import QueuePool

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dagster._serdes import ConfigurableClassData
    from sqlalchemy.engine import Connection, Engine

#: Every run has a file of its own: a server that shows many of them must not hold all open.
_OPEN_FILES = 8


class EventStorage(SqliteEventLogStorage):
    """:class:`SqliteEventLogStorage` with the same files, and an engine kept per file in use."""

    def __init__(self, base_dir: str, inst_data: "ConfigurableClassData | None" = None) -> None:
        self._engines: OrderedDict[str, Engine] = OrderedDict()
        super().__init__(base_dir, inst_data)

    @classmethod
    def from_config_value(
        cls, inst_data: "ConfigurableClassData | None", config_value: Any
    ) -> "EventStorage":
        """The storage that ``dagster.yaml`` describes."""
        return cls(config_value["base_dir"], inst_data)

    @contextmanager
    def _connect(self, shard: str) -> "Iterator[Connection]":
        check.str_param(shard, "shard")
        with self._db_lock, self._engine(shard).begin() as connection:
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

    def wipe(self) -> None:
        """Remove all events; the files are closed before they go."""
        self._close()
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
