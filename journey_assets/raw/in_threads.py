"""Many vendor calls at once, with progress, for passes over users.

Belongs here: threads, their end, when progress is told, and how many users may fail. Does not belong
here: what is called.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import timedelta
from queue import Empty, SimpleQueue
from typing import TypeVar

from journey_assets.vendors.errors import VendorError

#: With so many failures and no answer the vendor, and not the users, is to blame.
_FAILURES_AT_FIRST = 20

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")

#: Seconds between two lines of progress while something moves, and while nothing does.
_MOVING_SECONDS = 5.0
_STILL_SECONDS = 30.0


def in_threads(
    work: Callable[[_Item, threading.Event], _Result],
    items: Sequence[_Item],
    threads: int,
    progress: Callable[[int], None],
) -> Iterator[_Result]:
    """Results of ``work`` for all ``items``, in the order in which they are done.

    ``work`` also receives an event that is set when its result is no longer wanted; it may then
    end early. The first error ends the pass and is raised here. progress: called with the number of
    items done, every few seconds of a pass that takes longer.

    The threads are daemons: a run that is stopped does not wait for a call that waits for quota.
    """
    todo = iter(items)
    take, stop = threading.Lock(), threading.Event()
    done: SimpleQueue[Future[_Result]] = SimpleQueue()

    def run() -> None:
        while not stop.is_set():
            with take:
                item = next(todo, None)
            if item is None:
                return
            future: Future[_Result] = Future()
            try:
                future.set_result(work(item, stop))
            except BaseException as error:  # noqa: BLE001 - raised again by whoever waits for it
                future.set_exception(error)
            done.put(future)

    for _ in range(min(threads, len(items))):
        threading.Thread(target=run, daemon=True).start()
    try:
        yield from _as_done(done, len(items), progress)
    finally:
        stop.set()


def users_done(
    log: Callable[[str], None], what: str, total: int, seconds_for: Callable[[int], float]
) -> Callable[[int], None]:
    """A progress that tells users done of all, and how long the quota lets the rest take.

    seconds_for: seconds that a number of calls takes; a user is at least one call.
    """

    def tell(done: int) -> None:
        left = timedelta(seconds=round(seconds_for(total - done)))
        log(f"Amplitude: {done} of {total} users {what}; the quota allows the rest in {left}.")

    return tell


@dataclass(slots=True)
class Failures:
    """Users of a pass that the vendor does not answer for, while it answers for others.

    ids: those users. No error text is kept: a vendor may quote the user's id in it.
    """

    ids: list[str] = field(default_factory=list)
    answered: int = 0
    first: VendorError | None = None
    _kinds: Counter[str] = field(default_factory=Counter)

    def add(self, user: str, error: VendorError) -> None:
        """Take a failure; raises ``error`` when so many failed and none was answered for."""
        self.ids.append(user)
        self.first = self.first or error
        self._kinds[f"HTTP {error.status}" if error.status else "an unreadable answer"] += 1
        if not self.answered and len(self.ids) >= _FAILURES_AT_FIRST:
            raise error

    def note(self, what: str) -> tuple[str, ...]:
        """A sentence on how many failed and why; none when nobody did."""
        if not self.ids:
            return ()
        why = ", ".join(f"{kind}: {count}" for kind, count in sorted(self._kinds.items()))
        return (f"{len(self.ids)} users could not be {what} ({why}): status failed.",)


def _as_done(
    done: "SimpleQueue[Future[_Result]]", total: int, progress: Callable[[int], None]
) -> Iterator[_Result]:
    told_at, told = time.monotonic(), 0
    finished = 0
    while finished < total:
        try:
            future = done.get(timeout=_MOVING_SECONDS)
        except Empty:
            future = None
        if future is not None:
            yield future.result()
            finished += 1
        since = time.monotonic() - told_at
        if since >= (_MOVING_SECONDS if finished > told else _STILL_SECONDS):
            progress(finished)
            told_at, told = time.monotonic(), finished
