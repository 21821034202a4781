"""Folders that live as long as the process that made them, beside the database.

Belongs here: making one, removing it, and sweeping those that a killed process left.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from journey_assets.places import private_folder


@contextmanager
def process_folder(base: Path) -> Iterator[Path]:
    """A private folder below ``base``, gone when the block ends.

    Folders whose process no longer runs are removed first.
    """
    private_folder(base)
    for left in base.iterdir():
        pid = left.name.partition("-")[0]
        if pid.isdigit() and not _runs(int(pid)):
            shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=base))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
