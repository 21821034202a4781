"""The HTTP of every simulated vendor: one server per port, and what a request passes through.

Belongs here: sockets, reading requests, writing answers, the order of control, statistics, faults
and latency. Does not belong here: what any vendor answers (``amplitude.py``, ``segment.py``,
``mavenoid.py``, ``mave.py``), when a fault applies (``faults.py``).
"""

import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol
from urllib.parse import parse_qsl, unquote, urlsplit

from journey_assets.simulator.faults import Fault, FaultScript
from journey_assets.simulator.served import Ledger

#: Paths below this one steer the simulator and are no part of a vendor.
CONTROL = "/_control"

#: Faults that lie in how an answer is sent, not in what it says.
_ON_THE_WIRE = frozenset({"truncate", "drip", "length", "noise"})
#: Pieces that a dripping body comes in.
_PIECES = 20

_PAGE = b"<!doctype html><html><head><title>Sign in</title></head><body>Sign in</body></html>"


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it arrived: decoded path, parameters in order, header names in lower case."""

    method: str
    path: str
    params: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    body: bytes

    def param(self, name: str, default: str = "") -> str:
        """The first value of a parameter."""
        return next((value for key, value in self.params if key == name), default)

    def number(self, name: str, default: int) -> int | None:
        """A parameter as an integer, None when it is not one."""
        text = self.param(name)
        if not text:
            return default
        return int(text) if text.isascii() and text.isdigit() else None


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    refused_by_quota: bool = False


def json_answer(
    payload: Any, status: int = 200, headers: Mapping[str, str] | None = None
) -> Answer:
    """An answer whose body is ``payload`` as JSON."""
    return Answer(
        status,
        json.dumps(payload, separators=(",", ":")).encode(),
        {"Content-Type": "application/json", **(headers or {})},
    )


class Vendor(Protocol):
    """What a simulated vendor has to offer to its port."""

    name: str

    def route(self, request: Request) -> str:
        """The documented path that the request is for, identifiers replaced by their names."""

    def admit(self, request: Request) -> AbstractContextManager[Answer | None]:
        """Hold the request's place in the quota; yields a refusal, or None to let it in."""

    def respond(self, request: Request) -> Answer:
        """The answer to a request that was let in."""


class Port:
    """One vendor on one loopback port; several threads answer at once."""

    def __init__(
        self,
        vendor: Vendor,
        *,
        port: int,
        ledger: Ledger,
        faults: FaultScript,
        control: Callable[[Request], Answer],
        latency: float = 0.0,
    ) -> None:
        self.vendor = vendor
        self.ledger = ledger
        self.faults = faults
        self.control = control
        self.latency = latency
        self.stopping = threading.Event()

        class Handler(_Handler):
            owner = self

        self._server = _Server(("127.0.0.1", port), Handler)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )

    @property
    def url(self) -> str:
        """The port's address, without a slash at the end."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Stop answering; slow answers under way are broken off."""
        self.stopping.set()
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def pause(self, seconds: float) -> None:
        """Let ``seconds`` pass, or the server stop."""
        if seconds > 0:
            self.stopping.wait(seconds)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that go away in the middle of an answer are part of the play."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    # Buffered, so that head and body of a small answer leave in one packet.
    wbufsize = 64 * 1024
    owner: Port

    def do_GET(self) -> None:
        self._handle()

    def do_POST(self) -> None:
        self._handle()

    def do_DELETE(self) -> None:
        self._handle()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """What was served stands in the statistics."""

    def _handle(self) -> None:
        request = self._read()
        if request.path.startswith(CONTROL):
            self._write(self.owner.control(request))
            return
        owner = self.owner
        route = owner.vendor.route(request)
        with owner.ledger.request(owner.vendor.name, route, request) as served:
            fault = owner.faults.take(owner.vendor.name, request.path)
            answer = self._answer(request, fault)
            broken = fault is not None and fault.kind == "reset"
            served.answered(
                None if broken else answer.status,
                refused_by_quota=answer.refused_by_quota,
                fault=fault.kind if fault else None,
            )
        if broken:
            self._reset()
        elif fault is None or fault.kind not in _ON_THE_WIRE:
            self._write(answer)
        else:
            self._write_badly(answer, fault)
            self.close_connection = True

    def _answer(self, request: Request, fault: Fault | None) -> Answer:
        """The vendor's answer, or what the fault makes of it."""
        if fault is None:
            return self._ask_vendor(request, 0)
        instead = self._instead(fault)
        if instead is not None and not fault.after_processing:
            return instead
        answer = self._ask_vendor(request, fault.seconds if fault.kind == "slow" else 0)
        if fault.change is not None:
            return fault.change(answer)
        return instead or answer

    def _ask_vendor(self, request: Request, slower: float) -> Answer:
        vendor = self.owner.vendor
        with vendor.admit(request) as refusal:
            if refusal is not None:
                return refusal
            self.owner.pause(self.owner.latency + slower)
            return vendor.respond(request)

    def _instead(self, fault: Fault) -> Answer | None:
        """What stands in for the vendor's answer; None when the vendor is asked all the same."""
        if fault.kind == "status":
            return fault_answer(fault)
        if fault.kind == "html":
            return Answer(200, _PAGE, {"Content-Type": "text/html; charset=utf-8"})
        if fault.kind in ("reset", "noise"):
            return Answer()
        return None

    def _read(self) -> Request:
        split = urlsplit(self.path)
        return Request(
            self.command,
            unquote(split.path),
            tuple(parse_qsl(split.query, keep_blank_values=True)),
            {name.lower(): value for name, value in self.headers.items()},
            self.rfile.read(int(self.headers.get("Content-Length") or 0)),
        )

    def _write(self, answer: Answer) -> None:
        self._write_head(answer, len(answer.body))
        self.wfile.write(answer.body)

    def _write_head(self, answer: Answer, length: int) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(length))
        self.end_headers()

    def _write_badly(self, answer: Answer, fault: Fault) -> None:
        """Send the answer as no server should; the connection ends with it."""
        body = answer.body
        if fault.kind == "noise":
            self.wfile.write((fault.body or "").encode())
            return
        self._write_head(answer, max(0, len(body) + fault.surplus))
        if fault.kind == "truncate":
            body = body[: len(body) // 2]
        size = max(1, len(body) // _PIECES if fault.kind == "drip" else len(body))
        for start in range(0, len(body), size):
            self.wfile.write(body[start : start + size])
            self.wfile.flush()
            self.owner.pause(fault.seconds)

    def _reset(self) -> None:
        self.close_connection = True
        # Lingering for zero seconds makes the close a reset (RST).
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()


def fault_answer(fault: Fault) -> Answer:
    """The answer of a scripted status: the given body, else an error in the commonest shape."""
    headers = {"Retry-After": fault.retry_after} if fault.retry_after is not None else {}
    if fault.body is not None:
        headers["Content-Type"] = "application/json"
        return Answer(fault.status, fault.body.encode(), headers)
    text = f"scripted fault {fault.status} at {time.strftime('%H:%M:%S', time.gmtime())}"
    return json_answer({"error": {"message": text}}, fault.status, headers)
