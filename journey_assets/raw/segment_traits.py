"""A profile's channel counts from its own events, for spaces without computed traits.

Belongs here: which channel an event belongs to, sessions, opened e-mails, last days. Does not
belong here: where events come from, and whether they are needed
(:mod:`journey_assets.raw.segment_staging`).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any, Literal

Channel = Literal["email", "mobile", "web"]

_OPENED, _CLICKED = "email opened", "email link clicked"
_WORDS = re.compile(r"[a-z]+")
_MOBILE_LIBRARIES = frozenset({"ios", "android", "kotlin", "swift", "flutter", "native", "xamarin"})


@dataclass(frozen=True, slots=True)
class EventTraits:
    """What a profile's events say, under the names of the traits they stand in for.

    unreadable: events that are no objects or have no time that can be read; they are not counted.
    """

    web_sessions_30d: int
    mobile_sessions_30d: int
    emails_opened_30d: int
    last_web_visit: date | None
    last_mobile_open: date | None
    last_email_click: date | None
    unreadable: Sequence[Any]


@dataclass(frozen=True, slots=True)
class _Event:
    at: datetime
    channel: Channel | None
    name: str
    email_id: str


def traits_of_events(events: Iterable[Any], gap: timedelta) -> EventTraits:
    """Count sessions by channel (a pause longer than ``gap`` ends one) and opened e-mails.

    Repeats of a ``message_id`` count once.
    """
    readable, unreadable = _read(events)
    web = [event.at for event in readable if event.channel == "web"]
    mobile = [event.at for event in readable if event.channel == "mobile"]
    emails = [event for event in readable if event.channel == "email"]
    return EventTraits(
        web_sessions_30d=sessions(web, gap),
        mobile_sessions_30d=sessions(mobile, gap),
        emails_opened_30d=_opened(emails),
        last_web_visit=_last_day(web),
        last_mobile_open=_last_day(mobile),
        last_email_click=_last_day([event.at for event in emails if event.name == _CLICKED]),
        unreadable=unreadable,
    )


def sessions(times: Iterable[datetime], gap: timedelta) -> int:
    """How many sessions ``times`` (any order) make: one, and one more per pause over ``gap``."""
    ordered = sorted(times)
    pauses = sum(later - earlier > gap for earlier, later in pairwise(ordered))
    return pauses + 1 if ordered else 0


def channel(event: Mapping[str, Any]) -> Channel | None:
    """The channel of an event; its name decides first: mail clients are browsers and phones too."""
    if _name(event) in (_OPENED, _CLICKED):
        return "email"
    context = _object(event.get("context"))
    library = str(_object(context.get("library")).get("name") or "").lower()
    device = str(_object(context.get("device")).get("type") or "").lower()
    if device in ("ios", "android") or _MOBILE_LIBRARIES & set(_WORDS.findall(library)):
        return "mobile"
    if library == "analytics.js" or context.get("page") is not None:
        return "web"
    return None


def read_time(text: object) -> datetime | None:
    """An ISO 8601 time, in UTC; a time without a zone is UTC. None when it cannot be read."""
    if not isinstance(text, str):
        return None
    try:
        at = datetime.fromisoformat(text.strip())
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _read(events: Iterable[Any]) -> tuple[list[_Event], list[Any]]:
    readable: list[_Event] = []
    unreadable: list[Any] = []
    seen: set[str] = set()
    for event in events:
        at = read_time(event.get("timestamp")) if isinstance(event, dict) else None
        if at is None:
            unreadable.append(event)
            continue
        message = str(event.get("message_id") or "")
        if message and message in seen:
            continue
        seen.add(message)
        email_id = str(_object(event.get("properties")).get("email_id") or "")
        readable.append(_Event(at, channel(event), _name(event), email_id))
    return readable, unreadable


def _opened(emails: Sequence[_Event]) -> int:
    """E-mails opened; a click proves an opening that a mail client without images did not report.

    E-mails are told apart by ``email_id`` where there is one; without it every opening counts.
    """
    named = {event.email_id for event in emails if event.email_id}
    nameless = [event.name for event in emails if not event.email_id]
    return len(named) + max(nameless.count(_OPENED), int(_CLICKED in nameless))


def _last_day(times: Iterable[datetime]) -> date | None:
    last = max(times, default=None)
    return last.date() if last else None


def _name(event: Mapping[str, Any]) -> str:
    return str(event.get("event") or "").strip().lower()


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
