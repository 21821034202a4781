"""How often a vendor may be asked, kept by every process of the machine together.

Belongs here: the vendors' limits, waiting for a slot and a token, the shared state on disk. Does
not belong here: what is asked and what happens after a refusal
(:mod:`journey_assets.vendors.transport`).

A slot is a locked file, which the kernel frees when its holder dies. A token is a row in SQLite,
which stays used when its holder dies. The slot comes first, so that at most ``concurrency``
attempts wait for tokens.

The bucket is our own instead of pyrate-limiter's SQLite bucket because a call has to count until
its answer is there. The vendor counts it when it arrives, some time after the token was taken; on
a busy machine that delay passes the 5 % margin. Measured with 4 processes × 4 threads, 12 calls per
0.5 s, 2 cores under load, three runs of 64 calls: pyrate-limiter's bucket drew 4 refusals, one that
counts from the start 1, this one none. Its ``Limiter`` stamps a call with the planned time instead
of the true one: 7 refusals of 1280 at 100 per second, this bucket none.
"""

import hashlib
import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from journey_assets.errors import ExplainedError, words
from journey_assets.places import private_folder

if TYPE_CHECKING:
    from filelock import BaseFileLock

#: Windows are taken as longer than the vendor says, for clocks that run at different speeds.
WINDOW_FACTOR = 1.05

#: No 429 stops the other processes for longer, whatever its ``Retry-After`` says, in seconds.
LONGEST_BLOCK = 3600.0

_TOLD_FROM = 2.0  # waits longer than this are logged …
_TOLD_EVERY = 30.0  # … at most this often, since many threads wait for the same thing
_FIRST_SLOT_PAUSE, _LONGEST_SLOT_PAUSE = 0.005, 0.1
_SQLITE_TIMEOUT = 60.0

_SCHEMA = """
    -- AUTOINCREMENT: the id of a row that expired must not come back while its call goes on.
    CREATE TABLE IF NOT EXISTS calls (id INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL);
    CREATE INDEX IF NOT EXISTS calls_at ON calls (at);
    CREATE TABLE IF NOT EXISTS block (only INTEGER PRIMARY KEY CHECK (only = 1), until REAL);
"""


@dataclass(frozen=True, slots=True)
class Limit:
    """What a vendor allows. name: tells limits of one account apart, and names its files.

    calls: pairs (number, seconds): at most that many calls in any window of that length.
    concurrency: requests under way at once, None for any number.
    """

    name: str
    calls: tuple[tuple[int, float], ...] = ()
    concurrency: int | None = None


@dataclass(frozen=True)
class Clock:
    """Time as the clients see it: epoch seconds and waiting. Tests give one that never waits."""

    now: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep


def amplitude_dashboard(queries_per_hour: int, concurrency: int) -> Limit:
    """User activity and user search, which share one quota per project."""
    return Limit("amplitude-dashboard", ((queries_per_hour, 3600.0),), concurrency)


#: Amplitude's other dashboard calls: export, cohort lists.
AMPLITUDE_OTHER = Limit("amplitude-other", concurrency=5)
#: Starting the computation of an Amplitude cohort.
AMPLITUDE_COHORT_REQUESTS = Limit("amplitude-cohort-requests", ((60, 600.0),), 5)
#: Mavenoid, ``days=1``.
MAVENOID_ONE_DAY = Limit("mavenoid-one-day", ((60, 60.0),))
#: Mavenoid, any other ``days``.
MAVENOID_MANY_DAYS = Limit("mavenoid-many-days", ((10, 60.0),))
#: Segment, per space.
SEGMENT = Limit("segment", ((100, 1.0),))
#: Mavera, chats and threads.
MAVERA = Limit("mavera", concurrency=10)


class QuotaError(ExplainedError):
    """The quota's state on disk cannot be used; the message says how to mend it."""


class Quota:
    """One limit of one account; the state in ``directory`` is shared by all processes.

    account: any text that tells accounts apart; only its hash is written. Threads may share one.
    """

    def __init__(
        self, directory: Path, limit: Limit, account: str, clock: Clock | None = None
    ) -> None:
        self.limit = limit
        self._clock = clock or Clock()
        digest = hashlib.sha256(account.encode()).hexdigest()[:16]
        self._directory = directory / f"{limit.name}-{digest}"
        self._windows = tuple((number, span * WINDOW_FACTOR) for number, span in limit.calls)
        self._lock = threading.Lock()
        self._last_told = -_TOLD_EVERY
        self._state = self._open()

    @contextmanager
    def attempt(self, log: Callable[[str], None]) -> Iterator[None]:
        """Take a slot, then a token, and hold both for the block: one attempt of one call.

        Waits as long as it must; waits of more than two seconds are logged with their expected
        length, one line per half a minute for all threads together.
        """
        with self._slot(log):
            token = self._token(log)
            try:
                yield
            finally:
                self._spend(token)

    def block_until(self, when: float) -> None:
        """Let no process take a token before ``when`` (epoch seconds): the vendor said 429."""
        with self._transaction() as state:
            latest = min(when, self._clock.now() + LONGEST_BLOCK)
            state.execute(
                "INSERT INTO block VALUES (1, ?)"
                " ON CONFLICT (only) DO UPDATE SET until = max(until, excluded.until)",
                (latest,),
            )

    def seconds_for(self, calls: int) -> float:
        """Expected seconds until the last of ``calls`` further calls may start, from now.

        Nobody else's calls are foreseen, nor how long the calls themselves take.
        """
        if calls <= 0:
            return 0.0
        with self._transaction() as state:
            now = self._clock.now()
            return self._ready(state, now, calls) - now

    def close(self) -> None:
        """Close the state's file; what was used stays used."""
        with self._lock:
            self._state.close()

    @contextmanager
    def _slot(self, log: Callable[[str], None]) -> Iterator[None]:
        from filelock import FileLock

        if self.limit.concurrency is None:
            yield
            return
        # Locks of its own for each attempt: threads exclude each other as processes do.
        slots = [
            FileLock(self._directory / f"slot-{number}.lock", thread_local=False)
            for number in range(self.limit.concurrency)
        ]
        waited, pause = 0.0, _FIRST_SLOT_PAUSE
        while (slot := _first_free(slots)) is None:
            if waited > _TOLD_FROM:
                self._tell(log, f"{len(slots)} requests are under way; next when one of them ends")
            jittered = random.uniform(0.5, 1.0) * pause  # noqa: S311 - jitter, not a secret
            self._clock.sleep(jittered)
            waited += jittered
            pause = min(2 * pause, _LONGEST_SLOT_PAUSE)
        try:
            yield
        finally:
            slot.release()

    def _token(self, log: Callable[[str], None]) -> int | None:
        while True:
            with self._transaction() as state:
                now = self._clock.now()
                self._forget(state, now)
                ready = self._ready(state, now, calls=1)
                if ready <= now:
                    return self._use(state, now)
            if ready - now > _TOLD_FROM:
                at = datetime.fromtimestamp(ready, UTC)
                self._tell(log, f"next call in about {ready - now:.0f} s, at {at:%H:%M:%S} UTC")
            self._clock.sleep(ready - now)

    def _use(self, state: sqlite3.Connection, now: float) -> int | None:
        if not self._windows:
            return None
        return state.execute("INSERT INTO calls (at) VALUES (?)", (now,)).lastrowid

    def _spend(self, token: int | None) -> None:
        """Count the call from its end: the vendor has seen it by then, whenever it arrived."""
        if token is not None:
            with self._transaction() as state:
                state.execute("REPLACE INTO calls VALUES (?, ?)", (token, self._clock.now()))

    def _forget(self, state: sqlite3.Connection, now: float) -> None:
        """Drop what left every window; after the clock was set back, count as if used now."""
        longest = max((span for _, span in self._windows), default=0.0)
        state.execute("DELETE FROM calls WHERE at <= ?", (now - longest,))
        state.execute("UPDATE calls SET at = ? WHERE at > ?", (now, now))

    def _ready(self, state: sqlite3.Connection, now: float, calls: int) -> float:
        """When the last of ``calls`` further calls may start, epoch seconds."""
        block = state.execute("SELECT until FROM block").fetchone()
        ready = [now, min(block[0], now + LONGEST_BLOCK) if block else now]
        for number, span in self._windows:
            # Each call waits for the one ``number`` before it; whole rounds wait for each other.
            rounds, place = divmod(calls - 1, number)
            row = state.execute(
                "SELECT at FROM calls WHERE at > ? ORDER BY at DESC LIMIT 1 OFFSET ?",
                (now - span, number - 1 - place),
            ).fetchone()
            ready.append((row[0] + span if row else now) + rounds * span)
        return max(ready)

    def _tell(self, log: Callable[[str], None], what: str) -> None:
        with self._lock:
            now = self._clock.now()
            if abs(now - self._last_told) < _TOLD_EVERY:
                return
            self._last_told = now
        log(f"Quota {self.limit.name} ({self._described()}): {what}.")

    def _described(self) -> str:
        parts = [f"{number} per {span:g} s" for number, span in self.limit.calls]
        if self.limit.concurrency is not None:
            parts.append(f"{self.limit.concurrency} at once")
        return ", ".join(parts)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock, self._explained():
            self._state.execute("BEGIN IMMEDIATE")
            try:
                yield self._state
            except BaseException:
                self._state.execute("ROLLBACK")
                raise
            self._state.execute("COMMIT")

    def _open(self) -> sqlite3.Connection:
        from filelock import FileLock

        private_folder(self._directory.parent)
        private_folder(self._directory)
        # SQLite does not wait when two processes switch a file to WAL at once.
        with FileLock(self._directory / "open.lock"), self._explained():
            state = sqlite3.connect(
                self._directory / "calls.sqlite",
                timeout=_SQLITE_TIMEOUT,
                isolation_level=None,
                check_same_thread=False,
            )
            state.execute("PRAGMA journal_mode = WAL")
            state.execute("PRAGMA synchronous = NORMAL")
            state.executescript(_SCHEMA)
        return state

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise QuotaError(
                f"The quota's state in {self._directory} cannot be used: {words(error) or 'SQLite'} "
                "Check the disk and the folder's permissions; if the file is broken, delete the folder."
            ) from None


def _first_free(slots: "Sequence[BaseFileLock]") -> "BaseFileLock | None":
    """Take any free slot; in random order, so that waiters do not queue up at the first."""
    from filelock import Timeout

    for slot in random.sample(slots, len(slots)):
        try:
            slot.acquire(blocking=False)
        except Timeout:
            continue
        return slot
    return None
