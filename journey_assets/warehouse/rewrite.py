"""Rewriting the database file, so that nothing deleted stays in its bytes.

Belongs here: the file itself. DuckDB frees the blocks of deleted rows and writes over them when it
needs them; until then what stood in them can be read. A copy holds live rows only.
"""

import os
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

from journey_assets.warehouse.database import CATALOG, Session, WarehouseError

if TYPE_CHECKING:
    from collections.abc import Iterator

_PAUSE_SECONDS = 0.1

#: Name, within the session, of the copy.
_COPY = "fresh"


def rewrite(session: Session) -> int:
    """Put a copy of live rows in the file's place; returns the bytes that it is smaller by.

    Readers and writers wait meanwhile. A process killed in it leaves the old file, or the new one.
    Raises :class:`WarehouseError` when the disk has no room for the copy.
    """
    path = session.database.path
    copy = path.with_name(f".{path.name}.rewritten")
    before = path.stat().st_size
    while not _replaced(session, path, copy):
        pass  # somebody wrote between the checkpoint and the copy, and was killed
    return before - path.stat().st_size


def checkpoint(session: Session) -> None:
    """Write the write-ahead log into the file."""
    with session.writing():
        pass  # opening it for writing reads the log, closing it writes the blocks


def _replaced(session: Session, path: Path, copy: Path) -> bool:
    checkpoint(session)
    for left in _files(copy):
        left.unlink(missing_ok=True)
    # A reader keeps writers away, and leaves no log of its own.
    with session.reading() as con:
        if path.with_name(f"{path.name}.wal").exists():
            return False
        _check_room(path)
        con.execute(f"ATTACH '{str(copy).replace(chr(39), chr(39) * 2)}' AS {_COPY}")
        try:
            con.execute(f"COPY FROM DATABASE {CATALOG} TO {_COPY}")
        finally:
            con.execute(f"DETACH {_COPY}")
        shutil.copymode(path, copy)
        with copy.open("rb") as written:
            os.fsync(written.fileno())
        copy.replace(path)
        # Who opened the old file just before is refused its lock, and opens the new one.
        time.sleep(_PAUSE_SECONDS)
    return True


def _files(copy: Path) -> "Iterator[Path]":
    yield copy
    yield copy.with_name(f"{copy.name}.wal")


def _check_room(path: Path) -> None:
    needed, free = path.stat().st_size, shutil.disk_usage(path.parent).free
    if needed > free:
        raise WarehouseError(
            f"There are {free >> 20} MB free beside {path}, and rewriting it without what was "
            f"deleted needs {needed >> 20} MB: make room and run again."
        )
