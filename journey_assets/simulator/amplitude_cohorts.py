"""Amplitude's cohorts: the list, the asynchronous download, and the other host that has the file.

Belongs here: who is a member and the steps of a download. Does not belong here: keys and limits
(``amplitude.py``).
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from journey_assets.simulator.clock import DAY, Clock
from journey_assets.simulator.lives import Life
from journey_assets.simulator.population import Population
from journey_assets.simulator.randomness import mix
from journey_assets.simulator.truths import UPGRADE
from journey_assets.simulator.wire import Answer, Request, json_answer

CONVERTERS = "conv7x2k"
NON_CONVERTERS = "nonc4b9q"
_NAMES = {CONVERTERS: "Upgraded in the last 30 days", NON_CONVERTERS: "Active, not upgraded"}
_WINDOW_DAYS = 30


class Cohorts:
    """The two cohorts of the project, over the last 30 days."""

    def __init__(
        self, population: Population, clock: Clock, polls: int, other_host: Callable[[], str]
    ) -> None:
        self._population = population
        self._clock = clock
        self._polls = polls
        self._other_host = other_host
        self._requests: dict[str, str] = {}
        self._polled: dict[str, int] = {}
        self._lock = threading.Lock()

    def listing(self, request: Request) -> Answer:  # noqa: ARG002 - all answers are alike
        """``GET /api/3/cohorts``."""
        cohorts = [
            {"id": key, "name": name, "size": len(self._members(key)), "archived": False}
            for key, name in _NAMES.items()
        ]
        return json_answer({"cohorts": cohorts})

    def request(self, request: Request) -> Answer:
        """``GET /api/5/cohorts/request/{id}``: begin a download."""
        cohort = request.path.rsplit("/", 1)[1]
        if cohort not in _NAMES:
            return _missing(f"Cohort {cohort} was not found")
        with self._lock:
            number = len(self._requests) + 1
            download = f"{mix(number, 77):016x}"[:10]
            self._requests[download] = cohort
            self._polled[download] = 0
        return json_answer({"request_id": download, "cohort_id": cohort}, 202)

    def status(self, request: Request) -> Answer:
        """``GET /api/5/cohorts/request-status/{rid}``."""
        download = request.path.rsplit("/", 1)[1]
        with self._lock:
            if download not in self._requests:
                return _missing("Request was not found")
            self._polled[download] += 1
            done = self._polled[download] > self._polls
            cohort = self._requests[download]
        text = "JOB COMPLETED" if done else "JOB INPROGRESS"
        return json_answer(
            {"request_id": download, "cohort_id": cohort, "async_status": text},
            200 if done else 202,
        )

    def file(self, request: Request) -> Answer:
        """``GET /api/5/cohorts/request/{rid}/file``: a redirect to the other host."""
        download = request.path.split("/")[-2]
        with self._lock:
            ready = self._polled.get(download, -1) > self._polls
        if not ready:
            return _missing("The file is not ready")
        signature = f"{mix(int(download, 16), 78):016x}"
        target = f"{self._other_host()}/cohorts/{download}.csv?signature={signature}"
        return Answer(302, b"", {"Location": target})

    def csv(self, download: str) -> str | None:
        """The file's text, None for an unknown download."""
        with self._lock:
            cohort = self._requests.get(download)
        if cohort is None:
            return None
        rows = (f"{one.person.amplitude_id},{one.person.user_id}" for one in self._members(cohort))
        return "\n".join(("amplitude_id,user_id", *rows)) + "\n"

    def user_ids(self) -> tuple[list[str], list[str]]:
        """User ids of both cohorts, the converters first."""
        converters, others = (
            [str(one.person.user_id) for one in self._members(cohort)]
            for cohort in (CONVERTERS, NON_CONVERTERS)
        )
        return converters, others

    def _members(self, cohort: str) -> list[Life]:
        now = self._clock()
        today, since = int(now // DAY), (now - _WINDOW_DAYS * DAY) * 1_000_000
        first = today - _WINDOW_DAYS - self._population.LIFE_DAYS
        members = []
        for one in self._population.lives_between(first, today):
            seen = [event for event in one.events if since <= event.time <= now * 1_000_000]
            if one.person.user_id is None or not seen:
                continue
            upgraded = any(event.name == UPGRADE for event in seen)
            if upgraded is (cohort == CONVERTERS):
                members.append(one)
        return members


class OtherHost:
    """The host that keeps the files; it refuses a request that carries anybody's credentials."""

    name = "other_host"

    def __init__(self, cohorts: Cohorts) -> None:
        self._cohorts = cohorts

    def route(self, request: Request) -> str:
        """The documented path of a request."""
        return "/cohorts/{rid}.csv" if request.path.startswith("/cohorts/") else "(unknown)"

    @contextmanager
    def admit(self, request: Request) -> Iterator[Answer | None]:
        """Refuse credentials, as signed addresses do."""
        carried = "authorization" in request.headers or "cookie" in request.headers
        text = b"<Error><Code>InvalidArgument</Code></Error>"
        yield Answer(400, text, {"Content-Type": "application/xml"}) if carried else None

    def respond(self, request: Request) -> Answer:
        """The file."""
        name = request.path.rsplit("/", 1)[1]
        text = self._cohorts.csv(name.removesuffix(".csv")) if name.endswith(".csv") else None
        if text is None or not request.param("signature"):
            return Answer(403, b"<Error><Code>AccessDenied</Code></Error>")
        return Answer(200, text.encode(), {"Content-Type": "text/csv"})


def _missing(message: str) -> Answer:
    return json_answer({"error": {"http_code": 404, "type": "not_found", "message": message}}, 404)
