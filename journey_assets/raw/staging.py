"""Where answers wait, as lines of JSON on disk, between the network and the database.

Belongs here: the folder's life and writing records to it. A folder belongs to the process that made
it; one whose process is gone was left by a kill and is swept.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

#: Keys that we add to a vendor's record start so; they never reach the ``extra`` column.
OWN_KEY = "_journey_"


@contextmanager
def staging_folder(directory: Path) -> Iterator[Path]:
    """A private folder below ``directory``/staging, gone when the block ends.

    Folders of processes that no longer run are removed first.
    """
    base = directory / "staging"
    base.mkdir(parents=True, exist_ok=True, mode=0o700)
    _sweep(base)
    folder = Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=base))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


class RecordWriter:
    """Appends vendor records to an NDJSON file, so that memory holds one answer at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.records = 0
        self._file = path.open("w", encoding="utf-8")

    def write(self, records: Iterable[object], own: Mapping[str, object] | None = None) -> None:
        """Append ``records``; ``own`` values are added to objects under :data:`OWN_KEY` names."""
        added = {f"{OWN_KEY}{name}": value for name, value in (own or {}).items()}
        for record in records:
            whole = {**record, **added} if isinstance(record, dict) else record
            self._file.write(json.dumps(whole, ensure_ascii=False, separators=(",", ":")) + "\n")
            self.records += 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()


def _sweep(base: Path) -> None:
    for folder in base.iterdir():
        pid = folder.name.partition("-")[0]
        if pid.isdigit() and not _runs(int(pid)):
            shutil.rmtree(folder, ignore_errors=True)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
