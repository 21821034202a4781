"""The folder of explorations beside the database: results that nobody published.

Belongs here: where they are, and removing them. Does not belong here: what an exploration is
(:mod:`journey_assets.explore`).
"""

from datetime import datetime
from pathlib import Path

_FOLDER = "explored"


def explored_folder(directory: Path) -> Path:
    """Where explorations of the database in ``directory`` are kept."""
    return directory / _FOLDER


def sweep_explored(directory: Path, before: datetime) -> int:
    """Remove explorations that were last made before ``before``; returns how many."""
    gone = 0
    for path in explored_folder(directory).glob("*.duckdb"):
        if path.stat().st_mtime < before.timestamp():
            path.unlink(missing_ok=True)
            gone += 1
    return gone
