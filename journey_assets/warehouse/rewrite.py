"""Rewriting the database file, so that nothing deleted stays in its bytes.

Belongs here: the file itself. DuckDB frees the blocks of deleted rows and writes over them when it
needs them, and keeps a dropped column's values in blocks that others use, too; until then what stood
in them can be read. A copy holds live rows only.
"""

import shutil
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from journey_assets.warehouse.database import CATALOG, Session, WarehouseError

if TYPE_CHECKING:
    from collections.abc import Callable

    from duckdb import DuckDBPyConnection

#: Name, within the session, of the copy.
REWRITTEN = "rewritten"


def rewrite(session: Session, finish: "Callable[[DuckDBPyConnection], None] | None" = None) -> int:
    """Put a copy of live rows in the file's place; returns the bytes that it is smaller by.

    finish: what the copy (:data:`REWRITTEN`) gets beside the rows, before it takes the place. Readers
    and writers wait meanwhile. A process killed in it leaves the old file, or the new one. Raises
    :class:`WarehouseError` when the disk has no room for the copy.
    """
    path = session.database.path
    copy = path.with_name(f".{path.name}.rewritten")
    # The copy stays locked until the old file is closed: nobody else is between them.
    with ExitStack() as after, session.attached(read_only=False) as con:
        before = path.stat().st_size
        _remove(copy)
        _check_room(path)
        after.callback(_remove, copy)
        quoted = str(copy).replace("'", "''")
        con.execute(f"ATTACH '{quoted}' AS {REWRITTEN} (STORAGE_VERSION 'latest')")
        after.callback(con.execute, f"DETACH {REWRITTEN}")
        con.execute(f"COPY FROM DATABASE {CATALOG} TO {REWRITTEN}")
        if finish:
            finish(con)
        con.execute(f"CHECKPOINT {REWRITTEN}")
        # Nothing may be left in the old file's log, or it would be read into the new one.
        con.execute(f"CHECKPOINT {CATALOG}")
        shutil.copymode(path, copy)
        copy.replace(path)
    return before - path.stat().st_size


def checkpoint(session: Session) -> None:
    """Write the write-ahead log into the file."""
    with session.writing():
        pass  # opening it for writing reads the log, closing it writes the blocks


def _remove(copy: Path) -> None:
    copy.unlink(missing_ok=True)
    copy.with_name(f"{copy.name}.wal").unlink(missing_ok=True)


def _check_room(path: Path) -> None:
    needed, free = path.stat().st_size, shutil.disk_usage(path.parent).free
    if needed > free:
        raise WarehouseError(
            f"There are {free >> 20} MB free beside {path}, and rewriting it without what was "
            f"deleted needs {needed >> 20} MB: make room and run again."
        )
