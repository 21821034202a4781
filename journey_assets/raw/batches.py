"""The lines of many files as few files of bounded size, one at a time, ready to be read.

Belongs here: unpacking, encodings, lines longer than can be read, and where each line came from. Does
not belong here: what a line says (:mod:`journey_assets.raw.parse`).

Whatever the number and size of the files, one batch is on disk at a time. Blank lines are no records.
"""

import codecs
import hashlib
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from isal import igzip, isal_zlib

from journey_assets.vendors.bodies import MOST_ON_DISK, Growth, TooLarge

#: Longest record that is read, in bytes. DuckDB's buffers are several times as large.
LONGEST_LINE = 4 * 1024 * 1024

#: Bytes of a batch: some seconds of work.
BATCH_BYTES = 256 << 20

_BLOCK_BYTES = 1 << 20
_NUMBERED = re.compile(r"^\d{6}-")
_GZIP = b"\x1f\x8b"
_ISAL_ERROR: type[Exception] = isal_zlib.IsalError  # type: ignore[assignment]  # its stubs
_TOO_LONG = b"\x00longer than 4 MB "
_UTF16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


class FileBroken(Exception):  # noqa: N818 - reads as what happened
    """A file cannot be unpacked; the message is ours and says why. remedy: how to mend it."""

    def __init__(self, what: str, remedy: str = "") -> None:
        super().__init__(what)
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Line:
    """A record as it came. record: its number within the batch, from 0; line: in its file, from 1.

    sha256: of the whole line without its end. text: None when it was too long to be kept.
    """

    record: int
    file: str
    line: int
    sha256: str
    text: bytes | None


class Batch:
    """Lines in the file ``path``. size: bytes, lines: lines written so far."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = 0
        self.lines = 0
        self._file: BinaryIO = path.open("w+b")
        self._spans: list[tuple[int, str, int]] = []
        self._begun = 0
        self._skipped: hashlib._Hash | None = None

    def begin(self, file: str, line: int) -> None:
        """What is written next is line ``line`` of ``file``."""
        self._spans.append((self.lines, _NUMBERED.sub("", file), line))

    def write(self, block: bytes) -> None:
        """Append part of a file; the line at its end may go on in the next block."""
        if self._skipped is not None:
            rest, end, block = block.partition(b"\n")
            self._skipped.update(rest)
            if not end:
                return None
            self._append(_TOO_LONG + self._skipped.hexdigest().encode() + b"\n")
            self._skipped = None
            self.lines += 1
            self._begun = self.size
        first, last = block.find(b"\n"), block.rfind(b"\n")
        if self.size + (len(block) if first < 0 else first) - self._begun > LONGEST_LINE:
            self._skip()
            return self.write(block)
        self.lines += block.count(b"\n")
        if last >= 0:
            self._begun = self.size + last + 1
        return self._append(block)

    def end_line(self) -> None:
        """End the last line of a file that does not end it."""
        if self._skipped is not None or self.size > self._begun:
            self.write(b"\n")

    def close(self) -> None:
        """Everything is written."""
        self._file.close()

    def next_line(self) -> int:
        """The number, within its file, of the line that would be written next."""
        before, _, line = self._spans[-1]
        return line + self.lines - before

    def count(self) -> int:
        """How many lines are records, blank ones being none."""
        with self.path.open("rb") as file:
            return sum(1 for line in file if line.strip())

    def records(self, wanted: Collection[int]) -> Iterator[Line]:
        """The records with the numbers ``wanted``."""
        ends = [before for before, _, _ in self._spans[1:]] + [self.lines]
        span, record = 0, 0
        with self.path.open("rb") as file:
            for number, line in enumerate(file):
                while number >= ends[span]:
                    span += 1
                if not line.strip():
                    continue
                if record in wanted:
                    before, name, first = self._spans[span]
                    yield _line(record, name, first + number - before, line)
                record += 1

    def _append(self, block: bytes) -> None:
        self._file.write(block)
        self.size += len(block)

    def _skip(self) -> None:
        """Take the line begun back, and keep only its hash."""
        self._file.seek(self._begun)
        self._skipped = hashlib.sha256(self._file.read())
        self._file.seek(self._begun)
        self._file.truncate()
        self.size = self._begun


def batches(files: Sequence[Path], folder: Path) -> Iterator[Batch]:
    """The lines of ``files`` (plain or gzip, UTF-8 or marked UTF-16) in order, in batches.

    A batch's file lies in ``folder`` until the next is asked for. Raises :class:`FileBroken`.
    """
    for batch in _filled(files, folder):
        batch.close()
        try:
            yield batch
        finally:
            batch.path.unlink()


def _filled(files: Sequence[Path], folder: Path) -> Iterator[Batch]:
    number = 0
    batch = Batch(folder / "batch-0.lines")
    for file in files:
        batch.begin(file.name, 1)
        for block in _blocks(file):
            cut = block.rfind(b"\n") + 1
            if batch.size + len(block) > BATCH_BYTES and cut:
                batch.write(block[:cut])
                line = batch.next_line()
                yield batch
                number += 1
                batch = Batch(folder / f"batch-{number}.lines")
                batch.begin(file.name, line)
                block = block[cut:]
            batch.write(block)
        batch.end_line()
    yield batch


def _blocks(path: Path) -> Iterator[bytes]:
    """The file's content as UTF-8, unpacked, without a byte order mark."""
    blocks = _unpacked(path)
    first = next(blocks, b"")
    if encoding := _UTF16.get(first[:2]):
        decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
        yield decoder.decode(first[2:]).encode(errors="replace")
        for block in blocks:
            yield decoder.decode(block).encode(errors="replace")
        yield decoder.decode(b"", final=True).encode(errors="replace")
        return
    yield first.removeprefix(codecs.BOM_UTF8)
    yield from blocks


def _unpacked(path: Path) -> Iterator[bytes]:
    with path.open("rb") as packed:
        if packed.read(2) != _GZIP:
            packed.seek(0)
            yield from iter(lambda: packed.read(_BLOCK_BYTES), b"")
            return
        packed.seek(0)
        growth = Growth("a file of the archive", MOST_ON_DISK, path.parent)
        try:
            with igzip.open(packed, "rb") as unpacked:  # type: ignore[no-untyped-call]
                while block := unpacked.read(_BLOCK_BYTES):
                    growth.add(len(block), packed.tell())
                    yield block
        except TooLarge as error:
            raise FileBroken(str(error), error.remedy) from None
        except (OSError, EOFError, _ISAL_ERROR) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise
            raise FileBroken("a file of the archive is not a whole gzip file") from None


def _line(record: int, file: str, number: int, line: bytes) -> Line:
    text = line.rstrip(b"\r\n")
    if text.startswith(_TOO_LONG):
        return Line(record, file, number, text[len(_TOO_LONG) :].decode(errors="replace"), None)
    return Line(record, file, number, hashlib.sha256(text).hexdigest(), text)
