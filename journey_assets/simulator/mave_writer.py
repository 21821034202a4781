"""Writing Mave's answer from the evidence of a prompt.

Belongs here: choosing rows and putting them into words. Does not belong here: reading the prompt
(``mave_evidence.py``), which table answers what (``mave_recipes.py``), the API (``mave.py``).

Every figure is copied from a cell and cited by its row; there are no other figures in an answer.
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
from journey_assets.simulator.mave_recipes import PERSONAS, RECIPES, Recipe

_NOTHING = "The tables do not show this; one would have to measure it first."
_CONVERTER = "converter"


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
    rows = rows_of(tables, recipe.tables) if recipe else []
    if recipe is None or not rows:
        return _NOTHING
    bullets = list(_bullets(recipe, rows))[: recipe.rows]
    if not bullets:
        return _NOTHING
    return "\n\n".join((recipe.opening, "\n".join(bullets), recipe.closing))


def _bullets(recipe: Recipe, rows: Sequence[EvidenceRow]) -> Iterator[str]:
    if "cohort" not in rows[0].cells or recipe.choice == "ranked":
        return (_bullet(row, recipe.figures) for row in rows if not row.is_zero())
    if recipe.choice == "worst":
        return (_bullet(row, recipe.figures) for row in _worst(rows))
    if recipe.choice == "chain":
        return (_bullet(row, recipe.figures) for row in _chain(rows))
    if recipe.choice == "next_steps":
        return _next_steps(rows)
    return _reach(rows)


def _bullet(row: EvidenceRow, wanted: Sequence[str]) -> str:
    figures = dict(row.figures())
    chosen = [
        next(iter(sorted((h for h in figures if h.startswith(word)), key=len)), None)
        for word in wanted
    ]
    quoted = [heading for heading in dict.fromkeys(chosen) if heading][:3] or list(figures)[:2]
    said = ", ".join(f"{heading} {figures[heading]}" for heading in quoted)
    name = row.name() or "All together"
    persona = next((f"{given} ({name})" for key, given in PERSONAS.items() if key == name), name)
    return f"- **{persona}**: {said} [{row.id}]" if said else f"- **{persona}** [{row.id}]"


def _by_cohort(rows: Sequence[EvidenceRow]) -> tuple[list[EvidenceRow], list[EvidenceRow]]:
    """The converters' rows and all others, steps that lead to themselves left out."""
    moving = [row for row in rows if row.cells.get("from") != row.cells.get("to", "")]
    converters = [row for row in moving if row.cells["cohort"] == _CONVERTER]
    return converters, [row for row in moving if row.cells["cohort"] != _CONVERTER]


def _worst(rows: Sequence[EvidenceRow]) -> list[EvidenceRow]:
    """The rows of those who do not convert, by exit rate times persons."""
    _, others = _by_cohort(rows)
    return sorted(others, key=lambda r: -r.value("exit rate") * r.value("persons"))


def _chain(rows: Sequence[EvidenceRow]) -> Iterator[EvidenceRow]:
    """The converters' transitions, each where the one before led; the longest way first."""
    left: dict[str, EvidenceRow] = {}
    for row in sorted(_by_cohort(rows)[0], key=lambda r: -r.value("persons")):
        left.setdefault(row.cells.get("from", ""), row)
    while left:
        longest = max((_way(left, start) for start in left), key=len)
        for start in longest:
            yield left.pop(start)


def _way(steps: Mapping[str, EvidenceRow], start: str) -> list[str]:
    """The events from which the steps lead on, one after the other, beginning at ``start``."""
    way: list[str] = []
    while start in steps and start not in way:
        way.append(start)
        start = steps[start].cells.get("to", "")
    return way


def _next_steps(rows: Sequence[EvidenceRow]) -> Iterator[str]:
    """Events after which the cohorts' commonest steps differ, most travelled first."""
    converters, others = (_commonest(part, "from") for part in _by_cohort(rows))
    shared = [
        event
        for event in converters.keys() & others.keys()
        if converters[event].cells["to"] != others[event].cells["to"]
    ]
    for event in sorted(shared, key=lambda e: (-others[e].value("occurrences"), e)):
        one, other = converters[event], others[event]
        yield (
            f"- After **{event}**: converters go to {one.cells['to']}, share "
            f"{one.cells['share']} [{one.id}]; the others to {other.cells['to']}, share "
            f"{other.cells['share']} [{other.id}]"
        )


def _reach(rows: Sequence[EvidenceRow]) -> Iterator[str]:
    """Events that reach more of the others than of the converters, widest ratio first."""
    converters, others = (_commonest(part, "event") for part in _by_cohort(rows))
    ratios = {
        event: others[event].value("share") / max(converters[event].value("share"), 0.1)
        for event in converters.keys() & others.keys()
    }
    for event in sorted(ratios, key=lambda e: (-ratios[e], e)):
        one, other = converters[event], others[event]
        if ratios[event] > 1:
            yield (
                f"- **{event}**: share {other.cells['share']} of the others [{other.id}], share "
                f"{one.cells['share']} of the converters [{one.id}]"
            )


def _commonest(rows: Sequence[EvidenceRow], heading: str) -> Mapping[str, EvidenceRow]:
    """For each name under a heading the row with the largest share."""
    found: dict[str, EvidenceRow] = {}
    for row in rows:
        name = row.cells.get(heading)
        if name and (name not in found or row.value("share") > found[name].value("share")):
            found[name] = row
    return found
