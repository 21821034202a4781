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
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self

from journey_assets.errors import ExplainedError, words
from journey_assets.names import register_names
from journey_assets.places import close_to_others, data_folder, private_folder
from journey_assets.settings import Settings
from journey_assets.warehouse.folders import process_folder
from journey_assets.warehouse.pseudonyms import kept_key

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from journey_assets.warehouse.event_store.address import StoreAddress

#: The name under which the file is attached: tables are ``warehouse.schema.table``.
CATALOG = "store"

_HOLDER = re.compile(r"Conflicting lock is held in (?P<program>\S+)?.*?\(PID (?P<pid>\d+)\)")
#: Engines without a session. Making one costs 30 ms, and a run has a session for every step.
_IDLE: "dict[int, list[DuckDBPyConnection]]" = {}

_FIRST_PAUSE_SECONDS = 0.01
_LONGEST_PAUSE_SECONDS = 0.3
_TOLD_EVERY_SECONDS = 5.0


class WarehouseError(ExplainedError):
    """The database cannot be used; the message says why and how to mend it."""


class DatabaseLocked(WarehouseError):  # noqa: N818 - reads as what happened
    """Another process kept the file for longer than the lock timeout."""


def _to_stderr(line: str) -> None:
    print(line, file=sys.stderr)  # noqa: T201 - nobody else tells of it


def restore_plan(database: Path) -> Path:
    """The file that is there while a restore of ``database`` is under way or was interrupted."""
    return database.with_name(f".{database.name}.restoring")


@dataclass(frozen=True, slots=True)
class Database:
    """Where the database is and what a session of it may use.

    path: the file, made when first written. memory_limit: as DuckDB writes it, ``4GB``.
    lock_timeout_seconds: how long an attach waits for other processes. log:
    gets a line every five seconds of that. min_kept_share: of a vendor's
    stored rows, how many their replacement must have at least. may_shrink: it may have fewer, or none.
    key_given: the key of the hash; empty for the one kept beside the file. event_store: where the
    events are, None when they are in the file. settings: the run's, which are recorded of what it
    stores; none where nothing is said of them.
    """

    path: Path
    memory_limit: str = "4GB"
    lock_timeout_seconds: float = 120.0
    log: Callable[[str], None] = field(default=_to_stderr, compare=False, repr=False)
    min_kept_share: float = 0.5
    may_shrink: bool = False
    key_given: str = field(default="", repr=False)
    event_store: "StoreAddress | None" = None
    settings: Settings | None = field(default=None, compare=False, repr=False)

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The database as the settings describe it."""
        from journey_assets.warehouse.event_store.address import StoreAddress

        return cls(
            path=settings.database_path(),
            memory_limit=settings.memory_limit,
            lock_timeout_seconds=settings.lock_timeout_seconds,
            min_kept_share=settings.min_kept_share,
            may_shrink=settings.replace_anyway,
            key_given=settings.hash_key,
            event_store=StoreAddress.of(settings),
            settings=settings,
        )

    def hash_key(self) -> str:
        """The key of the hash that stands for persons in this database."""
        return self.key_given or kept_key(self.path.parent)

    @contextmanager
    def session(self) -> Iterator["Session"]:
        """An in-memory DuckDB (UTC, spilling beside the file) for staging and computing.

        It knows ``masked_name`` and ``mail_address`` (:mod:`journey_assets.names`).
        """
        with self._spill() as spill, _engine(spill) as engine:
            con = engine.cursor()
            try:
                con.execute("SET memory_limit = ?", [self.memory_limit])
                con.execute("SET temp_directory = ?", [str(spill)])
                con.execute("SET TimeZone = 'UTC'")
                if self.event_store:
                    self.event_store.objects().register(con)
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
    if idle:
        engine = idle.pop()
    else:
        engine = duckdb.connect(":memory:")
        register_names(engine)
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

        One of an earlier schema version reads as it is. Where the events are in a store, the file is
        brought up to it first. Raises :class:`DatabaseLocked` after the lock
        timeout, :class:`WarehouseError` for a file of a later version.
        """
        if not self.database.path.exists():
            # A first run reads before anything was written: an empty catalog has no tables.
            with self.writing():
                pass
        from journey_assets.warehouse.upgrade import refuse_newer

        with ExitStack() as file:
            file.enter_context(self.attached(read_only=True))
            refuse_newer(self)
            if self._is_behind():
                file.close()
                # Where others read for longer, it is read as it was when somebody last wrote it.
                with suppress(DatabaseLocked), self.writing():
                    pass
                file.enter_context(self.attached(read_only=True))
            yield self.con

    @contextmanager
    def writing(self) -> Iterator["DuckDBPyConnection"]:
        """Attach the file and hold one transaction: committed at the end, rolled back on any error.

        A file of an earlier schema version is brought up to date first. Raises :class:`DatabaseLocked`
        after the lock timeout, :class:`WarehouseError` when the file cannot be brought up to date.
        """
        from journey_assets.warehouse.upgrade import refuse_newer, upgrade

        with ExitStack() as file:
            file.enter_context(self.attached(read_only=False))
            if not refuse_newer(self).is_present:
                file.close()
                upgrade(self)
                file.enter_context(self.attached(read_only=False))
            with self.transaction():
                self._follow_store()
                yield self.con

    def _is_behind(self) -> bool:
        """Whether others have stored events since the file was written."""
        if self.database.event_store is None:
            return False
        from journey_assets.warehouse.event_store.mirror import behind

        return behind(self, self.database.event_store)

    def _follow_store(self) -> None:
        """Bring the file up to its event store; one that has one is not used without it."""
        from journey_assets.warehouse.event_store import mirror

        if self.database.event_store is None:
            mirror.refuse_mirror(self)
        else:
            mirror.follow(self, self.database.event_store)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """A transaction over the attached file: committed at the end, rolled back on any error."""
        self.con.execute("BEGIN")
        try:
            yield
        except BaseException:
            self.con.execute("ROLLBACK")
            raise
        self.con.execute("COMMIT")

    @contextmanager
    def attached(self, *, read_only: bool) -> Iterator["DuckDBPyConnection"]:
        """Attach the file for the block, whatever schema version it has.

        Raises :class:`DatabaseLocked` after the lock timeout.
        """
        path = str(self.database.path).replace("'", "''")
        # A file of an older DuckDB could not hold what this one writes.
        option = "READ_ONLY" if read_only else "STORAGE_VERSION 'latest'"
        if restore_plan(self.database.path).exists():
            raise WarehouseError(
                f"Restoring {self.database.path} was interrupted. Complete it: make restore"
            )
        close_to_others(self.database.path)
        _patiently(
            lambda: self.con.execute(f"ATTACH '{path}' AS {CATALOG} ({option})"),
            self.database,
        )
        try:
            yield self.con
        finally:
            self.con.execute(f"DETACH {CATALOG}")


def _patiently(attach: Callable[[], object], database: Database) -> None:
    """Try until the lock is free; pauses are jittered, since fixed ones starve a writer."""
    import duckdb

    begun = time.monotonic()
    deadline, told = begun + database.lock_timeout_seconds, begun + _TOLD_EVERY_SECONDS
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
            if time.monotonic() >= told:
                told += _TOLD_EVERY_SECONDS
                database.log(
                    f"{database.path} is in use by {_holder(error)}; waiting for it, "
                    f"{time.monotonic() - begun:.0f} s of at most {database.lock_timeout_seconds:.0f} s."
                )
        time.sleep(random.uniform(0.5, 1.0) * pause)  # noqa: S311 - jitter, not a secret
        pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)


def _is_lock(error: Exception) -> bool:
    text = str(error)
    return "Could not set lock" in text or "Unique file handle conflict" in text


def _held(database: Database, error: Exception) -> str:
    return (
        f"{database.path} is in use by {_holder(error)} and was not free within "
        f"{database.lock_timeout_seconds:.0f} s. Close what has it open, or raise "
        "JOURNEY_LOCK_TIMEOUT_SECONDS."
    )


def _holder(error: Exception) -> str:
    holder = _HOLDER.search(str(error))
    return f"process {holder['pid']} ({holder['program']})" if holder else "this process"


def _unusable(path: Path, error: Exception) -> str:
    said = words(error) or f"it is refused ({type(error).__name__})."
    return f"The database {path} cannot be used: {said} Check JOURNEY_DATABASE and its permissions."
