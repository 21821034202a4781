"""Making a copy while runs go on.

Belongs here: copying each kind of file so that the copy is of one moment. Does not belong here: which
files (:mod:`journey_assets.backup.parts`).
"""

import os
import shutil
import sqlite3
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

from journey_assets.backup.parts import DATABASE, EVENTS, BackupError, Parts, write_manifest
from journey_assets.places import private_folder
from journey_assets.warehouse.copying import copy_database
from journey_assets.warehouse.database import Database
from journey_assets.warehouse.event_store.address import StoreAddress
from journey_assets.warehouse.event_store.days import copy_days

_SQLITE = b"SQLite format 3\x00"
#: Of files that are open: their content is in the copy of the file itself, or it is a lock.
_SIDE_FILES = ("-wal", "-shm", "-journal", ".lock", ".tmp")


def make_backup(database: Database, parts: Parts, target: Path) -> Path:
    """Copy all parts into the new folder ``target``, whole or not at all; returns it.

    Writers wait while the database file is copied, and for nothing else. Raises
    :class:`BackupError` when the folder is there already or nothing was ever stored.
    """
    if target.exists():
        raise BackupError(f"{target} is there already: name another folder, make backup TO=…")
    copied = [*parts.folders.values(), *([parts.events] if parts.events else [])]
    if inside := next((folder for folder in copied if target.is_relative_to(folder)), None):
        raise BackupError(
            f"{target} lies in {inside}, which is copied itself: name another folder."
        )
    if not database.path.exists():
        raise BackupError(
            f"There is no database at {database.path}. Set JOURNEY_DATABASE to the one to copy."
        )
    private_folder(target.parent)
    draft = private_folder(target.with_name(f".{target.name}.{os.getpid()}"))
    try:
        for name, folder in parts.folders.items():
            _copy_folder(folder, draft / name)
        for name, file in parts.files.items():
            if file.exists():
                shutil.copyfile(file, draft / name)
        if parts.events:
            copy_days(StoreAddress(str(parts.events)).objects(), draft / EVENTS)
        with database.session() as session:
            version = copy_database(session, draft / DATABASE)
        made = datetime.now(UTC).isoformat(timespec="seconds")
        write_manifest(draft, {"made": made, "schema_version": version})
        draft.rename(target)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return target


def _copy_folder(source: Path, target: Path) -> None:
    """Copy the files of a folder in use; one that goes meanwhile is left out."""
    for path in sorted(source.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(source).parts)
        if hidden or path.name.endswith(_SIDE_FILES) or not path.is_file():
            continue
        copy = target / path.relative_to(source)
        private_folder(copy.parent)
        with suppress(FileNotFoundError):
            _copy_file(path, copy)


def _copy_file(source: Path, target: Path) -> None:
    with source.open("rb") as opened:
        is_sqlite = opened.read(len(_SQLITE)) == _SQLITE
    if not is_sqlite:
        shutil.copyfile(source, target)
        return
    with (
        closing(sqlite3.connect(f"{source.as_uri()}?mode=ro", uri=True, timeout=60)) as old,
        closing(sqlite3.connect(target)) as new,
    ):
        old.backup(new)
