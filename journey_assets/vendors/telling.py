"""Work that takes long says that it goes on.

Belongs here: the line every few seconds while a block lasts. Does not belong here: the watch over a
call, which also ends it (:mod:`journey_assets.vendors.watching`).
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from journey_assets.vendors.watching import TOLD_EVERY


@contextmanager
def telling(
    log: Callable[[str], None], what: Callable[[], str], every: float = TOLD_EVERY
) -> Iterator[None]:
    """While the block lasts, log ``what()`` and the seconds so far, ``every`` so many seconds."""
    ended, begun = threading.Event(), time.monotonic()

    def tell() -> None:
        while not ended.wait(every):
            log(f"{what()} ({time.monotonic() - begun:.0f} s so far)")

    thread = threading.Thread(target=tell, name="telling", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
