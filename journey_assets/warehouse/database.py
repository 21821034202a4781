"""The database file, opened only for short transactions.

Belongs here: sessions, attaching the file with patience, transactions, scratch space. A
:class:`Session` is an in-memory DuckDB bounded by the memory setting; the file is attached to it
for the moments in which it is read or written, never during a network call or a computation, so
other processes can have it in between. Does not belong here: which rows go where
(:mod:`journey_assets.warehouse.replace`).
"""

import os
import random
import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from journey_assets.errors import ExplainedError, words
from journey_assets.places import close_to_others, data_folder, private_folder
from journey_assets.settings import Settings
from journey_assets.warehouse.folders import process_folder

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: The name under which the file is attached: tables are ``warehouse.schema.table``.
CATALOG = "store"

_HOLDER = re.compile(r"Conflicting lock is held in (?P<program>\S+)?.*?\(PID (?P<pid>\d+)\)")
#: Engines without a session. Making one costs 30 ms, and a run has a session for every step.
_IDLE: "dict[int, list[DuckDBPyConnection]]" = {}

_FIRST_PAUSE_SECONDS = 0.01
_LONGEST_PAUSE_SECONDS = 0.3


class WarehouseError(ExplainedError):
    """The database cannot be used; the message says why and how to mend it."""


class DatabaseLocked(WarehouseError):  # noqa: N818 - reads as what happened
    """Another process kept the file for longer than the lock timeout."""


@dataclass(frozen=True, slots=True)
class Database:
    """Where the database is and what a session of it may use.

    path: the file, made when first written. memory_limit: as DuckDB writes it, ``4GB``.
    lock_timeout_seconds: how long an attach waits for other processes. min_kept_share: of a vendor's
    stored rows, how many their replacement must have at least. may_shrink: it may have fewer, or none.
    """

    path: Path
    memory_limit: str = "4GB"
    lock_timeout_seconds: float = 120.0
    min_kept_share: float = 0.5
    may_shrink: bool = False

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The database as the settings describe it."""
        return cls(
            path=settings.database_path(),
            memory_limit=settings.memory_limit,
            lock_timeout_seconds=settings.lock_timeout_seconds,
            min_kept_share=settings.min_kept_share,
            may_shrink=settings.replace_anyway,
        )

    @contextmanager
    def session(self) -> Iterator["Session"]:
        """An in-memory DuckDB (UTC, spilling beside the file) for staging and computing."""
        with self._spill() as spill, _engine(spill) as engine:
            con = engine.cursor()
            try:
                con.execute("SET memory_limit = ?", [self.memory_limit])
                con.execute("SET temp_directory = ?", [str(spill)])
                con.execute("SET TimeZone = 'UTC'")
                yield Session(con, self)
            finally:
                con.close()

    @contextmanager
    def _spill(self) -> Iterator[Path]:
        """Where the session spills. It is made first: what is wrong with the path shows here."""
        with ExitStack() as stack:
            try:
                # A folder that a setting names may be anybody's; the project's own is closed.
                if self.path.parent == data_folder():
                    private_folder(self.path.parent)
                folder = stack.enter_context(process_folder(self.path.parent / "spill"))
            except OSError as error:
                raise WarehouseError(_unusable(self.path, error)) from None
            yield folder


@contextmanager
def _engine(spill: Path) -> Iterator["DuckDBPyConnection"]:
    """An in-memory DuckDB for one session: an idle one of this process, or a new one.

    Temporary tables, macros and variables are its connections' own. It is kept when nothing went
    wrong and nothing was spilled (its folder for that could not be changed any more).
    """
    import duckdb

    # By process: a forked one must not touch its parent's.
    idle = _IDLE.setdefault(os.getpid(), [])
    engine = idle.pop() if idle else duckdb.connect(":memory:")
    try:
        yield engine
    except BaseException:
        engine.close()
        raise
    if any(spill.iterdir()):
        engine.close()
    else:
        idle.append(engine)


@dataclass(frozen=True, slots=True)
class Session:
    """An in-memory DuckDB connection and the file it can attach as :data:`CATALOG`."""

    con: "DuckDBPyConnection"
    database: Database

    @contextmanager
    def reading(self) -> Iterator["DuckDBPyConnection"]:
        """Attach the file read-only for the block. A file that is not there yet reads as empty.

        Raises :class:`DatabaseLocked` after the lock timeout.
        """
        if not self.database.path.exists():
            # A first run reads before anything was written: an empty catalog has no tables.
            with self.writing():
                pass
        with self._attached(read_only=True):
            yield self.con

    @contextmanager
    def writing(self) -> Iterator["DuckDBPyConnection"]:
        """Attach the file and hold one transaction: committed at the end, rolled back on any error.

        Raises :class:`DatabaseLocked` after the lock timeout.
        """
        with self._attached(read_only=False):
            self.con.execute("BEGIN")
            try:
                yield self.con
            except BaseException:
                self.con.execute("ROLLBACK")
                raise
            self.con.execute("COMMIT")

    @contextmanager
    def _attached(self, *, read_only: bool) -> Iterator[None]:
        path = str(self.database.path).replace("'", "''")
        option = " (READ_ONLY)" if read_only else ""
        close_to_others(self.database.path)
        _patiently(
            lambda: self.con.execute(f"ATTACH '{path}' AS {CATALOG}{option}"),
            self.database,
        )
        try:
            yield
        finally:
            self.con.execute(f"DETACH {CATALOG}")


def _patiently(attach: Callable[[], object], database: Database) -> None:
    """Try until the lock is free; pauses are jittered, since fixed ones starve a writer."""
    import duckdb

    deadline = time.monotonic() + database.lock_timeout_seconds
    pause = _FIRST_PAUSE_SECONDS
    while True:
        try:
            attach()
            return
        except duckdb.Error as error:
            if not _is_lock(error):
                raise WarehouseError(_unusable(database.path, error)) from None
            if time.monotonic() >= deadline:
                raise DatabaseLocked(_held(database, error)) from None
        time.sleep(random.uniform(0.5, 1.0) * pause)  # noqa: S311 - jitter, not a secret
        pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)


def _is_lock(error: Exception) -> bool:
    text = str(error)
    return "Could not set lock" in text or "Unique file handle conflict" in text


def _held(database: Database, error: Exception) -> str:
    holder = _HOLDER.search(str(error))
    who = f"process {holder['pid']} ({holder['program']})" if holder else "this process"
    return (
        f"{database.path} is in use by {who} and was not free within "
        f"{database.lock_timeout_seconds:.0f} s. Close what has it open, or raise "
        "JOURNEY_LOCK_TIMEOUT_SECONDS."
    )


def _unusable(path: Path, error: Exception) -> str:
    said = words(error) or f"it is refused ({type(error).__name__})."
    return f"The database {path} cannot be used: {said} Check JOURNEY_DATABASE and its permissions."
