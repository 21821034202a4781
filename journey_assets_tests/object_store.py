"""moto's S3 on loopback, which breaks the requests that a test names."""

import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Literal

from journey_assets.warehouse.event_store.address import StoreAddress

#: ``busy``: 503. ``racing``: somebody else is writing that object just now, 409. ``cut``: the answer
#: breaks off in its middle. ``lost``: it is done, and nothing is answered. ``refused``: the connection
#: breaks before anything is done. ``slow``: no answer at all.
Fault = Literal["busy", "racing", "cut", "lost", "refused", "slow"]

_KEY = "a test's key"
_REFUSED = {
    "busy": ("503 Slow Down", b"<Error><Code>SlowDown</Code></Error>"),
    "racing": ("409 Conflict", b"<Error><Code>ConditionalRequestConflict</Code></Error>"),
}


class ObjectStore:
    """A server with one bucket; faults are worked off by the requests that they are for, once each."""

    def __init__(self) -> None:
        self.url = ""
        self.stopping = threading.Event()
        self.asked: list[tuple[str, str]] = []
        self._faults: list[tuple[str, str, Fault]] = []
        self._lock = threading.Lock()
        self._app: Any = None

    def address(self, prefix: str) -> StoreAddress:
        """A store below ``prefix`` of the bucket."""
        return StoreAddress(
            f"s3://events/{prefix}",
            endpoint=self.url,
            region="eu-north-1",
            access_key_id=_KEY,
            secret_access_key=_KEY,
        )

    def breaks(self, method: str, part: str, *faults: Fault) -> None:
        """Have the next requests of ``method`` whose address holds ``part`` go wrong."""
        with self._lock:
            self._faults += [(method, part, fault) for fault in faults]

    @property
    def unbroken(self) -> int:
        """Faults that no request has met."""
        return len(self._faults)

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """One request."""
        if self._app is None:
            from moto.moto_server.werkzeug_app import (
                DomainDispatcherApplication,
                create_backend_app,
            )

            self._app = DomainDispatcherApplication(create_backend_app)
        fault = self._fault(environ["REQUEST_METHOD"], environ["PATH_INFO"])
        if fault in _REFUSED:
            environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            status, said = _REFUSED[fault]
            start(status, [("Content-Type", "application/xml")])
            return [said]
        if fault == "slow":
            self.stopping.wait()
        if fault == "refused":
            return _hang_up(environ)
        answered = self._app(environ, start if fault != "lost" else _nowhere)
        if fault == "lost":
            list(answered)
            return _hang_up(environ)
        if fault == "cut":
            whole = b"".join(answered)
            return [whole[: len(whole) // 2]]
        found: Iterable[bytes] = answered
        return found

    def _fault(self, method: str, path: str) -> Fault | None:
        with self._lock:
            self.asked.append((method, path))
            for place, (of, part, fault) in enumerate(self._faults):
                if of == method and part in path:
                    del self._faults[place]
                    return fault
        return None


def _nowhere(*_: object) -> Callable[[bytes], None]:
    return lambda _: None


def _hang_up(environ: dict[str, Any]) -> list[bytes]:
    environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    return []


@contextmanager
def object_store() -> Iterator[ObjectStore]:
    """The server, and in it the bucket ``events``."""
    import boto3
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Quiet(WSGIRequestHandler):
        def log(self, *_: object) -> None:
            """Tests read ``asked`` instead of a log."""

    store = ObjectStore()
    server = make_server("127.0.0.1", 0, store, threaded=True, request_handler=Quiet)
    store.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=[0.05], daemon=True)
    thread.start()
    client = boto3.client(
        "s3",
        endpoint_url=store.url,
        region_name="eu-north-1",
        aws_access_key_id=_KEY,
        aws_secret_access_key=_KEY,
    )
    client.create_bucket(
        Bucket="events", CreateBucketConfiguration={"LocationConstraint": "eu-north-1"}
    )
    try:
        yield store
    finally:
        store.stopping.set()
        server.shutdown()
        thread.join()
