"""Segment on the wire: the listing of a space, and the Profile API.

Belongs here: routes, both kinds of credentials, pages, cursors, errors. Does not belong here: what
the profiles hold (``profiles.py``).
"""

import base64
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlencode

from journey_assets.simulator.clock import DAY, Clock
from journey_assets.simulator.lives import Life
from journey_assets.simulator.population import Population
from journey_assets.simulator.profiles import (
    PROFILE_DAYS,
    Profile,
    has_profile,
    profile,
    profiles,
    track_events,
)
from journey_assets.simulator.quotas import Limits, Quota
from journey_assets.simulator.wire import Answer, Request, json_answer

_LISTING = re.compile(r"/spaces/(?P<space>[^/]+)/collections/users/profiles")
_PART = re.compile(
    r"/v1/spaces/(?P<space>[^/]+)/collections/users/profiles/(?P<id>[^/]+)"
    r"/(?P<part>traits|external_ids|events|metadata|links)"
)
_EVENT_DAYS = 14
#: Default and most entries of a page.
_PAGES = {"traits": (10, 200), "external_ids": (25, 25), "events": (10, 100), "links": (20, 20)}
_LISTING_PAGE = (100, 100)


@dataclass(frozen=True, slots=True)
class SegmentOptions:
    """Choices of how Segment behaves.

    cursor: whether ``cursor.url`` is ``absolute`` or ``relative``, or the only way on
    (``url_only``: ``next`` is empty). cursor_in_data: the listing's cursor stands in ``data``.
    """

    cursor: Literal["absolute", "relative", "url_only"] = "relative"
    cursor_in_data: bool = True


class Segment:
    """The vendor."""

    name = "segment"

    def __init__(
        self,
        population: Population,
        clock: Clock,
        limits: Limits,
        token: str,
        space: str,
        options: SegmentOptions,
        own_url: Callable[[], str],
    ) -> None:
        self._population = population
        self._clock = clock
        self._bearer = f"Bearer {token}"
        self._basic = f"Basic {base64.b64encode(f'{token}:'.encode()).decode()}"
        self._space = space
        self._options = options
        self._own_url = own_url
        self._quota = Quota(limits.segment, clock)
        self._retry_after = "segment" in limits.retry_after
        self._listed: tuple[int, list[Profile]] = (-1, [])

    def route(self, request: Request) -> str:
        """The documented path of a request."""
        if _LISTING.fullmatch(request.path):
            return "/spaces/{space}/collections/users/profiles"
        found = _PART.fullmatch(request.path)
        if found:
            return f"/v1/spaces/{{space}}/collections/users/profiles/{{id}}/{found['part']}"
        return "(unknown)"

    @contextmanager
    def admit(self, request: Request) -> Iterator[Answer | None]:
        """Check the token, Bearer for the listing and Basic for the Profile API, then the quota."""
        wanted = self._basic if request.path.startswith("/v1/") else self._bearer
        if request.headers.get("authorization") != wanted:
            yield error(401, "authentication_error", "The token is missing or invalid.")
            return
        with self._quota.attempt() as refusal:
            if refusal is None:
                yield None
                return
            headers = {"Retry-After": str(refusal.retry_after)} if self._retry_after else {}
            refused = error(429, "rate_limit_error", "Too many requests.")
            yield Answer(429, refused.body, {**refused.headers, **headers}, refused_by_quota=True)

    def respond(self, request: Request) -> Answer:
        """Answer a request that was let in."""
        found = _LISTING.fullmatch(request.path) or _PART.fullmatch(request.path)
        if found is None:
            return error(404, "not_found", "Resource was not found.")
        if found["space"] != self._space:
            return error(404, "not_found", "Space was not found.")
        if found.re is _LISTING:
            return self._list(request)
        return self._part(request, found["id"], found["part"])

    def _list(self, request: Request) -> Answer:
        page = self._page(request, _LISTING_PAGE, self._profiles())
        if page is None:
            return _invalid()
        chosen, cursor = page
        include = set((request.param("include") or "traits,external_ids").split(","))
        shown = [self._listed_profile(one, include) for one in chosen]
        if self._options.cursor_in_data:
            return json_answer({"data": {"profiles": shown, "cursor": cursor}})
        return json_answer({"data": {"profiles": shown}, "cursor": cursor})

    @staticmethod
    def _listed_profile(one: Profile, include: set[str]) -> dict[str, Any]:
        shown: dict[str, Any] = {"segment_id": one.segment_id}
        if "traits" in include:
            shown["traits"] = one.traits
        if "external_ids" in include:
            shown["external_ids"] = [
                {"type": known["type"], "id": known["id"]} for known in one.external_ids
            ]
        return shown

    def _profiles(self) -> list[Profile]:
        day = self._today()
        if self._listed[0] != day:
            self._listed = (day, list(profiles(self._population, day)))
        return self._listed[1]

    def _part(self, request: Request, identifier: str, part: str) -> Answer:
        one = self._find(identifier)
        if one is None:
            return error(404, "not_found", "Profile was not found.")
        if part == "metadata":
            return json_answer({"metadata": {"segment_id": one.segment_id, "created_at": None}})
        if part == "traits":
            return self._traits(request, one)
        entries: Sequence[Any] = []
        if part == "external_ids":
            entries = one.external_ids
        elif part == "events":
            entries = self._events(request, one)
        page = self._page(request, _PAGES[part], entries)
        return _invalid() if page is None else json_answer({"data": page[0], "cursor": page[1]})

    def _traits(self, request: Request, one: Profile) -> Answer:
        include = request.param("include")
        wanted = set(include.split(",")) if include else None
        entries = [(k, v) for k, v in one.traits.items() if wanted is None or k in wanted]
        page = self._page(request, _PAGES["traits"], entries)
        if page is None:
            return _invalid()
        return json_answer({"traits": dict(page[0]), "cursor": page[1]})

    def _events(self, request: Request, one: Profile) -> list[dict[str, Any]]:
        now = self._clock()
        events = track_events(one.person, now - _EVENT_DAYS * DAY, now)
        for name, keep in (("include", True), ("exclude", False)):
            if listed := request.param(name):
                events = [e for e in events if (e["event"] in listed.split(",")) is keep]
        return events[::-1] if request.param("sort") == "asc" else events

    def _find(self, identifier: str) -> Profile | None:
        """The profile of ``type:value``; only identifiers that the profile shows lead to it."""
        kind, _, value = identifier.partition(":")
        found = self._population.of_code(value)
        if found is None or not self._in_space(found):
            return None
        one = profile(found.person, self._today())
        known = {(entry["type"], entry["id"].lower()) for entry in one.external_ids}
        known.add(("segment_id", one.segment_id))
        return one if (kind, value.lower()) in known else None

    def _in_space(self, found: Life) -> bool:
        person = found.person
        today = self._today()
        recent = today - PROFILE_DAYS < person.day <= today
        return recent and has_profile(person, self._population.config.model.profile_share)

    def _page(
        self, request: Request, sizes: tuple[int, int], entries: Sequence[Any]
    ) -> tuple[list[Any], dict[str, Any]] | None:
        """A page of ``entries`` and its cursor; None when the parameters are invalid."""
        default, most = sizes
        limit = request.number("limit", default)
        offset = _offset(request.param("next"))
        if limit is None or offset is None or limit < 1:
            return None
        end = offset + min(limit, most)
        more = end < len(entries)
        token = _token(end) if more else ""
        own = urlencode({"limit": limit, "next": token})
        url = f"{request.path}?{own}" if more else ""
        if more and self._options.cursor == "absolute":
            url = self._own_url() + url
        shown = "" if self._options.cursor == "url_only" else token
        cursor = {"url": url, "has_more": more, "next": shown, "limit": min(limit, most)}
        return list(entries[offset:end]), cursor

    def _today(self) -> int:
        return int(self._clock() // DAY)


def error(status: int, code: str, message: str) -> Answer:
    """Segment's error."""
    return json_answer({"error": {"code": code, "message": message}}, status)


def _invalid() -> Answer:
    return error(400, "invalid_request_error", "The request's parameters are invalid.")


def _token(offset: int) -> str:
    return base64.urlsafe_b64encode(f"map_{offset}".encode()).decode()


def _offset(token: str) -> int | None:
    """The offset of an opaque token; None when it is none of ours."""
    if not token:
        return 0
    try:
        text = base64.urlsafe_b64decode(token.encode()).decode()
    except ValueError:
        return None
    return int(text.removeprefix("map_")) if text.removeprefix("map_").isdigit() else None
