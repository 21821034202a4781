"""Reading a prompt as Mave does: the tables of evidence and what is asked.

Belongs here: parsing markdown tables with row ids, and the numbered and listed asks. Does not
belong here: writing the answer (``mave_writer.py``).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_HEADING = re.compile(r"^### \S+ · (?P<title>.+)$")
_ROW_ID = re.compile(r"^[A-Z]+\d+$")
_ASK = re.compile(r"^\d+\.\s+(?P<text>\S.*)$")
_SIZE = re.compile(r"<?(?P<size>-?\d[\d,]*(\.\d+)?)")
_BAR = re.compile(r"(?<!\\)\|")
#: Rows that sum others up instead of being one themselves.
_FOLDED = re.compile(r"^(others|total) \(")
#: What a cell without a value holds.
_NOTHING = ("", "–")


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """One row: its id, and its cells by heading, as written; cells without a value are left out."""

    id: str
    cells: dict[str, str]

    @property
    def folded(self) -> bool:
        """Whether the row stands for several others."""
        return any(_FOLDED.match(cell) for cell in self.cells.values())

    def size(self, heading: str) -> float:
        """The size of the figure under a heading, in the unit it is written in; 0 without one."""
        found = _SIZE.match(self.cells.get(heading, ""))
        return float(found["size"].replace(",", "")) if found else 0.0


@dataclass(frozen=True, slots=True)
class EvidenceTable:
    """One table of the prompt."""

    title: str
    rows: tuple[EvidenceRow, ...]


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
            filled = zip(headings, cells[1:], strict=False)
            rows.append(EvidenceRow(cells[0], {h: c for h, c in filled if c not in _NOTHING}))
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


def rows_of(tables: Sequence[EvidenceTable], title: str) -> list[EvidenceRow]:
    """The rows of the first table whose title begins with ``title``, those that fold others left out."""
    found = next((table for table in tables if table.title.startswith(title)), None)
    return [row for row in found.rows if not row.folded] if found else []
