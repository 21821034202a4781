"""Segment's profiles as lines on disk, one per profile and one per identifier.

Belongs here: asking either API for all profiles, laying a profile out as a flat record, filling in
counts from events. Does not belong here: typed columns and what is stored
(:mod:`journey_assets.raw.segment`).
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from pathlib import Path
from threading import Event
from typing import Any

from journey_assets.names import mail_address
from journey_assets.raw.in_threads import in_threads
from journey_assets.raw.segment_ids import profile_key
from journey_assets.raw.segment_traits import EventTraits, traits_of_events
from journey_assets.raw.staging import RecordWriter
from journey_assets.settings import Settings
from journey_assets.vendors.segment import (
    EVENT_DAYS,
    ProfileAnswer,
    SegmentListing,
    SegmentProfileApi,
)

Log = Callable[[str], None]

COUNTS = ("web_sessions_30d", "mobile_sessions_30d", "emails_opened_30d")

#: What is added to a profile's record, and its DuckDB type.
OWN = {
    "profile_key": "VARCHAR",
    "from_email": "BOOLEAN",
    "traits": "JSON",
    "traits_source": "VARCHAR",
    "traits_window_days": "INTEGER",
}

#: Days that the vendor's computed traits cover, as their names say.
_VENDOR_DAYS = 30

#: Enough to use the 100 requests a second of a space at usual answer times.
_THREADS = 16

_TRAITS = (
    "email",
    "plan",
    "ltv",
    *COUNTS,
    "last_web_visit",
    "last_mobile_open",
    "last_email_click",
)


@dataclass(frozen=True, slots=True)
class Noted:
    """Something unreadable: its field (None: all of it), why, and where.

    line: the number of the profile among those read, from 1. sha256: of the record's text.
    """

    field: str | None
    reason: str
    kept: bool
    line: int
    sha256: str


@dataclass(slots=True)
class Staged:
    """The two files, and what staging them showed."""

    profiles: Path
    external_ids: Path
    noted: list[Noted] = field(default_factory=list)
    records: int = 0
    not_found: int = 0
    asked: int = 0
    events: int = 0
    profiles_from_events: int = 0


class _Writer:
    """Writes profiles to the two files of a :class:`Staged`."""

    def __init__(
        self, profiles: RecordWriter, external_ids: RecordWriter, settings: Settings
    ) -> None:
        self._profiles, self._external_ids = profiles, external_ids
        self._placeholders = settings.placeholders()
        self.staged = Staged(profiles.path, external_ids.path)

    def write(self, profile: Any, events: EventTraits | None = None) -> None:
        """Stage a profile as the listing gives it; without any identifier it is noted only."""
        self.staged.records += 1
        if not isinstance(profile, dict):
            self._note(None, "not a JSON object", profile, kept=False)
            return
        traits = self._read(profile, "traits", dict, {})
        external_ids = self._read(profile, "external_ids", list, [])
        key = profile_key(traits, external_ids, self._placeholders)
        if key is None:
            self._note("external_ids", "no identifier and no e-mail", profile, kept=False)
            return
        others = {name: profile[name] for name in profile.keys() - {"traits", "external_ids"}}
        from_email = profile_key({}, external_ids, self._placeholders) is None
        own = {"profile_key": key, "from_email": from_email, "traits": traits}
        values = {name: traits[name] for name in _TRAITS if name in traits}
        self._profiles.write([others | _filled(values, events)], own | _origin(values, events))
        self._external_ids.write(external_ids, {"profile_key": key})
        for event in events.unreadable if events else ():
            self._note("timestamp", "an event without a time", event, kept=True)

    def _read(self, profile: Mapping[str, Any], name: str, kind: type, empty: Any) -> Any:
        value = profile.get(name)
        if isinstance(value, kind):
            return value
        if value is not None:
            self._note(name, f"not a {kind.__name__}", profile, kept=True)
        return empty

    def _note(self, name: str | None, reason: str, record: Any, *, kept: bool) -> None:
        text = json.dumps(record, ensure_ascii=False).encode(errors="replace")
        hashed = hashlib.sha256(text).hexdigest()
        self.staged.noted.append(Noted(name, reason, kept, self.staged.records, hashed))


def stage_listing(client: SegmentListing, folder: Path, settings: Settings, log: Log) -> Staged:
    """Stage every profile of the listing."""
    with (
        RecordWriter(folder / "profiles.ndjson") as profiles,
        RecordWriter(folder / "external_ids.ndjson") as external_ids,
    ):
        writer = _Writer(profiles, external_ids, settings)
        for page in client.pages():
            for profile in page:
                writer.write(profile)
    log(f"Segment: {writer.staged.records} profiles listed.")
    return writer.staged


def stage_asked(
    client: SegmentProfileApi,
    folder: Path,
    asked: tuple[Sequence[str], Sequence[str]],
    settings: Settings,
    log: Log,
) -> Staged:
    """Stage the profiles of :func:`~journey_assets.raw.segment_ids.asked_profiles` one by one.

    Counts that a profile lacks are computed from its events.
    """
    gap = timedelta(minutes=settings.session_gap_minutes)
    with (
        RecordWriter(folder / "profiles.ndjson") as profiles,
        RecordWriter(folder / "external_ids.ndjson") as external_ids,
    ):
        writer = _Writer(profiles, external_ids, settings)
        certain, emails = asked
        seen = _stage_each(writer, client, certain, gap, log)
        _stage_each(writer, client, [email for email in emails if email not in seen], gap, log)
    return writer.staged


def _stage_each(
    writer: _Writer, client: SegmentProfileApi, asked: Sequence[str], gap: timedelta, log: Log
) -> set[str]:
    """Read the profiles in threads; returns the e-mail addresses seen, as ``email:…``."""
    staged, seen = writer.staged, set[str]()
    staged.asked += len(asked)

    def read(identifier: str, stop: Event) -> tuple[ProfileAnswer, list[Any] | None] | None:
        answer = client.profile(identifier)
        if answer is None:
            return None
        lacking = any(answer.traits.get(name) is None for name in COUNTS)
        return answer, client.events(identifier) if lacking and not stop.is_set() else None

    def progress(done: int) -> None:
        log(f"Segment: {done} of {len(asked)} profiles read.")

    for read_profile in in_threads(read, asked, _THREADS, progress):
        if read_profile is None:
            staged.not_found += 1
            continue
        answer, events = read_profile
        staged.events += len(events or ())
        staged.profiles_from_events += events is not None
        profile = {"traits": dict(answer.traits), "external_ids": list(answer.external_ids)}
        writer.write(profile, None if events is None else traits_of_events(events, gap))
        seen |= {f"email:{email}" for email in _emails(answer)}
    if asked:
        progress(len(asked))
    return seen


def _emails(answer: ProfileAnswer) -> set[str]:
    values = [answer.traits.get("email")]
    values += [each.get("id") for each in answer.external_ids if isinstance(each, dict)]
    texts = (value for value in values if isinstance(value, str))
    return {address for text in texts if (address := mail_address(text)) is not None}


def _filled(values: Mapping[str, Any], events: EventTraits | None) -> dict[str, Any]:
    """The vendor's traits, and what events say where it has none."""
    if events is None:
        return dict(values)
    computed = {name: _plain(value) for name, value in asdict(events).items() if name in _TRAITS}
    return {**values, **{n: v for n, v in computed.items() if values.get(n) is None}}


def _origin(values: Mapping[str, Any], events: EventTraits | None) -> dict[str, Any]:
    """Where the counts are from, and the days they cover at least."""
    given = [name for name in COUNTS if values.get(name) is not None]
    sources = (["vendor"] if given else []) + (["events"] if events else [])
    days = EVENT_DAYS if events else _VENDOR_DAYS if given else None
    return {"traits_source": "+".join(sources) or None, "traits_window_days": days}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
