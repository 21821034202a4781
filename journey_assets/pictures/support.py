"""Pictures of the tables of schema ``support``."""

from journey_assets.pictures import figures
from journey_assets.pictures.card import CONVERTERS, OTHERS, short, word
from journey_assets.pictures.day import Day, Row
from journey_assets.pictures.rows import Mark, Panel, ratio_mark, rows_picture, share_mark
from journey_assets.pictures.rows import Row as Line
from journey_assets.warehouse.tables.support import (
    AGENT_STATISTICS,
    CONTACT_TOPICS,
    CONVERSATION_STATISTICS,
    JOURNEY_CONTACTS,
    LIVE_SUPPORT_STATISTICS,
    TOPICS,
)

_SHOWN = 12
_NAME = 29
_DIFFERENT = frozenset({"fewer_convert", "more_convert"})


def journey_contacts(day: Day) -> bytes | None:
    """Where in their journey people turn to support, and what becomes of them."""
    found = day.rows(
        JOURNEY_CONTACTS, rest="AND cohort = 'all' ORDER BY contacts DESC NULLS LAST, event_type"
    )
    states = [row for row in found if row["contacts"]]
    if not states:
        return None
    rows = states[:_SHOWN]
    elsewhere = ", ".join(
        f"{short(row['event_type'], _NAME)} {figures.count(row['conversations'])}"
        for row in found
        if row["visits"] is None and row["conversations"]
    )
    return rows_picture(
        "Where people turn to support, most contacts first",
        "Contacts of the visits of each state: a lower bound, since who does not say who they are "
        "cannot be put anywhere. Right: conversion of who contacts at the first visit over who does "
        f"not. {figures.level(day.level)} intervals.",
        [Panel("contact rate"), Panel("conversion after contact", "ratio")],
        [
            Line(short(row["event_type"], _NAME), [[_contact_rate(row)], [_conversion(row)]])
            for row in rows
        ],
        notes=[
            *([f"Conversations at no event: {elsewhere}."] if elsewhere else []),
            "Grey: no difference can be told.",
            *figures.rest(rows, len(states), "state"),
        ],
    )


def _contact_rate(row: Row) -> Mark:
    return share_mark(
        row,
        "contact_rate",
        "contact_rate_low",
        "contact_rate_high",
        figures.of(row["contacts"], row["visits"]),
        OTHERS,
    )


def _conversion(row: Row) -> Mark:
    if row["relative_risk"] is None:
        return Mark(None, None, None, word(row["verdict"]))
    return ratio_mark(
        row,
        "relative_risk",
        "rr_low",
        "rr_high",
        word(row["verdict"]),
        OTHERS if row["verdict"] == "fewer_convert" else CONVERTERS,
        faint=row["verdict"] not in _DIFFERENT,
    )


def conversation_statistics(day: Day) -> bytes | None:
    """How conversations end, by flow and language."""
    found = day.rows(
        CONVERSATION_STATISTICS,
        rest="ORDER BY conversations DESC, flow_name NULLS LAST, lang_code NULLS LAST",
    )
    if not found:
        return None
    rows = found[:_SHOWN]
    return rows_picture(
        "How conversations end, by flow and language",
        "Self-service: resolved without a live session, people who left on a solution page included. "
        f"Satisfied: of those who rated. {figures.level(day.level)} intervals (Wilson).",
        [Panel("self-service"), Panel("escalated"), Panel("satisfied")],
        [
            Line(
                f"{short(row['flow_name'], _NAME - 6)} · {short(row['lang_code'], 5)}",
                [
                    [_rate(row, "self_service_rate", "conversations", CONVERTERS)],
                    [_rate(row, "escalation_rate", "conversations", OTHERS)],
                    [_rate(row, "csat", "rated", CONVERTERS)],
                ],
            )
            for row in rows
        ],
        notes=figures.rest(rows, len(found), "group"),
        names=165,
    )


def _rate(row: Row, rate: str, whole: str, color: str) -> Mark:
    detail = f"of {figures.count(row[whole])}"
    return share_mark(row, rate, f"{rate}_low", f"{rate}_high", detail, color)


def topics(day: Day) -> bytes | None:
    """What conversations are about, and how often such a one is escalated."""
    found = day.rows(TOPICS, rest="AND kind <> 'search' ORDER BY conversations DESC, kind, topic")
    if not found:
        return None
    rows = found[:_SHOWN]
    return rows_picture(
        "What conversations are about",
        f"Of {figures.count(rows[0]['all_conversations'])} conversations of the window; escalated: of "
        f"those with the topic. {figures.level(day.level)} intervals (Wilson).",
        [Panel("share of conversations"), Panel("escalated")],
        [
            Line(
                short(row["topic"], _NAME),
                [
                    [_rate(row, "share", "all_conversations", CONVERTERS)],
                    [_rate(row, "escalation_rate", "conversations", OTHERS)],
                ],
                word(row["kind"]),
            )
            for row in rows
        ],
        notes=figures.rest(rows, len(found), "topic"),
    )


def contact_topics(day: Day) -> bytes | None:
    """What people ask about at a state of the journey more than elsewhere."""
    found = day.rows(
        CONTACT_TOPICS,
        rest="ORDER BY verdict <> 'clusters', q_value NULLS LAST, contacts DESC, event_type, kind, value",
    )
    if not found:
        return None
    rows = found[:_SHOWN]
    return rows_picture(
        "What people ask about where, clusters first",
        "Contacts at the state with the value, of those there with any value of its kind; beside it "
        f"how many times the share at all states that is. {figures.level(day.level)} intervals (Wilson).",
        [Panel("share of contacts there")],
        [
            Line(
                short(row["event_type"], _NAME),
                [[_topic(row)]],
                f"{word(row['kind'])}: {short(row['value'], _NAME)}",
            )
            for row in rows
        ],
        notes=["Grey: no cluster can be told.", *figures.rest(rows, len(found), "value")],
    )


def _topic(row: Row) -> Mark:
    lift = "" if row["lift"] is None else f" · {figures.ratio(row['lift'])}"
    return share_mark(
        row,
        "share",
        "share_low",
        "share_high",
        f"{figures.of(row['contacts'], row['state_contacts'])}{lift}",
        OTHERS,
        faint=row["verdict"] != "clusters",
    )


def live_support_statistics(day: Day) -> bytes | None:
    """How long people wait for an agent and for the first answer."""
    found = day.rows(
        LIVE_SUPPORT_STATISTICS,
        rest="ORDER BY sessions DESC, agent_group_name NULLS LAST, status NULLS LAST",
    )
    if not found:
        return None
    rows = found[:_SHOWN]
    return rows_picture(
        "How long people wait in live support",
        "Bar: the median of the accepted sessions; beside it the 90th percentile and how many were "
        "timed.",
        [
            Panel("until an agent accepts", "amount", _minutes),
            Panel("until the first answer", "amount", _minutes),
        ],
        [
            Line(
                short(row["agent_group_name"], _NAME),
                [[_waiting(row, "queue")], [_waiting(row, "first_response")]],
                f"{word(row['status'] or '–').lower()}: {figures.count(row['sessions'])} sessions",
            )
            for row in rows
        ],
        notes=figures.rest(rows, len(found), "group"),
    )


def _waiting(row: Row, time: str) -> Mark:
    median, late = row[f"{time}_ms_p50"], row[f"{time}_ms_p90"]
    if median is None or late is None:
        return Mark(None, None, None, "nothing timed")
    text = f"{figures.seconds(median / 1000)} / {figures.seconds(late / 1000)}"
    timed = figures.count(row[f"{time}_ms_timed"])
    return Mark(median / 60_000, None, None, f"{text} · {timed}", CONVERTERS)


def _minutes(value: float) -> str:
    return f"{value:g} min"


def agent_statistics(day: Day) -> bytes | None:
    """How busy the agents are, who stand under their pseudonyms."""
    found = day.rows(AGENT_STATISTICS, rest="ORDER BY sessions DESC, agent")
    if not found:
        return None
    rows = found[:_SHOWN]
    return rows_picture(
        "How busy the agents are",
        "Utilisation: time in at least one session, of the time available. Agents under pseudonyms.",
        [Panel("utilisation"), Panel("sessions", "amount")],
        [
            Line(
                short(row["agent"], _NAME),
                [
                    [_utilisation(row)],
                    [Mark(row["sessions"], None, None, figures.count(row["sessions"]))],
                ],
            )
            for row in rows
        ],
        notes=figures.rest(rows, len(found), "agent"),
    )


def _utilisation(row: Row) -> Mark:
    if row["utilisation"] is None:
        return Mark(None, None, None, "never available")
    available = figures.seconds((row["available_ms"] or 0) / 1000)
    return Mark(
        row["utilisation"],
        None,
        None,
        f"{figures.percent(row['utilisation'])} of {available}",
        CONVERTERS,
    )
