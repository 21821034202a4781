"""Export archives without a person's lines.

Belongs here: rewriting the zips of the inbox, taken in or not. Does not belong here: what an archive
must look like to be taken in (:mod:`journey_assets.raw.amplitude_archive`).
"""

import gzip
import json
import os
import re
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from journey_assets.privacy.person import Person
from journey_assets.warehouse.forgotten import REPLACED, normal

_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError)


class Writer(Protocol):
    """What lines are written to."""

    def write(self, data: bytes, /) -> int:
        """Append ``data``."""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """Lines removed from the archives, and the files that could not be looked into."""

    archives: int
    lines: int
    unread: tuple[Path, ...]


def clean_archives(inbox: Path, person: Person) -> Cleaned:
    """Rewrite every archive of the inbox that holds a line of the person; names stay.

    An archive is replaced whole or not at all.
    """
    rewritten, lines, unread = 0, 0, []
    for archive in sorted(inbox.rglob("*")) if inbox.is_dir() else ():
        if not archive.is_file() or archive.name.endswith(".reason.txt"):
            continue
        try:
            gone = _clean(archive, person)
        except _UNREADABLE:
            unread.append(archive)
            continue
        rewritten += gone > 0
        lines += gone
    return Cleaned(rewritten, lines, tuple(unread))


def _clean(archive: Path, person: Person) -> int:
    draft = archive.with_name(f".{archive.name}.part")
    gone = 0
    try:
        with (
            zipfile.ZipFile(archive) as old,
            zipfile.ZipFile(draft, "w", zipfile.ZIP_STORED) as new,
        ):
            for member in old.infolist():
                if member.is_dir():
                    continue
                with old.open(member) as source, new.open(member.filename, "w") as target:
                    gone += _clean_member(source, target, person, zipped=_is_gzip(old, member))
        if gone:
            # Waiting files are told apart by their time of change: it stays.
            stat = archive.stat()
            os.utime(draft, ns=(stat.st_atime_ns, stat.st_mtime_ns))
            draft.chmod(stat.st_mode)
            draft.replace(archive)
    finally:
        draft.unlink(missing_ok=True)
    return gone


def _is_gzip(old: zipfile.ZipFile, member: zipfile.ZipInfo) -> bool:
    with old.open(member) as source:
        return source.read(2) == b"\x1f\x8b"


def _clean_member(source: IO[bytes], target: IO[bytes], person: Person, *, zipped: bool) -> int:
    if not zipped:
        return _copy(source, target, person)
    with gzip.GzipFile(fileobj=source) as lines, gzip.GzipFile("", "wb", 6, target, 0) as written:
        return _copy(lines, written, person)


def _copy(lines: Iterable[bytes], target: Writer, person: Person) -> int:
    """Write the lines that stay; returns how many were left out or changed."""
    gone = 0
    for line in lines:
        kept = _kept(line, person)
        gone += kept != line
        target.write(kept)
    return gone


def _kept(line: bytes, person: Person) -> bytes:
    """The line, nothing when it is the person's, or without the texts that name them."""
    if _is_of(line, person):
        return b""
    text = line
    for name in person.texts:
        text = re.sub(re.escape(name.encode()), REPLACED.encode(), text, flags=re.IGNORECASE)
    return text


def _is_of(line: bytes, person: Person) -> bool:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return any(name.encode() in line.lower() for name in person.texts)
    if not isinstance(record, dict):
        return False
    return any(
        normal((kind, str(record.get(kind)))) in person.identifiers
        for kind in ("amplitude_id", "user_id")
    )
