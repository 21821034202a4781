"""The section with Mave's analyses: the answers, their numbers marked, and the evidence they had."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from journey_assets.analyses.catalogue import KINDS
from journey_assets.analyses.evidence import Evidence, EvidenceTable
from journey_assets.analyses.marks import Status
from journey_assets.analyses.rendering import Unit
from journey_assets.reports import figures
from journey_assets.reports.markdown import MarkedNumber, References, answer_html
from journey_assets.reports.reading import Day, Row
from journey_assets.reports.view import (
    Answer,
    Block,
    Cell,
    Folded,
    Heading,
    Section,
    Sentence,
    Subheading,
    TableRow,
    TableView,
)
from journey_assets.warehouse.tables.analyses import MAVE_ANALYSES

_TITLES: Mapping[str, str] = {
    "journey_map": "Journey map",
    "channel_personas": "Personas across channels",
    "support_friction": "Support friction",
}
#: How a number's status is shown: its class, its name, what it means.
_LEGEND = (
    ("grounded", "grounded", "a cell of the evidence holds it"),
    ("derived", "derived", "difference, quotient or complement of cited cells"),
    (
        "misattributed",
        "of something else",
        "the evidence holds it, of another event, segment, cohort or measure: do not rely on it",
    ),
    ("not-found", "not found", "nothing in the evidence holds it: do not rely on it"),
    ("future", "forecast", "says what would be: the evidence holds only what was"),
    ("cause", "cause", "says why it is so: the evidence shows what goes together, not why"),
)


def mave_section(day: Day) -> Section:
    """Mave's three analyses."""
    by_kind = {row["kind"]: row for row in day.rows(MAVE_ANALYSES)}
    blocks: list[Block] = []
    for kind in KINDS:
        blocks.append(Subheading(_TITLES[kind]))
        blocks += _analysis(kind, by_kind.get(kind), day)
    return Section(
        "mave",
        "AI interpretation (Mave)",
        "Written by a language model from the tables of evidence under each answer. Every number in it "
        "was looked up there and leads to its row.",
        blocks,
    )


def _analysis(kind: str, row: Row | None, day: Day) -> list[Block]:
    if row is None:
        missing = "is empty" if day.has(MAVE_ANALYSES) else "has not been materialized"
        return [Sentence(f"No answer: {MAVE_ANALYSES.full_name} {missing} for {day.as_of}.", True)]
    if row["content"] is None:
        return [Sentence(f"Mave was not asked: {row['reason'] or 'no reason is stored'}.", True)]
    evidence = Evidence.from_json(row["evidence"]) if row["evidence"] else Evidence()
    answer = Answer(
        _facts(row),
        answer_html(row["content"], _marks(row), References(kind, evidence.rows.keys())),
        _LEGEND if row["number_marks"] else (),
        _sources(row["sources"]),
    )
    tables = [_evidence(kind, table) for table in evidence.tables]
    return [answer, Folded("The evidence it was given", tables)] if tables else [answer]


def _facts(row: Row) -> str:
    total, grounded = row["numbers_total"] or 0, row["numbers_grounded"] or 0
    found = f"{figures.count_of(grounded, total)} numbers found in the evidence"
    if derived := row["numbers_derived"]:
        found += f", {derived} of them derived"
    parts = [found]
    moved = Counter(row["misattributed"] or ())
    for words, each in (
        ("not found", Counter(row["ungrounded"] or ()) - moved),
        ("of something else than the answer says", moved),
    ):
        if each:
            parts.append(f"{words}: {', '.join(figures.name(text) for text in each.elements())}")
    if row["status"] == "reused":
        parts.append("the answer to the same evidence on an earlier day")
    if row["requested_at"]:
        parts.append(f"asked {row['requested_at']:%-d %B %Y}")
    if row["credits_used"]:
        parts.append(f"{row['credits_used']:g} credits")
    if row["prompt_version"]:
        parts.append(f"prompt {row['prompt_version']}")
    return " · ".join(parts)


def _marks(row: Row) -> list[MarkedNumber]:
    return [
        MarkedNumber(
            mark["start"],
            mark["end"],
            # An id that no row has is as little to be relied on as a number that no row has.
            Status.NOT_FOUND if mark["status"] == Status.UNKNOWN_ID else mark["status"],
            mark["rows"],
        )
        for mark in json.loads(row["number_marks"] or "[]")
    ]


def _sources(stored: str | None) -> tuple[tuple[str, str], ...]:
    """Title and address of what Mave names; only addresses of the web become links."""
    sources: Sequence[Any] = json.loads(stored or "[]") or ()
    return tuple(
        (figures.name(str(each.get("title") or each.get("domain") or "untitled")), _address(each))
        for each in sources
        if isinstance(each, dict)
    )


def _address(source: Mapping[str, Any]) -> str:
    url = str(source.get("url") or "")
    return url if url.startswith(("https://", "http://")) else ""


def _evidence(kind: str, table: EvidenceTable) -> TableView:
    return TableView(
        f"{kind}-{table.letter}",
        f"{table.letter} · {table.title}",
        (
            Heading("id"),
            *(
                Heading(column.heading, column.unit not in {Unit.TEXT, Unit.NAME})
                for column in table.columns
            ),
        ),
        [
            TableRow(
                (
                    Cell(row.id),
                    *(
                        Cell(", ".join(cell.names), name=True) if cell.names else Cell(cell.text)
                        for cell in row.cells
                    ),
                ),
                anchor=f"{kind}-{row.id}",
            )
            for row in table.rows
        ],
        table.about,
    )
