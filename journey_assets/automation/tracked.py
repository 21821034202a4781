"""Who is tracked, as of now, against who was tracked at the last look and who has been read.

Belongs here: reading the lists, files and cohorts that name users, what is remembered of a look, and
what a difference asks for. Does not belong here: the sensor around it
(:mod:`journey_assets.automation.sensors`), reading a user's events (``raw``).

A cohort is asked for once an hour and is computed by Amplitude in the meantime: a look asks, a later
one fetches. A look remembers digests, never ids.
"""

import csv
import hashlib
import json
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from journey_assets.raw.amplitude_users import read_labels
from journey_assets.raw.staging import staging_folder
from journey_assets.settings import Settings, read_list
from journey_assets.vendors.amplitude import AmplitudeClient
from journey_assets.vendors.errors import NotFound
from journey_assets.warehouse.database import CATALOG, Session
from journey_assets.warehouse.replace import stored_columns
from journey_assets.warehouse.tables.ledger import LEDGER
from journey_assets.warehouse.tables.raw import (
    AMPLITUDE_EVENTS,
    AMPLITUDE_READINGS,
    AMPLITUDE_USERS,
)

#: How often Amplitude is asked to compute a cohort anew.
COHORT_EVERY = timedelta(hours=1)

_LISTS = ("CONVERTER_USER_IDS", "NON_CONVERTER_USER_IDS")
_COHORTS = ("AMPLITUDE_CONVERTER_COHORT_ID", "AMPLITUDE_NON_CONVERTER_COHORT_ID")


@dataclass(frozen=True, slots=True)
class Memory:
    """What a look leaves for the next one.

    at: ISO time of the last look that found a difference. digests: by variable, of whom it names.
    requests: by variable, the id of a cohort's computation that is not fetched yet. asked: by
    variable, ISO time of the last request.
    """

    at: str = ""
    digests: Mapping[str, str] = field(default_factory=dict)
    requests: Mapping[str, str] = field(default_factory=dict)
    asked: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, cursor: str | None) -> Self:
        """The memory that a sensor's cursor holds; empty when there is none that can be read."""
        try:
            return cls(**json.loads(cursor or "{}"))
        except (ValueError, TypeError):
            return cls()

    def cursor(self) -> str:
        """As a sensor's cursor."""
        return json.dumps(asdict(self), separators=(",", ":"))

    def key(self) -> str:
        """A name for this memory."""
        return _digest([self.cursor()])


@dataclass(frozen=True, slots=True)
class Named:
    """Who is named now. ids: by variable whose naming was read in full, id → cohort."""

    ids: Mapping[str, Mapping[str, str]]
    requests: Mapping[str, str] = field(default_factory=dict)
    asked: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stored:
    """What the database holds of tracked users.

    newest: day of the newest snapshot, None without one. known: ids of the snapshot that need no
    reading: read for every stored day of the window, or unknown to Amplitude; with the export all of
    them. days: first and last
    stored day of events in the window, None without one.
    """

    newest: date | None
    known: frozenset[str]
    days: tuple[date, date] | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a difference asks for: the days of a run, and whether new users' events are read."""

    first: date
    last: date
    events: bool
    new_ids: int


def remembered(old: Memory, named: Named, now: datetime) -> Memory:
    """The memory after a look; a variable that was not read keeps its digest."""
    digests = {
        name: _digest(f"{id_}\t{cohort}" for id_, cohort in ids.items())
        for name, ids in named.ids.items()
    }
    kept = {name: value for name, value in old.digests.items() if name in named.asked} | digests
    at = now.isoformat() if kept != old.digests else old.at
    return Memory(at, kept, named.requests, named.asked)


def wanted(old: Memory, new: Memory, named: Named, stored: Stored, source: str) -> Wanted | None:
    """The run that the difference between two looks asks for, None when there is none.

    source: ``user_activity`` or ``export``. Before anything is stored nothing is asked for: the first
    run reads everybody. A first look has nothing to compare with but the store.
    """
    if new.digests == old.digests or stored.newest is None:
        return None
    changed = [name for name in named.ids if new.digests[name] != old.digests.get(name)]
    new_ids = {id_ for name in changed for id_ in named.ids[name]} - stored.known
    if not new_ids and not old.digests:
        return None
    if source == "user_activity" and new_ids and stored.days:
        return Wanted(*stored.days, events=True, new_ids=len(new_ids))
    return Wanted(stored.newest, stored.newest, events=False, new_ids=len(new_ids))


def named_now(settings: Settings, memory: Memory, now: datetime) -> Named:
    """Read the lists and files, and go on with each cohort.

    Raises :class:`journey_assets.settings.SettingsError` and the vendor's errors.
    """
    ids: dict[str, Mapping[str, str]] = {
        name: dict.fromkeys(read_list(text, name), name)
        for name in _LISTS
        if (text := str(getattr(settings, name.lower())))
    }
    if settings.cohorts:
        ids["JOURNEY_COHORTS"] = read_labels(settings.cohorts)
    cohorts = {name: id_ for name in _COHORTS if (id_ := str(getattr(settings, name.lower())))}
    if not cohorts:
        return Named(ids)
    requests, asked = dict(memory.requests), dict(memory.asked)
    with closing(AmplitudeClient.from_settings(settings, _silent, hurried=True)) as client:
        for name, cohort in cohorts.items():
            if request := requests.pop(name, ""):
                try:
                    found = _fetched(client, settings, cohort, request)
                except NotFound:
                    continue  # Amplitude forgot the request: it is asked for again when due
                if found is None:
                    requests[name] = request
                else:
                    ids[name] = dict.fromkeys(found, name)
            elif _due(asked.get(name), now):
                requests[name] = client.request_cohort(cohort)
                asked[name] = now.isoformat()
    return Named(ids, requests, {name: asked.get(name, "") for name in cohorts})


def stored_now(session: Session, first: date, last: date, source: str) -> Stored:
    """What is stored of tracked users and of the events of ``first`` … ``last``; a short look."""
    with session.reading() as con:
        if not (stored_columns(con, AMPLITUDE_USERS) and stored_columns(con, LEDGER)):
            return Stored(None, frozenset(), None)
        users = f"{CATALOG}.{AMPLITUDE_USERS.full_name}"
        newest = con.execute(f"SELECT max(event_date) FROM {users}").fetchall()[0][0]
        stored = con.execute(
            f"SELECT min(partition), max(partition), count(*) FROM {CATALOG}.{LEDGER.full_name} "
            "WHERE table_name = ? AND partition BETWEEN ? AND ?",
            [AMPLITUDE_EVENTS.full_name, first, last],
        ).fetchall()[0]
        read = (
            f"SELECT amplitude_id FROM {CATALOG}.{AMPLITUDE_READINGS.full_name} "
            "WHERE event_date BETWEEN $first AND $last GROUP BY ALL HAVING count(*) >= $days"
            if stored_columns(con, AMPLITUDE_READINGS)
            else "SELECT NULL::BIGINT AS amplitude_id WHERE $first > $last AND $days < 0"
        )
        known = con.execute(
            f"SELECT requested_id FROM {users} WHERE event_date = $newest AND "
            f"($all OR status <> 'ok' OR amplitude_id IN ({read}))",
            {
                "newest": newest,
                "first": first,
                "last": last,
                "days": stored[2],
                "all": source == "export",
            },
        ).fetchall()
    days = (stored[0], stored[1]) if stored[2] else None
    return Stored(newest, frozenset(str(row[0]) for row in known), days)


def members(file: Path) -> list[str]:
    """The ids of a cohort's file: of each member the Amplitude ID, else the user ID."""
    with file.open(encoding="utf-8-sig", newline="") as opened:
        rows: Iterable[dict[str, Any]] = csv.DictReader(opened)
        return [
            id_
            for row in rows
            if (id_ := (row.get("amplitude_id") or "").strip() or (row.get("user_id") or ""))
        ]


def _fetched(
    client: AmplitudeClient, settings: Settings, cohort: str, request: str
) -> list[str] | None:
    """The members of a requested cohort, None while it is being computed."""
    if not client.cohort_is_ready(cohort, request):
        return None
    with staging_folder(settings.directory()) as folder:
        client.fetch_cohort(request, folder / "cohort.csv")
        return members(folder / "cohort.csv")


def _due(asked: str | None, now: datetime) -> bool:
    return not asked or now - datetime.fromisoformat(asked) >= COHORT_EVERY


def _digest(texts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(sorted(texts)).encode()).hexdigest()[:16]


def _silent(_: str) -> None:
    """A look is told by the sensor's own line."""
