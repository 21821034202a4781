"""Mavenoid on the wire: rows and summaries of the three endpoints.

Belongs here: credentials, limits, the rolling window, overrides made by a test, and what is served
to the token of the documentation. Does not belong here: how conversations unfold
(``conversations.py``) and how rows are summed up (``mavenoid_groups.py``).
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from journey_assets.simulator.agents import Availability, availabilities
from journey_assets.simulator.clock import DAY, Clock
from journey_assets.simulator.conversations import (
    Conversation,
    conversation_row,
    conversations,
    moment,
    session_rows,
)
from journey_assets.simulator.mavenoid_groups import FIELDS, summarize
from journey_assets.simulator.population import Population
from journey_assets.simulator.quotas import Limits, Quota
from journey_assets.simulator.randomness import unit
from journey_assets.simulator.wire import Answer, Request, json_answer

#: The token that the documentation prints; it is served dummy data.
PRINTED_TOKEN = "ma_15prljrk6_uvsb2u6aknvutrr6cvtu9t43odabsdd0o2vg"  # noqa: S105 - public, no secret

CONVERSATIONS = "/v1/assistant-conversations.json"
SESSIONS = "/v1/live-support-sessions.json"
AVAILABILITIES = "/v1/agent-availabilities.json"
_MOST_DAYS = 120


@dataclass(frozen=True, slots=True)
class MavenoidOptions:
    """Choices of how Mavenoid behaves.

    sample_slips: share of the rows that look like the documentation's samples: ``resolution`` for
    ``resolution_label``, no ``feedback_rating``, an unpadded hour. sample_statuses: summaries of
    conversations by status speak of ``self_service_resolution`` and the like.
    """

    sample_slips: float = 0.05
    sample_statuses: bool = True


class Mavenoid:
    """The vendor."""

    name = "mavenoid"

    def __init__(
        self,
        population: Population,
        clock: Clock,
        limits: Limits,
        token: str,
        options: MavenoidOptions,
    ) -> None:
        self._population = population
        self._clock = clock
        self._token = token
        self._options = options
        self._last_day = Quota(limits.mavenoid_last_day, clock)
        self._longer = Quota(limits.mavenoid_longer, clock)
        self._retry_after = "mavenoid" in limits.retry_after
        self._changes: dict[str, dict[str, Any]] = {}
        self._lock = threading.Lock()
        self._of_day = lru_cache(maxsize=256)(self._draw_day)

    def change_conversation(self, conversation_id: str, **fields: Any) -> None:
        """Let fields of a conversation have other values from now on; it counts as updated now."""
        with self._lock:
            changed = self._changes.setdefault(conversation_id, {})
            changed.update({"updated_at": moment(self._clock()), **fields})

    def route(self, request: Request) -> str:
        """The documented path of a request; summaries are counted apart."""
        known = request.path in (CONVERSATIONS, SESSIONS, AVAILABILITIES)
        grouped = "?group_by" if request.param("group_by") else ""
        return request.path + grouped if known else "(unknown)"

    @contextmanager
    def admit(self, request: Request) -> Iterator[Answer | None]:
        """Check the token, then hold a place in the quota, which ``days`` chooses."""
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if given not in (self._token, PRINTED_TOKEN):
            yield json_answer({"error": "Invalid access token."}, 401)
            return
        # The vendor only tells the last day's requests apart when ``days`` stands last.
        quota = self._last_day if request.params[-1:] == (("days", "1"),) else self._longer
        with quota.attempt() as refusal:
            if refusal is None:
                yield None
                return
            headers = {"Retry-After": str(refusal.retry_after)} if self._retry_after else {}
            refused = json_answer({"error": f"Too many requests: {refusal.reason}."}, 429, headers)
            yield Answer(429, refused.body, refused.headers, refused_by_quota=True)

    def respond(self, request: Request) -> Answer:
        """Answer a request that was let in."""
        makers: Mapping[str, Callable[[float, float], list[dict[str, Any]]]] = {
            CONVERSATIONS: self.conversations,
            SESSIONS: self.sessions,
            AVAILABILITIES: self.availabilities,
        }
        make = makers.get(request.path)
        if make is None:
            return json_answer({"error": "Not found."}, 404)
        days = request.number("days", 0)
        if days is None or not 1 <= days <= _MOST_DAYS:
            return json_answer({"error": "days must be an integer between 1 and 120."}, 400)
        now = self._clock()
        rows = make(now - days * DAY, now)
        if request.headers.get("authorization", "").endswith(PRINTED_TOKEN):
            rows = rows[:2]
        asked = [field for field in request.param("group_by").split(",") if field]
        if not asked:
            slips = request.path != CONVERSATIONS
            return json_answer([self._with_slips(row) for row in rows] if slips else rows)
        if unknown := [field for field in asked if field not in FIELDS[request.path]]:
            return json_answer({"error": f"Unknown group_by field {unknown[0]}."}, 400)
        statuses = self._options.sample_statuses and request.path == CONVERSATIONS
        return json_answer(summarize(request.path, rows, asked, sample_statuses=statuses))

    def conversations(self, since: float, now: float) -> list[dict[str, Any]]:
        """Rows of the conversations created from ``since`` to ``now``, as they stand now."""
        rows = [conversation_row(one, now) for one in self._between(since, now)]
        with self._lock:
            return [{**row, **self._changes.get(row["id"], {})} for row in rows]

    def sessions(self, since: float, now: float) -> list[dict[str, Any]]:
        """Rows of the live sessions begun from ``since`` to ``now``, as they stand now."""
        first = moment(since)
        return [
            row
            # A session begins within minutes of its conversation, perhaps on the other side.
            for one in self._between(since - DAY, now)
            for row in session_rows(one, now)
            if row["created_at"] >= first
        ]

    def availabilities(self, since: float, now: float) -> list[dict[str, Any]]:
        """Rows of the periods begun from ``since`` to ``now``; an open one has no end."""
        seed = self._population.config.seed
        return [
            _availability_row(one, now)
            for day in range(int(since // DAY), int(now // DAY) + 1)
            for one in availabilities(seed, day)
            if since <= one.start <= now
        ]

    def _between(self, since: float, now: float) -> list[Conversation]:
        return [
            one
            for day in range(int(since // DAY), int(now // DAY) + 1)
            for one in self._of_day(day)
            if since <= one.created <= now
        ]

    def _draw_day(self, day: int) -> tuple[Conversation, ...]:
        found = conversations(self._population, day)
        return tuple(sorted(found, key=lambda one: (one.created, one.id)))

    def _with_slips(self, row: dict[str, Any]) -> dict[str, Any]:
        """Some rows as the documentation's samples have them."""
        start = row.get("start_timestamp", row.get("created_at", ""))
        if unit(*start.encode()) >= self._options.sample_slips:
            return row
        slipped = dict(row)
        if "start_timestamp" in row:
            slipped["start_timestamp"] = start.replace("T0", "T")
            return slipped
        slipped["resolution"] = slipped.pop("resolution_label")
        if slipped["feedback_rating"] is None:
            del slipped["feedback_rating"]
        return slipped


def _availability_row(one: Availability, now: float) -> dict[str, Any]:
    end = min(one.end, now)
    duration = round((end - one.start) * 1000)
    return {
        "agent_email": one.agent,
        "start_timestamp": moment(one.start),
        "end_timestamp": moment(one.end) if one.end <= now else None,
        "duration_ms": duration,
        "active_duration_ms": int(duration * one.active),
    }
