"""An event store on an object store that speaks S3.

Belongs here: Amazon's client (boto3: lists, small objects, the conditional PUT, uploads in parts), the
reader of Parquet (pyarrow, in C++), and DuckDB's way to it, which has no extension of its own here.
Both retry what a busy or broken connection refuses; what stays refused is told in one line.
"""

import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from journey_assets.warehouse.event_store.objects import StoreError

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.fs as pa_fs
    from duckdb import DuckDBPyConnection

    from journey_assets.warehouse.event_store.address import StoreAddress

#: Tries of a request in all; pauses between them double.
_TRIES = 6
_CONNECT_SECONDS, _ANSWER_SECONDS = 10, 60

#: Keys of one request that removes.
_REMOVED_AT_ONCE = 1000

#: What conditional PUTs of S3 answer when the key is there, and when somebody is about to make it.
_THERE, _UNDER_WAY = ("PreconditionFailed", "412"), ("ConditionalRequestConflict", "409")

_MISSING_LIBRARY = (
    "JOURNEY_EVENT_STORE names an object store, and boto3 is not installed: make install, or install "
    "the dependency group s3."
)


class Bucket:
    """The objects below a prefix of a bucket (:class:`.objects.Objects`)."""

    at_once = 8

    def __init__(self, address: "StoreAddress") -> None:
        self._address = address
        self._bucket, _, prefix = address.location.removeprefix("s3://").partition("/")
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""

    def list(self, folder: str) -> Mapping[str, float]:
        """The objects in ``folder``."""
        with self._explained("list"):
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=f"{self._prefix}{folder}/"
            )
            return {
                each["Key"].removeprefix(self._prefix): each["LastModified"].timestamp()
                for page in pages
                for each in page.get("Contents", ())
            }

    def read(self, name: str) -> bytes:
        """A small object, whole."""
        with self._explained("read"):
            content: bytes = self._again(
                lambda: self._client.get_object(Bucket=self._bucket, Key=self._prefix + name)[
                    "Body"
                ].read()
            )
        return content

    def create(self, name: str, content: bytes) -> bool:
        """Make a small object by a PUT that fails where one is there already."""
        from botocore.exceptions import ClientError

        with self._explained("write"):
            for tried in range(1, _TRIES + 1):
                try:
                    self._client.put_object(
                        Bucket=self._bucket, Key=self._prefix + name, Body=content, IfNoneMatch="*"
                    )
                except ClientError as error:
                    code = error.response.get("Error", {}).get("Code")
                    if code in _THERE:
                        return False
                    if code not in _UNDER_WAY or tried == _TRIES:
                        raise
                else:
                    return True
        return False

    def put(self, local: Path, name: str) -> None:
        """Upload a file; of one in parts nothing is there before the last part is."""
        with self._explained("write"):
            self._client.upload_file(str(local), self._bucket, self._prefix + name)

    def remove(self, names: Collection[str]) -> None:
        """Remove objects."""
        keys = [{"Key": self._prefix + name} for name in names]
        for begin in range(0, len(keys), _REMOVED_AT_ONCE):
            with self._explained("clean"):
                self._client.delete_objects(
                    Bucket=self._bucket,
                    Delete={"Objects": keys[begin : begin + _REMOVED_AT_ONCE], "Quiet": True},
                )

    def open(self, name: str) -> "pa.NativeFile":
        """A large object, read by ranges."""
        with self._explained("read"):
            return self.filesystem.open_input_file(f"{self._bucket}/{self._prefix}{name}")

    def url(self, name: str) -> str:
        """The object's address."""
        return f"s3://{self._bucket}/{self._prefix}{name}"

    def register(self, con: "DuckDBPyConnection") -> None:
        """Let the engine behind ``con`` read addresses of S3; a second time changes to this store."""
        if "s3" in con.list_filesystems():
            con.unregister_filesystem("s3")
        con.register_filesystem(self._files)

    @cached_property
    def _files(self) -> Any:
        return _for_duckdb(self.filesystem)

    @cached_property
    def filesystem(self) -> "pa_fs.S3FileSystem":
        """Arrow's reader."""
        import pyarrow.fs as pa_fs

        given = self._address
        scheme, _, host = given.endpoint.partition("://")
        return pa_fs.S3FileSystem(
            access_key=given.access_key_id or None,
            secret_key=given.secret_access_key or None,
            session_token=given.session_token or None,
            region=given.region or None,
            **({"scheme": scheme, "endpoint_override": host} if host else {}),
            connect_timeout=_CONNECT_SECONDS,
            request_timeout=_ANSWER_SECONDS,
            retry_strategy=pa_fs.AwsStandardS3RetryStrategy(max_attempts=_TRIES),
        )

    @cached_property
    def _client(self) -> Any:
        try:
            import boto3
            from botocore.config import Config
        except ImportError:
            raise StoreError(_MISSING_LIBRARY) from None
        given = self._address
        # Other stores than Amazon's know no checksums beside those of old.
        checks = "when_required" if given.endpoint else "when_supported"
        config = Config(
            request_checksum_calculation=checks,
            response_checksum_validation=checks,
            retries={"mode": "standard", "total_max_attempts": _TRIES},
            connect_timeout=_CONNECT_SECONDS,
            read_timeout=_ANSWER_SECONDS,
            max_pool_connections=32,
        )
        session = boto3.session.Session(
            aws_access_key_id=given.access_key_id or None,
            aws_secret_access_key=given.secret_access_key or None,
            aws_session_token=given.session_token or None,
            region_name=given.region or None,
        )
        return session.client("s3", endpoint_url=given.endpoint or None, config=config)

    @staticmethod
    def _again(ask: Callable[[], bytes]) -> bytes:
        """An answer whose body broke off is asked for again: the client retries requests only."""
        from botocore.exceptions import (
            ConnectionClosedError,
            IncompleteReadError,
            ReadTimeoutError,
            ResponseStreamingError,
        )

        broken = (
            ConnectionClosedError, IncompleteReadError, ReadTimeoutError, ResponseStreamingError
        )  # fmt: skip
        for _ in range(_TRIES - 1):
            try:
                return ask()
            except broken:
                continue
        return ask()

    @contextmanager
    def _explained(self, what: str) -> Iterator[None]:
        """Errors of the client in one line of ours; theirs may quote addresses and keys."""
        try:
            from botocore.exceptions import BotoCoreError, ClientError
        except ImportError:
            raise StoreError(_MISSING_LIBRARY) from None
        from boto3.exceptions import Boto3Error

        try:
            yield
        except (BotoCoreError, ClientError, Boto3Error, OSError) as error:
            said = getattr(error, "response", None) or {}
            code = said.get("Error", {}).get("Code") or type(error).__name__
            raise StoreError(
                f"The event store {self._address.location} could not {what}: {code}. Check "
                "JOURNEY_EVENT_STORE, AWS_REGION, AWS_ENDPOINT_URL and the credentials' rights."
            ) from None


class _Reader:
    """A file as DuckDB reads it: each of its threads has a place of its own.

    It is opened when it is read: of most files DuckDB has in memory what it needs.
    """

    def __init__(self, arrow: "pa_fs.S3FileSystem", path: str) -> None:
        self._arrow, self._path = arrow, path
        self._file: pa.NativeFile | None = None
        self._opening = threading.Lock()
        self._at = threading.local()

    def seek(self, offset: int, _whence: int = 0) -> None:
        self._at.place = offset

    def tell(self) -> int:
        return getattr(self._at, "place", 0)

    def read(self, size: int) -> bytes:
        with self._opening:
            file = self._file = self._file or self._arrow.open_input_file(self._path)
        content: bytes = file.read_at(size, self.tell())
        self._at.place = self.tell() + len(content)
        return content

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


def _for_duckdb(arrow: "pa_fs.S3FileSystem") -> Any:
    """A file system as DuckDB asks for it. The store's files never change once they are named."""
    from fsspec import AbstractFileSystem

    sizes: dict[str, int] = {}

    class Files(AbstractFileSystem):  # type: ignore[misc]
        protocol = "s3"
        cachable = False

        def open(self, path: str, *_: object, **__: object) -> _Reader:
            return _Reader(arrow, path.removeprefix("s3://"))

        def exists(self, *_: object, **__: object) -> bool:
            return True

        def modified(self, *_: object) -> datetime:
            return datetime(2026, 1, 1, tzinfo=UTC)

        def info(self, path: str, **_: object) -> dict[str, object]:
            plain = path.removeprefix("s3://")
            if plain not in sizes:
                sizes[plain] = arrow.get_file_info(plain).size
            return {"name": path, "size": sizes[plain], "type": "file"}

    return Files()
