"""The section about support: where on their way people ask for help, about what, how it went."""

from collections.abc import Sequence
from dataclasses import replace

from journey_assets.analyses.rendering import Unit
from journey_assets.reports import figures
from journey_assets.reports.figures import Columns
from journey_assets.reports.reading import Day, Row
from journey_assets.reports.sections.common import absent, new_claim, row_anchor
from journey_assets.reports.view import (
    Block,
    Cell,
    Folded,
    Heading,
    Section,
    Sentence,
    TableRow,
    TableView,
)
from journey_assets.settings import Settings
from journey_assets.warehouse.tables.support import (
    CONTACT_TOPICS,
    CONVERSATION_STATISTICS,
    JOURNEY_CONTACTS,
    LIVE_SUPPORT_STATISTICS,
)

#: Verdicts that claim a difference after a contact.
CONTACT_CLAIMS = frozenset({"fewer_convert", "more_convert"})

_STATES_SHOWN = 10
_TOPICS_SHOWN = 10
_FLOWS_SHOWN = 10
_TIMES = (("queue", "wait"), ("first_response", "first response"), ("chat", "chat"))


def support_section(day: Day, settings: Settings) -> Section:
    """Support along the journey."""
    empty = "No conversation in this window."
    blocks: list[Block] = []
    contacts = [row for row in day.rows(JOURNEY_CONTACTS) if row["cohort"] == "all"]
    if contacts:
        blocks += [_contacts(contacts), _clusters(day.rows(CONTACT_TOPICS))]
    else:
        blocks.append(absent(day, JOURNEY_CONTACTS, settings, "mavenoid", empty))
    if conversations := day.rows(CONVERSATION_STATISTICS):
        blocks.append(_conversations(conversations))
    if live := day.rows(LIVE_SUPPORT_STATISTICS):
        blocks.append(Folded("Live support: waiting, answering, chatting", [_live(live)]))
    return Section(
        "support",
        "Support along the journey",
        "A conversation is matched to the person's last event before it. People who do not say who they are "
        "cannot be matched, so every contact rate is a lower bound.",
        blocks,
    )


def _contacts(rows: Sequence[Row]) -> TableView:
    states = sorted(
        (row for row in rows if row["visits"]),
        key=lambda row: (-row["contacts"], row["event_type"]),
    )
    claims = [row for row in states[_STATES_SHOWN:] if row["verdict"] in CONTACT_CLAIMS]
    shown = [row for row in states[:_STATES_SHOWN] if row["contacts"]] + claims
    largest = figures.largest_bound(shown, "contact_rate_high")
    widest = figures.widest_ratio(shown, "rr_low", "rr_high")
    elsewhere = "; ".join(
        f"{figures.name(row['event_type'])} {figures.number(row['conversations'])}"
        for row in rows
        if not row["visits"] and row["conversations"]
    )
    return TableView(
        "journey-contacts",
        "Where people turn to support, most contacts first",
        (
            Heading("after"),
            Heading("contacts", True),
            Heading("contact rate of visits", True),
            Heading("conversion after contact over without", True),
            Heading("verdict"),
        ),
        [
            TableRow(
                (
                    figures.named(row["event_type"]),
                    Cell(
                        figures.number(row["contacts"]),
                        detail=f"of {figures.number(row['visits'])} visits",
                    ),
                    figures.share_cell(row, Columns.of("contact_rate"), largest),
                    figures.ratio_cell(row, Columns("relative_risk", "rr_low", "rr_high"), widest),
                    replace(figures.verdict(row["verdict"]), detail=new_claim(row)),
                ),
                row_anchor("support", row),
            )
            for row in shown
        ],
        f"Conversations at no event: {elsewhere}." if elsewhere else "",
    )


def _clusters(rows: Sequence[Row]) -> Block:
    found = [row for row in rows if row["verdict"] == "clusters"]
    if not found:
        return Sentence(
            "No topic, flow or search result clusters at an event more than chance would have it.",
            True,
        )
    found.sort(key=lambda row: (row["q_value"], -row["contacts"], row["event_type"], row["value"]))
    shown = found[:_TOPICS_SHOWN]
    largest = figures.largest_bound(shown, "share_high")
    return TableView(
        "contact-topics",
        "What they ask about there more than elsewhere",
        (
            Heading("after"),
            Heading("about"),
            Heading("share of contacts there", True),
            Heading("times the share of all contacts", True),
            Heading("q", True),
        ),
        [
            TableRow(
                (
                    figures.named(row["event_type"]),
                    Cell(figures.name(row["value"]), detail=figures.word(row["kind"]), name=True),
                    figures.share_cell(
                        row,
                        Columns.of("share"),
                        largest,
                        detail=figures.count_of(row["contacts"], row["state_contacts"]),
                    ),
                    Cell(figures.number(row["lift"], Unit.RATIO)),
                    Cell(figures.number(row["q_value"], Unit.PROBABILITY)),
                )
            )
            for row in shown
        ],
        figures.rest_of(len(found), len(shown), "cluster"),
    )


def _conversations(rows: Sequence[Row]) -> TableView:
    ordered = sorted(
        rows,
        key=lambda row: (-row["conversations"], row["flow_name"] or "", row["lang_code"] or ""),
    )
    shown = ordered[:_FLOWS_SHOWN]
    return TableView(
        "conversations",
        "Conversations by flow and language",
        (
            Heading("flow"),
            Heading("conversations", True),
            Heading("self-service", True),
            Heading("escalated", True),
            Heading("satisfied of rated", True),
        ),
        [
            TableRow(
                (
                    Cell(
                        figures.name(row["flow_name"]),
                        detail=figures.name(row["lang_code"]),
                        name=True,
                    ),
                    figures.count(row["conversations"]),
                    *(
                        figures.share_cell(row, Columns.of(rate), 1.0)
                        for rate in ("self_service_rate", "escalation_rate")
                    ),
                    figures.share_cell(
                        row,
                        Columns.of("csat"),
                        1.0,
                        detail=figures.count_of(row["satisfied"], row["rated"]),
                    ),
                )
            )
            for row in shown
        ],
        figures.rest_of(len(rows), len(shown), "group"),
    )


def _live(rows: Sequence[Row]) -> TableView:
    ordered = sorted(
        rows, key=lambda row: (-row["sessions"], row["agent_group_name"] or "", row["status"] or "")
    )
    return TableView(
        "live-support",
        "Live support sessions: median and 90th percentile of accepted ones",
        (
            Heading("group"),
            Heading("status"),
            Heading("sessions", True),
            *(Heading(f"{label}, median / p90", True) for _, label in _TIMES),
        ),
        [
            TableRow(
                (
                    figures.named(row["agent_group_name"]),
                    Cell(figures.word(str(row["status"] or figures.NOTHING).lower())),
                    figures.count(row["sessions"]),
                    *(Cell(_duration(row, time)) for time, _ in _TIMES),
                )
            )
            for row in ordered[:_FLOWS_SHOWN]
        ],
        figures.rest_of(len(rows), min(len(rows), _FLOWS_SHOWN), "group"),
    )


def _duration(row: Row, time: str) -> str:
    median, late = row[f"{time}_ms_p50"], row[f"{time}_ms_p90"]
    if median is None:
        return figures.NOTHING
    return f"{figures.number(median / 1000, Unit.SECONDS)} / {figures.number(late / 1000, Unit.SECONDS)}"
