"""Amplitude's cohort lists: ask for one, wait until it is computed, download it.

Belongs here: the three calls and the waiting between them. Does not belong here: what a member is
taken for (``raw/amplitude_users.py``).
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from journey_assets.vendors.errors import UnexpectedAnswer, VendorUnavailable, plain
from journey_assets.vendors.quota import AMPLITUDE_COHORT_REQUESTS, AMPLITUDE_OTHER
from journey_assets.vendors.transport import Transport
from journey_assets.vendors.watching import sleep_and_tell

_FIRST_PAUSE_SECONDS = 2.0
_LONGEST_PAUSE_SECONDS = 30.0
_LONGEST_WAIT_SECONDS = 3600.0
_OPERATION = "cohort list"


def download_cohort(
    transport: Transport,
    cohort_id: str,
    to: Path,
    *,
    log: Callable[[str], None],
    sleep: Callable[[float], None],
) -> None:
    """Write the members of a cohort to the CSV file ``to``, as the vendor made it.

    The documented columns are ``amplitude_id`` and ``user_id``; there may be more. Raises
    :class:`UnexpectedAnswer` when the vendor says that the computation failed, ``NotFound`` for an
    unknown cohort, and :class:`VendorUnavailable` when it is not done within an hour.
    """
    request_id = request_cohort(transport, cohort_id)
    waited, pause = 0.0, _FIRST_PAUSE_SECONDS
    while not cohort_is_ready(transport, cohort_id, request_id):
        if waited >= _LONGEST_WAIT_SECONDS:
            raise VendorUnavailable(
                "Amplitude",
                _OPERATION,
                f"cohort {plain(cohort_id)} was not computed within an hour",
                remedy="Run again later.",
            )
        what = f"Amplitude: cohort {plain(cohort_id)} is computing"
        log(f"{what}, {waited:.0f} s so far; asking again in {pause:.0f} s.")
        sleep_and_tell(pause, sleep, log, what)
        waited += pause
        pause = min(pause * 1.5, _LONGEST_PAUSE_SECONDS)
    fetch_cohort(transport, request_id, to)


def request_cohort(transport: Transport, cohort_id: str) -> str:
    """Let the vendor compute a cohort; returns the id of the request."""
    asked = transport.get(
        _OPERATION,
        f"/api/5/cohorts/request/{quote(cohort_id, safe='')}",
        params=[("props", "0")],
        limit=AMPLITUDE_COHORT_REQUESTS,
        expect=(200, 202),
    )
    request_id = _value(asked, "request_id")
    if not request_id:
        raise UnexpectedAnswer("Amplitude", _OPERATION, "the answer names no request")
    return request_id


def cohort_is_ready(transport: Transport, cohort_id: str, request_id: str) -> bool:
    """Whether a requested cohort is computed; raises :class:`UnexpectedAnswer` when that failed."""
    answer = transport.get(
        _OPERATION,
        f"/api/5/cohorts/request-status/{quote(request_id, safe='')}",
        limit=AMPLITUDE_OTHER,
        expect=(200, 202),
    )
    status = _value(answer, "async_status")
    if _failed(status):
        raise UnexpectedAnswer(
            "Amplitude",
            _OPERATION,
            f"cohort {plain(cohort_id)} could not be computed",
            message=plain(status),
            remedy="Open the cohort in Amplitude, check that it computes there, and run again.",
        )
    return answer.status_code == 200


def fetch_cohort(transport: Transport, request_id: str, to: Path) -> None:
    """Write a computed cohort to the CSV file ``to``."""
    transport.download(
        _OPERATION,
        f"/api/5/cohorts/request/{quote(request_id, safe='')}/file",
        limit=AMPLITUDE_OTHER,
        to=to,
    )


def _failed(status: str) -> bool:
    return any(word in status.upper() for word in ("FAIL", "ERROR", "CANCEL"))


def _value(answer: Any, name: str) -> str:
    """A text field of the answer's JSON object, empty when it has none."""
    try:
        body = answer.json()
    except ValueError:
        raise UnexpectedAnswer("Amplitude", _OPERATION, "the answer is not JSON") from None
    value = body.get(name) if isinstance(body, dict) else None
    return "" if value is None else str(value)
