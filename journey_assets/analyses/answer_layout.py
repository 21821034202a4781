"""The layout of an answer: lines, sentences, headings, tables, and what it cites where.

Belongs here: reading the markdown of an answer as far as the number check needs it. Does not belong
here: what counts as a number (:mod:`journey_assets.analyses.number_reading`).
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from journey_assets.analyses.evidence import Evidence
from journey_assets.analyses.name_mentions import Mentions, words_of
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
_BAR = re.compile(r"(?<!\\)\|")
_TABLE_RULE = re.compile(r"\s*\|?[\s:|-]*-[\s:|-]*\|[\s:|-]*")


class Spans:
    """Spans of a text, to be asked whether they overlap another."""

    def __init__(self, spans: Iterable[Span]) -> None:
        joined: list[Span] = []
        for start, end in sorted(spans):
            if joined and start <= joined[-1][1]:
                joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
            else:
                joined.append((start, end))
        self._joined = joined

    def overlap(self, span: Span) -> bool:
        """Whether a span has a character in common with one of them."""
        place = bisect_left(self._joined, span[1], key=lambda each: each[0]) - 1
        return place >= 0 and self._joined[place][1] > span[0]


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
    def _line_starts(self) -> list[int]:
        return [start for start, _ in self.lines]

    @cached_property
    def _sentence_starts(self) -> list[int]:
        return [start for start, _ in self.sentences]

    @cached_property
    def sentences(self) -> tuple[Span, ...]:
        """The sentences; a line never shares one with another line, a table's row is one."""
        return tuple(each for line in self.lines for each in self._split(line))

    @cached_property
    def citations(self) -> tuple[Citation, ...]:
        """All citations: in brackets, or a row's id as a word of the text."""
        bracketed = [self._citation(match.span(), match["ids"]) for match in self._brackets()]
        taken = Spans(each.span for each in bracketed)
        bare = [
            self._citation(match.span(), match[0])
            for match in _BARE_ID.finditer(self.plain)
            if not taken.overlap(match.span())
        ]
        return (*bracketed, *(each for each in bare if each.known))

    def cited(self, span: Span) -> frozenset[str]:
        """Ids of the rows cited within ``span``."""
        if span not in self._cited:
            first, last = (bisect_left(self._citation_starts, place) for place in span)
            self._cited[span] = frozenset(
                row for each in self._citations_in_order[first:last] for row in each.known
            )
        return self._cited[span]

    @cached_property
    def _cited(self) -> dict[Span, frozenset[str]]:
        return {}

    @cached_property
    def _citations_in_order(self) -> list[Citation]:
        return sorted(self.citations, key=lambda each: each.span)

    @cached_property
    def _citation_starts(self) -> list[int]:
        return [each.span[0] for each in self._citations_in_order]

    def line_of(self, position: int) -> Span:
        """The line that holds ``position``."""
        return self.lines[bisect_right(self._line_starts, position) - 1]

    def sentence_of(self, position: int) -> Span:
        """The sentence that holds ``position``."""
        return self.sentences[bisect_right(self._sentence_starts, position) - 1]

    def mentioned(self, position: int) -> frozenset[str]:
        """Rows that the line of ``position`` or a heading above it speaks of by all their names."""
        line = self.line_of(position)
        if line not in self._mentioned:
            spans = (line, *self.headings[line])
            self._mentioned[line] = frozenset().union(*(self._named(span) for span in spans))
        return self._mentioned[line]

    @cached_property
    def _mentioned(self) -> dict[Span, frozenset[str]]:
        return {}

    @cached_property
    def spoken(self) -> frozenset[str]:
        """Rows that the answer cites, or speaks of by all their names, anywhere."""
        whole = (0, len(self.text))
        return self._named(whole) | self.cited(whole)

    def header(self, position: int) -> str | None:
        """The header of the column, when ``position`` is in the body of a markdown table."""
        line = self.line_of(position)
        header = self._tables.get(line)
        if header is None:
            return None
        column = self.column(position)
        cells = self._header_cells(header)
        return cells[column] if column < len(cells) else None

    def column(self, position: int) -> int:
        """The column, from 0, that ``position`` is in, when its line is a row of a markdown table."""
        line = self.line_of(position)
        if line not in self._bars:
            first = line[0] + len(self.text[slice(*line)]) - len(self.text[slice(*line)].lstrip())
            bars = [match.start() for match in _BAR.finditer(self.text, *line)]
            self._bars[line] = bars[1:] if bars[:1] == [first] else bars
        return bisect_left(self._bars[line], position)

    @cached_property
    def _bars(self) -> dict[Span, list[int]]:
        return {}

    def _header_cells(self, header: Span) -> list[str]:
        if header not in self._headers:
            self._headers[header] = _cells(self.text[slice(*header)])
        return self._headers[header]

    @cached_property
    def _headers(self) -> dict[Span, list[str]]:
        return {}

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

    def _named(self, span: Span) -> frozenset[str]:
        """Rows all of whose names ``span`` has."""
        said = {mention.words for mention in self._row_names.within(span)}
        if not said:
            return frozenset()
        return frozenset(row_id for row_id, names in self._names.items() if names <= said)

    @cached_property
    def _row_names(self) -> Mentions:
        return Mentions(self.plain, (name for names in self._names.values() for name in names))

    @cached_property
    def _names(self) -> dict[str, frozenset[tuple[str, ...]]]:
        """The names of each row that has any."""
        named = {
            row_id: frozenset(
                words_of(name)
                for cell, column in zip(row.cells, table.columns, strict=True)
                if column.names_row
                for name in cell.names
            )
            for row_id, (table, row) in self.evidence.rows.items()
        }
        return {row_id: names for row_id, names in named.items() if names}

    @cached_property
    def headings(self) -> dict[Span, tuple[Span, ...]]:
        """The headings above each line, the outermost first."""
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


def _expand(written: str) -> Iterator[str]:
    """The ids of ``T3–T5, S1``; a number without letters continues the letters before it."""
    letter, previous = "", 0
    for match in _IN_LIST.finditer(written):
        letter = match["letter"] or letter
        number = int(match["number"])
        first = previous + 1 if match["join"] and previous < number else number
        yield from (f"{letter}{each}" for each in range(first, number + 1))
        previous = number


def _cells(line: str) -> list[str]:
    return _BAR.split(line.strip().removeprefix("|").removesuffix("|"))
