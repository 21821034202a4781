"""Amplitude's export: every event of a project by the hour of its upload, as archives on disk.

Belongs here: asking for ranges of hours, halving those that are too much, and unpacking archives by
streaming. Does not belong here: reading the events.
"""

import shutil
import zipfile
import zlib
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from journey_assets.vendors.errors import (
    NotFound,
    RequestRefused,
    UnexpectedAnswer,
    VendorUnavailable,
)
from journey_assets.vendors.quota import AMPLITUDE_OTHER
from journey_assets.vendors.transport import Transport

_HOUR = timedelta(hours=1)
_LONGEST_RANGE = timedelta(days=365)
_DOWNLOADS = 3
_GZIP = b"\x1f\x8b"

#: What unpacking a broken archive raises.
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError)
_OPERATION = "export"


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
            return unpack(archive, target)
        except BROKEN as error:
            broken = type(error).__name__
            log(f"Amplitude: export {_span(first, last)}: download {attempt} is broken: {broken}")
        finally:
            archive.unlink()
    raise UnexpectedAnswer(
        "Amplitude",
        _OPERATION,
        f"the archive of {_span(first, last)} was unreadable in {_DOWNLOADS} downloads",
        message=broken,
        remedy="Run again later; if it stays so, ask Amplitude's support about this export.",
    )


def unpack(archive: Path, target: Path) -> list[Path]:
    """Copy the archive's members to files in ``target``, checking each one's checksum.

    Members are numbered in the order of their names (project, day, hour, part): a name from the
    archive never becomes a path. Raises one of :data:`BROKEN`.
    """
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    with zipfile.ZipFile(archive) as opened:
        members = [member for member in opened.infolist() if member.file_size]
        return [
            _copy(opened, member, target / f"{number:06d}")
            for number, member in enumerate(sorted(members, key=lambda member: member.filename))
        ]


def _copy(opened: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path) -> Path:
    with opened.open(member) as source:
        head = source.read(len(_GZIP))
        path = target.with_suffix(".json.gz" if head == _GZIP else ".json")
        with path.open("wb") as file:
            file.write(head)
            shutil.copyfileobj(source, file, 1024 * 1024)
    return path
