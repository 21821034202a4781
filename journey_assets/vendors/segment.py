"""Segment's two ways to profiles: a listing of the space, and the Profile API, one profile a time.

Belongs here: paths, parameters, pages and shapes of both. Does not belong here: which of a person's
identifiers names the profile, and what its traits mean (``raw/segment.py``).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qsl, quote, urlsplit

from journey_assets.settings import Settings
from journey_assets.vendors.errors import (
    NotFound,
    UnexpectedAnswer,
    plain,
    vendor_code,
    vendor_message,
)
from journey_assets.vendors.quota import SEGMENT
from journey_assets.vendors.transport import Params, Transport

_Kind = TypeVar("_Kind", dict[str, Any], list[Any])

#: Pages of one list that are read at most: a million profiles.
MOST_PAGES = 10_000

#: Days of events that the Profile API serves.
EVENT_DAYS = 14

_LISTING = "profile listing"
_REFUSED = (
    "Check SEGMENT_TOKEN and that it belongs to the space SEGMENT_SPACE_ID; SEGMENT_API says which "
    "of Segment's two APIs the token is for, SEGMENT_BASE_URL its region."
)
_NO_LISTING = (
    "Check SEGMENT_SPACE_ID; if Segment serves no listing for this space, set "
    "SEGMENT_API=profile_api to ask the Profile API for each profile."
)
_NO_PROFILE_API = (
    "Check SEGMENT_SPACE_ID, and SEGMENT_BASE_URL (EU: https://profiles.euw1.segment.com)."
)


@dataclass(frozen=True, slots=True)
class ProfileAnswer:
    """What the Profile API knows of one profile: all traits, and the records of its identifiers."""

    traits: Mapping[str, Any]
    external_ids: tuple[Any, ...]


class SegmentListing:
    """The listing of a space's profiles, with a Bearer token."""

    def __init__(
        self,
        *,
        base_url: str,
        token: str,
        space_id: str,
        quota_directory: Path,
        log: Callable[[str], None],
    ) -> None:
        self._path = f"/spaces/{quote(space_id, safe='')}/collections/users/profiles"
        self._transport = Transport(
            vendor="Segment",
            base_url=base_url,
            auth=token,
            quota_directory=quota_directory,
            log=log,
            remedies={401: _REFUSED, 403: _REFUSED, 404: _NO_LISTING},
        )

    def pages(self) -> Iterator[list[Any]]:
        """The profiles, a page at a time: ``{"traits": {…}, "external_ids": [{"type", "id"}]}``."""
        params = (("limit", "100"), ("include", "traits,external_ids"))
        for answer in _pages(self._transport, _LISTING, self._path, params):
            data = answer.get("data")
            profiles = data.get("profiles") if isinstance(data, dict) else None
            if not isinstance(profiles, list):
                raise _unexpected(_LISTING, "the answer has no list data.profiles", _NO_LISTING)
            yield profiles

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()


class SegmentProfileApi:
    """The documented Profile API, HTTP Basic. Safe to use from many threads."""

    def __init__(
        self,
        *,
        base_url: str,
        token: str,
        space_id: str,
        quota_directory: Path,
        log: Callable[[str], None],
    ) -> None:
        self._profiles = f"/v1/spaces/{quote(space_id, safe='')}/collections/users/profiles"
        self._transport = Transport(
            vendor="Segment",
            base_url=base_url,
            auth=(token, ""),
            quota_directory=quota_directory,
            log=log,
            remedies={401: _REFUSED, 403: _REFUSED},
        )

    def profile(self, identifier: str) -> ProfileAnswer | None:
        """Traits and identifiers of the profile ``type:value``; None when Segment knows none."""
        traits: dict[str, Any] = {}
        external_ids: list[Any] = []
        try:
            for answer in self._parts(identifier, "traits", (("limit", "200"),)):
                traits.update(_part(answer, "traits", dict))
            for answer in self._parts(identifier, "external_ids", ()):
                external_ids += _part(answer, "data", list)
        except _UnknownProfile:
            return None
        return ProfileAnswer(traits, tuple(external_ids))

    def events(self, identifier: str) -> list[Any]:
        """The profile's events of the last :data:`EVENT_DAYS` days; none for an unknown profile.

        New events may repeat others at the seam of two pages.
        """
        events: list[Any] = []
        try:
            for answer in self._parts(identifier, "events", (("limit", "100"),)):
                events += _part(answer, "data", list)
        except _UnknownProfile:
            return []
        return events

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def _parts(self, identifier: str, part: str, params: Params) -> Iterator[dict[str, Any]]:
        # The identifier may be an e-mail address: it stays out of the operation's name.
        path = f"{self._profiles}/{quote(identifier.lower(), safe=':')}/{part}"
        return _pages(self._transport, f"profile {part}", path, params, unknown=True)


class _UnknownProfile(Exception):  # noqa: N818 - a turn of the talk, not an error
    """Segment says that there is no such profile."""


def segment_client(
    settings: Settings, log: Callable[[str], None]
) -> SegmentListing | SegmentProfileApi:
    """The client of the API that ``SEGMENT_API`` chooses."""
    kind = SegmentListing if settings.segment_api == "listing" else SegmentProfileApi
    return kind(
        base_url=settings.segment_url(),
        token=settings.segment_token,
        space_id=settings.segment_space_id,
        quota_directory=settings.directory() / "quota",
        log=log,
    )


def _pages(
    transport: Transport, operation: str, path: str, params: Params, *, unknown: bool = False
) -> Iterator[dict[str, Any]]:
    """All pages of a list; with ``unknown``, "not found" raises :class:`_UnknownProfile`."""
    seen: set[Params] = set()
    following: Params | None = tuple(params)
    while following is not None:
        seen.add(following)
        answer = transport.get_json(
            operation,
            path,
            params=following,
            limit=SEGMENT,
            expect=(200, 404) if unknown else (200,),
        )
        if not isinstance(answer, dict):
            raise _unexpected(operation, "the answer is not a JSON object", "")
        if unknown and "error" in answer:
            _raise_unknown(operation, answer)
        yield answer
        following = next_params(operation, answer, params)
        if len(seen) >= MOST_PAGES and following is not None:
            raise _unexpected(operation, f"the list has no end after {MOST_PAGES:,} pages", "")
        if following in seen:
            raise _unexpected(operation, "the cursor leads back to a page already read", "")


def _raise_unknown(operation: str, answer: Mapping[str, Any]) -> None:
    """Only Segment's own "profile not found" means an unknown person, another 404 a wrong address."""
    message = vendor_message(answer) or ""
    if vendor_code(answer) == "not_found" and "space" not in message.lower():
        raise _UnknownProfile
    raise NotFound(
        "Segment",
        operation,
        "no such address",
        status=404,
        message=plain(message),
        remedy=_NO_PROFILE_API,
    )


def next_params(operation: str, answer: Mapping[str, Any], params: Params) -> Params | None:
    """The query of the page after ``answer``, None after the last one.

    ``next`` is passed back as it is. A cursor that has only a ``url`` gives its query; its host and
    path are never followed, so that credentials cannot be led elsewhere. Raises
    :class:`UnexpectedAnswer` when there is more but no way to it.
    """
    cursor = _cursor(answer)
    token = cursor.get("next")
    if not cursor.get("has_more", bool(token)):
        return None
    own = dict(params)
    if token:
        return tuple((own | {"next": str(token)}).items())
    query = _query(cursor.get("url"))
    if not query:
        raise _unexpected(operation, "the cursor has more pages and names none", "")
    return tuple((own | query).items())


def _cursor(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """``data.cursor`` or ``cursor``; a list of one page may have none."""
    data = answer.get("data")
    inner = data.get("cursor") if isinstance(data, dict) else None
    cursor = inner if inner is not None else answer.get("cursor")
    return cursor if isinstance(cursor, dict) else {}


def _query(url: object) -> dict[str, str]:
    try:
        return dict(parse_qsl(urlsplit(str(url or "")).query, keep_blank_values=True))
    except ValueError:
        return {}


def _part(answer: Mapping[str, Any], key: str, kind: type[_Kind]) -> _Kind:
    part = answer.get(key)
    if not isinstance(part, kind):
        raise _unexpected("profile", f"the answer has no {key}", _NO_PROFILE_API)
    return part


def _unexpected(operation: str, what: str, remedy: str) -> UnexpectedAnswer:
    return UnexpectedAnswer("Segment", operation, what, remedy=remedy)
