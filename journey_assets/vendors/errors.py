"""What can go wrong with a vendor, and how it is told to people.

Belongs here: the exceptions every client raises, the one list of statuses worth another attempt,
and making a vendor's words fit for a log line. Does not belong here: when to try again
(:mod:`journey_assets.vendors.transport`).
"""

# ruff: noqa: N818 - the errors are named for what happened: ``except AnswerLost`` reads as it is

import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote

from journey_assets.errors import ExplainedError
from journey_assets.names import masked

#: Of 5xx, what stays as it is: not implemented, no such version of HTTP, sign in to the network first.
HOPELESS_STATUSES: frozenset[int] = frozenset({501, 505, 511})

#: A request answered so may succeed when it is sent again, unchanged and later.
RETRYABLE_STATUSES: frozenset[int] = (
    frozenset({408, 425, 429, *range(500, 600)}) - HOPELESS_STATUSES
)

#: Longest text of a vendor that enters an error line, in characters.
LONGEST_MESSAGE = 300

_SHORTEST_SECRET = 4
#: Where a record begins, and a quoted text that is no mere name.
_RECORD = re.compile(r"""\{|\[(?=[\s\[{"'])""")
_QUOTED = re.compile(r"""(?<!\w)(["'`“‘«]).{0,500}?\s.{0,500}?["'`”’»](?!\w)""")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\s]+")


class VendorError(ExplainedError):
    """A vendor did not do what it was asked; ``str(error)`` is one line that says how to mend it.

    vendor: its name as people write it. operation: what was being done. status: the HTTP status,
    None when there was no answer. code: the vendor's own code of the error, when it gave one.
    """

    def __init__(
        self,
        vendor: str,
        operation: str,
        what: str,
        *,
        status: int | None = None,
        message: str = "",
        remedy: str = "",
        code: str | None = None,
    ) -> None:
        said = ": ".join(part for part in (f"HTTP {status}" if status else "", message) if part)
        line = f"{vendor}: {operation}: {what}" + (f" ({said})" if said else "") + "."
        super().__init__(f"{line} {remedy}".strip())
        self.vendor = vendor
        self.operation = operation
        self.status = status
        self.code = code


class CredentialsRefused(VendorError):
    """The vendor does not accept the credentials for this operation: 401 or 403."""


class NotFound(VendorError):
    """The vendor knows nothing of that name: 404."""


class VendorUnavailable(VendorError):
    """No usable answer came although everything worth trying was tried."""


class AnswerLost(VendorError):
    """A request that must not be sent twice was sent, and its answer never arrived.

    The vendor may have carried it out, and billed it.
    """


class UnexpectedAnswer(VendorError):
    """An answer arrived that is not what the vendor documents: no JSON, HTML, another shape."""


class RequestRefused(VendorError):
    """The vendor refuses this request, and would again: a status of 4xx of no other class here."""


#: What a vendor may answer to one of many questions while it answers the others: it says something of
#: what was asked for, nothing of the credentials, the quota or the vendor's state.
OF_ONE_REQUEST = (NotFound, RequestRefused, UnexpectedAnswer)


def plain(text: object, secrets: Iterable[str] = (), longest: int = LONGEST_MESSAGE) -> str:
    """Make a foreign text fit for one line: no control characters, no secret, no address, bounded.

    Sentences that it quotes, and records from their bracket on, are left out: they may be anybody's.

    secrets: values that must not appear, as they are or percent-encoded.
    """
    line = _QUOTED.sub("…", _RECORD.split(_UNPRINTABLE.sub(" ", str(text)).strip())[0])
    known = {form for secret in secrets for form in (secret, quote(secret, safe=""))}
    for secret in sorted(known, key=len, reverse=True):
        if len(secret) >= _SHORTEST_SECRET:
            line = line.replace(secret, "[secret]")
    line = masked(line)
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def vendor_message(body: object) -> str | None:
    """The vendor's words in an error answer's JSON, in any of the shapes the four vendors use."""
    if not isinstance(body, Mapping):
        return None
    error = body.get("error", body)
    if isinstance(error, str):
        return error
    if not isinstance(error, Mapping):
        return None
    metadata = error.get("metadata")
    details = metadata.get("details") if isinstance(metadata, Mapping) else None
    words = [text for text in (error.get("message"), details) if isinstance(text, str) and text]
    return "; ".join(dict.fromkeys(words)) or None


def vendor_code(body: object) -> str | None:
    """The vendor's code of the error in an error answer's JSON: its ``code``, else ``type``."""
    error = body.get("error") if isinstance(body, Mapping) else None
    if not isinstance(error, Mapping):
        return None
    codes = (error.get("code"), error.get("type"))
    return next((code for code in codes if isinstance(code, str) and code), None)
