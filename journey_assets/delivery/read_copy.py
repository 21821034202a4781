"""A copy of the database that nobody writes to: ``<name>.read.duckdb`` beside it.

While somebody has the database open runs wait, and while a run writes nobody can open it. The copy is
for business intelligence tools and notebooks, which keep files open for hours.
"""

import shutil
import tempfile
from pathlib import Path

from journey_assets.places import private_folder
from journey_assets.warehouse.copying import copy_database
from journey_assets.warehouse.database import Session

_ENDING = ".read.duckdb"


def read_copy_path(database: Path) -> Path:
    """Where the copy of ``database`` lies."""
    return database.with_name(f"{database.stem}{_ENDING}")


def renew_read_copy(session: Session) -> Path:
    """Make the copy anew and put it in the old one's place at once; returns it.

    Whoever has the old one open goes on reading it. Raises :class:`~.warehouse.database.WarehouseError`
    when the copy cannot be written.
    """
    target = read_copy_path(session.database.path)
    # A folder of its own, for what opening the copy leaves beside it.
    draft = Path(tempfile.mkdtemp(prefix=".read.", dir=private_folder(target.parent)))
    try:
        copy_database(session, draft / target.name)
        (draft / target.name).replace(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return target
