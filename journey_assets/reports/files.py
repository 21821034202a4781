"""The reports as files: ``reports/<as_of>/index.html`` and a list of them.

Belongs here: where they lie and writing them whole or not at all.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

_NAME = "index.html"


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


def write_whole(path: Path, text: str) -> int:
    """Write ``text`` so that readers see the old file or the new one; returns its bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = text.encode("utf-8")
    # Always the same name: what a killed run left is written over.
    new = path.with_name(f".{path.name}.tmp")
    new.write_bytes(data)
    new.replace(path)
    return len(data)
