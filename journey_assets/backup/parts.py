"""What a copy is of, and its manifest.

Belongs here: which files and folders of a machine belong together, their names in a copy, and telling
whether a copy is whole. Does not belong here: making one (:mod:`journey_assets.backup.making`), going
back to one (:mod:`journey_assets.backup.restoring`).
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from journey_assets.errors import ExplainedError
from journey_assets.places import home, placed
from journey_assets.reports.files import reports_folder
from journey_assets.settings import Settings
from journey_assets.warehouse.event_store.address import S3
from journey_assets.warehouse.pseudonyms import KEY_FILE

MANIFEST = "manifest.json"

#: The database's name in a copy; where it is restored to, the setting says.
DATABASE = "database.duckdb"

#: The event store's folder in a copy.
EVENTS = "events"

_OURS = "InstanceStorage"


class BackupError(ExplainedError):
    """A copy cannot be made or used; the message says why and how to go on."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Where each part of a copy lives on this machine, by its name in the copy.

    folders: in the order in which they are copied. What Dagster notes and what reports say follows
    what the database holds: copied before it, they know of nothing that the copy lacks. events: the
    folder of the event store, None where events are in the database or on an object store.
    """

    database: Path
    folders: Mapping[str, Path]
    files: Mapping[str, Path]
    events: Path | None = None

    def targets(self) -> dict[str, Path]:
        """All parts: name in the copy, place on the machine."""
        store = {EVENTS: self.events} if self.events else {}
        return {DATABASE: self.database, **self.folders, **self.files, **store}


def parts_of(settings: Settings) -> Parts:
    """The parts of the machine that ``settings`` describe."""
    directory = settings.directory()
    instance = instance_folder()
    store = settings.event_store_location()
    return Parts(
        database=settings.database_path(),
        folders={
            **({"dagster": instance} if instance else {}),
            "reports": reports_folder(directory),
            "quota": directory / "quota",
        },
        files={KEY_FILE: directory / KEY_FILE},
        events=Path(store) if store and not store.startswith(S3) else None,
    )


def instance_folder() -> Path | None:
    """The folder of Dagster's instance; None where ``dagster.yaml`` keeps it elsewhere."""
    import yaml

    try:
        described = yaml.safe_load((home() / "dagster.yaml").read_text(encoding="utf-8"))
        custom = described["storage"]["custom"]
    except (OSError, KeyError, TypeError, ValueError, yaml.YAMLError):
        return None
    return placed(custom["config"]["base_dir"]) if custom.get("class") == _OURS else None


def write_manifest(copy: Path, facts: Mapping[str, object]) -> None:
    """Note the hash of every file of ``copy``, and ``facts``."""
    files = {str(path.relative_to(copy)): _hash(path) for path in _files(copy)}
    text = json.dumps({**facts, "files": files}, indent=2, sort_keys=True)
    (copy / MANIFEST).write_text(f"{text}\n", encoding="utf-8")


def check_whole(copy: Path) -> Mapping[str, object]:
    """The facts of the manifest; raises :class:`BackupError` when ``copy`` is not as it was made."""
    try:
        noted: dict[str, Any] = json.loads((copy / MANIFEST).read_text(encoding="utf-8"))
        files: Mapping[str, str] = dict(noted.pop("files"))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise BackupError(
            f"{copy} is no copy made by `make backup`: it has no readable {MANIFEST}. Name the folder "
            "that `make backup` printed: make restore FROM=…"
        ) from None
    there = {str(path.relative_to(copy)): path for path in _files(copy)}
    wrong = sorted(
        name
        for name in {*files, *there} - {MANIFEST}
        if name not in there or name not in files or _hash(there[name]) != files[name]
    )
    if wrong:
        raise BackupError(
            f"{copy} is not as it was made: {len(wrong)} of its files are missing, changed or new, "
            f"{wrong[0]} among them. Use another copy."
        )
    return noted


def _files(copy: Path) -> Iterator[Path]:
    return (path for path in copy.rglob("*") if path.is_file() and path.name != MANIFEST)


def _hash(path: Path) -> str:
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
