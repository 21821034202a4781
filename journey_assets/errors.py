"""What is told of an error: one line of our own words, whoever raised it.

Belongs here: the base of all errors that explain themselves, and the words for those of others: the
operating system, DuckDB, SQLite. Their texts quote rows, addresses and queries and are never repeated:
what is not known here becomes a defect, told by its kind, its place and a hash of its text. Does not
belong here: where the line is shown (:mod:`journey_assets.shell.failures`).
"""

import errno
import hashlib
import re
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

_PACKAGE = Path(__file__).parent
#: Every error of an asset passes it, so it says nothing of any.
_BOUNDARY = _PACKAGE / "shell" / "failures.py"

#: Longest line that is told, in characters.
LONGEST_LINE = 1000

_FULL = (
    "the disk is full. Make room beside the database (JOURNEY_DATABASE) and in Dagster's instance, and "
    "run again: what was stored before is untouched."
)
_DAMAGED = (
    "the file is damaged, or another program wrote it. Restore a copy of it; without one, move it away "
    "and fetch the days again."
)
_FORBIDDEN = "permission denied. Let the user that runs this read and write there."
_READ_ONLY = (
    "the file system is read-only. Mount it for writing, or set JOURNEY_DATABASE elsewhere."
)

#: Words by the operating system's number of an error.
_BY_NUMBER = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EACCES: _FORBIDDEN,
    errno.EPERM: _FORBIDDEN,
    errno.EROFS: _READ_ONLY,
    errno.EISDIR: "it is a folder, and a file is needed there.",
    errno.ENOTDIR: "a part of the path is a file, and a folder is needed there.",
    errno.EEXIST: "something else of that name is in the way: move it away.",
    errno.ENOENT: "there is no such file or folder.",
    errno.EMFILE: "this process has too many files open: raise its limit (ulimit -n).",
    errno.ENFILE: "the machine has too many files open.",
    errno.EADDRINUSE: "the port is in use by another process.",
    errno.ENAMETOOLONG: "the file name is too long.",
    errno.EIO: "the disk cannot be read or written: check it, and restore a copy of the database.",
}

#: Words by a pattern of the text of an error of DuckDB or SQLite. The first that matches holds.
_BY_TEXT: tuple[tuple[str, str], ...] = (
    (
        r"(no files found that match|cannot open file).*/events/event_date=",
        "a file of the event store is gone: its day was replaced long ago, somebody was forgotten, or it "
        "was removed. Run again; if it stays so, check JOURNEY_EVENT_STORE.",
    ),
    (r"no space left on device|disk quota exceeded|database or disk is full", _FULL),
    (
        r"max_temp_directory_size",
        "the room for spilling beside the database is used up. Make room on its disk.",
    ),
    (r"permission denied|operation not permitted", _FORBIDDEN),
    (r"read-only file system|readonly database", _READ_ONLY),
    (r": is a directory", "the path of the database (JOURNEY_DATABASE) is a folder."),
    (
        r"not a valid duckdb database",
        "it is no DuckDB database. Move it away, or set JOURNEY_DATABASE to another file.",
    ),
    (
        r"version number \d+|can only read versions",
        "a newer DuckDB wrote it. Update the project: git pull && make install",
    ),
    (
        r"corrupt|checksum|malformed|not a database|"
        r"serialization error|failed to deserialize",
        _DAMAGED,
    ),
    (r"disk i/o error", "its file cannot be read or written: the disk is full or broken."),
    (
        r"could not set lock|unique file handle conflict|database is locked",
        "the database is in use by another process. Close what has it open, and run again.",
    ),
    (
        r"cannot open file|failed to create directory|unable to open database",
        "its file or folder cannot be opened. Check the path (JOURNEY_DATABASE) and its permissions.",
    ),
)
_OUT_OF_MEMORY = (
    "the memory is not enough. Raise JOURNEY_MEMORY_LIMIT as far as the machine allows, or run fewer "
    "days at once."
)
_ENGINES = {
    "duckdb": "DuckDB",
    "_duckdb": "DuckDB",
    "sqlite3": "SQLite",
    "sqlalchemy": "Dagster's instance (DAGSTER_HOME)",
}


class ExplainedError(Exception):
    """An error whose text is one line of our words: what, where, how to mend it."""


def told(error: BaseException) -> str:
    """The line for ``error``: its own if it explains itself, our words for it, or a defect's line."""
    line = str(error) if isinstance(error, ExplainedError) else (words(error) or defect(error))
    line = " ".join(line.split())
    return line if len(line) <= LONGEST_LINE else f"{line[: LONGEST_LINE - 1]}…"


def words(error: BaseException) -> str | None:
    """What we can say of an error of the system or of an engine; None for any other."""
    if isinstance(error, MemoryError):
        return f"Memory: {_OUT_OF_MEMORY}"
    if isinstance(error, OSError):
        known = _BY_NUMBER.get(error.errno or 0)
        where = error.filename if isinstance(error.filename, str) else "A file or a connection"
        return f"{where}: {known}" if known else None
    engine = _ENGINES.get(type(error).__module__.partition(".")[0])
    if engine is None:
        return None
    if type(error).__name__ == "OutOfMemoryException" and "max_temp_directory" not in str(error):
        return f"{engine}: {_OUT_OF_MEMORY}"
    text = str(getattr(error, "orig", None) or error)
    known = next(
        (said for pattern, said in _BY_TEXT if re.search(pattern, text, re.IGNORECASE)), None
    )
    return f"{engine}: {known}" if known else None


def defect(error: BaseException) -> str:
    """A line that tells an unforeseen error apart from others without repeating its text."""
    digest = hashlib.sha256(str(error).encode("utf-8", "replace")).hexdigest()[:8]
    return (
        f"Defect in journey_assets: {type(error).__name__} at {place(error)} (text {digest}, not shown "
        "since it may quote data). Please report this line."
    )


def place(error: BaseException) -> str:
    """``raw/parse.py:120``, the innermost line of this package that the error passed, or its origin."""
    frames = list(traceback.walk_tb(error.__traceback__))
    paths = [Path(frame.f_code.co_filename) for frame, _ in frames]
    own = [
        each
        for each, path in zip(frames, paths, strict=True)
        if _PACKAGE in path.parents and path != _BOUNDARY
    ]
    if not (own or frames):
        return "an unknown place"
    frame, line = (own or frames)[-1]
    path = Path(frame.f_code.co_filename)
    return f"{path.relative_to(_PACKAGE) if own else path.name}:{line}"


def places(error: BaseException) -> Iterator[str]:
    """The way of an error from the outside in, ``raw/parse.py:120 in parse``: no text, no values."""
    for frame, line in traceback.walk_tb(error.__traceback__):
        path = Path(frame.f_code.co_filename)
        name = path.relative_to(_PACKAGE) if _PACKAGE in path.parents else Path(*path.parts[-2:])
        yield f"{name}:{line} in {frame.f_code.co_name}"


def exit_code(main: Callable[[], int | None]) -> int:
    """Run the ``main`` of a ``python -m`` command; an error ends it with its line and exit code 1."""
    try:
        return main() or 0
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted.\n")
        return 130
    except Exception as error:  # noqa: BLE001 - the command ends here, with its line
        sys.stderr.write(f"{told(error)}\n")
        return 1
