"""Zip archives from outside: which members hold data, and unpacking them under bounds.

Belongs here: telling data from what programs leave beside it, refusing what cannot be taken with the
reason, copying members to files. Does not belong here: where an archive is from
(:mod:`journey_assets.vendors.amplitude_export`) and what its members' names mean
(:mod:`journey_assets.raw.amplitude_archive`).
"""

import errno
import re
import shutil
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from lzma import LZMAError
from pathlib import Path, PurePosixPath

from journey_assets.vendors.bodies import MOST_ON_DISK, Growth, TooLarge

_CHUNK_BYTES = 1 << 20
_ZIP = b"PK\x03\x04"
_ENCRYPTED = 0x1

#: What Python's zipfile raises of archives that are cut, damaged or packed in ways it does not know.
_FOREIGN = (
    zipfile.BadZipFile,
    zlib.error,
    LZMAError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OverflowError,
    struct.error,
    OSError,
)

#: Folders and files that file managers put into archives, beside what people put there.
_LEFT_BY_PROGRAMS = re.compile(r"(^|/)(__MACOSX/|\._[^/]*$|\.DS_Store$|Thumbs\.db$|desktop\.ini$)")

_NO_FILE_SIGN = re.compile(r"[^A-Za-z0-9_.#-]")
_LONGEST_NAME = 100


class ArchiveBroken(Exception):  # noqa: N818 - reads as what happened
    """The archive is not whole: it was cut or damaged on the way. The message is ours."""


class ArchiveUnusable(ArchiveBroken):
    """The archive is whole, but cannot be taken, and never will be."""


def data_members(archive: Path) -> list[zipfile.ZipInfo]:
    """The members that hold data, in the order of their names; reads the list of members only.

    Raises :class:`ArchiveBroken`, and :class:`ArchiveUnusable` for encrypted members and links.
    """
    with _opened(archive) as opened:
        return _data_members(opened)


def unpack(archive: Path, target: Path) -> list[Path]:
    """Copy the members that hold data to files in ``target``, checking each one's checksum.

    The files are numbered in the order of the members' names (project, day, hour, part): a name from
    the archive never becomes a path. Raises :class:`ArchiveBroken`, and :class:`ArchiveUnusable`
    also for an archive in the archive and one that unpacks to more than the bounds allow.
    """
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    growth, packed = Growth("the archive", MOST_ON_DISK, target), archive.stat().st_size
    with _opened(archive) as opened:
        return [
            _copy(opened, member, target / f"{number:06d}-{_plain_name(member)}", growth, packed)
            for number, member in enumerate(_data_members(opened))
        ]


@contextmanager
def _opened(archive: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(archive) as opened:
            yield opened
    except TooLarge as error:
        raise ArchiveUnusable(f"{error}. {error.remedy}".strip()) from None
    except _FOREIGN as error:
        # Damage makes zipfile look for places that no file has; a full disk is another matter.
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
            raise
        raise ArchiveBroken("it is not a whole zip archive") from None


def _data_members(opened: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    members = {
        (member.filename, member.CRC, member.file_size): member
        for member in opened.infolist()
        if member.file_size and not _LEFT_BY_PROGRAMS.search(member.filename)
    }
    for member in members.values():
        if member.flag_bits & _ENCRYPTED:
            raise ArchiveUnusable("its members are encrypted: unpack it and pack it without")
        if stat.S_ISLNK(member.external_attr >> 16):
            raise ArchiveUnusable("it holds a symbolic link in the place of a file")
    return sorted(members.values(), key=lambda member: member.filename)


def _copy(
    opened: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, growth: Growth, packed: int
) -> Path:
    with opened.open(member) as source, target.open("wb") as file:
        while chunk := source.read(_CHUNK_BYTES):
            if file.tell() == 0 and chunk.startswith(_ZIP):
                raise ArchiveUnusable("it holds another archive: put the inner one here")
            growth.add(len(chunk), packed)
            file.write(chunk)
    return target


def _plain_name(member: zipfile.ZipInfo) -> str:
    """The member's own name, without its folders and signs that file systems mind."""
    return _NO_FILE_SIGN.sub("_", PurePosixPath(member.filename).name)[-_LONGEST_NAME:]
