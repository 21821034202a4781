"""An attempt that takes long: it says that it goes on, and it ends.

Belongs here: the watch over one attempt, and the connections that can be broken off by it. A read
timeout counts between two pieces of an answer, so a server that drips a byte a second would be
listened to for ever; only breaking the connection off from outside ends that. Does not belong here:
when to try again (:mod:`journey_assets.vendors.transport`).
"""

import socket
import threading
import time
from collections.abc import Callable
from contextvars import ContextVar
from types import TracebackType
from typing import Any, Self

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

#: What is waited for is told this often, in seconds.
TOLD_EVERY = 5.0

#: A body may take longer than the attempt may when it comes at least at so many bytes a second.
SLOWEST_PACE = 16 << 10

_CONNECTIONS = 32


def sleep_and_tell(
    seconds: float, sleep: Callable[[float], None], log: Callable[[str], None], what: str
) -> None:
    """Wait, with a line every :data:`TOLD_EVERY` seconds that says for what and how long still."""
    left = seconds
    while left > TOLD_EVERY:
        sleep(TOLD_EVERY)
        left -= TOLD_EVERY
        log(f"{what}; asking again in {left:.0f} s.")
    sleep(left)


class Watch:
    """Watches one attempt from a thread of its own while the block lasts.

    seconds: how long it may take, beside what its body takes at :data:`SLOWEST_PACE`. tell: is given
    the seconds so far and the bytes read, every :data:`TOLD_EVERY` seconds.
    """

    def __init__(self, seconds: float, tell: Callable[[float, int], None]) -> None:
        self.expired = False
        self._seconds = seconds
        self._tell = tell
        self._socket: socket.socket | None = None
        self._read: Callable[[], int] = lambda: 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, name="watch", daemon=True)

    def __enter__(self) -> Self:
        self._before = _current.set(self)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        _current.reset(self._before)
        self._ended.set()
        self._thread.join()

    def connected(self, by: socket.socket | None) -> None:
        """The request went out over this socket."""
        self._socket = by

    def answered(self, read: Callable[[], int]) -> None:
        """The answer begins; ``read`` gives the bytes of its body that were read so far."""
        self._read = read

    def _look(self) -> None:
        begun, told = time.monotonic(), TOLD_EVERY
        while True:
            allowed = self._seconds + self._read() / SLOWEST_PACE
            passed = time.monotonic() - begun
            if passed >= allowed:
                return self._break_off()
            if self._ended.wait(min(allowed, told) - passed):
                return None
            if time.monotonic() - begun >= told:
                told += TOLD_EVERY
                self._tell(time.monotonic() - begun, self._read())

    def _break_off(self) -> None:
        self.expired = True
        # Again and again: the socket may be known only after the deadline.
        while not self._ended.wait(0.05):
            if self._socket is not None:
                try:
                    # Of the plain socket: that of TLS would touch what the reading thread uses.
                    socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
                except OSError:
                    continue


_current: ContextVar[Watch | None] = ContextVar("watch", default=None)


class _Http(HTTPConnection):
    def request(self, *args: Any, **more: Any) -> None:
        super().request(*args, **more)
        _tell_socket(self.sock)


class _Https(HTTPSConnection):
    def request(self, *args: Any, **more: Any) -> None:
        super().request(*args, **more)
        _tell_socket(self.sock)


def _tell_socket(by: socket.socket | None) -> None:
    if watch := _current.get():
        watch.connected(by)


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _Http


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _Https


class WatchedAdapter(HTTPAdapter):
    """An adapter whose connections the current :class:`Watch` can break off."""

    def __init__(self) -> None:
        super().__init__(pool_maxsize=_CONNECTIONS)

    def init_poolmanager(self, *args: Any, **more: Any) -> None:
        """As requests', with our connections."""
        super().init_poolmanager(*args, **more)
        _use_ours(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **more: Any) -> Any:
        """As requests', with our connections."""
        return _use_ours(super().proxy_manager_for(*args, **more))


def _use_ours(manager: Any) -> Any:
    manager.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}
    return manager


def note_answer(response: requests.Response, *_: Any, **__: Any) -> None:
    """A hook of requests: tells the current watch that the answer begins."""
    if watch := _current.get():
        watch.answered(lambda: int(response.raw.tell()))
