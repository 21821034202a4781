"""Export archives that somebody downloaded by hand, from the inbox into ``raw.amplitude_events``.

Belongs here: which days an archive holds, adding its events, and putting it away. Does not belong
here: when an archive in the inbox is complete (:mod:`journey_assets.automation.archives`), the store
(:mod:`journey_assets.raw.amplitude_store`).

An archive is what the Export API answers: a zip of gzipped NDJSON files named by upload hour. Its
events are added to the days of its uploads and the day before, and take nothing away: an hour may have
been downloaded before it was whole. When Amplitude is asked for such a day, its answer stands for the
upload hours that it covers; what an archive brought of other hours stays. So the order in which
archives and answers come does not matter.

Events of the day after the last uploads, of clocks that run ahead, are left out: that day is not
fetched with so few of its events. Its own export begins at noon of the day before.
"""

import hashlib
import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path

from journey_assets.errors import ExplainedError
from journey_assets.places import close_to_others, private_folder
from journey_assets.raw.amplitude_activity import tracked_users
from journey_assets.raw.amplitude_store import Staged, store_staged
from journey_assets.raw.ingested import Ingested
from journey_assets.raw.staging import staging_folder
from journey_assets.settings import Settings
from journey_assets.vendors.archives import ArchiveBroken, data_members, unpack
from journey_assets.vendors.errors import UnexpectedAnswer
from journey_assets.vendors.telling import telling
from journey_assets.warehouse.database import Session

_DAY = timedelta(days=1)
_MEMBER = re.compile(r"_(\d{4}-\d{2}-\d{2})_(\d{1,2})#\d+\.json(\.gz)?$")
#: No export is older than the vendor.
_FIRST_UPLOADS = date(2012, 1, 1)
_PREFIX = re.compile(r"^[0-9a-f]{16}-")

DONE, REJECTED = "done", "rejected"


class ArchiveRefused(ExplainedError):  # noqa: N818 - reads as what happened
    """The archive is not one that can be taken; the message is one line that says why."""


def days_of(archive: Path) -> tuple[date, date]:
    """First and last day whose events the archive may hold, by its upload hours.

    Reads the list of members only. Raises :class:`ArchiveRefused` when the file is no zip, or not
    one of the export's.
    """
    try:
        names = [member.filename for member in data_members(archive)]
    except ArchiveBroken as error:
        raise ArchiveRefused(_sentence(error)) from None
    uploads = [day for name in names if (day := _upload_day(name))]
    if not uploads or len(uploads) < len(names):
        raise ArchiveRefused(
            "Its files are not named as Amplitude's export names them, "
            "project_YYYY-MM-DD_H#N.json.gz: put the zip here as it was downloaded."
        )
    return min(uploads) - _DAY, max(uploads)


def content_hash(archive: Path) -> str:
    """Sixteen hexadecimal digits that name the file's content."""
    with archive.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()[:16]


def ingested_before(inbox: Path, digest: str) -> Path | None:
    """The archive of the same content that has been put away as done, if any."""
    return next((inbox / DONE).glob(f"{digest}-*"), None)


def ingest_archive(
    session: Session,
    settings: Settings,
    name: str,
    first: date,
    last: date,
    log: Callable[[str], None],
) -> Ingested:
    """Add the events of the days ``first`` to ``last`` of the archive ``name`` of the inbox.

    The archive is put away as done once they are stored, or as rejected. With user activity only
    events of tracked users are taken. Raises :class:`ArchiveRefused` when it cannot be taken; nothing
    is stored then.
    """
    # A name comes from a tag, which people can set: it never leads out of the inbox.
    archive = settings.inbox_folder() / Path(name).name
    if not archive.is_file():
        raise ArchiveRefused(f"There is no archive {Path(name).name} in {archive.parent}.")
    users: Sequence[int] | None = None
    if settings.amplitude_source == "user_activity":
        users = tracked_users(session, last)[1]
    digest = content_hash(archive)
    try:
        done = _add(session, settings, archive, users, first, last, log)
    except (ArchiveRefused, UnexpectedAnswer, ArchiveBroken) as error:
        reason = _sentence(error) if isinstance(error, ArchiveBroken) else str(error)
        put = reject(archive, reason)
        raise ArchiveRefused(f"The archive {archive.name} was moved to {put}: {reason}") from None
    _move(archive, archive.parent / DONE, f"{digest}-{_PREFIX.sub('', archive.name)}")
    return done


def reject(archive: Path, reason: str) -> Path:
    """Move the archive to ``rejected``, with the reason in a file beside it; returns its place."""
    put = _move(archive, archive.parent / REJECTED, archive.name)
    put.with_name(f"{put.name}.reason.txt").write_text(f"{reason}\n", encoding="utf-8")
    return put


def _add(
    session: Session,
    settings: Settings,
    archive: Path,
    users: Sequence[int] | None,
    first: date,
    last: date,
    log: Callable[[str], None],
) -> Ingested:
    begins, ends = days_of(archive)
    with staging_folder(settings.directory()) as folder:
        with telling(log, lambda: f"Amplitude: unpacking the archive {archive.name}"):
            files = unpack(archive, folder / "archive")
        log(f"Amplitude: {len(files)} files of {begins} … {ends} in the archive {archive.name}.")
        staged = Staged(
            files=files,
            newest_first=False,
            of_users=users,
            never_empty=True,
            notes=(f"Events were added from the archive {archive.name}.",),
            facts={"archive": archive.name, "archive_files": len(files)},
        )
        return store_staged(session, staged, first, last, log)


def _upload_day(name: str) -> date | None:
    """The day in a member's name; None when there is none on which there was an Amplitude."""
    found = _MEMBER.search(name)
    try:
        day = date.fromisoformat(found[1]) if found else None
    except ValueError:
        return None
    return day if day and _FIRST_UPLOADS <= day < date.max else None


def _sentence(error: ArchiveBroken) -> str:
    words = str(error)
    return f"{words[0].upper()}{words[1:]}" + ("" if words.endswith(".") else ".")


def _move(archive: Path, folder: Path, name: str) -> Path:
    """Move into ``folder``; a file of that name that is there already stays under its name."""
    private_folder(folder)
    target, number = folder / name, 1
    while target.exists():
        number += 1
        target = folder / f"{number}-{name}"
    close_to_others(archive)
    return archive.rename(target)
