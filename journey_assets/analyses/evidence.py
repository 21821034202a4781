"""Evidence: the tables a prompt carries, with a row id for every row and a value behind every cell.

Belongs here: the types, their markdown and their JSON. Does not belong here: which tables there
are (:mod:`journey_assets.analyses.catalogue`) and how their rows are found
(:mod:`journey_assets.analyses.gathering`).
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from journey_assets.analyses.rendering import Unit

#: What stands where there is no value.
NOTHING = "–"

#: Letter of the table that holds for all others: window, levels, guards.
ABOUT = "A"


@dataclass(frozen=True, slots=True)
class EvidenceColumn:
    """A column of an evidence table.

    heading: as the prompt writes it, denominators included. bound: the end of an interval, which
    nobody quotes without its estimate. names_row: the text by which prose speaks of the row.
    """

    heading: str
    unit: Unit
    bound: bool = False
    names_row: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: as written in the prompt, its unit, and its unrounded value or plain names."""

    text: str
    unit: Unit
    value: float | None = None
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A row: an id like ``T3``, unique in the prompt, and one cell per column."""

    id: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class EvidenceTable:
    """A table of the evidence; the row ids are the letter and a number.

    about: one sentence on what a row is and what the shares are of.
    """

    letter: str
    title: str
    about: str
    columns: tuple[EvidenceColumn, ...]
    rows: tuple[Row, ...]

    def markdown(self) -> str:
        """A heading ``### T · title``, the sentence, and a markdown table whose first column is id."""
        lines = [
            f"### {self.letter} · {self.title}",
            self.about,
            "",
            _line(["id", *(column.heading for column in self.columns)]),
            _line(["---"] * (len(self.columns) + 1)),
            *(_line([row.id, *(cell.text for cell in row.cells)]) for row in self.rows),
        ]
        return "\n".join(lines)


@dataclass(frozen=True)
class Evidence:
    """All tables of one prompt."""

    tables: tuple[EvidenceTable, ...] = field(default=())

    @cached_property
    def rows(self) -> Mapping[str, tuple[EvidenceTable, Row]]:
        """Each row with its table, by id."""
        return {row.id: (table, row) for table in self.tables for row in table.rows}

    def names(self) -> Iterator[tuple[str, str]]:
        """Every name in the tables, with the id of its row."""
        for row_id, (_, row) in self.rows.items():
            for cell in row.cells:
                for name in cell.names:
                    yield row_id, name

    def markdown(self) -> str:
        """The tables as the prompt carries them."""
        return "\n\n".join(table.markdown() for table in self.tables)

    def to_json(self) -> str:
        """The tables with their unrounded values."""
        return json.dumps(
            {"tables": [_table_json(table) for table in self.tables]}, ensure_ascii=False
        )

    @classmethod
    def from_json(cls, text: str) -> "Evidence":
        """Read back what :meth:`to_json` wrote."""
        return cls(tuple(_table(each) for each in json.loads(text)["tables"]))


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _table_json(table: EvidenceTable) -> dict[str, Any]:
    return {
        "letter": table.letter,
        "title": table.title,
        "about": table.about,
        "columns": [
            {
                "heading": column.heading,
                "unit": column.unit,
                "bound": column.bound,
                "names_row": column.names_row,
            }
            for column in table.columns
        ],
        "rows": [
            {"id": row.id, "cells": [_cell_json(cell) for cell in row.cells]} for row in table.rows
        ],
    }


def _cell_json(cell: Cell) -> dict[str, Any]:
    written: dict[str, Any] = {"text": cell.text, "unit": cell.unit}
    if cell.value is not None:
        written["value"] = cell.value
    if cell.names:
        written["names"] = cell.names
    return written


def _table(record: Mapping[str, Any]) -> EvidenceTable:
    return EvidenceTable(
        letter=record["letter"],
        title=record["title"],
        about=record["about"],
        columns=tuple(
            EvidenceColumn(
                each["heading"],
                Unit(each["unit"]),
                bound=each["bound"],
                names_row=each["names_row"],
            )
            for each in record["columns"]
        ),
        rows=tuple(
            Row(
                row["id"],
                tuple(
                    Cell(
                        cell["text"],
                        Unit(cell["unit"]),
                        cell.get("value"),
                        tuple(cell.get("names", ())),
                    )
                    for cell in row["cells"]
                ),
            )
            for row in record["rows"]
        ),
    )
