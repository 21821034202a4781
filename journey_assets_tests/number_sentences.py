"""True sentences about figures of the evidence, and the same with another figure put in.

The wordings are written by hand, away from the ones of the simulator's Mave; what they say of a figure is
its row's names, its cohort and its measure, as its heading calls it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from journey_assets.analyses.evidence import ABOUT, Cell, Evidence, EvidenceTable, Row
from journey_assets.analyses.rendering import Unit

_FIGURES = frozenset({Unit.COUNT, Unit.SHARE, Unit.RATIO, Unit.SECONDS, Unit.MONEY, Unit.NUMBER})
_COHORT = {"converter": "converters", "non_converter": "non-converters"}
_WORDINGS = (
    "For {subject}, the {measure}{cohort} is {figure}{citation}.",
    "- **{subject}**: {measure}{cohort} {figure}{citation}",
    "The {measure}{cohort} at {subject} comes to {figure}{citation}.",
    "At {figure}, the {measure}{cohort} of {subject} stands out{citation}.",
    "| What | {measure}{cohort} |\n|---|---|\n| {subject} | {figure} |",
    "### {subject}\n\nThe {measure}{cohort} is {figure}{citation}.",
)


@dataclass(frozen=True, slots=True)
class TrueSentence:
    """A sentence about one figure, which stands in it once."""

    wording: str
    table: EvidenceTable
    row: Row
    column: int
    cited: bool

    @property
    def text(self) -> str:
        """The sentence with its own figure."""
        return self.saying(self.row.cells[self.column])

    def saying(self, figure: Cell) -> str:
        """The sentence with another figure."""
        heading = self.table.columns[self.column].heading
        cohort = self._cohort()
        said = f" of {_COHORT[cohort]}" if cohort and "onverter" not in heading else ""
        return self.wording.format(
            subject=self._subject(),
            measure=heading.strip(),
            cohort=said,
            figure=figure.text,
            citation=f" [{self.row.id}]" if self.cited else "",
        )

    def _cohort(self) -> str:
        if any("onverters" in column.heading for column in self.table.columns):
            return ""
        for cell, column in zip(self.row.cells, self.table.columns, strict=True):
            if column.heading == "cohort" and cell.names and not column.names_row:
                return cell.names[0] if cell.names[0] in _COHORT else ""
        return ""

    def _subject(self) -> str:
        names = [
            _COHORT.get(name, name)
            for cell, column in zip(self.row.cells, self.table.columns, strict=True)
            if column.names_row or column.heading in {"language", "status"}
            for name in cell.names
        ]
        return " → ".join(names)


def true_sentences(evidence: Evidence, rng: Random) -> list[TrueSentence]:
    """One for every figure of a row that has names, the wording by chance."""
    return [
        TrueSentence(rng.choice(_WORDINGS), table, row, place, rng.random() < 0.5)
        for table in evidence.tables
        if table.letter != ABOUT
        for row in table.rows
        if any(cell.names for cell, c in zip(row.cells, table.columns, strict=True) if c.names_row)
        and not any("(" in cell.text and cell.value for cell in row.cells)
        for place, (cell, column) in enumerate(zip(row.cells, table.columns, strict=True))
        if cell.value
        and column.unit in _FIGURES
        and not column.bound
        and len(cell.text) > 2
        and not column.heading.startswith("of ")
    ]


def planted(sentence: TrueSentence, rng: Random) -> Iterator[tuple[str, str]]:
    """Kind of swap and the sentence with it, of each kind that the row offers."""
    own = sentence.row.cells[sentence.column]
    for how, cells in _swaps(sentence).items():
        # A swap that is written as the true figure is none.
        untrue = [cell for cell in cells if cell.value and cell.text != own.text]
        if untrue:
            yield how, sentence.saying(rng.choice(untrue))


def _swaps(sentence: TrueSentence) -> dict[str, list[Cell]]:
    table, row, place = sentence.table, sentence.row, sentence.column
    column = table.columns[place]
    siblings = [
        cell
        for cell, other in zip(row.cells, table.columns, strict=True)
        if other.unit is column.unit
        and not other.bound
        and not other.heading.startswith("of ")
        and other.heading not in {"step", "stage", "denominator", column.heading}
        and _mirrored(other.heading) != column.heading
    ]
    mirrored = [
        cell
        for cell, other in zip(row.cells, table.columns, strict=True)
        if other.heading == _mirrored(column.heading) != column.heading
    ]
    where = table.rows.index(row)
    near = [other for other in table.rows[max(0, where - 2) : where + 3] if other is not row]
    named = _named(table, row)
    neighbours = [other.cells[place] for other in near if _named(table, other) != named]
    cohorts = [
        other.cells[place]
        for other in table.rows
        if other is not row
        and _named(table, other) == named
        and table.columns[0].heading == "cohort"
    ]
    return {
        "sibling measure": siblings,
        "other cohort": mirrored or cohorts,
        "neighbouring row": neighbours,
    }


def _named(table: EvidenceTable, row: Row) -> tuple[str, ...]:
    return tuple(
        name
        for cell, column in zip(row.cells, table.columns, strict=True)
        if column.names_row or column.heading in {"language", "status"}
        for name in cell.names
    )


def _mirrored(heading: str) -> str:
    """The heading of the other cohort's figure."""
    if "non-converters" in heading:
        return heading.replace("non-converters", "converters")
    return heading.replace("converters", "non-converters")
