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
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode, urljoin, urlsplit

import requests
from requests.auth import AuthBase, HTTPBasicAuth

from journey_assets.addresses import is_loopback
from journey_assets.vendors.bodies import bounded, read_json, split_array, write_body
from journey_assets.vendors.errors import RETRYABLE_STATUSES, CredentialsRefused
from journey_assets.vendors.failures import NETWORK_ERRORS, Call, Failure, Failures
from journey_assets.vendors.quota import Clock, Limit, Quota
from journey_assets.vendors.watching import Watch, WatchedAdapter, note_answer

T = TypeVar("T")
Params = Sequence[tuple[str, str]]

#: A POST is sent again only after one of these answers, which say that nothing was done.
RETRYABLE_POST_STATUSES: frozenset[int] = frozenset({429, 500, 503})

#: Redirects that are followed within one attempt. Each is a request of its own for the quota.
MOST_REDIRECTS = 5

#: Beside the read timeout, an attempt may take so many times its seconds in all.
_LONGEST_ATTEMPT = 5

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_DEFAULT_PORTS = {"http": 80, "https": 443}

#: Sends one request to an address, with or without the credentials.
Send = Callable[[str, "AuthBase"], requests.Response]


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
    """How long a call may take. timeouts: seconds to connect and between two pieces of an answer.

    longest: seconds that an attempt may take in all, None for the transport's own rule.
    """

    timeouts: tuple[float, float]
    retry: RetryPolicy
    longest: float | None = None


#: A run waits and tries again.
PATIENT = Patience((10.0, 60.0), RetryPolicy())

#: A sensor has a minute for its look, and looks again soon.
HURRIED = Patience((5.0, 15.0), RetryPolicy(attempts=1), 30.0)


class Transport:
    """One vendor's HTTP session; may be used by many threads at once.

    vendor: its name as people write it. auth: a Bearer token, or user name and password for HTTP
    Basic. timeouts: seconds for the connection and between two pieces of an answer. longest: seconds
    that an attempt may take in all, beside the time its body takes at a modest pace; by default five
    read timeouts. remedies: by status, what to tell people to do, where the general advice does not
    fit.

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
        longest: float | None = None,
        retry: RetryPolicy | None = None,
        remedies: Mapping[int, str] | None = None,
        clock: Clock | None = None,
    ) -> None:
        secrets = _secrets(auth)
        self._failures = Failures(vendor, secrets, remedies or {})
        self._base_url = self._failures.checked_base_url(base_url)
        _check_credentials(self._failures, auth)
        self._session = _Session()
        self._auth = _Bearer(auth) if isinstance(auth, str) else HTTPBasicAuth(*auth)
        self._account = "\n".join((self._base_url, *secrets))
        self._quota_directory = quota_directory
        self._quotas: dict[Limit, Quota] = {}
        self._quotas_lock = threading.Lock()
        self._log = log
        self._timeouts = timeouts
        self._longest = longest or _LONGEST_ATTEMPT * timeouts[1]
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
        address = self._url(path, params)
        return self._perform(call, limit, address, self._get, partial(self._json, call))

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
        address = self._url(path, params)
        return self._perform(call, limit, address, self._get, partial(self._whole, call))

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
        address = self._url(path, params)
        part = to.with_name(f"{to.name}.part")
        try:
            self._perform(call, limit, address, self._stream, partial(write_body, path=part))
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
        address = self._url(path, params)
        body = to.with_name(f"{to.name}.body")
        try:
            read = partial(self._array, call, body=body, to=to)
            return self._perform(call, limit, address, self._stream, read)
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

        def send(address: str, auth: AuthBase) -> requests.Response:
            return self._session.post(
                address,
                json=payload,
                auth=auth,
                timeout=(self._timeouts[0], timeout),
            )

        read = partial(self._json, call)
        longest = timeout + self._timeouts[0]
        return self._perform(call, limit, self._url(path), send, read, longest)

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
        address: str,
        send: Send,
        read: Callable[[requests.Response], T | Failure],
        longest: float | None = None,
    ) -> T:
        """Attempt until it works, cannot work, or the policy is used up."""
        quota = self._quota(limit) if limit else None
        paused = 0.0
        attempt = 0
        while True:
            attempt += 1
            outcome = self._attempt(call, quota, address, send, read, longest or self._longest)
            if not isinstance(outcome, Failure):
                return outcome
            pause = self._retry.pause(attempt, outcome.retry_after)
            paused += pause
            most = min(self._retry.attempts, outcome.attempts or self._retry.attempts)
            if not outcome.again or attempt >= most or paused > self._retry.total:
                raise self._failures.error(call, outcome, attempt)
            if quota and outcome.status == 429:
                quota.block_until(self._clock.now() + pause)
            self._log(self._failures.retrying(call, outcome, pause, attempt, most))
            self._clock.sleep(pause)

    def _attempt(
        self,
        call: Call,
        quota: Quota | None,
        address: str,
        send: Send,
        read: Callable[[requests.Response], T | Failure],
        longest: float,
    ) -> T | Failure:
        """One sending, and those that its redirects ask for."""
        for _ in range(MOST_REDIRECTS + 1):
            with self._allowed(quota):
                outcome = self._sending(call, address, send, read, longest)
            if not isinstance(outcome, _Elsewhere):
                return outcome
            address = outcome.address
        return self._failures.astray(f"it redirects more than {MOST_REDIRECTS} times")

    def _sending(
        self,
        call: Call,
        address: str,
        send: Send,
        read: Callable[[requests.Response], T | Failure],
        longest: float,
    ) -> "T | Failure | _Elsewhere":
        watch = Watch(longest, lambda *so_far: self._log(self._failures.waiting(call, *so_far)))
        auth = self._auth if _same_origin(address, self._base_url) else _NOBODY
        try:
            with watch, send(address, auth) as response:
                outcome = self._read(call, address, response, read)
        except NETWORK_ERRORS as error:
            outcome = self._failures.of_network(call, error)
        # A body that was broken off may look whole where nobody said how long it is.
        return self._failures.too_slow(call, longest) if watch.expired else outcome

    def _read(
        self,
        call: Call,
        address: str,
        response: requests.Response,
        read: Callable[[requests.Response], T | Failure],
    ) -> "T | Failure | _Elsewhere":
        if response.status_code in call.expect:
            return read(response)
        if response.status_code in _REDIRECTS and not call.once:
            target = _redirected(address, response.headers.get("Location", ""))
            return (
                _Elsewhere(target) if target else self._failures.astray("it redirects to nowhere")
            )
        return self._failures.of_answer(call, response, self._clock.now())

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

    def _get(self, address: str, auth: AuthBase, *, stream: bool = False) -> requests.Response:
        return self._session.get(address, auth=auth, timeout=self._timeouts, stream=stream)

    def _stream(self, address: str, auth: AuthBase) -> requests.Response:
        return self._get(address, auth, stream=True)

    def _json(self, call: Call, response: requests.Response) -> Any:
        try:
            return read_json(response.content)
        except ValueError:
            return self._failures.unreadable(call, response)

    def _whole(self, call: Call, response: requests.Response) -> requests.Response | Failure:
        """The answer, unless it calls itself JSON and is not."""
        if "json" in response.headers.get("Content-Type", ""):
            failed = self._json(call, response)
            if isinstance(failed, Failure):
                return failed
        return response

    def _array(
        self, call: Call, response: requests.Response, body: Path, to: Path
    ) -> int | Failure:
        write_body(response, body)
        elements = split_array(body, to)
        if elements is None:
            with body.open("rb") as file:
                return self._failures.unreadable(call, response, file.read(200))
        return elements

    def _url(self, path: str, params: Params = ()) -> str:
        query = f"?{urlencode(params)}" if params else ""
        return f"{self._base_url}/{path.lstrip('/')}{query}"


@dataclass(frozen=True, slots=True)
class _Elsewhere:
    """The vendor sends us to another address."""

    address: str


class _Session(requests.Session):
    """A session whose answers are bounded and watched; it follows no redirect by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.hooks["response"] += [note_answer, bounded]
        adapter = WatchedAdapter()
        self.mount("https://", adapter)
        self.mount("http://", adapter)
        self.headers.update({"User-Agent": "journey_assets", "Accept": "application/json, */*"})

    def get_redirect_target(self, resp: requests.Response) -> None:
        """None: redirects are followed by the transport, which counts and checks them."""


class _Nobody(AuthBase):
    """No credentials, those of ``~/.netrc`` neither."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


_NOBODY = _Nobody()


def _same_origin(one: str, other: str) -> bool:
    """Whether scheme, host and port are the same: only there the credentials belong."""
    origins = [
        (each.scheme, each.hostname, each.port or _DEFAULT_PORTS.get(each.scheme))
        for each in (urlsplit(one), urlsplit(other))
    ]
    return origins[0] == origins[1]


def _redirected(address: str, location: str) -> str | None:
    """Where an answer's ``Location`` leads; None where nobody should be led.

    That is to https only; on loopback, where http is allowed, to loopback as well.
    """
    try:
        target = urljoin(address, location)
        split = urlsplit(target)
        host, _port = split.hostname or "", split.port
    except ValueError:
        return None
    local = is_loopback(urlsplit(address).hostname or "") and is_loopback(host)
    if not location or not host or split.scheme not in ({"https", "http"} if local else {"https"}):
        return None
    return target


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
