"""The simulator's clock: the real one, or one that a test moves.

Belongs here: what the time is. Populations never ask it; servers do, to know what has happened yet.
"""

import threading
import time
from collections.abc import Callable
from datetime import datetime

#: Gives the time as seconds since 1970 (UTC).
Clock = Callable[[], float]

DAY = 86_400

real_clock: Clock = time.time


class ManualClock:
    """A clock that stands still until it is moved."""

    def __init__(self, start: datetime) -> None:
        self._now = start.timestamp()
        self._lock = threading.Lock()

    def __call__(self) -> float:
        """The time it was moved to."""
        with self._lock:
            return self._now

    def advance(self, seconds: float) -> None:
        """Move forward."""
        with self._lock:
            self._now += seconds
