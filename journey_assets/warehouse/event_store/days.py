"""The days of a store: their manifests.

Belongs here: what a manifest says, which version of a day is the present one, publishing the next,
and sweeping what no manifest names. Does not belong here: the rows.
"""

import json
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from journey_assets.places import private_folder
from journey_assets.warehouse.event_store.objects import Objects, StoreError

DAYS, EVENTS = "days", "events"

#: How the names of files begin that say who is kept out, and where events came from.
_FORGOTTEN, _ORIGIN = f"{DAYS}/forgotten", f"{DAYS}/origin"

#: Of the layout. Later ones are refused by this code.
FORMAT = 1

#: What no manifest names is swept when it is older, and a writer begins anew after half of it.
GRACE_SECONDS = 86_400.0

#: Bytes that are copied at once.
_PART = 1 << 24

#: Manifests that are asked for at once.
_AT_ONCE = 16


@dataclass(frozen=True)
class EventFile:
    """A file of a day. shards: the first and the last that it has rows of."""

    name: str
    rows: int
    shards: tuple[int, int]


@dataclass(frozen=True)
class Day:
    """A version of a day.

    run: of the writer, a random name. names: events by type. shards: events by shard. columns: the
    columns of events that the files have, with their types. ledger: the rest of the day's row in the
    ledger, as text. removed: the day was taken away, which is another thing than empty.
    """

    day: date
    version: int
    run: str
    rows: int = 0
    files: tuple[EventFile, ...] = ()
    names: Mapping[str, int] = field(default_factory=dict)
    shards: Mapping[int, int] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    ledger: Mapping[str, str | None] = field(default_factory=dict)
    removed: bool = False

    @property
    def manifest(self) -> str:
        """The name of its manifest."""
        return manifest_name(self.day, self.version)

    def content(self) -> bytes:
        """The manifest."""
        said = asdict(self) | {
            "format": FORMAT,
            "day": self.day.isoformat(),
        }
        return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()

    @classmethod
    def read(cls, content: bytes) -> "Day":
        """A manifest; raises :class:`StoreError` for one of a later layout."""
        said: dict[str, Any] = json.loads(content)
        if said.pop("format") != FORMAT:
            raise StoreError(
                "The event store was written by a later version. Update it: git pull && make install"
            )
        return cls(
            **said
            | {
                "day": date.fromisoformat(said["day"]),
                "files": tuple(
                    EventFile(**each | {"shards": tuple(each["shards"])}) for each in said["files"]
                ),
                "shards": {int(shard): rows for shard, rows in said["shards"].items()},
            }
        )


class Conflict(StoreError):  # noqa: N818 - reads as what happened
    """Another writer published a version of a day meanwhile."""


def manifest_name(day: date, version: int) -> str:
    """The manifest of a version of a day."""
    return f"{DAYS}/{day.isoformat()}.{version:010d}.json"


def versions_of(objects: Objects) -> dict[date, int]:
    """The present version of every day, removed ones too."""
    return newest(objects.list(DAYS))


def newest(names: Iterable[str]) -> dict[date, int]:
    """Of the names in :data:`DAYS`, the highest version of every day."""
    found: dict[date, int] = {}
    for name in names:
        if (parsed := _parsed(name)) is not None:
            day, version = parsed
            found[day] = max(version, found.get(day, 0))
    return found


def read_days(objects: Objects, versions: Mapping[date, int]) -> list[Day]:
    """The manifests of the given versions, by day."""
    names = [manifest_name(day, version) for day, version in sorted(versions.items())]
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        return [_read(*each) for each in zip(names, threads.map(objects.read, names), strict=True)]


def _read(name: str, content: bytes) -> Day:
    try:
        return Day.read(content)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise StoreError(
            f"The manifest {name} of the event store is damaged. Move it away: the day is then what the "
            "version before it says, or materialize the day again."
        ) from None


def present_days(objects: Objects, first: date, last: date) -> dict[date, Day]:
    """The days ``first`` to ``last`` as they are now, those that were ever stored."""
    versions = {day: v for day, v in versions_of(objects).items() if first <= day <= last}
    return {each.day: each for each in read_days(objects, versions)}


def publish(objects: Objects, days: Iterable[Day]) -> None:
    """Make the given versions the present ones, day after day.

    Raises :class:`Conflict` when another writer was first; days before it are published then.
    """
    for each in days:
        content = each.content()
        # An answer may be lost, and the repeated request then finds what the first one made.
        if not objects.create(each.manifest, content) and objects.read(each.manifest) != content:
            raise Conflict(
                f"Another run stored events of {each.day} at the same time, again and again: run again "
                "when it is done."
            )


def sweep(objects: Objects, now: float | None = None, *, replaced: bool = False) -> int:
    """Remove what nobody needs: files that no present manifest names, and replaced manifests.

    now: epoch seconds; what is younger than :data:`GRACE_SECONDS` stays. replaced: what belongs to
    versions that were replaced goes at once; who reads by them fails. Returns the number of files.
    """
    before = (time.time() if now is None else now) - GRACE_SECONDS
    listed = {**objects.list(EVENTS), **objects.list(DAYS)}
    present = versions_of(objects)
    needed = {manifest_name(day, version) for day, version in present.items()}
    needed |= {file.name for day in read_days(objects, present) for file in day.files}
    gone = [
        name
        for name, changed in listed.items()
        if name not in needed
        and not name.startswith((f"{_FORGOTTEN}.", f"{_ORIGIN}."))
        and (changed < before or (replaced and _is_replaced(name, present)))
    ]
    objects.remove(gone)
    return len(gone)


def copy_days(objects: Objects, target: Path) -> None:
    """Copy the present days into a folder, as a store of its own, while others go on storing."""
    names = objects.list(DAYS)
    present = newest(names)
    for day in read_days(objects, present):
        for file in day.files:
            _copy(objects, file.name, target)
    kept = {manifest_name(day, version) for day, version in present.items()}
    for name in names:
        if name in kept or name.startswith((f"{_FORGOTTEN}.", f"{_ORIGIN}.")):
            _copy(objects, name, target)


def _copy(objects: Objects, name: str, target: Path) -> None:
    private_folder((target / name).parent)
    with objects.open(name) as source, (target / name).open("wb") as copy:
        while part := source.read(_PART):
            copy.write(part)


def keep_out(objects: Objects, key_check: str, id_hash: str) -> None:
    """Tell every database of the store that an identifier is forgotten: its hash is a file's name."""
    objects.create(f"{_FORGOTTEN}.{key_check}.{id_hash}", b"")


def kept_out(names: Iterable[str]) -> set[tuple[str, str]]:
    """The forgotten identifiers among the names in :data:`DAYS`, as (check of the key, hash)."""
    parts = (name.split(".") for name in names if name.startswith(f"{_FORGOTTEN}."))
    return {(check, id_hash) for _, check, id_hash in parts}


def came_from(objects: Objects, host: str) -> None:
    """Note that events of the store come from a host."""
    objects.create(f"{_ORIGIN}.{host}", b"")


def origin(objects: Objects) -> str | None:
    """A host that events of the store came from; None when nothing was stored."""
    names = sorted(name for name in objects.list(DAYS) if name.startswith(f"{_ORIGIN}."))
    return names[0].removeprefix(f"{_ORIGIN}.") if names else None


def _parsed(name: str) -> tuple[date, int] | None:
    parts = name.rpartition("/")[2].split(".")
    try:
        day, version, kind = parts
        return (date.fromisoformat(day), int(version)) if kind == "json" else None
    except ValueError:
        return None  # a draft


def _is_replaced(name: str, present: Mapping[date, int]) -> bool:
    """Whether a file or manifest is of a version up to the present one of its day.

    A file of a later version may be about to be published.
    """
    folder, _, file = name.rpartition("/")
    stem = f"{folder.rpartition('=')[2]}.{file[:10]}.json" if folder.startswith(EVENTS) else file
    parsed = _parsed(f"{DAYS}/{stem}")
    return parsed is not None and parsed[1] <= present.get(parsed[0], 0)
