"""Which days of Mavenoid changed since the last look, from the last 24 hours of its lists.

Belongs here: what is remembered of a look, and the comparison of two. Does not belong here: asking
(:mod:`journey_assets.automation.mavenoid_updates`).

Remembered is a digest per list and hour of creation: small whatever the number of rows, and exact,
since both looks hold every row of an hour that lies in both windows. An hour that has begun to leave
the window is not compared. Rows that change later than a day after their creation are the daily
run's.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any, Self

#: What the vendor's clock and ours may differ by, and what passes while it answers.
MARGIN = timedelta(minutes=10)

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen at a moment. at: ISO time, UTC. lists: by list and hour, a digest of the rows.

    Times of rows and hours are compared as text: ISO-8601, UTC, down to the hour.
    """

    at: str
    lists: Mapping[str, Mapping[str, str]]

    @classmethod
    def of(cls, at: datetime, rows: Mapping[str, Iterable[Any]]) -> Self:
        """The look at ``rows`` of each list at the time ``at``; rows without a time are left out."""
        return cls(at.isoformat(), {name: _digests(of_list) for name, of_list in rows.items()})

    @classmethod
    def read(cls, cursor: str | None) -> Self | None:
        """The look that a sensor's cursor holds; None when there is none that can be read."""
        try:
            return cls(**json.loads(cursor or ""))
        except (ValueError, TypeError):
            return None

    def cursor(self) -> str:
        """As a sensor's cursor."""
        return json.dumps(asdict(self), separators=(",", ":"))

    def first_hour(self) -> str:
        """The first hour whose rows were all in the window of 24 hours."""
        begin = datetime.fromisoformat(self.at) - timedelta(days=1) + MARGIN
        whole = begin.replace(minute=0, second=0, microsecond=0) + _HOUR
        return _hour(whole.isoformat())


def changed_days(old: Look, new: Look) -> dict[date, frozenset[str]]:
    """The days of which rows changed or came, and in which lists."""
    since = max(old.first_hour(), new.first_hour())
    days: dict[date, set[str]] = {}
    for name, hours in new.lists.items():
        before = old.lists.get(name, {})
        for hour in {*hours, *before}:
            if hour >= since and hours.get(hour) != before.get(hour):
                days.setdefault(date.fromisoformat(hour[:10]), set()).add(name)
    return {day: frozenset(names) for day, names in sorted(days.items())}


def content_key(old: Look, new: Look, day: date) -> str:
    """A name for this change of the day: the same look at the same state gives it again."""
    hours = {
        name: {hour: digest for hour, digest in hours.items() if hour.startswith(str(day))}
        for name, hours in new.lists.items()
    }
    return f"{day} {_digest([old.at, hours])}"


def _digests(rows: Iterable[Any]) -> dict[str, str]:
    by_hour: dict[str, list[str]] = {}
    for row in rows:
        created = row.get("created_at") if isinstance(row, dict) else None
        if isinstance(created, str) and len(created) >= len("2026-11-20T13"):
            by_hour.setdefault(_hour(created), []).append(json.dumps(row, sort_keys=True))
    return {hour: _digest(sorted(texts)) for hour, texts in sorted(by_hour.items())}


def _hour(time: str) -> str:
    return time[: len("2026-11-20T13")]


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]
