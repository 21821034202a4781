"""How much an answer or an archive may grow to, and reading what is within it.

Belongs here: the bounds on everything that is unpacked or downloaded, and reading bodies under them.
Does not belong here: what an answer means, and when a request is sent again
(:mod:`journey_assets.vendors.transport`).

A body is read as a stream that is counted while it is unpacked, so that one which would fill memory
or disk is given up at the bound and not after it.
"""

import json
import re
import shutil
from collections.abc import Iterator
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any

import requests

#: Bytes that compressed data may become for each of its own. JSON of real events packs to a tenth
#: or a thirtieth; what packs better than this was made to do harm.
MOST_RATIO = 200

#: Bytes up to which the ratio does not count: a small answer of equal rows packs very well.
RATIO_FREE_BYTES = 64 << 20

#: Largest answer that is parsed in memory as a whole; lists without pages are streamed instead.
MOST_IN_MEMORY = 128 << 20

#: Largest download, and largest content of an archive.
MOST_ON_DISK = 256 << 30

#: Bytes that stay free on the disk, whatever is being written.
KEPT_FREE = 256 << 20

#: As much of a refusal's body is read as its words can need.
_MOST_OF_A_REFUSAL = 64 << 10

_CHUNK_BYTES = 1 << 20
_LONGEST_INTEGER = 4300


class TooLarge(requests.RequestException):
    """More than the bounds allow; the message is ours. remedy: how to mend it, empty if unknown."""

    def __init__(self, what: str, remedy: str = "") -> None:
        super().__init__(what)
        self.remedy = remedy


class Growth:
    """Counts what data becomes while it is unpacked or written, and raises :class:`TooLarge`.

    most: bytes it may become. folder: where it is written, None for memory.
    """

    def __init__(self, what: str, most: int, folder: Path | None = None) -> None:
        self._what = what
        self._most = most
        self._folder = folder
        self._grown = 0
        self._looked = 0

    def add(self, size: int, packed: int) -> None:
        """Count ``size`` further bytes; ``packed``: how many all bytes so far were when packed."""
        self._grown += size
        if self._grown > self._most:
            raise TooLarge(f"{self._what} is larger than {_human(self._most)}")
        if self._grown > max(RATIO_FREE_BYTES, MOST_RATIO * packed):
            raise TooLarge(
                f"{self._what} unpacks to more than {MOST_RATIO} times its size, as only data made "
                "to do harm does"
            )
        if self._folder and self._grown >= self._looked:
            self._looked = self._grown + _CHUNK_BYTES
            if shutil.disk_usage(self._folder).free < KEPT_FREE:
                raise TooLarge(
                    f"{self._what} would leave less than {_human(KEPT_FREE)} free on the disk",
                    "Free space on the disk of the database, or ask for fewer days at once.",
                )


def bounded(response: requests.Response, *_: Any, **options: Any) -> requests.Response:
    """A hook of requests: whoever reads the body reads it under the bounds.

    Bodies that are streamed to disk may be larger than those read into memory. Of an answer that is
    no success only the beginning is read.
    """
    most = MOST_ON_DISK if options.get("stream") else MOST_IN_MEMORY
    response.raw = _Bounded(response.raw, most, refusal=not 200 <= response.status_code < 300)
    return response


class _Bounded:
    """A body of urllib3 whose unpacked bytes are counted."""

    def __init__(self, raw: Any, most: int, *, refusal: bool) -> None:
        self._raw = raw
        self._refusal = refusal
        self._growth = Growth("the answer", most)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._raw, name)

    def stream(self, amt: int, decode_content: bool | None = None) -> Iterator[bytes]:
        """As urllib3's, in chunks of at most :data:`_CHUNK_BYTES` as unpacked."""
        read = 0
        for chunk in self._raw.stream(min(amt, _CHUNK_BYTES), decode_content=decode_content):
            read += len(chunk)
            self._growth.add(len(chunk), self._raw.tell())
            yield chunk
            if self._refusal and read >= _MOST_OF_A_REFUSAL:
                # What is left would be taken for the next answer of this connection.
                self._raw.close()
                return


def write_body(response: requests.Response, path: Path) -> None:
    """Stream the body to a file; raises :class:`TooLarge` before it fills the disk."""
    growth = Growth("the answer", MOST_ON_DISK, path.parent)
    with path.open("wb") as file:
        for chunk in response.iter_content(_CHUNK_BYTES):
            growth.add(len(chunk), MOST_ON_DISK)
            file.write(chunk)


def read_json(body: bytes) -> Any:
    """The JSON of a body; raises ValueError when it is none.

    One odd sign does not cost the whole answer: bytes that are no UTF-8 become U+FFFD, control
    characters within texts are taken, an integer too long for Python becomes a number of less
    precision.
    """
    try:
        text = body.decode(json.detect_encoding(body))
    except UnicodeDecodeError:
        text = body.decode(errors="replace")
    try:
        try:
            return json.loads(text, strict=False)
        except json.JSONDecodeError:
            raise
        except ValueError:
            return json.loads(text, strict=False, parse_int=_integer)
    except RecursionError:
        raise ValueError("nested too deep") from None


def split_array(source: Path, lines: Path) -> int | None:
    """Write the elements of the JSON array in ``source`` to ``lines``, one a line; returns how many.

    Nothing is parsed, so memory stays small whatever the size, and an element that is no JSON costs
    nobody else. None when ``source`` is not a whole array. Raises :class:`TooLarge` for a full disk.
    """
    if not source.stat().st_size:
        return None
    with source.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as text:
        return _split(text, lines)


def _up_to(signs: str) -> re.Pattern[bytes]:
    """Matches up to the next of ``signs`` that does not stand in a text, in one go for speed."""
    others, text = rf'[^"{signs}]*+', r'"(?:[^"\\]++|\\.)*+"'
    return re.compile(f"{others}(?:{text}{others})*+[{signs}]".encode(), re.DOTALL)


#: What parts elements, and what an element may hold.
_AT_TOP, _INSIDE = _up_to(r"\[\]{},"), _up_to(r"\[\]{}")
_SPACE = b" \t\r\n"
_START = re.compile(rb"(?:\xef\xbb\xbf)?[ \t\r\n]*\[")
_BREAKS = bytes.maketrans(b"\r\n", b"  ")


def _split(text: mmap, lines: Path) -> int | None:
    head = _START.match(text)
    if not head:
        return None
    growth = Growth("the answer", MOST_ON_DISK, lines.parent)
    start, depth, count = head.end(), 1, 0
    end = start
    with lines.open("wb") as out:
        while part := (_AT_TOP if depth == 1 else _INSIDE).match(text, end):
            end = part.end()
            sign = text[end - 1 : end]
            if sign in b"[{":
                depth += 1
            elif sign in b"]}":
                depth -= 1
            if depth == 0 or sign == b",":
                element = text[start : end - 1].translate(_BREAKS).strip(_SPACE)
                start = end
                if element:
                    growth.add(out.write(element + b"\n"), MOST_ON_DISK)
                    count += 1
            if depth == 0:
                return None if sign != b"]" or text[end:].strip(_SPACE) else count
    return None


def _integer(text: str) -> int | float:
    return int(text) if len(text) < _LONGEST_INTEGER else float(text)


def _human(size: int) -> str:
    return f"{size >> 30} GB" if size >= 1 << 30 else f"{size >> 20} MB"
