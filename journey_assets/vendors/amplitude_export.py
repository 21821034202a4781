"""Amplitude's export: every event of a project by the hour of its upload, as archives on disk.

Belongs here: asking for ranges of hours, halving those that are too much. Does not belong here:
unpacking (:mod:`journey_assets.vendors.archives`) and reading the events.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from journey_assets.vendors.archives import ArchiveBroken, ArchiveUnusable, unpack
from journey_assets.vendors.errors import (
    NotFound,
    RequestRefused,
    UnexpectedAnswer,
    VendorUnavailable,
)
from journey_assets.vendors.quota import AMPLITUDE_OTHER
from journey_assets.vendors.telling import telling
from journey_assets.vendors.transport import Transport

_HOUR = timedelta(hours=1)
_LONGEST_RANGE = timedelta(days=365)
_DOWNLOADS = 3
_OPERATION = "export"
_REMEDY = "Run again later; if it stays so, ask Amplitude's support about this export."


def export_members(
    transport: Transport,
    first_hour: datetime,
    last_hour: datetime,
    folder: Path,
    log: Callable[[str], None],
) -> Iterator[Path]:
    """Files of events (``.json.gz`` or ``.json``, one JSON object a line) in upload order.

    Covers the upload hours ``first_hour`` to ``last_hour`` (UTC), both included. The files are
    written below ``folder`` and are the caller's; a range without data gives none. A range that the
    vendor finds too large (400) or too slow (504) is halved, down to one hour.
    Raises :class:`UnexpectedAnswer` when an archive stays unreadable after several downloads.
    """
    ranges = list(reversed(_ranges(first_hour, last_hour)))
    unpacked = 0
    while ranges:
        first, last = ranges.pop()
        target = folder / f"export-{first:%Y%m%dT%H}-{last:%Y%m%dT%H}"
        try:
            members = _fetch(transport, first, last, target, log)
        except NotFound:
            log(f"Amplitude: export {_span(first, last)}: no data.")
            continue
        except (RequestRefused, VendorUnavailable) as error:
            if error.status not in (400, 504) or first == last:
                raise
            middle = first + (last - first) // _HOUR // 2 * _HOUR
            log(f"Amplitude: export {_span(first, last)}: HTTP {error.status}, halving the range.")
            ranges += [(middle + _HOUR, last), (first, middle)]
            continue
        unpacked += len(members)
        log(f"Amplitude: export {_span(first, last)}: {len(members)} files, {unpacked} so far.")
        yield from members


def _ranges(first: datetime, last: datetime) -> list[tuple[datetime, datetime]]:
    """The hours in requests of at most 365 days."""
    ranges = []
    while first <= last:
        end = min(last, first + _LONGEST_RANGE - _HOUR)
        ranges.append((first, end))
        first = end + _HOUR
    return ranges


def _span(first: datetime, last: datetime) -> str:
    return f"{first:%Y-%m-%d %H}h to {last:%Y-%m-%d %H}h"


def _fetch(
    transport: Transport,
    first: datetime,
    last: datetime,
    target: Path,
    log: Callable[[str], None],
) -> list[Path]:
    """Download the archive of the hours and unpack it; a broken one is downloaded again."""
    archive = target.with_suffix(".zip")
    # One hour cannot be halved: its 504 is worth the usual patience.
    final = () if first == last else (504,)
    for attempt in range(1, _DOWNLOADS + 1):
        transport.download(
            _OPERATION,
            "/api/2/export",
            params=[("start", f"{first:%Y%m%dT%H}"), ("end", f"{last:%Y%m%dT%H}")],
            limit=AMPLITUDE_OTHER,
            to=archive,
            final=final,
        )
        try:
            with telling(log, lambda: f"Amplitude: export {_span(first, last)}: unpacking"):
                return unpack(archive, target)
        except ArchiveUnusable as error:
            what = f"the archive of {_span(first, last)} cannot be taken: {error}"
            raise UnexpectedAnswer("Amplitude", _OPERATION, what, remedy=_REMEDY) from None
        except ArchiveBroken as error:
            log(f"Amplitude: export {_span(first, last)}: download {attempt} is broken: {error}.")
        finally:
            archive.unlink()
    raise UnexpectedAnswer(
        "Amplitude",
        _OPERATION,
        f"the archive of {_span(first, last)} was unreadable in {_DOWNLOADS} downloads",
        remedy=_REMEDY,
    )
