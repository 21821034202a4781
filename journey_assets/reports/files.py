"""The reports as files: ``reports/<as_of>/index.html`` and a list of them.

Belongs here: where they lie, and writing them whole or not at all while others write them too.
"""

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path

from journey_assets.places import private_folder

_NAME = "index.html"
_DRAFT = ".tmp"
#: A draft that is older was left by a writer that was killed: writing one takes milliseconds.
_LONGEST_SECONDS = 3600.0


def reports_folder(directory: Path) -> Path:
    """Where the reports lie, beside the database in ``directory``."""
    return directory / "reports"


def report_path(directory: Path, as_of: date) -> Path:
    """The report of a day."""
    return reports_folder(directory) / as_of.isoformat() / _NAME


def index_path(directory: Path) -> Path:
    """The list of days."""
    return reports_folder(directory) / _NAME


def written_days(directory: Path) -> Iterator[date]:
    """The days that have a report, newest first."""
    folder = reports_folder(directory)
    for path in sorted(folder.glob(f"????-??-??/{_NAME}"), reverse=True):
        yield date.fromisoformat(path.parent.name)


def write_report(directory: Path, as_of: date, text: str) -> tuple[Path, int]:
    """Write the report of a day; returns its file and its bytes."""
    private_folder(reports_folder(directory))
    path = report_path(directory, as_of)
    return path, write_whole(path, text)


def write_index(directory: Path, page: Callable[[Sequence[date]], str]) -> None:
    """Write the list of days, which ``page`` makes of them, newest first.

    Two runs that write reports at once write the list one after the other, so that the last to come
    lists the reports of both.
    """
    from filelock import FileLock

    folder = private_folder(reports_folder(directory))
    with FileLock(folder / f".{_NAME}.lock"):
        write_whole(index_path(directory), page(list(written_days(directory))))


def write_whole(path: Path, text: str) -> int:
    """Write ``text`` so that readers see the old file or the new one; returns its bytes.

    Each writer has a draft of its own. What killed writers left is removed by a later one.
    """
    private_folder(path.parent)
    _sweep(path)
    data = text.encode("utf-8")
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=_DRAFT)
    draft = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    return len(data)


def _sweep(path: Path) -> None:
    for draft in path.parent.glob(f".{path.name}.*{_DRAFT}"):
        # Another writer may end, or sweep, at the same moment.
        with suppress(FileNotFoundError):
            if time.time() - draft.stat().st_mtime > _LONGEST_SECONDS:
                draft.unlink()
