"""The layout of an answer: lines, sentences, headings, tables, and what it cites where.

Belongs here: reading the markdown of an answer as far as the number check needs it. Does not belong
here: what counts as a number (:mod:`journey_assets.analyses.number_reading`).
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from journey_assets.analyses.evidence import Evidence
from journey_assets.analyses.numerals import Span, plain

_STEM = 4

_ID = r"[A-Z]{1,2}[0-9]{1,4}"
_FIRST_ID = r"(?P<letter>[A-Z]{1,2})[0-9]{1,4}"
_SEPARATOR = r"\s*(?:[,;/&+–—-]|and|to)?\s*"
#: Brackets that hold nothing but row ids: ``[T3]``, ``(T3, T5)``, ``[rows T3–T5, S1]``, ``[T3, 5]``.
_CITATION = re.compile(
    rf"[\[(](?:rows?\s+)?(?P<ids>{_FIRST_ID}(?:{_SEPARATOR}(?:{_ID}|[0-9]{{1,4}}))*)[\])]"
)
_BARE_ID = re.compile(rf"(?<![\w-])(?:(?P<range>{_ID}\s?[–—-]\s?{_ID})|(?P<id>{_ID}))(?![\w])")
_IN_LIST = re.compile(r"(?P<join>[–—-]|\bto\b)?\s*(?P<letter>[A-Z]{0,2})(?P<number>[0-9]{1,4})")
#: A sentence ends with its stop and the citations that follow the stop.
_SENTENCE_END = re.compile(r"[.!?][)\"”]*(?:\s*[\[(][A-Z0-9,; –—-]+[\])])*\s+(?=[A-Z\"“])")
_HEADING = re.compile(r"(?P<level>#{1,6})\s")
_TABLE_RULE = re.compile(r"\s*\|?[\s:|-]*-[\s:|-]*\|[\s:|-]*")


@dataclass(frozen=True, slots=True)
class Citation:
    """A place that cites rows. known: ids that the evidence has; unknown: ids that it has not."""

    span: Span
    known: tuple[str, ...]
    unknown: tuple[str, ...]


@dataclass(frozen=True)
class Layout:
    """An answer and its evidence. All positions are characters of ``text``."""

    text: str
    evidence: Evidence

    @cached_property
    def plain(self) -> str:
        """The text without signs of emphasis and code, digits in ASCII, of the same length."""
        return plain(self.text)

    @cached_property
    def lines(self) -> tuple[Span, ...]:
        """The lines, without their ends."""
        return tuple(match.span() for match in re.finditer(r"[^\n]+", self.text))

    @cached_property
    def sentences(self) -> tuple[Span, ...]:
        """The sentences; a line never shares one with another line, a table's row is one."""
        return tuple(each for line in self.lines for each in self._split(line))

    @cached_property
    def citations(self) -> tuple[Citation, ...]:
        """All citations: in brackets, or a row's id as a word of the text."""
        bracketed = [self._citation(match.span(), match["ids"]) for match in self._brackets()]
        bare = [
            self._citation(match.span(), match[0])
            for match in _BARE_ID.finditer(self.plain)
            if not any(start <= match.start() < end for start, end in (c.span for c in bracketed))
        ]
        return (*bracketed, *(each for each in bare if each.known))

    def cited(self, span: Span) -> frozenset[str]:
        """Ids of the rows cited within ``span``."""
        start, end = span
        return frozenset(
            row for each in self.citations if start <= each.span[0] < end for row in each.known
        )

    def line_of(self, position: int) -> Span:
        """The line that holds ``position``."""
        return _holding(self.lines, position)

    def sentence_of(self, position: int) -> Span:
        """The sentence that holds ``position``."""
        return _holding(self.sentences, position)

    def mentioned(self, position: int) -> frozenset[str]:
        """Rows that the line of ``position`` or a heading above it speaks of by all their names."""
        line = self.line_of(position)
        rows = self._named[line]
        for heading in self._headings[line]:
            rows |= self._named[heading]
        return rows

    @cached_property
    def spoken(self) -> frozenset[str]:
        """Rows that the answer cites, or speaks of by all their names, anywhere."""
        text = f" {normalised(self.plain)} "
        named = (row_id for row_id, names in self._names.items() if _says(text, names))
        return frozenset(named) | self.cited((0, len(self.text)))

    def header(self, position: int) -> str | None:
        """The header of the column, when ``position`` is in the body of a markdown table."""
        line = self.line_of(position)
        header = self._tables.get(line)
        if header is None:
            return None
        column = _cells_before(self.text[line[0] : position])
        cells = _cells(self.text[header[0] : header[1]])
        return cells[column] if column < len(cells) else None

    def _brackets(self) -> Iterator[re.Match[str]]:
        letters = {table.letter for table in self.evidence.tables}
        for match in _CITATION.finditer(self.plain):
            if match[0].startswith("[") or match["letter"] in letters:
                yield match

    def _citation(self, span: Span, written: str) -> Citation:
        ids = tuple(dict.fromkeys(_expand(written)))
        rows = self.evidence.rows
        return Citation(
            span,
            tuple(each for each in ids if each in rows),
            tuple(each for each in ids if each not in rows),
        )

    def _split(self, line: Span) -> Iterator[Span]:
        start, end = line
        if self.text[start:end].lstrip().startswith("|"):
            yield line
            return
        for match in _SENTENCE_END.finditer(self.plain, start, end):
            yield start, match.end()
            start = match.end()
        yield start, end

    @cached_property
    def _named(self) -> dict[Span, frozenset[str]]:
        texts = {line: f" {normalised(self.plain[slice(*line)])} " for line in self.lines}
        return {
            line: frozenset(row_id for row_id, names in self._names.items() if _says(text, names))
            for line, text in texts.items()
        }

    @cached_property
    def _names(self) -> dict[str, tuple[str, ...]]:
        """The names of each row that has any."""
        named = {
            row_id: tuple(
                normalised(name)
                for cell, column in zip(row.cells, table.columns, strict=True)
                if column.names_row
                for name in cell.names
            )
            for row_id, (table, row) in self.evidence.rows.items()
        }
        return {row_id: names for row_id, names in named.items() if names}

    @cached_property
    def _headings(self) -> dict[Span, tuple[Span, ...]]:
        above: dict[int, Span] = {}
        found = {}
        for line in self.lines:
            heading = _HEADING.match(self.text, *line)
            if heading:
                level = len(heading["level"])
                above = {other: span for other, span in above.items() if other < level}
                above[level] = line
            found[line] = tuple(above.values())
        return found

    @cached_property
    def _tables(self) -> dict[Span, Span]:
        """Header line by body line."""
        found: dict[Span, Span] = {}
        header: Span | None = None
        for before, line in zip((None, *self.lines), self.lines, strict=False):
            text = self.text[line[0] : line[1]]
            if _TABLE_RULE.fullmatch(text):
                header = before
            elif "|" not in text:
                header = None
            elif header:
                found[line] = header
        return found


def normalised(text: str) -> str:
    """Lower-case words with single blanks: how names are compared with prose."""
    return " ".join(re.findall(r"\w+", text.casefold().replace("_", " ")))


def stems(text: str) -> frozenset[str]:
    """The beginnings of the longer words, so that "exits" and "exited" agree."""
    return frozenset(word[:_STEM] for word in normalised(text).split() if len(word) >= _STEM)


def _says(text: str, names: tuple[str, ...]) -> bool:
    """Whether ``text`` has all ``names``; a plural will do."""
    return all(f" {name} " in text or f" {name}s " in text for name in names)


def _expand(written: str) -> Iterator[str]:
    """The ids of ``T3–T5, S1``; a number without letters continues the letters before it."""
    letter, previous = "", 0
    for match in _IN_LIST.finditer(written):
        letter = match["letter"] or letter
        number = int(match["number"])
        first = previous + 1 if match["join"] and previous < number else number
        yield from (f"{letter}{each}" for each in range(first, number + 1))
        previous = number


def _holding(spans: tuple[Span, ...], position: int) -> Span:
    return spans[bisect_right(spans, position, key=lambda span: span[0]) - 1]


def _cells(line: str) -> list[str]:
    return re.split(r"(?<!\\)\|", line.strip().removeprefix("|").removesuffix("|"))


def _cells_before(part: str) -> int:
    return len(re.split(r"(?<!\\)\|", part.strip().removeprefix("|"))) - 1
