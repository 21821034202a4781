"""Mavenoid's Analytics API: rows and summaries of conversations, live sessions, availabilities.

Belongs here: the three endpoints, the ``days`` parameter and its limits, refusing the tokens that
the vendor prints in its documentation. Does not belong here: what a row means (``raw/mavenoid.py``)
and whether rows and summaries agree (``raw/reconciliation.py``).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

from journey_assets.settings import Settings
from journey_assets.vendors.errors import CredentialsRefused, UnexpectedAnswer
from journey_assets.vendors.quota import MAVENOID_MANY_DAYS, MAVENOID_ONE_DAY, Limit
from journey_assets.vendors.transport import HURRIED, Patience, RetryPolicy, Transport

#: How far back the vendor serves rows, in periods of 24 hours.
MOST_DAYS = 120

#: What may pass between choosing ``days`` and the vendor's reading of its clock: waiting for the
#: quota, retries, clocks that differ. Within it, the window's start is put a day earlier.
_MARGIN = timedelta(minutes=10)

#: There are no pages: up to 120 days come in one answer.
_PATIENT = Patience((10.0, 180.0), RetryPolicy())

_DAY = timedelta(days=1)
_REMEDY = "Check MAVENOID_TOKEN: Mavenoid issues it on request to your representative."

#: SHA-256 of what the documentation prints as a token; with it the vendor serves dummy data.
_PRINTED_TOKENS = frozenset(
    {
        "a7022fa4510e6b1d9546ff96b955a35774bccf1ea279b8cf15e9f6ef89645cc6",
        "0a3a4f73412124ed5f47d51fcd822e5190bc7e509e7c126443537181e97c80a3",
    }
)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One of the API's lists. name: for messages; path: after the base URL."""

    name: str
    path: str


CONVERSATIONS = Endpoint("assistant conversations", "/v1/assistant-conversations.json")
SESSIONS = Endpoint("live support sessions", "/v1/live-support-sessions.json")
AVAILABILITIES = Endpoint("agent availabilities", "/v1/agent-availabilities.json")


class MavenoidClient:
    """Calls of one organisation.

    Raises :class:`CredentialsRefused` at once for a token of the vendor's documentation.
    """

    def __init__(
        self,
        *,
        base_url: str,
        token: str,
        quota_directory: Path,
        log: Callable[[str], None],
        patience: Patience = _PATIENT,
    ) -> None:
        if sha256(token.encode()).hexdigest() in _PRINTED_TOKENS:
            raise CredentialsRefused(
                "Mavenoid",
                "checking the token",
                "MAVENOID_TOKEN is the one printed in Mavenoid's documentation, which is served "
                "dummy data",
                remedy="Set your organisation's own token: Mavenoid issues it on request.",
            )
        self._transport = Transport(
            vendor="Mavenoid",
            base_url=base_url,
            auth=token,
            quota_directory=quota_directory,
            log=log,
            timeouts=patience.timeouts,
            longest=patience.longest,
            retry=patience.retry,
            remedies={401: _REMEDY, 403: _REMEDY, 404: "Check MAVENOID_BASE_URL."},
        )

    @classmethod
    def from_settings(
        cls, settings: Settings, log: Callable[[str], None], *, hurried: bool = False
    ) -> Self:
        """The client of the organisation that ``settings`` names; ``hurried`` gives up at once."""
        return cls(
            base_url=settings.mavenoid_base_url,
            token=settings.mavenoid_token,
            quota_directory=settings.directory() / "quota",
            log=log,
            patience=HURRIED if hurried else _PATIENT,
        )

    def seconds_for_looks(self, calls: int) -> float:
        """Seconds until so many calls for the last 24 hours may have started, as the quota stands."""
        return self._transport.seconds_for(calls, MAVENOID_ONE_DAY)

    def rows(self, endpoint: Endpoint, days: int) -> list[Any]:
        """All records of the last ``days`` periods of 24 hours, in one answer."""
        return self._list(endpoint, endpoint.name, (), days)

    def stage_rows(self, endpoint: Endpoint, days: int, to: Path) -> int:
        """Write the records of :meth:`rows` to the file ``to``, one a line; returns how many.

        For as many days as there are: memory does not grow with the answer.
        """
        return self._transport.get_array(
            endpoint.name, endpoint.path, to=to, params=_days(days), limit=_limit(days)
        )

    def summary(self, endpoint: Endpoint, group_by: Sequence[str], days: int) -> list[Any]:
        """The vendor's own counts and sums of those records, one object per group."""
        grouped = (("group_by", ",".join(group_by)),)
        return self._list(endpoint, f"summary of {endpoint.name}", grouped, days)

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def _list(
        self, endpoint: Endpoint, operation: str, params: tuple[tuple[str, str], ...], days: int
    ) -> list[Any]:
        answer = self._transport.get_json(
            operation,
            endpoint.path,
            params=_days(days, *params),
            limit=_limit(days),
        )
        if not isinstance(answer, list):
            raise UnexpectedAnswer(
                "Mavenoid",
                operation,
                "the answer is not a JSON array",
                remedy="Check MAVENOID_BASE_URL.",
            )
        return answer


def _days(days: int, *others: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    """The vendor counts a request against the right limit only when ``days`` stands last."""
    return (*others, ("days", str(days)))


def _limit(days: int) -> Limit:
    return MAVENOID_ONE_DAY if days == 1 else MAVENOID_MANY_DAYS


def days_back_to(first: date, now: datetime) -> int:
    """The smallest ``days`` that reaches back to 00:00 UTC of ``first``; 1 to :data:`MOST_DAYS`."""
    passed = now + _MARGIN - datetime.combine(first, time(), UTC)
    return min(max(-(-passed // _DAY), 1), MOST_DAYS)


def first_whole_day(days: int, now: datetime, elapsed: timedelta) -> date:
    """The first UTC day that lies whole in the answer to ``days``.

    now: when ``days`` was chosen. elapsed: what had passed when the answer was there.
    """
    start = now + max(elapsed, _MARGIN) - days * _DAY
    return start.date() if start.time() == time() else start.date() + _DAY
