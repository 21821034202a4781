"""Amplitude on the wire: user search, user activity, export and cohort downloads.

Belongs here: routes, credentials, limits and answers. Does not belong here: the events
(``population.py``) and their fields (``amplitude_events.py``), the archive (``archive.py``).

Only what has happened by the clock is answered; the export shows an hour when it is over and
``export_delay`` seconds have passed.
"""

import base64
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from journey_assets.simulator.amplitude_cohorts import Cohorts
from journey_assets.simulator.amplitude_events import event_json, user_json
from journey_assets.simulator.archive import Archive
from journey_assets.simulator.clock import Clock
from journey_assets.simulator.lives import Event, Life
from journey_assets.simulator.population import Population
from journey_assets.simulator.quotas import Limits, Quota, Refusal
from journey_assets.simulator.wire import Answer, Request, json_answer

_ROUTES = (
    (re.compile(r"/api/2/usersearch"), "/api/2/usersearch"),
    (re.compile(r"/api/2/useractivity"), "/api/2/useractivity"),
    (re.compile(r"/api/2/export"), "/api/2/export"),
    (re.compile(r"/api/3/cohorts"), "/api/3/cohorts"),
    (re.compile(r"/api/5/cohorts/request/[^/]+/file"), "/api/5/cohorts/request/{rid}/file"),
    (re.compile(r"/api/5/cohorts/request-status/[^/]+"), "/api/5/cohorts/request-status/{rid}"),
    (re.compile(r"/api/5/cohorts/request/[^/]+"), "/api/5/cohorts/request/{id}"),
)
_MOST_HOURS = 365 * 24
_MATCHES = 10


@dataclass(frozen=True, slots=True)
class AmplitudeOptions:
    """Choices of how Amplitude behaves.

    activity_page: most events of one answer, sessions kept whole. export_delay: seconds until a
    finished hour can be exported. export_hours: a longer range is refused as too large (400).
    events_in_user_data, iso_times: the other forms that exist in the wild.
    cohort_polls: how often a cohort download says "in progress" first.
    """

    activity_page: int = 1000
    export_delay: float = 7200.0
    export_hours: int | None = None
    events_in_user_data: bool = False
    iso_times: bool = False
    cohort_polls: int = 1


class Amplitude:
    """The vendor; ``other_host`` gives the address that cohort files are redirected to."""

    name = "amplitude"

    def __init__(
        self,
        population: Population,
        clock: Clock,
        limits: Limits,
        keys: tuple[str, str],
        options: AmplitudeOptions,
        other_host: Callable[[], str],
    ) -> None:
        self._population = population
        self._clock = clock
        self._options = options
        self._retry_after = "amplitude" in limits.retry_after
        token = base64.b64encode(":".join(keys).encode()).decode()
        self._credentials = f"Basic {token}"
        self._users = Quota(limits.amplitude_users, clock, limits.amplitude_users_concurrency)
        unlimited = Limits.none().amplitude_users
        self._dashboard = Quota(unlimited, clock, limits.amplitude_dashboard_concurrency)
        self._cohort_requests = Quota(limits.amplitude_cohorts, clock)
        self._ambiguous: set[str] = set()
        self.archive = Archive(population, clock, options.export_delay)
        self.cohorts = Cohorts(population, clock, options.cohort_polls, other_host)

    def make_ambiguous(self, user_id: str) -> None:
        """Let the search find two users of this id from now on."""
        self._ambiguous.add(user_id)

    def route(self, request: Request) -> str:
        """The documented path of a request."""
        for pattern, route in _ROUTES:
            if pattern.fullmatch(request.path):
                return route
        return "(unknown)"

    @contextmanager
    def admit(self, request: Request) -> Iterator[Answer | None]:
        """Check the keys, then hold a place in the quota of the path."""
        if request.headers.get("authorization") != self._credentials:
            yield error(403, "permission_denied", "Invalid API Key or Secret Key")
            return
        route = self.route(request)
        quota = (
            self._users
            if route in ("/api/2/usersearch", "/api/2/useractivity")
            else self._cohort_requests
            if route == "/api/5/cohorts/request/{id}"
            else self._dashboard
        )
        with quota.attempt() as refusal:
            yield None if refusal is None else self._refused(refusal)

    def respond(self, request: Request) -> Answer:
        """Answer a request that was let in."""
        answers: dict[str, Callable[[Request], Answer]] = {
            "/api/2/usersearch": self._search,
            "/api/2/useractivity": self._activity,
            "/api/2/export": self._export,
            "/api/3/cohorts": self.cohorts.listing,
            "/api/5/cohorts/request/{id}": self.cohorts.request,
            "/api/5/cohorts/request-status/{rid}": self.cohorts.status,
            "/api/5/cohorts/request/{rid}/file": self.cohorts.file,
        }
        found = answers.get(self.route(request))
        return found(request) if found else error(404, "not_found", "Not found")

    def _refused(self, refusal: Refusal) -> Answer:
        headers = {"Retry-After": str(refusal.retry_after)} if self._retry_after else {}
        refused = error(429, "too_many_requests", f"Too many requests: {refusal.reason}")
        return Answer(429, refused.body, {**refused.headers, **headers}, refused_by_quota=True)

    def _search(self, request: Request) -> Answer:
        asked = request.param("user")
        if not asked:
            return error(400, "invalid", "Missing parameter user")
        found = self._population.of_amplitude_id(int(asked)) if asked.isdigit() else None
        kind = "match_amplitude_id"
        if found is None:
            kind, exact = "match_user_or_device_id", self._population.of_code(asked)
            if exact is not None and self._visible(exact) and asked in _ids(exact):
                found = exact
        matches = [found] if found is not None and self._visible(found) else []
        if not matches:
            kind, matches = "match_user_prefix", self._with_prefix(asked)
        listed = [
            {"user_id": one.person.user_id, "amplitude_id": one.person.amplitude_id}
            for one in matches
        ]
        if asked in self._ambiguous:
            listed.append({"user_id": asked, "amplitude_id": 999_000_000_001})
        return json_answer({"matches": listed, "type": kind if listed else "nomatch"})

    def _with_prefix(self, asked: str) -> list[Life]:
        """Users whose id continues the text; ids begin with ``usr_`` and a date."""
        digits = asked.removeprefix("usr_")
        first = self._population.of_code(digits.ljust(12, "0")) if len(digits) >= 8 else None
        if first is None or not asked.startswith("usr_"):
            return []
        lives = self._population.lives(first.person.day)
        matching = [
            one
            for one in lives
            if (one.person.user_id or "").startswith(asked) and self._visible(one)
        ]
        return matching[:_MATCHES]

    def _activity(self, request: Request) -> Answer:
        offset, limit = request.number("offset", 0), request.number("limit", 1000)
        asked, direction = request.param("user"), request.param("direction", "latest")
        if not asked.isdigit():
            return error(400, "invalid", "Invalid Amplitude ID", "user must be an Amplitude ID")
        if offset is None or limit is None or not 0 < limit <= 1000:
            return error(400, "invalid", "Invalid offset or limit")
        if direction not in ("latest", "earliest"):
            return error(400, "invalid", "Invalid direction")
        found = self._population.of_amplitude_id(int(asked))
        events = self._seen(found) if found else []
        if found is None or not events:
            return error(404, "not_found", "User not found")
        ordered = events[::-1] if direction == "latest" else events
        page = whole_sessions(ordered, offset, min(limit, self._options.activity_page))
        return self._activity_answer(found, events, page)

    def _activity_answer(self, found: Life, events: list[Event], page: list[Event]) -> Answer:
        iso = self._options.iso_times
        listed = "[" + ",".join(event_json(event, iso=iso) for event in page) + "]"
        user = json.dumps(user_json(found, events))
        if self._options.events_in_user_data:
            text = f'{{"userData":{user[:-1]},"events":{listed}}}}}'
        else:
            text = f'{{"userData":{user},"events":{listed}}}'
        return Answer(200, text.encode(), {"Content-Type": "application/json"})

    def _export(self, request: Request) -> Answer:
        try:
            first, last = (_hour(request.param(name)) for name in ("start", "end"))
        except ValueError:
            return error(400, "invalid", "start and end must have the form YYYYMMDDTHH")
        if last < first:
            return error(400, "invalid", "start must not be after end")
        if last - first >= _MOST_HOURS:
            return error(400, "invalid", "The range must not be longer than 365 days")
        most = self._options.export_hours
        if most is not None and last - first + 1 > most:
            return error(400, "invalid", "Data size exceeds 4GB", "Choose a smaller time range")
        body = self.archive.zip(first, last)
        if body is None:
            return error(404, "not_found", "Raw data files were not found.")
        return Answer(200, body, {"Content-Type": "application/zip"})

    def _visible(self, found: Life) -> bool:
        return found.events[0].uploaded <= self._clock() * 1_000_000

    def _seen(self, found: Life) -> list[Event]:
        now = self._clock() * 1_000_000
        return [event for event in found.events if event.uploaded <= now]


def whole_sessions(events: list[Event], offset: int, limit: int) -> list[Event]:
    """``limit`` events from ``offset`` on, and the rest of the session that they end in."""
    end = min(offset + limit, len(events))
    while 0 < end < len(events) and end > offset:
        session = events[end - 1].session
        if session == -1 or events[end].session != session:
            break
        end += 1
    return events[offset:end]


def error(status: int, kind: str, message: str, details: str = "") -> Answer:
    """Amplitude's error."""
    return json_answer(
        {
            "error": {
                "http_code": status,
                "type": kind,
                "message": message,
                "metadata": {"details": details},
            }
        },
        status,
    )


def _ids(found: Life) -> set[str | None]:
    return {found.person.user_id, *(device.device_id for device in found.person.devices)}


def _hour(text: str) -> int:
    """``YYYYMMDDTHH`` as hours since 1970."""
    return int(datetime.strptime(text, "%Y%m%dT%H").replace(tzinfo=UTC).timestamp()) // 3600
