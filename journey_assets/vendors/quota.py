"""How often a vendor may be asked, kept by every process of the machine together.

Belongs here: the vendors' limits, waiting for a slot and a token, the shared state on disk. Does
not belong here: what is asked and what happens after a refusal
(:mod:`journey_assets.vendors.transport`).
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Limit:
    """What a vendor allows. name: tells limits of one account apart, and names its files.

    calls: pairs (number, seconds): at most that many calls in any window of that length.
    concurrency: requests under way at once, None for any number.
    """

    name: str
    calls: tuple[tuple[int, float], ...] = ()
    concurrency: int | None = None


@dataclass(frozen=True, slots=True)
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


class Quota:
    """One limit of one account; the state in ``directory`` is shared by all processes.

    account: any text that tells accounts apart; only its hash is written.
    """

    def __init__(
        self, directory: Path, limit: Limit, account: str, clock: Clock | None = None
    ) -> None: ...

    @contextmanager
    def attempt(self, log: Callable[[str], None]) -> Iterator[None]:
        """Take a slot, then a token, and hold the slot for the block: one attempt of one call.

        Waits as long as it must; a wait of more than two seconds is logged with its expected length.
        """
        yield

    def block_until(self, when: float) -> None:
        """Let no process take a token before ``when`` (epoch seconds): the vendor said 429."""

    def seconds_for(self, calls: int) -> float:
        """Expected seconds until ``calls`` further calls have been let go, from now."""
        raise NotImplementedError
