"""What the processes of ``test_quota`` do; light to import, since each process imports it anew."""

import http.client
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

from journey_assets.vendors.quota import Limit, Quota

THREADS, CALLS = 4, 3
HOURLY = Limit("hourly", ((4, 3600.0),), 1)


def silent(_: str) -> None:
    """Nobody reads these lines."""


def call_from_threads(port: int, directory: Path, limit: Limit) -> None:
    """One process: ``THREADS`` threads with ``CALLS`` calls each, none tried twice."""
    quota = Quota(directory, limit, "account")

    def calls(_: int) -> None:
        for _call in range(CALLS):
            with quota.attempt(silent), connection(port) as vendor:
                vendor.request("GET", "/")
                vendor.getresponse().read()

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(calls, range(THREADS)))


def use_tokens_and_hold_a_slot(directory: Path, ready: Connection) -> None:
    """A process that is killed amid its third call of an hour."""
    quota = Quota(directory, HOURLY, "account")
    for _ in range(2):
        with quota.attempt(silent):
            pass
    with quota.attempt(silent):
        ready.send("holding")
        signal.pause()


@contextmanager
def connection(port: int) -> Iterator[http.client.HTTPConnection]:
    """A connection to the loopback server, closed at the end."""
    vendor = http.client.HTTPConnection("127.0.0.1", port)
    try:
        yield vendor
    finally:
        vendor.close()
