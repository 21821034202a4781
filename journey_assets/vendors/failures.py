"""From a failed attempt to the error that people read.

Belongs here: reading error answers and network exceptions, which of them are worth another
attempt, the words and the advice. Does not belong here: sending and waiting
(:mod:`journey_assets.vendors.transport`).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from ssl import SSLCertVerificationError

import requests
from urllib3.exceptions import MaxRetryError, NameResolutionError, NewConnectionError

from journey_assets.addresses import base_url
from journey_assets.settings import CREDENTIALS, VENDOR_NAMES
from journey_assets.vendors.bodies import TooLarge, read_json
from journey_assets.vendors.errors import (
    HOPELESS_STATUSES,
    AnswerLost,
    CredentialsRefused,
    NotFound,
    RequestRefused,
    UnexpectedAnswer,
    VendorError,
    VendorUnavailable,
    plain,
    vendor_code,
    vendor_message,
)

#: requests' exceptions that come from the network and not from our own mistakes.
NETWORK_ERRORS = (
    TooLarge,
    requests.ConnectionError,
    requests.Timeout,
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.ContentDecodingError,
    requests.exceptions.InvalidHeader,
    requests.exceptions.InvalidSchema,
    requests.exceptions.InvalidURL,
)

_FAR_OFF = 366 * 86_400.0
_NOWHERE = NETWORK_ERRORS[-2:]
_ONCE_AGAIN = 2
_UNTRUSTED = "the host's TLS certificate is not trusted here"
_HTML_HEAD = (b"<!doctype html", b"<html")


@dataclass(frozen=True, slots=True)
class Call:
    """One request as far as its failure depends on it.

    expect: statuses that are answers. again: statuses worth another attempt. once: it must not be
    carried out twice, so that a lost answer is final.
    """

    operation: str
    expect: frozenset[int]
    again: frozenset[int]
    once: bool = False


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed attempt: the error it becomes unless it is tried again and works.

    retry_after: seconds the vendor asks to wait, None when it does not say. attempts: how many such a
    failure is worth in all, None for as many as the policy allows.
    """

    kind: type[VendorError]
    what: str
    again: bool = False
    status: int | None = None
    message: str = ""
    code: str | None = None
    retry_after: float | None = None
    remedy: str = ""
    attempts: int | None = None


@dataclass(frozen=True, slots=True)
class Failures:
    """One vendor's failures. secrets: texts that no line may hold; remedies: advice by status."""

    vendor: str
    secrets: tuple[str, ...]
    remedies: Mapping[int, str]

    def error(self, call: Call, failure: Failure, attempts: int) -> VendorError:
        """The error to raise after ``attempts`` attempts, the last of which failed so."""
        tried = f" after {attempts} attempts" if attempts > 1 else ""
        return failure.kind(
            self.vendor,
            call.operation,
            failure.what + tried,
            status=failure.status,
            message=failure.message,
            remedy=failure.remedy,
            code=failure.code,
        )

    def at_once(self, kind: type[VendorError], operation: str, what: str) -> VendorError:
        """An error found before anything is sent."""
        return kind(self.vendor, operation, what, remedy=self._advice(kind, None, None))

    def retrying(
        self, call: Call, failure: Failure, pause: float, attempt: int, attempts: int
    ) -> str:
        """The log line before another attempt."""
        said = f" (HTTP {failure.status})" if failure.status else ""
        return (
            f"{self.vendor}: {call.operation}: {failure.what}{said}; "
            f"trying again in {pause:.1f} s ({attempt + 1} of {attempts})."
        )

    def checked_base_url(self, text: str) -> str:
        """The base URL without a slash at its end; raises when credentials must not go there."""
        try:
            return base_url(text)
        except ValueError as error:
            raise self.at_once(UnexpectedAnswer, "connecting", str(error)) from None

    def waiting(self, call: Call, seconds: float, read: int) -> str:
        """The log line while an attempt goes on: for how long, and what came so far."""
        came = f"{read / 1e6:,.1f} MB read" if read else "waiting for the answer"
        return f"{self.vendor}: {call.operation}: {came}, {seconds:.0f} s so far."

    def too_slow(self, call: Call, longest: float) -> Failure:
        """An attempt that was broken off at its deadline."""
        kind = AnswerLost if call.once else VendorUnavailable
        return Failure(
            kind,
            f"no whole answer within {longest:.0f} s",
            again=not call.once,
            attempts=_ONCE_AGAIN,
            remedy=self._advice(kind, None, None),
        )

    def astray(self, what: str) -> Failure:
        """A redirect that is not followed."""
        return Failure(UnexpectedAnswer, what, remedy=self._advice(UnexpectedAnswer, None, None))

    def of_answer(self, call: Call, response: requests.Response, now: float) -> Failure:
        """An answer of another status than expected; ``now``: epoch seconds."""
        status = response.status_code
        body = _json(response.content)
        kind = _kind(call, status)
        retry_after = _retry_after(response.headers.get("Retry-After", ""), now)
        return Failure(
            kind,
            _WHAT[kind] if status != 429 else "too many requests",
            again=status in call.again,
            status=status,
            message=self._message(response, body),
            code=self._code(body),
            retry_after=retry_after,
            remedy=self._advice(kind, status, retry_after),
        )

    def unreadable(
        self, call: Call, response: requests.Response, head: bytes | None = None
    ) -> Failure:
        """An answer of the expected status that is no JSON; head: how the body of an array began.

        A body may be cut although its length is as announced: it is asked for once more.
        """
        html = _is_html(response, head)
        if head is not None and not html and head.lstrip()[:1] not in (b"[", b""):
            return Failure(
                UnexpectedAnswer,
                "the answer is not a JSON array",
                status=response.status_code,
                remedy=self._advice(UnexpectedAnswer, None, None),
            )
        kind = AnswerLost if call.once and not html else UnexpectedAnswer
        return Failure(
            kind,
            "the answer is an HTML page, not JSON" if html else "the answer is not whole JSON",
            again=not (call.once or html),
            attempts=_ONCE_AGAIN,
            status=response.status_code,
            remedy=self._advice(kind, None, None),
        )

    def of_network(self, call: Call, error: requests.RequestException) -> Failure:
        """No answer, or part of one. The words are ours: those of requests hold the address."""
        if isinstance(error, TooLarge):
            large = AnswerLost if call.once else UnexpectedAnswer
            return Failure(
                large, str(error), remedy=error.remedy or self._advice(large, None, None)
            )
        reason = error.args[0] if error.args else None
        cause = reason.reason if isinstance(reason, MaxRetryError) else reason
        if isinstance(error, _NOWHERE):
            return self.astray("it redirects to nowhere")
        if _is_certificate(cause):
            return Failure(VendorUnavailable, _UNTRUSTED, remedy=self._trust())
        lost = call.once and not _never_sent(error, cause)
        kind = AnswerLost if lost else VendorUnavailable
        remedy = self._advice(kind, None, None)
        return Failure(kind, _network_words(error, cause), again=not lost, remedy=remedy)

    def _trust(self) -> str:
        return (
            f"Check {self.vendor.upper()}_BASE_URL and this machine's clock. Where a proxy of your "
            "network signs what it inspects, name its certificate in REQUESTS_CA_BUNDLE."
        )

    def _message(self, response: requests.Response, body: object) -> str:
        """The vendor's own words, led by its code: bounded, one line, no secret."""
        if _is_html(response):
            return "an HTML page"
        if body is None:
            # A text without form may be anything, rows of people among it.
            return "no JSON" if response.content.strip() else ""
        words = vendor_message(body)
        code = self._code(body)
        parts = (code if code and code not in (words or "") else None, words)
        return plain(": ".join(part for part in parts if part), self.secrets)

    def _code(self, body: object) -> str | None:
        code = vendor_code(body)
        return plain(code, self.secrets) if code else None

    def _advice(
        self, kind: type[VendorError], status: int | None, retry_after: float | None
    ) -> str:
        if status is not None and status in self.remedies:
            return self.remedies[status]
        key = next((key for key, name in VENDOR_NAMES.items() if name == self.vendor), None)
        names = " and ".join(CREDENTIALS[key]) if key else "the credentials"
        url = f"{self.vendor.upper()}_BASE_URL"
        if status == 429:
            when = f"in {math.ceil(retry_after)} s" if retry_after else "later"
            return f"Something else uses the same quota: run again {when}."
        return {
            CredentialsRefused: f"Check {names}, their permissions and region ({url}).",
            NotFound: f"Check the id that was asked for, and {url}.",
            VendorUnavailable: f"Run again later; if it stays so, check the network and {url}.",
            AnswerLost: "It may have been carried out, so it is not sent again blindly.",
            UnexpectedAnswer: f"Check {url}, and what stands between here and {self.vendor}.",
            RequestRefused: "The same request would be refused again: check the settings it uses.",
        }[kind]


_WHAT: Mapping[type[VendorError], str] = {
    CredentialsRefused: "the credentials were refused",
    NotFound: "not found",
    VendorUnavailable: "no usable answer",
    AnswerLost: "the answer was lost on the way",
    UnexpectedAnswer: "an answer of another kind than documented",
    RequestRefused: "the request was refused",
}


def _kind(call: Call, status: int) -> type[VendorError]:
    if status in (401, 403):
        return CredentialsRefused
    if status == 404:
        return NotFound
    if status in HOPELESS_STATUSES:
        return RequestRefused
    if status in call.again or status in (408, 425, 429):
        return VendorUnavailable
    if status >= 500:
        # A gateway that gave up (502, 504) does not know whether the vendor went on.
        return AnswerLost if call.once else VendorUnavailable
    return RequestRefused if status >= 400 else UnexpectedAnswer


def _never_sent(error: requests.RequestException, cause: object) -> bool:
    return isinstance(error, requests.ConnectTimeout) or isinstance(cause, NewConnectionError)


def _is_certificate(cause: object) -> bool:
    inner = cause.args[0] if isinstance(cause, Exception) and cause.args else None
    return isinstance(inner, SSLCertVerificationError)


def _network_words(error: requests.RequestException, cause: object) -> str:
    kinds: tuple[tuple[bool, str], ...] = (
        (isinstance(cause, NameResolutionError), "the host's name is unknown"),
        (isinstance(error, requests.ConnectTimeout), "no connection in time"),
        (isinstance(error, requests.Timeout), "no answer in time"),
        (isinstance(error, requests.exceptions.ProxyError), "the proxy gave no connection"),
        (isinstance(cause, NewConnectionError), "the connection was refused"),
    )
    return next((words for holds, words in kinds if holds), "the connection broke off")


def _retry_after(header: str, now: float) -> float | None:
    """Seconds to wait by the header ``Retry-After`` (RFC 9110: seconds, or an HTTP date)."""
    text = header.strip()
    if text.replace(".", "", 1).isdecimal():
        return min(float(text), _FAR_OFF)
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - now)


def _is_html(response: requests.Response, head: bytes | None = None) -> bool:
    head = (response.content if head is None else head)[:200].lstrip().lower()
    return head.startswith(_HTML_HEAD) or "text/html" in response.headers.get("Content-Type", "")


def _json(content: bytes) -> object:
    try:
        return read_json(content)
    except ValueError:
        return None
