"""Where the project keeps what it makes, and that nobody but its owner reads it.

Belongs here: the folder that relative paths start from, and the modes of our folders and files. Does
not belong here: which folders and files there are.
"""

import os
import stat
from pathlib import Path

_HOME = "DAGSTER_HOME"
_INSTANCE = "dagster.yaml"
_PACKAGE = Path(__file__).resolve().parent

#: What makes a ``dagster.yaml`` one of this project: the storage it names.
_OURS = f"{_PACKAGE.name}."

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def home() -> Path:
    """The folder that relative paths of settings and of ``dagster.yaml`` start from, absolute.

    ``DAGSTER_HOME`` where it is set; else the working folder, where Dagster then reads a
    ``dagster.yaml``, if that one is ours; else the project's folder. From wherever a command is
    started, it finds the same database and the same ``.env``.
    """
    if given := os.environ.get(_HOME, "").strip():
        return Path(given).expanduser().resolve()
    here, project = Path.cwd(), _PACKAGE.parent
    # Without either (a package installed without its project) there is only the working folder.
    return here if _has_instance(here) or not (project / _INSTANCE).is_file() else project


def placed(path: str | Path) -> Path:
    """``path`` as an absolute one; a relative one starts from :func:`home`."""
    return (home() / Path(path).expanduser()).resolve()


def data_folder() -> Path:
    """The folder of everything a run keeps, unless a setting names another."""
    return home() / "data"


def keep_private() -> None:
    """Whatever this process makes from now on is for its owner alone: files 0600, folders 0700."""
    os.umask(_OTHERS)


def private_folder(path: Path) -> Path:
    """Make a folder of ours, or close one that an older version left open to others; returns it."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    close_to_others(path)
    return path


def close_to_others(path: Path) -> None:
    """Take the rights of group and others from a file or folder of ours, where it has any.

    Nothing happens when there is none, or when it belongs to another user, who decides.
    """
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & _OTHERS:
            path.chmod(mode & ~_OTHERS)
    except (FileNotFoundError, PermissionError):
        return


def _has_instance(folder: Path) -> bool:
    try:
        return _OURS in (folder / _INSTANCE).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False
