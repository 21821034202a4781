"""An event store in a folder, shared or not."""

import os
import shutil
import tempfile
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from journey_assets.places import private_folder
from journey_assets.warehouse.event_store.objects import StoreError

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

#: Files that are being written end so; nobody reads them.
_DRAFT = ".tmp"


class Folder:
    """The files below a folder (:class:`.objects.Objects`)."""

    at_once = 1

    def __init__(self, location: str) -> None:
        self._root = Path(location)

    def list(self, folder: str) -> Mapping[str, float]:
        """The files in and below ``folder``; drafts are among them."""
        found = {}
        for path in (self._root / folder).rglob("*"):
            try:
                if path.is_file():
                    found[path.relative_to(self._root).as_posix()] = path.stat().st_mtime
            except FileNotFoundError:
                continue  # gone meanwhile
        return found

    def read(self, name: str) -> bytes:
        """A small file, whole."""
        try:
            return (self._root / name).read_bytes()
        except OSError as error:
            raise self._unusable("read", error) from None

    def create(self, name: str, content: bytes) -> bool:
        """Make a small file by a link, which two writers cannot both make."""
        target = self._root / name
        try:
            private_folder(target.parent)
            draft = self._draft(target)
            try:
                draft.write_bytes(content)
                os.link(draft, target)
            finally:
                draft.unlink(missing_ok=True)
        except FileExistsError:
            return False
        except OSError as error:
            raise self._unusable("written", error) from None
        return True

    def put(self, local: Path, name: str) -> None:
        """Move a local file into the store: copied beside its place where need be, and renamed."""
        target = self._root / name
        try:
            private_folder(target.parent)
            draft = self._draft(target)
            try:
                shutil.move(local, draft)
                draft.replace(target)
            finally:
                draft.unlink(missing_ok=True)
        except OSError as error:
            raise self._unusable("written", error) from None

    def remove(self, names: Collection[str]) -> None:
        """Remove files, and the folders of days that have none left."""
        for name in names:
            path = self._root / name
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                raise self._unusable("cleaned", error) from None

    def open(self, name: str) -> "pa.NativeFile":
        """A large file, mapped into memory."""
        import pyarrow as pa

        path = self._root / name
        try:
            # An empty file cannot be mapped.
            return pa.memory_map(str(path)) if path.stat().st_size else pa.OSFile(str(path))
        except OSError as error:
            raise self._unusable("read", error) from None

    def url(self, name: str) -> str:
        """The absolute path."""
        return str(self._root / name)

    def register(self, con: "DuckDBPyConnection") -> None:
        """DuckDB reads folders by itself."""

    @staticmethod
    def _draft(target: Path) -> Path:
        handle, draft = tempfile.mkstemp(dir=target.parent, prefix=".", suffix=_DRAFT)
        os.close(handle)
        return Path(draft)

    def _unusable(self, what: str, error: OSError) -> StoreError:
        return StoreError(
            f"The event store {self._root} cannot be {what}: {error.strerror or type(error).__name__}. "
            "Check JOURNEY_EVENT_STORE, the folder's permissions and its room."
        )
