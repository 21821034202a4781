"""Pictures of the tables of schema ``support``."""

from journey_assets.pictures import figures
from journey_assets.pictures.card import CONVERTERS, OTHERS, short
from journey_assets.pictures.day import Day, Row
from journey_assets.pictures.rows import Mark, Panel, ratio_mark, rows_picture, share_mark
from journey_assets.pictures.rows import Row as Line
from journey_assets.warehouse.tables.support import (
    CONVERSATION_STATISTICS,
    JOURNEY_CONTACTS,
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
        return Mark(None, None, None, row["verdict"].replace("_", " "))
    return ratio_mark(
        row,
        "relative_risk",
        "rr_low",
        "rr_high",
        row["verdict"].replace("_", " "),
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
        notes=figures.rest(rows, len(found), "groups"),
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
                row["kind"].replace("_", " "),
            )
            for row in rows
        ],
        notes=figures.rest(rows, len(found), "topics"),
    )
