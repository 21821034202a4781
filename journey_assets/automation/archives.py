"""Which archives of the inbox are complete, and what becomes of each.

Belongs here: the decision over a file as it was seen before and is seen now. Does not belong here:
reading an archive (:mod:`journey_assets.raw.amplitude_archive`).

A file that is still being written is waited for: it counts when size and time have not changed
between two looks and its end, which holds a zip's list of members, is there. One that never becomes
a zip is rejected when nothing was written to it for :data:`PATIENCE`.
"""

import json
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

#: How long a file that is no zip is waited for after its last change.
PATIENCE = timedelta(minutes=10)

#: Endings of files that browsers and tools are still writing.
_UNFINISHED = (".part", ".partial", ".crdownload", ".download", ".tmp", ".aria2")


@dataclass(frozen=True, slots=True)
class Seen:
    """A file as it stood, and whether a run was asked for it.

    changed: when its content last changed, epoch nanoseconds. moved: when its name did, or content.
    """

    size: int
    changed: int
    moved: int
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Wait:
    """Not yet, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Refuse:
    """Never, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Take:
    """Now: the days that it may hold events of."""

    first: date
    last: date


Verdict = Wait | Refuse | Take


def look(inbox: Path) -> dict[str, Seen]:
    """The files of the inbox by name; what is visibly unfinished is left out."""
    if not inbox.is_dir():
        return {}
    files = [
        path
        for path in sorted(inbox.iterdir())
        if not path.name.startswith(".") and path.suffix.lower() not in _UNFINISHED
    ]
    return {path.name: seen for path in files if (seen := _seen(path))}


def _seen(path: Path) -> Seen | None:
    """A file as it stands; None for what is no file, or is gone by now."""
    try:
        status = path.stat()
    except OSError:
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    return Seen(status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def read_cursor(cursor: str | None) -> dict[str, Seen]:
    """The files as the last look saw them; none when the cursor cannot be read."""
    try:
        return {name: Seen(*seen) for name, seen in json.loads(cursor or "{}").items()}
    except (ValueError, TypeError, AttributeError):
        return {}


def write_cursor(files: Mapping[str, Seen]) -> str:
    """The files as a cursor."""
    return json.dumps({name: [f.size, f.changed, f.moved, f.asked] for name, f in files.items()})


def still(old: Seen | None, new: Seen) -> Seen:
    """A file as seen now, and as asked for before when it has not changed since."""
    return old if old is not None and replace(old, asked=False) == new else new


def verdict(
    old: Seen | None,
    new: Seen,
    days: Callable[[], tuple[date, date] | str],
    now: datetime,
    start: date,
) -> Verdict:
    """What becomes of a file.

    days: reads the days of an archive, or says why it cannot; called only for a file that rests.
    now: aware. start: the first partition.
    """
    known = still(old, new)
    if known is not old:
        return Wait("it may still be written")
    if known.asked:
        return Wait("its run was asked for; if that failed, run it again, or touch the file")
    found = days()
    if isinstance(found, str):
        rested = now.timestamp() - new.changed / 1e9 >= PATIENCE.total_seconds()
        return Refuse(found) if rested else Wait("it is not whole yet")
    first, last = found
    if last > now.date() + timedelta(days=1):
        return Refuse(f"It names uploads of {last}, a day that is still to come.")
    if last >= now.date():
        return Wait(f"uploads of {last} may still come")
    if last < start:
        return Refuse(f"Its uploads end on {last}, before JOURNEY_START_DATE={start}.")
    return Take(max(first, start), last)
