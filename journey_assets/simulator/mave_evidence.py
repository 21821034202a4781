"""Reading a prompt as Mave does: the tables of evidence and what is asked.

Belongs here: parsing markdown tables with row ids, and the numbered and listed asks. Does not
belong here: writing the answer (``mave_writer.py``).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_HEADING = re.compile(r"^### \S+ · (?P<title>.+)$")
_ROW_ID = re.compile(r"^[A-Z]+\d+$")
_ASK = re.compile(r"^\d+\.\s+(?P<text>\S.*)$")
_SIZE = re.compile(r"-?\d[\d,]*(\.\d+)?")
_BAR = re.compile(r"(?<!\\)\|")
#: Rows that sum others up instead of being one themselves.
_FOLDED = re.compile(r"^(others|total) \(")


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """One row: its id, and its cells by heading, as written."""

    id: str
    cells: dict[str, str]

    @property
    def folded(self) -> bool:
        """Whether the row stands for several others."""
        return any(_FOLDED.match(cell) for cell in self.cells.values())

    def figures(self) -> Iterator[tuple[str, str]]:
        """Headings and cells that are figures."""
        return ((name, cell) for name, cell in self.cells.items() if is_figure(cell))

    def value(self, heading: str) -> float:
        """The size of the figure under a heading, in the unit it is written in; 0 without one."""
        found = _SIZE.match(self.cells.get(heading, "").lstrip("<"))
        return float(found[0].replace(",", "")) if found else 0.0

    def is_zero(self) -> bool:
        """Whether the row says that there is none of something."""
        return is_figure(self.cells.get("share", "")) and self.value("share") == 0

    def name(self) -> str:
        """The names of what the row is about: its texts up to the first figure."""
        texts: list[str] = []
        for heading, cell in self.cells.items():
            if is_figure(cell):
                break
            if heading != "cohort" and cell not in ("", "–"):
                texts.append(cell)
        return " → ".join(texts) or self.cells.get("cohort", "")


@dataclass(frozen=True, slots=True)
class EvidenceTable:
    """One table of the prompt."""

    title: str
    rows: tuple[EvidenceRow, ...]


def is_figure(cell: str) -> bool:
    """Whether a cell holds a figure and no text."""
    return bool(re.match(r"^[<-]?\d", cell))


def read_tables(prompt: str) -> list[EvidenceTable]:
    """All tables whose first column is ``id``; the title is the heading before the table."""
    tables: list[EvidenceTable] = []
    title, headings, rows = "", list[str](), list[EvidenceRow]()
    for line in [*prompt.splitlines(), ""]:
        if found := _HEADING.match(line):
            title = found["title"].strip()
        cells = _cells(line)
        if cells[:1] == ["id"]:
            headings = cells[1:]
        elif headings and cells and _ROW_ID.match(cells[0]):
            rows.append(EvidenceRow(cells[0], dict(zip(headings, cells[1:], strict=False))))
        elif headings and not cells:
            tables.append(EvidenceTable(title, tuple(rows)))
            headings, rows = [], []
    return tables


def read_asks(prompt: str) -> list[str]:
    """The numbered asks, and the listed ones behind a line that begins with "Then provide"."""
    asks: list[str] = []
    listed = False
    for line in prompt.splitlines():
        if found := _ASK.match(line):
            asks.append(found["text"])
        if line.startswith("Then provide"):
            listed = True
        elif listed and line.startswith("- "):
            asks.append(line[2:])
        elif listed and not line.strip():
            listed = False
    return asks


def heading_of(ask: str) -> str:
    """A heading for the answer to an ask: its first words, without figures."""
    first = re.split(r" — |: |\(", ask)[0]
    words = [word for word in first.split() if not re.search(r"\d", word)]
    return " ".join(words).strip(" .?\"“”'").replace('"', "")


def _cells(line: str) -> list[str]:
    text = line.strip()
    if not text.startswith("|"):
        return []
    return [cell.strip() for cell in _BAR.split(text)[1:-1]]


def rows_of(tables: Sequence[EvidenceTable], words: Sequence[str]) -> list[EvidenceRow]:
    """The rows of the first table whose title has one of the words, words tried in order."""
    for word in words:
        for table in tables:
            if word in table.title.lower():
                return [row for row in table.rows if not row.folded]
    return []
