"""The vendors' limits: calls per sliding window and requests under way at once.

Belongs here: counting against a limit, and each vendor's real numbers. Does not belong here: the
shape of a vendor's refusal.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Self

#: A limit that no test or demo reaches.
UNLIMITED = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Rate:
    """At most ``calls`` in any ``seconds``."""

    calls: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Limits:
    """Every limit of the four vendors; the defaults are the real ones.

    retry_after: vendors whose refusals carry the header ``Retry-After``.
    """

    amplitude_users: Rate = Rate(360, 3600)
    amplitude_users_concurrency: int = 10
    amplitude_dashboard_concurrency: int = 5
    amplitude_cohorts: Rate = Rate(60, 600)
    segment: Rate = Rate(100, 1)
    mavenoid_last_day: Rate = Rate(60, 60)
    mavenoid_longer: Rate = Rate(10, 60)
    mavera: Rate = Rate(60, 60)
    mavera_concurrency: int = 10
    retry_after: frozenset[str] = frozenset({"mavenoid", "mavera"})

    @classmethod
    def none(cls) -> Self:
        """No limit at all, for tests of other things."""
        rate = Rate(UNLIMITED, 1)
        return cls(
            amplitude_users=rate,
            amplitude_users_concurrency=UNLIMITED,
            amplitude_dashboard_concurrency=UNLIMITED,
            amplitude_cohorts=rate,
            segment=rate,
            mavenoid_last_day=rate,
            mavenoid_longer=rate,
            mavera=rate,
            mavera_concurrency=UNLIMITED,
        )


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is refused; ``retry_after`` in seconds until the window has room, at least 1."""

    reason: str
    retry_after: int


class Quota:
    """One limit: a sliding window of accepted calls, and requests under way.

    ``clock`` gives seconds; a refused call does not count.
    """

    def __init__(
        self, rate: Rate, clock: Callable[[], float], concurrency: int = UNLIMITED
    ) -> None:
        self.rate = rate
        self._clock = clock
        self._concurrency = concurrency
        self._accepted: deque[float] = deque()
        self._under_way = 0
        self._lock = threading.Lock()

    @contextmanager
    def attempt(self) -> Iterator[Refusal | None]:
        """Count a request; yields its refusal, or None when it may go on."""
        refusal = self._enter()
        try:
            yield refusal
        finally:
            if refusal is None:
                with self._lock:
                    self._under_way -= 1

    def remaining(self) -> int:
        """Calls left in the window that ends now."""
        with self._lock:
            self._forget(self._clock())
            return self.rate.calls - len(self._accepted)

    def _enter(self) -> Refusal | None:
        with self._lock:
            now = self._clock()
            self._forget(now)
            if self._under_way >= self._concurrency:
                return Refusal(f"more than {self._concurrency} concurrent requests", 1)
            if len(self._accepted) >= self.rate.calls:
                wait = self._accepted[0] + self.rate.seconds - now
                window = f"{self.rate.calls} requests per {self.rate.seconds:g} seconds"
                return Refusal(f"more than {window}", max(1, int(wait) + 1))
            self._accepted.append(now)
            self._under_way += 1
            return None

    def _forget(self, now: float) -> None:
        while self._accepted and self._accepted[0] <= now - self.rate.seconds:
            self._accepted.popleft()
