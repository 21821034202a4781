"""Writing Mave's answer from the evidence of a prompt.

Belongs here: what each kind of ask is answered with. Does not belong here: reading the prompt
(``mave_evidence.py``), the API around it (``mave.py``).

Every figure is copied from a cell and cited by its row; there are no other figures in an answer.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from journey_assets.simulator.mave_evidence import (
    EvidenceRow,
    EvidenceTable,
    heading_of,
    read_asks,
    read_tables,
    rows_of,
)

_NOTHING = "The tables do not show this; one would have to measure it first."


@dataclass(frozen=True, slots=True)
class _Recipe:
    """How an ask is answered.

    asked: pattern of the ask. tables: words of the titles that help, best first. figures: words of
    the headings to quote, best first. only: a word that a row must have. opening, closing: prose
    without figures.
    """

    asked: str
    tables: tuple[str, ...]
    figures: tuple[str, ...]
    opening: str
    closing: str
    only: str = ""
    rows: int = 4


_RECIPES = (
    _Recipe(
        "golden path", ("golden", "transition", "reach"), ("share", "persons", "median time"),
        "Converters most often move along these steps:",
        "Read in their order, these steps are the way that leads to conversion.", "converter",
    ),
    _Recipe(
        "divergence", ("diverg", "transition"), ("share", "occurrences", "q"),
        "The cohorts part where people who leave go elsewhere than those who convert:",
        "Make the converters' next step the obvious one at these points.", "non_converter", 5,
    ),
    _Recipe(
        "friction signals", ("friction", "reach"), ("relative risk", "share", "persons"),
        "These events mark trouble on the way of those who do not convert:",
        "They are signs of trouble, not proof of its cause.", "non_converter", 5,
    ),
    _Recipe(
        "drop-off|cliff", ("cliff", "paths end", "drop"), ("exit rate", "persons", "visits"),
        "Paths of non-converters end most often here:",
        "An ending after a useful result needs another answer than one after confusion.",
        "non_converter",
    ),
    _Recipe(
        "recommendation|mend first", ("paths end", "journey", "flow", "transition"),
        ("exit rate", "escalated share", "contact rate", "share"),
        "In the order of what the tables show to matter:",
        "Change one of them at a time and watch the same row.", rows=3,
    ),
    _Recipe(
        "journey map", ("stage", "reach"), ("share", "persons", "median"),
        "Arrival, set-up, first project, team, first report, decision; reached by converters:",
        "Each stage ends with the event named here.", "converter", 6,
    ),
    _Recipe(
        "persona name", ("channel pattern", "segment"), ("profiles", "share", "mean LTV"),
        "One persona for each pattern:",
        "Each persona is the whole person, not the channel alone.", rows=6,
    ),
    _Recipe(
        "dominant channel", ("channel pattern", "segment"), ("mean web", "mean mobile", "mean e-mail"),
        "What people use most tells which need the channel serves:",
        "Desks serve set-up, phones serve a quick look, mail serves those who want to be told.",
    ),
    _Recipe(
        "weaker channels", ("channel pattern", "segment"), ("mean mobile", "mean e-mail", "mean web"),
        "Where there is little activity on a channel, begin with what people do already:",
        "Short messages that continue on the stronger channel work best.",
    ),
    _Recipe(
        "cross-channel journey", ("channel pattern", "segment"), ("mean web", "mean mobile", "share"),
        "How much each pattern uses the channels side by side:",
        "The order in which people move between channels is not in these tables.",
    ),
    _Recipe(
        "content format", ("channel pattern", "segment"), ("mean web", "mean mobile", "mean e-mail"),
        "Formats follow the weight of the channels:",
        "Long tables on the web, cards on the phone, digests in the mail.",
    ),
    _Recipe(
        "risk of losing", ("channel pattern", "segment"), ("mean LTV", "profiles", "share"),
        "What would be lost with each pattern:",
        "The pattern that leans on one channel loses most when that channel goes.",
    ),
    _Recipe(
        "invest|consistency", ("channel pattern", "segment"), ("share", "mean LTV", "profiles"),
        "Keep the promise and the core figures the same everywhere; adapt depth and layout:",
        "Invest where value and number of profiles come together.",
    ),
    _Recipe(
        "identity", ("identit", "channel pattern"), ("count", "share", "profiles with at most"),
        "Where identities are not joined yet:",
        "Ask for the address early and log people in on the second device.", rows=5,
    ),
    _Recipe(
        "switch channels", ("move", "channel pattern", "segment"), ("mean web", "mean mobile"),
        "The mix of channels hints at moments of change:",
        "What triggers a change is not measured here.", rows=3,
    ),
    _Recipe(
        "^resolution", ("by flow", "conversation"), ("resolved share", "rated share", "satisfied share"),
        "Resolved includes people who left on a solution page, so read it beside the ratings:",
        "Where few rate, the satisfied share is weak.",
    ),
    _Recipe(
        "^escalation", ("live support", "by flow"), ("queue median", "queue 90th", "sessions"),
        "Self-service ends where people ask for an agent; this is how long they then wait:",
        "The long end of the queue is felt more than its middle.",
    ),
    _Recipe(
        "precedes", ("along the journey", "journey state", "contact"),
        ("contact rate", "relative risk", "contacts"),
        "People turn to support from these steps:",
        "Help at the step itself would come before the contact.", rows=5,
    ),
    _Recipe(
        "costs|conversions", ("journey state", "cohort"), ("relative risk", "share", "persons"),
        "The conversion rate that a contact has to be held against:",
        "Whether a contact costs conversions or comes from trouble that does, these rows cannot say.",
    ),
)  # fmt: skip


def write_answer(prompt: str) -> str:
    """The answer in markdown: a heading for each ask, figures copied and cited."""
    tables = read_tables(prompt)
    asks = read_asks(prompt)
    if not asks:
        return "I need a question with numbered asks, and tables to answer it from."
    sections = (f"## {heading_of(ask)}\n\n{_section(ask, tables)}" for ask in asks)
    return "\n\n".join(sections)


def _section(ask: str, tables: Sequence[EvidenceTable]) -> str:
    recipe = next((r for r in _RECIPES if re.search(r.asked, ask, re.IGNORECASE)), None)
    if recipe is None:
        return _NOTHING
    rows = [row for row in rows_of(tables, recipe.tables) if _fits(row, recipe.only)]
    if not rows:
        return _NOTHING
    bullets = "\n".join(_bullet(row, recipe.figures) for row in rows[: recipe.rows])
    return f"{recipe.opening}\n\n{bullets}\n\n{recipe.closing}"


def _fits(row: EvidenceRow, only: str) -> bool:
    """Whether the row is of the cohort wanted; tables without cohorts always fit."""
    cohort = row.cells.get("cohort")
    return not only or cohort is None or cohort == only


def _bullet(row: EvidenceRow, wanted: Sequence[str]) -> str:
    figures = dict(row.figures())
    chosen = [
        heading
        for word in wanted
        for heading in figures
        if heading == word or heading.startswith(f"{word} ")
    ]
    quoted = list(dict.fromkeys(chosen))[:3] or list(figures)[:2]
    said = ", ".join(f"{heading} {figures[heading]}" for heading in quoted)
    name = row.name() or "All together"
    return f"- **{name}**: {said} [{row.id}]" if said else f"- **{name}** [{row.id}]"
