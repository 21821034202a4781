"""What a store's files must do, wherever they are."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from journey_assets.errors import ExplainedError

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection


class StoreError(ExplainedError):
    """The event store cannot be used; the message says why and how to mend it."""


class Objects(Protocol):
    """Files by their names within the store, ``folder/name``. All raise :class:`StoreError`.

    at_once: how many files a reader does well to open at once, since answers take their time.
    """

    at_once: int

    def list(self, folder: str) -> Mapping[str, float]:
        """The files in and below ``folder``, with the time of their last change (epoch seconds)."""

    def read(self, name: str) -> bytes:
        """A small file, whole."""

    def create(self, name: str, content: bytes) -> bool:
        """Make a small file, whole or not at all; False when there is one of that name already."""

    def put(self, local: Path, name: str) -> None:
        """Copy a local file into the store, whole or not at all; the local one may be moved."""

    def remove(self, names: Collection[str]) -> None:
        """Remove files; one that is gone is no error."""

    def open(self, name: str) -> "pa.NativeFile":
        """A large file, for reading at random."""

    def url(self, name: str) -> str:
        """What DuckDB reads the file by, after :meth:`register`."""

    def register(self, con: "DuckDBPyConnection") -> None:
        """Let the session's DuckDB read the store."""
