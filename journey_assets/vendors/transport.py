"""The one HTTP transport of all vendors.

Belongs here: the session, credentials, timeouts, when to try again, redirects, reading bodies.
Does not belong here: turning a failed attempt into words (:mod:`.failures`), and the paths,
parameters and shapes of any one vendor.
"""

import random
import threading
from base64 import b64encode
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase, HTTPBasicAuth

from journey_assets.vendors.bodies import bounded, read_json, split_array, write_body
from journey_assets.vendors.errors import RETRYABLE_STATUSES, CredentialsRefused
from journey_assets.vendors.failures import NETWORK_ERRORS, Call, Failure, Failures
from journey_assets.vendors.quota import Clock, Limit, Quota

T = TypeVar("T")
Params = Sequence[tuple[str, str]]

#: A POST is sent again only after one of these answers, which say that nothing was done.
RETRYABLE_POST_STATUSES: frozenset[int] = frozenset({429, 500, 503})

_CONNECTIONS = 32


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """When to try again: at most ``attempts`` sendings, with ``total`` seconds of pauses between.

    The n-th pause is drawn evenly from 0 to ``first_pause`` · 2^(n-1), at most ``longest_pause``
    seconds (full jitter), but is never shorter than the vendor's ``Retry-After``. A
    ``Retry-After`` that would pass ``total`` ends the attempts at once.
    """

    attempts: int = 6
    first_pause: float = 0.5
    longest_pause: float = 60.0
    total: float = 900.0

    def pause(self, attempt: int, asked: float | None) -> float:
        """Seconds to wait after the ``attempt``-th failure; ``asked``: the vendor's wish."""
        longest = min(self.first_pause * 2 ** (attempt - 1), self.longest_pause)
        return max(random.uniform(0, longest), asked or 0.0)  # noqa: S311 - jitter, not a secret


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a call may take. timeouts: seconds to connect and between two pieces of an answer."""

    timeouts: tuple[float, float]
    retry: RetryPolicy


#: A run waits and tries again.
PATIENT = Patience((10.0, 60.0), RetryPolicy())

#: A sensor has a minute for its look, and looks again soon.
HURRIED = Patience((5.0, 15.0), RetryPolicy(attempts=1))


class Transport:
    """One vendor's HTTP session; may be used by many threads at once.

    vendor: its name as people write it. auth: a Bearer token, or user name and password for HTTP
    Basic. timeouts: seconds for the connection and between two pieces of an answer. remedies: by
    status, what to tell people to do, where the general advice does not fit.

    All methods raise the errors of :mod:`journey_assets.vendors.errors`. ``operation`` names in
    them what was being done; it must not hold personal data.
    """

    def __init__(
        self,
        *,
        vendor: str,
        base_url: str,
        auth: tuple[str, str] | str,
        quota_directory: Path,
        log: Callable[[str], None],
        timeouts: tuple[float, float] = (10.0, 60.0),
        retry: RetryPolicy | None = None,
        remedies: Mapping[int, str] | None = None,
        clock: Clock | None = None,
    ) -> None:
        secrets = _secrets(auth)
        self._failures = Failures(vendor, secrets, remedies or {})
        self._base_url = self._failures.checked_base_url(base_url)
        _check_credentials(self._failures, auth)
        self._session = _Session()
        self._session.auth = _Bearer(auth) if isinstance(auth, str) else HTTPBasicAuth(*auth)
        self._account = "\n".join((self._base_url, *secrets))
        self._quota_directory = quota_directory
        self._quotas: dict[Limit, Quota] = {}
        self._quotas_lock = threading.Lock()
        self._log = log
        self._timeouts = timeouts
        self._retry = retry or RetryPolicy()
        self._clock = clock or Clock()

    def get_json(
        self,
        operation: str,
        path: str,
        *,
        params: Params = (),
        limit: Limit | None = None,
        expect: Collection[int] = (200,),
    ) -> Any:
        """The JSON of an answer whose status is one of ``expect``; the order of ``params`` is kept.

        path: from the base URL on, percent-encoded by the caller.
        """
        call = Call(operation, frozenset(expect), RETRYABLE_STATUSES)
        send = self._getter(path, params, follow=True)
        return self._perform(call, limit, send, lambda response: self._json(call, response))

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
        call = Call(operation, frozenset(expect), RETRYABLE_STATUSES - frozenset(expect))
        follow = not any(300 <= status < 400 for status in expect)
        return self._perform(call, limit, self._getter(path, params, follow=follow), _itself)

    def download(
        self,
        operation: str,
        path: str,
        *,
        to: Path,
        params: Params = (),
        limit: Limit | None = None,
        final: Collection[int] = (),
    ) -> None:
        """Stream the body to the file ``to``; there is a whole file afterwards, or none.

        A body that breaks off is fetched again from its start. Redirects are followed, to another
        host without credentials. final: statuses not worth another attempt here.
        """
        call = Call(operation, frozenset({200}), RETRYABLE_STATUSES - frozenset(final))
        send = self._getter(path, params, follow=True, stream=True)
        part = to.with_name(f"{to.name}.part")
        try:
            self._perform(call, limit, send, lambda response: write_body(response, part))
            part.replace(to)
        finally:
            part.unlink(missing_ok=True)

    def get_array(
        self,
        operation: str,
        path: str,
        *,
        to: Path,
        params: Params = (),
        limit: Limit | None = None,
    ) -> int:
        """Stream the elements of an answer that is a JSON array to the file ``to``, one a line.

        Returns how many. Memory does not grow with the answer, and an element that is no JSON is
        written like the others.
        """
        call = Call(operation, frozenset({200}), RETRYABLE_STATUSES)
        send = self._getter(path, params, follow=True, stream=True)
        body = to.with_name(f"{to.name}.body")
        try:
            return self._perform(call, limit, send, lambda r: self._array(call, r, body, to))
        finally:
            body.unlink(missing_ok=True)

    def post_json(
        self,
        operation: str,
        path: str,
        *,
        payload: Any,
        timeout: float,
        limit: Limit | None = None,
    ) -> Any:
        """Send ``payload`` and return the answer's JSON; ``timeout``: seconds for the answer.

        It is sent again only when it cannot have been carried out: no connection came about, or
        the answer was 429, 500 or 503. Raises :class:`.AnswerLost` when it went out and no
        readable answer came back.
        """
        call = Call(operation, frozenset({200, 201}), RETRYABLE_POST_STATUSES, once=True)

        def send() -> requests.Response:
            return self._session.post(
                self._url(path),
                json=payload,
                timeout=(self._timeouts[0], timeout),
                allow_redirects=False,
            )

        return self._perform(call, limit, send, lambda response: self._json(call, response))

    def seconds_for(self, calls: int, limit: Limit) -> float:
        """Expected seconds until ``calls`` further calls under ``limit`` may have started."""
        return self._quota(limit).seconds_for(calls)

    def close(self) -> None:
        """Close the session's connections and the quotas' files."""
        self._session.close()
        with self._quotas_lock:
            for quota in self._quotas.values():
                quota.close()
            self._quotas.clear()

    def _perform(
        self,
        call: Call,
        limit: Limit | None,
        send: Callable[[], requests.Response],
        read: Callable[[requests.Response], T],
    ) -> T:
        """Attempt until it works, cannot work, or the policy is used up."""
        quota = self._quota(limit) if limit else None
        paused = 0.0
        attempt = 0
        while True:
            attempt += 1
            outcome = self._attempt(call, quota, send, read)
            if not isinstance(outcome, Failure):
                return outcome
            pause = self._retry.pause(attempt, outcome.retry_after)
            paused += pause
            if not outcome.again or attempt >= self._retry.attempts or paused > self._retry.total:
                raise self._failures.error(call, outcome, attempt)
            if quota and outcome.status == 429:
                quota.block_until(self._clock.now() + pause)
            self._log(self._failures.retrying(call, outcome, pause, attempt, self._retry.attempts))
            self._clock.sleep(pause)

    def _attempt(
        self,
        call: Call,
        quota: Quota | None,
        send: Callable[[], requests.Response],
        read: Callable[[requests.Response], T],
    ) -> T | Failure:
        with self._allowed(quota):
            try:
                with send() as response:
                    if response.status_code in call.expect:
                        return read(response)
                    return self._failures.of_answer(call, response, self._clock.now())
            except NETWORK_ERRORS as error:
                return self._failures.of_network(call, error)

    @contextmanager
    def _allowed(self, quota: Quota | None) -> Iterator[None]:
        if quota is None:
            yield
            return
        with quota.attempt(self._log):
            yield

    def _quota(self, limit: Limit) -> Quota:
        with self._quotas_lock:
            if limit not in self._quotas:
                self._quotas[limit] = Quota(
                    self._quota_directory, limit, self._account, self._clock
                )
            return self._quotas[limit]

    def _getter(
        self, path: str, params: Params, *, follow: bool, stream: bool = False
    ) -> Callable[[], requests.Response]:
        return lambda: self._session.get(
            self._url(path),
            params=list(params),
            timeout=self._timeouts,
            allow_redirects=follow,
            stream=stream,
        )

    def _json(self, call: Call, response: requests.Response) -> Any:
        try:
            return read_json(response.content)
        except ValueError:
            raise self._failures.unreadable(call, response) from None

    def _array(self, call: Call, response: requests.Response, body: Path, to: Path) -> int:
        write_body(response, body)
        elements = split_array(body, to)
        if elements is None:
            with body.open("rb") as file:
                raise self._failures.unreadable(call, response, file.read(200))
        return elements

    def _url(self, path: str) -> str:
        return f"{self._base_url}/{path.lstrip('/')}"


class _Session(requests.Session):
    """A session whose redirects lose the credentials on another host and gain none there."""

    def __init__(self) -> None:
        super().__init__()
        self.hooks["response"].append(bounded)
        adapter = HTTPAdapter(pool_maxsize=_CONNECTIONS)
        self.mount("https://", adapter)
        self.mount("http://", adapter)
        self.headers.update({"User-Agent": "journey_assets", "Accept": "application/json, */*"})

    def rebuild_auth(
        self, prepared_request: requests.PreparedRequest, response: requests.Response
    ) -> None:
        """As in requests, but ``~/.netrc`` is not asked for the other host's credentials."""
        before, after = response.request.url or "", prepared_request.url or ""
        if self.should_strip_auth(before, after):  # type: ignore[no-untyped-call]
            prepared_request.headers.pop("Authorization", None)


class _Bearer(AuthBase):
    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def _secrets(auth: tuple[str, str] | str) -> tuple[str, ...]:
    """Every text that would give the credentials away."""
    if isinstance(auth, str):
        return (auth,)
    return (*auth, b64encode(":".join(auth).encode()).decode())


def _check_credentials(failures: Failures, auth: tuple[str, str] | str) -> None:
    """A key pasted with a line break or a typographic sign would fail deep inside of requests."""
    parts = (auth,) if isinstance(auth, str) else auth
    if not parts[0] or any(not 32 < ord(sign) < 127 for part in parts for sign in part):
        raise failures.at_once(
            CredentialsRefused,
            "signing in",
            "a key is empty or holds blanks or signs that no key has",
        )


def _itself(response: requests.Response) -> requests.Response:
    return response
