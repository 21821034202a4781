"""Copying the database file while others use it.

Belongs here: a copy of one moment. Does not belong here: where copies go and what goes with them
(:mod:`journey_assets.backup`, :mod:`journey_assets.delivery`).
"""

import shutil
import subprocess
from pathlib import Path

from journey_assets.warehouse.database import Database, Session, WarehouseError
from journey_assets.warehouse.upgrade import stored


def copy_database(session: Session, target: Path) -> int:
    """Copy the file as it is between two transactions to ``target``; returns its schema version.

    Writers wait meanwhile. Raises :class:`WarehouseError` when it cannot be written.
    """
    path = session.database.path
    log = path.with_name(f"{path.name}.wal")
    # A reader keeps writers away. Another process copies: to close the file in this one would end
    # this one's lock on it.
    with session.attached(read_only=True) as con:
        version = stored(con).version
        _copy_elsewhere(path, target)
        if log.exists():
            _copy_elsewhere(log, target.with_name(f"{target.name}.wal"))
    # What a killed writer had committed comes from the log into the copy.
    copy = Database(target, session.database.memory_limit)
    with copy.session() as opened, opened.attached(read_only=False) as con:
        con.execute("SELECT count(*) FROM duckdb_tables()").fetchall()
    shutil.rmtree(target.parent / "spill", ignore_errors=True)
    return version


def _copy_elsewhere(source: Path, target: Path) -> None:
    copied = subprocess.run(  # noqa: S603 - our own command
        ["cp", "--", str(source), str(target)],  # noqa: S607 - the system's
        check=False,
        capture_output=True,
    )
    if copied.returncode:
        raise WarehouseError(
            f"{source} could not be copied to {target.parent}: check the room and the permissions "
            "there."
        )
