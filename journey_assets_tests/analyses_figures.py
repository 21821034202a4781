"""Figures for every table that evidence reads: drawn at random, with rows as the tables have them."""

import random
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import Any

from journey_assets.analyses.catalogue import ANALYSES
from journey_assets.warehouse.schema import Column, Table
from journey_assets_tests.analyses_gathered import COHORTS, DAY

SEGMENTS = ("web_dominant", "mobile_dominant", "email_dominant", "omnichannel", "inactive")
EVENTS = (
    "Sign Up", "Complete Profile", "Create Project", "Invite Teammate", "Run First Report", "Upgrade",
    "Dashboard View", "Settings Visit", "Help Doc Visit", "Export Data", "Payment Failed",
    "Open Project", "Edit Task", "Add Comment",
)  # fmt: skip
FLOWS = ("Billing", "Set-up", "Devices", "Accounts")
TOPICS = ("refund", "late", "manual", "log-in", "sync", "export")

#: Verdicts that the tables know, the claims first: half of the rows get the first of them.
VERDICTS = {
    "divergence_points": ("different", "not_different", "insufficient"),
    "friction_signals": (
        "friction",
        "with_conversion",
        "no_difference",
        "everyone",
        "insufficient",
    ),
    "dropoff_cliffs": ("cliff", "no_cliff", "insufficient"),
    "golden_paths": ("found",),
    "golden_transitions": ("measured", "outcome"),
    "removal_effects": ("effect", "gate", "insufficient"),
    "journey_contacts": ("fewer_convert", "no_difference", "insufficient", "not_compared"),
    "contact_topics": ("clusters", "no_cluster", "insufficient"),
}
#: Counts that others are parts of.
WHOLES = {
    "population", "cohort_persons", "converters", "non_converters", "persons_with", "persons_without",
    "visits", "cohort_exits", "departures", "segment_persons", "all_profiles", "profiles",
    "denominator", "conversations", "followed", "rated", "available_ms",
}  # fmt: skip
READINGS = ("common_subsequence", "modal", "most_probable")

Draw = random.Random


def _share(draw: Draw) -> float:
    return draw.random()


#: How a figure is drawn, by the first part of a column's name that fits.
_FIGURES: tuple[tuple[str, Callable[[Draw], float]], ...] = (
    ("q_value", lambda draw: draw.random() ** 6),
    ("p_value", lambda draw: draw.random() ** 6),
    ("seconds", lambda draw: 10 ** draw.uniform(0, 6)),
    ("_ms_", lambda draw: 10 ** draw.uniform(3, 7)),
    ("ltv", lambda draw: draw.uniform(20, 2000)),
    ("ratio", lambda draw: 2 ** draw.uniform(-2, 3)),
    ("relative_risk", lambda draw: 2 ** draw.uniform(-2, 3)),
    ("rr_", lambda draw: 2 ** draw.uniform(-2, 3)),
    ("avg_", lambda draw: draw.uniform(0.5, 30)),
    ("median_", lambda draw: draw.uniform(1, 12)),
    ("", _share),
)


def figures(
    seed: int, events: Sequence[str] = EVENTS, cohorts: Sequence[str] = COHORTS
) -> dict[Table, list[dict[str, Any]]]:
    """Rows for every table that some evidence reads."""
    draw = random.Random(seed)
    tables = {table for each in ANALYSES for source in each.sources for table in source.reads}
    return {
        table: [
            _row(draw, table, key, place, events)
            for place, key in enumerate(_keys(table, events, cohorts))
        ]
        for table in sorted(tables, key=lambda table: table.full_name)
    }


def _keys(table: Table, events: Sequence[str], cohorts: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Names for the columns of the key, in every combination that is not too many."""
    pairs = [
        *zip(events, (*events[1:], events[0]), strict=True),
        *zip(events, events[2:], strict=False),
    ]
    names: dict[str, Sequence[object]] = {
        "cohort": _cohorts(table, cohorts) if "cohort" in table.key else (),
        "event_type": events,
        "segment": SEGMENTS,
        "from_segment": SEGMENTS[:3],
        "to_segment": SEGMENTS[:4],
        "reading": READINGS,
        "step": range(1, 7),
        "rank": range(1, 9),
        "stage": range(1, 6),
        "figure": ("exit_rate", "event_share"),
        "flow_name": FLOWS,
        "lang_code": ("en", "de", "sv"),
        "agent_group_name": ("Tier one", "Tier two"),
        "status": ("ENDED", "CUSTOMER_SKIPPED"),
        "agent": [f"agent_{letter}" for letter in "abcdef"],
        "kind": ("feedback_topic", "search_result"),
        "topic": TOPICS,
        "value": TOPICS,
        "measure": (
            "unmatched:conversations", "linkable:mavenoid:amplitude", "linkable:segment:amplitude",
            "few_identifiers:segment", "anonymous_to_known:amplitude", "id_coverage:mavenoid:email",
            *(f"component_size:{size}" for size in range(2, 16)),
        ),
    }  # fmt: skip
    if "from_event" in table.key:
        names["pair"] = (
            pairs if table.name != "dropoff_cliffs" else [*pairs, *((e, None) for e in events)]
        )
    columns = [
        "pair" if column == "from_event" else column for column in table.key if column != "to_event"
    ]
    for values in product(*(names[column] for column in columns)):
        key = dict(zip(columns, values, strict=True))
        if "pair" in key:
            key["from_event"], key["to_event"] = key.pop("pair")  # type: ignore[misc]
        yield key


def _cohorts(table: Table, cohorts: Sequence[str]) -> Sequence[str]:
    """Comparisons have a row for the cohort compared only, contacts one for everybody."""
    if table.name == "journey_contacts":
        return ("all", *cohorts)
    compared = "compared with all others" in table.column("cohort").description
    return cohorts[:1] if compared else cohorts


def _row(
    draw: Draw, table: Table, key: dict[str, Any], place: int, events: Sequence[str]
) -> dict[str, Any]:
    row = {column.name: _value(draw, column, events) for column in table.columns} | key
    row[table.partition] = DAY
    if "from_event" in row and row["from_event"] is not None and "from_event" not in table.key:
        start = draw.randrange(len(events) - 1)
        row["from_event"], row["to_event"] = events[start : start + 2]
    if verdicts := VERDICTS.get(table.name):
        row["verdict"] = verdicts[0] if draw.random() < 0.5 else draw.choice(verdicts)
    if "rank" in row and "rank" not in table.key:
        row["rank"] = place + 1
    return row


def _value(draw: Draw, column: Column, events: Sequence[str]) -> Any:
    if column.type == "DOUBLE":
        return next(make(draw) for part, make in _FIGURES if part in column.name)
    if column.type in {"BIGINT", "INTEGER"}:
        return round(
            10 ** (draw.uniform(4, 5) if column.name in WHOLES else draw.uniform(0.3, 3.9))
        )
    if column.type == "BOOLEAN":
        return draw.random() < 0.2
    if column.type.startswith("STRUCT"):
        shares = sorted((draw.random() for _ in range(3)), reverse=True)
        return [
            {"event_type": event, "persons": round(900 * share), "share": share}
            for event, share in zip(draw.sample(events, 3), shares, strict=True)
        ]
    if column.type == "VARCHAR[]":
        return list(draw.sample(events, draw.randint(2, min(8, len(events)))))
    if column.type.endswith("[]"):
        return [draw.randint(1, 900), draw.randint(1, 900)]
    return draw.choice(events) if column.type == "VARCHAR" else None
