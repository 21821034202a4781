"""Writing Mave's answer from the evidence of a prompt.

Belongs here: choosing rows and putting them into words. Does not belong here: reading the prompt
(``mave_evidence.py``), which rows answer what (``mave_recipes.py``), the API (``mave.py``).

Every figure is copied from a cell, or the difference of two, and cited by its row; there are no
other figures in an answer.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from journey_assets.simulator.mave_evidence import (
    EvidenceRow,
    EvidenceTable,
    heading_of,
    read_asks,
    read_tables,
    rows_of,
)
from journey_assets.simulator.mave_parts import Part
from journey_assets.simulator.mave_recipes import PERSONAS, RECIPES

_NOTHING = "The tables do not show this; one would have to measure it first."
_CELL = re.compile(r"\{(?P<one>[^{}|]+)(?:\|(?P<other>[^{}]+))?\}")


def write_answer(prompt: str) -> str:
    """The answer in markdown: a heading for each ask, figures copied and cited."""
    tables = read_tables(prompt)
    asks = read_asks(prompt)
    if not asks:
        return "I need a question with numbered asks, and tables to answer it from."
    sections = (f"## {heading_of(ask)}\n\n{_section(ask, tables)}" for ask in asks)
    return "\n\n".join(sections)


def _section(ask: str, tables: Sequence[EvidenceTable]) -> str:
    recipe = next((r for r in RECIPES if re.search(r.asked, ask, re.IGNORECASE)), None)
    if recipe is None:
        return _NOTHING
    bullets = [bullet for part in recipe.parts for bullet in _bullets(part, tables)]
    if not bullets:
        return _NOTHING
    return "\n\n".join((recipe.opening, "\n".join(bullets), recipe.closing))


def _bullets(part: Part, tables: Sequence[EvidenceTable]) -> Iterator[str]:
    said = 0
    for row in _chosen(part, rows_of(tables, part.table)):
        clauses = [filled for clause in part.clauses if (filled := _filled(clause, row))]
        about = _filled(part.says, row)
        if about and clauses and said < part.rows:
            said += 1
            yield f"- {about}: {', '.join(clauses)} [{row.id}]"


def _chosen(part: Part, rows: Sequence[EvidenceRow]) -> Sequence[EvidenceRow]:
    chosen = [
        row
        for row in rows
        if all(row.cells.get(heading) in cells for heading, cells in part.only)
        and not (part.moving and row.cells.get("from") == row.cells.get("to"))
    ]
    if not part.one_per:
        return chosen
    # Of rows with the same cell the one put in last stays.
    kept = {row.cells.get(part.one_per): row.id for row in chosen[:: 1 if part.last else -1]}
    return [row for row in chosen if row.id in kept.values()]


def _filled(text: str, row: EvidenceRow) -> str:
    """``text`` with the row's cells in it, "" where it lacks one."""
    cells = row.cells
    if persona := PERSONAS.get(cells.get("segment", "")):
        cells = {**cells, "persona": persona}
    found = list(_CELL.finditer(text))
    if any(not {match["one"], match["other"] or match["one"]} <= cells.keys() for match in found):
        return ""
    return _CELL.sub(lambda match: _written(match, row, cells), text)


def _written(match: re.Match[str], row: EvidenceRow, cells: Mapping[str, str]) -> str:
    if match["other"] is None:
        return cells[match["one"]]
    return f"{abs(row.size(match['one']) - row.size(match['other'])):.1f}"
