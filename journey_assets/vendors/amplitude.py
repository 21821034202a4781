"""Amplitude's Dashboard REST API: user search, user activity, export and cohort lists.

Belongs here: the client that the rest of the project holds, its limits and remedies, and the two
calls per user. The export stands in :mod:`journey_assets.vendors.amplitude_export`, cohort lists in
:mod:`journey_assets.vendors.amplitude_cohorts`. Does not belong here: what becomes of the events
(``raw/amplitude_events.py``), retries and quotas (``transport.py``, ``quota.py``).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from journey_assets.settings import Settings
from journey_assets.vendors.amplitude_cohorts import (
    cohort_is_ready,
    download_cohort,
    fetch_cohort,
    request_cohort,
)
from journey_assets.vendors.amplitude_export import export_members
from journey_assets.vendors.errors import UnexpectedAnswer
from journey_assets.vendors.quota import Clock, amplitude_dashboard
from journey_assets.vendors.transport import HURRIED, PATIENT, Patience, Transport

#: Events asked for in one answer, the most the vendor allows.
PAGE = 1000

#: Pages of one user that are read at most.
MOST_PAGES = 1000

#: Amplitude IDs are 64-bit integers.
_LARGEST_ID = 2**63 - 1
_DIGITS = len(str(_LARGEST_ID))

#: An export answers its first byte only when the archive is ready.
_EXPORT_TIMEOUTS = (10.0, 600.0)

_REGION = (
    "Check AMPLITUDE_API_KEY and AMPLITUDE_SECRET_KEY, that they belong to the project, and "
    "AMPLITUDE_BASE_URL (EU projects: https://analytics.eu.amplitude.com)."
)
_REMEDIES = {401: _REGION, 403: _REGION}


@dataclass(frozen=True, slots=True)
class UserMatch:
    """A user that a search found; no ``user_id`` while anonymous."""

    user_id: str | None
    amplitude_id: int


@dataclass(frozen=True, slots=True)
class ActivityPage:
    """One answer of user activity.

    events: the vendor's records of the range, newest first; one whose time cannot be read is kept.
    canonical_amplitude_id: stands for the user after merges. merged_amplitude_ids: merged into the
    user. Both None when the answer does not tell.
    """

    events: tuple[Any, ...]
    canonical_amplitude_id: int | None
    merged_amplitude_ids: tuple[int, ...] | None


class AmplitudeClient:
    """The calls to one Amplitude project; may be used by many threads at once."""

    def __init__(
        self,
        *,
        base_url: str,
        api_key: str,
        secret_key: str,
        quota_directory: Path,
        queries_per_hour: int,
        concurrency: int,
        log: Callable[[str], None],
        clock: Clock | None = None,
        patience: Patience = PATIENT,
    ) -> None:
        def transport(timeouts: tuple[float, float], longest: float | None = None) -> Transport:
            return Transport(
                vendor="Amplitude",
                base_url=base_url,
                auth=(api_key, secret_key),
                quota_directory=quota_directory,
                log=log,
                remedies=_REMEDIES,
                clock=clock,
                retry=patience.retry,
                timeouts=timeouts,
                longest=longest,
            )

        self._transport = transport(patience.timeouts, patience.longest)
        self._exports = transport(_EXPORT_TIMEOUTS)
        self._users = amplitude_dashboard(queries_per_hour, concurrency)
        self._log = log
        self._clock = clock or Clock()

    @classmethod
    def from_settings(
        cls, settings: Settings, log: Callable[[str], None], *, hurried: bool = False
    ) -> Self:
        """The client of the project that ``settings`` names; ``hurried`` gives up at once."""
        return cls(
            base_url=settings.amplitude_base_url,
            api_key=settings.amplitude_api_key,
            secret_key=settings.amplitude_secret_key,
            quota_directory=settings.directory() / "quota",
            queries_per_hour=settings.amplitude_queries_per_hour,
            concurrency=settings.amplitude_concurrency,
            log=log,
            patience=HURRIED if hurried else PATIENT,
        )

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()
        self._exports.close()

    def now(self) -> datetime:
        """The present, UTC."""
        return datetime.fromtimestamp(self._clock.now(), UTC)

    def seconds_for(self, calls: int) -> float:
        """Seconds that so many calls for users take from now, as the quota stands."""
        return self._transport.seconds_for(calls, self._users)

    def search_user(self, requested_id: str) -> list[UserMatch]:
        """The users whose ID is exactly ``requested_id``: none, one, or several (ambiguous).

        Only where no user has that ID, the user whose Amplitude ID is written exactly so.
        """
        answer = self._transport.get_json(
            "user search", "/api/2/usersearch", params=[("user", requested_id)], limit=self._users
        )
        matches = answer.get("matches") if isinstance(answer, dict) else None
        if not isinstance(matches, list):
            raise _unexpected("user search", "the answer has no list of matches")
        found = [match for each in matches if (match := _match(each)) is not None]
        users = [match for match in found if match.user_id == requested_id]
        known_so = [match for match in found if str(match.amplitude_id) == requested_id]
        return list(dict.fromkeys(users or known_so))

    def user_activity(
        self, amplitude_id: int, since: datetime, until: datetime
    ) -> Iterator[ActivityPage]:
        """Pages of a user's events from ``since`` to before ``until`` (UTC), newest first.

        New events shift the offsets while we read, so pages may repeat events. Reading ends with an
        empty page, or one whose last event, its oldest, is before ``since``.
        """
        offset = 0
        before: list[Any] = []
        for _ in range(MOST_PAGES):
            answer = self._transport.get_json(
                "user activity",
                "/api/2/useractivity",
                params=[
                    ("user", str(amplitude_id)),
                    ("offset", str(offset)),
                    ("limit", str(PAGE)),
                    ("direction", "latest"),
                ],
                limit=self._users,
            )
            events, user = _activity(answer)
            times = [event_time(event) for event in events]
            yield ActivityPage(
                tuple(
                    event
                    for event, at in zip(events, times, strict=True)
                    if at is None or since <= at < until
                ),
                _integer(user.get("canonical_amplitude_id")),
                _integers(user.get("merged_amplitude_ids")),
            )
            oldest = next((at for at in reversed(times) if at is not None), None)
            if not events or (oldest is not None and oldest < since):
                return
            if events == before:
                raise _unexpected("user activity", "the same page is served at every offset")
            before = events
            offset += len(events)
        raise _unexpected(
            "user activity", f"a user's events have no end after {MOST_PAGES:,} pages"
        )

    def export(self, first_hour: datetime, last_hour: datetime, folder: Path) -> Iterator[Path]:
        """Files of the events uploaded in the hours given: see :func:`export_members`."""
        return export_members(self._exports, first_hour, last_hour, folder, self._log)

    def download_cohort(self, cohort_id: str, to: Path) -> None:
        """Write the members of a cohort to a CSV file: see :func:`download_cohort`."""
        download_cohort(self._transport, cohort_id, to, log=self._log, sleep=self._clock.sleep)

    def request_cohort(self, cohort_id: str) -> str:
        """Let Amplitude compute a cohort: see :func:`request_cohort`."""
        return request_cohort(self._transport, cohort_id)

    def cohort_is_ready(self, cohort_id: str, request_id: str) -> bool:
        """Whether it is computed: see :func:`cohort_is_ready`."""
        return cohort_is_ready(self._transport, cohort_id, request_id)

    def fetch_cohort(self, request_id: str, to: Path) -> None:
        """Write a computed cohort to a CSV file: see :func:`fetch_cohort`."""
        fetch_cohort(self._transport, request_id, to)


def _match(match: object) -> UserMatch | None:
    """A match of the search; None for what names no user. Ids are text, whatever JSON makes of them."""
    if not isinstance(match, dict):
        return None
    user_id, amplitude_id = match.get("user_id"), _integer(match.get("amplitude_id"))
    if amplitude_id is None:
        return None
    named = isinstance(user_id, str | int) and not isinstance(user_id, bool)
    return UserMatch(str(user_id) if named else None, amplitude_id)


def event_time(event: object) -> datetime | None:
    """The event's time; the vendor's naive times are UTC. None when it cannot be read."""
    text = event.get("event_time") if isinstance(event, dict) else None
    if not isinstance(text, str):
        return None
    try:
        at = datetime.fromisoformat(text.strip())
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        # 0001-01-01T00:00:00+14:00 is a time that UTC has no year for.
        return None


def _activity(answer: object) -> tuple[list[Any], Mapping[str, Any]]:
    """Events and user of an answer; events stand beside ``userData`` or, in another form, in it."""
    user = answer.get("userData") if isinstance(answer, dict) else None
    user = user if isinstance(user, dict) else {}
    events = answer.get("events", user.get("events")) if isinstance(answer, dict) else None
    if not isinstance(events, list):
        raise _unexpected("user activity", "the answer has no list of events")
    return events, user


def _integer(value: object) -> int | None:
    """A number that the database can hold; None for all else."""
    text = str(value)
    if not (text.isascii() and text.isdecimal()) or len(text) > _DIGITS:
        return None
    return number if (number := int(text)) <= _LARGEST_ID else None


def _integers(values: object) -> tuple[int, ...] | None:
    if not isinstance(values, list):
        return None
    return tuple(number for value in values if (number := _integer(value)) is not None)


def _unexpected(operation: str, what: str) -> UnexpectedAnswer:
    return UnexpectedAnswer(
        "Amplitude", operation, what, remedy="Check that AMPLITUDE_BASE_URL is Amplitude's address."
    )
