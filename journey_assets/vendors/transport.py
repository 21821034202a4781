"""The one HTTP transport of all vendors.

Belongs here: sessions, credentials, timeouts, retries, redirects, reading bodies, and turning what
fails into the errors of :mod:`.errors`. Does not belong here: paths, parameters and shapes of any
one vendor.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from requests.auth import AuthBase

from journey_assets.vendors.errors import vendor_message
from journey_assets.vendors.quota import Clock, Limit

Params = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """When to try again: at most ``attempts`` sendings within ``total`` seconds of pauses.

    The n-th pause is drawn evenly from 0 to ``first_pause`` · 2^(n-1), at most ``longest_pause``
    seconds (full jitter), but never shorter than the vendor's ``Retry-After``.
    """

    attempts: int = 6
    first_pause: float = 0.5
    longest_pause: float = 60.0
    total: float = 900.0


class Transport:
    """One vendor's HTTP session; may be used by many threads at once."""

    def __init__(
        self,
        *,
        vendor: str,
        base_url: str,
        auth: AuthBase | tuple[str, str] | str,
        quota_directory: Path,
        log: Callable[[str], None],
        timeouts: tuple[float, float] = (10.0, 60.0),
        retry: RetryPolicy | None = None,
        error_message: Callable[[object], str | None] = vendor_message,
        remedies: Mapping[int, str] | None = None,
        clock: Clock | None = None,
    ) -> None: ...

    def get_json(
        self,
        operation: str,
        path: str,
        *,
        params: Params = (),
        limit: Limit | None = None,
        expect: Collection[int] = (200,),
    ) -> Any:
        """The JSON of an answer whose status is one of ``expect``."""
        raise NotImplementedError

    def get(
        self,
        operation: str,
        path: str,
        *,
        params: Params = (),
        limit: Limit | None = None,
        expect: Collection[int] = (200,),
    ) -> requests.Response:
        """An answer whose status is one of ``expect``, its body read but not parsed.

        Redirects are followed unless ``expect`` names a status of 3xx.
        """
        raise NotImplementedError

    def download(
        self,
        operation: str,
        path: str,
        *,
        to: Path,
        params: Params = (),
        limit: Limit | None = None,
    ) -> None:
        """Stream the body to the file ``to``; there is a whole file afterwards, or none."""
        raise NotImplementedError

    def post_json(
        self,
        operation: str,
        path: str,
        *,
        payload: Any,
        limit: Limit | None = None,
        timeout: float,
    ) -> Any:
        """Send ``payload`` once and return the answer's JSON; sent again only after an answer.

        Raises :class:`AnswerLost` when the request went out and nothing came back.
        """
        raise NotImplementedError

    def close(self) -> None:
        """Close the session's connections."""
