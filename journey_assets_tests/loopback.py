"""A small scriptable HTTP server on 127.0.0.1, and a clock that never sleeps, for tests of clients.

``with Loopback([answer(...), ...]) as server:`` gives the answers one after the other and records
what it was asked; ``Loopback(function)`` lets the function decide for each :class:`Received`.
"""

import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import parse_qsl, urlsplit

from journey_assets.vendors.quota import Clock


@dataclass(frozen=True)
class Answer:
    """One scripted answer.

    fault: ``reset`` breaks the connection after reading the request, before any answer;
    ``truncated`` announces the whole body and breaks off in its middle; ``slow`` sends nothing
    until the server stops; ``drip`` sends a sign of the body every now and then and never ends,
    ``drip_head`` one of the head.
    """

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    fault: Literal["reset", "truncated", "slow", "drip", "drip_head"] | None = None


@dataclass(frozen=True)
class Received:
    """One request as it arrived; header names in lower case, ``params`` in order."""

    method: str
    path: str
    params: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body read as JSON."""
        return json.loads(self.body)


def answer(payload: Any = None, status: int = 200, **headers: str) -> Answer:
    """A JSON answer; ``retry_after="3"`` becomes the header ``Retry-After``."""
    named = {name.replace("_", "-").title(): value for name, value in headers.items()}
    named.setdefault("Content-Type", "application/json")
    return Answer(status, json.dumps(payload).encode(), named)


def html(status: int = 200) -> Answer:
    """A page where JSON is due."""
    page = b"<!doctype html><html><body><h1>Sign in</h1></body></html>"
    return Answer(status, page, {"Content-Type": "text/html"})


def redirect(location: str, status: int = 302) -> Answer:
    """A redirect to ``location``."""
    return Answer(status, b"", {"Location": location})


def reset() -> Answer:
    """Break the connection after the request was read."""
    return Answer(fault="reset")


def truncated(payload: Any) -> Answer:
    """Announce the whole of ``payload`` as JSON, send half of it, break off."""
    return Answer(200, json.dumps(payload).encode(), fault="truncated")


def slow() -> Answer:
    """Never answer while the server runs."""
    return Answer(fault="slow")


class FakeClock(Clock):
    """A clock on which waiting takes no time; ``slept`` are the waits so far, in seconds."""

    def __init__(self, start: float = 1_800_000_000.0) -> None:
        self.slept: list[float] = []
        self._now = start
        super().__init__(now=lambda: self._now, sleep=self._wait)

    def pass_time(self, seconds: float) -> None:
        """Let time go by without anybody waiting."""
        self._now += seconds

    def _wait(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._now += seconds


Script = Iterable[Answer] | Callable[[Received], Answer]


class Loopback:
    """The server: ``url`` is its address, ``received`` what it was asked so far, in order.

    When a list of answers is used up, the server answers 500 "script is used up". tls: makes it speak
    https.
    """

    def __init__(self, script: Script, tls: ssl.SSLContext | None = None) -> None:
        self.received: list[Received] = []
        self.stopping = threading.Event()
        self._lock = threading.Lock()
        self._decide = script if callable(script) else None
        self._answers = iter(()) if callable(script) else iter(script)
        owner = self

        class Handler(_Handler):
            loopback = owner

        self._server = _Server(("127.0.0.1", 0), Handler)
        self._scheme = "https" if tls else "http"
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )

    @property
    def url(self) -> str:
        """The server's address, without a slash at the end."""
        return f"{self._scheme}://127.0.0.1:{self.port}"

    @property
    def port(self) -> int:
        """The server's port."""
        return self._server.server_port

    def next_answer(self, received: Received) -> Answer:
        """Record a request and say what to answer."""
        with self._lock:
            self.received.append(received)
            if self._decide is None:
                return next(self._answers, answer({"error": {"message": "script is used up"}}, 500))
        return self._decide(received)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that go away are part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    loopback: Loopback

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Tests read ``received`` instead of a log."""

    def _answer(self) -> None:
        split = urlsplit(self.path)
        given = self.loopback.next_answer(
            Received(
                self.command,
                split.path,
                tuple(parse_qsl(split.query, keep_blank_values=True)),
                {name.lower(): value for name, value in self.headers.items()},
                self.rfile.read(int(self.headers.get("Content-Length") or 0)),
            )
        )
        if given.fault == "slow":
            self.loopback.stopping.wait()
        if given.fault in ("reset", "slow"):
            return self._break_off()
        if given.fault == "drip_head":
            return self._drip(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        if given.fault == "drip":
            # Nobody says how long the body is: its end is that of the connection.
            return self._drip(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + given.body)
        self.send_response(given.status)
        for name, value in given.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(given.body)))
        self.end_headers()
        if given.fault == "truncated":
            self.wfile.write(given.body[: len(given.body) // 2])
            self.close_connection = True
            return None
        self.wfile.write(given.body)
        return None

    def _drip(self, first: bytes) -> None:
        self.close_connection = True
        self.wfile.write(first)
        while not self.loopback.stopping.wait(0.02):
            try:
                self.wfile.write(b" ")
            except OSError:
                return

    def _break_off(self) -> None:
        self.close_connection = True
        # Lingering for zero seconds makes the close a reset (RST).
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
