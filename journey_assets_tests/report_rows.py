"""A database with a day of everything that a report shows, made of rows and not computed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from journey_assets.analyses.evidence import Cell, Evidence, EvidenceColumn, EvidenceTable
from journey_assets.analyses.evidence import Row as EvidenceRow
from journey_assets.analyses.marks import NumberCheck, marked
from journey_assets.analyses.rendering import Unit
from journey_assets.journeys.statistics.changes.table import CHANGES
from journey_assets.journeys.statistics.divergence_points.table import DIVERGENCE_POINTS
from journey_assets.journeys.statistics.dropoff_cliffs.table import DROPOFF_CLIFFS
from journey_assets.journeys.statistics.event_patterns.table import EVENT_PATTERNS
from journey_assets.journeys.statistics.friction_signals.table import FRICTION_SIGNALS
from journey_assets.journeys.statistics.golden_paths.table import GOLDEN_PATHS
from journey_assets.journeys.statistics.golden_transitions.table import GOLDEN_TRANSITIONS
from journey_assets.journeys.statistics.paths.table import PATHS
from journey_assets.journeys.statistics.removal_effects.table import REMOVAL_EFFECTS
from journey_assets.journeys.statistics.stages.table import STAGES
from journey_assets.journeys.statistics.summary.table import SUMMARY
from journey_assets.journeys.statistics.variants.table import VARIANTS
from journey_assets.reports.compute import write_reports
from journey_assets.reports.files import report_path
from journey_assets.warehouse.database import Database, Session
from journey_assets.warehouse.replace import Replacement, replace_partitions
from journey_assets.warehouse.schema import Table
from journey_assets.warehouse.tables.analyses import MAVE_ANALYSES
from journey_assets.warehouse.tables.channels import SEGMENT_MOVES, SEGMENTS
from journey_assets.warehouse.tables.identity import COVERAGE
from journey_assets.warehouse.tables.support import (
    CONTACT_TOPICS,
    CONVERSATION_STATISTICS,
    JOURNEY_CONTACTS,
    LIVE_SUPPORT_STATISTICS,
)
from journey_assets_tests.stored import settings_for

DAY = date(2026, 11, 20)

ANSWER = """\
# Journey map

Of all persons **15.4%** convert [C1]; that is 57 people more than I expected.

| step | share |
|---|---|
| Sign Up | 84.2% [S1] |
"""


def evidence() -> Evidence:
    """Two rows: the cohorts and a step."""
    share = EvidenceColumn("share", Unit.SHARE)
    event = EvidenceColumn("event", Unit.TEXT, names_row=True)
    return Evidence(
        (
            EvidenceTable(
                "C",
                "Cohorts",
                "One row per cohort.",
                (share,),
                (EvidenceRow("C1", (Cell("15.4%", Unit.SHARE, 0.154),)),),
            ),
            EvidenceTable(
                "S",
                "Steps",
                "One row per event.",
                (event, share),
                (
                    EvidenceRow(
                        "S1",
                        (
                            Cell('"Sign Up"', Unit.TEXT, names=("Sign Up",)),
                            Cell("84.2%", Unit.SHARE, 0.842),
                        ),
                    ),
                ),
            ),
        )
    )


def analysis(day: date, kind: str, content: str = ANSWER) -> dict[str, Any]:
    """A stored answer with the marks of its numbers."""
    given = evidence()
    check = NumberCheck(marked(content, given))
    return {
        "as_of": day,
        "kind": kind,
        "status": "answered",
        "prompt_version": "3",
        "evidence": json.loads(given.to_json()),
        "content": content,
        "credits_used": 12,
        "requested_at": datetime(2026, 11, 21, 3, 30, tzinfo=UTC).replace(tzinfo=None),
        "numbers_total": check.total,
        "numbers_grounded": check.grounded,
        "ungrounded": check.ungrounded,
        "number_marks": [asdict(mark) for mark in check.marks],
        "sources": [],
    }


def not_asked(day: date, kind: str) -> dict[str, Any]:
    """An analysis that Mave was not asked for."""
    return {"as_of": day, "kind": kind, "status": "not_asked", "reason": "Segment is left out"}


def path(day: date, cohort: str, events: Sequence[str], ending: str, number: int) -> dict[str, Any]:
    """A row of journeys.paths without repeats in a row."""
    return {
        "as_of": day,
        "person_id": f"person_{number:016x}",
        "session": 0,
        "cohort": cohort,
        "events": events,
        "n_events": len(events),
        "collapsed_events": events,
        "n_collapsed": len(events),
        "ending": ending,
    }


def _share(name: str, value: float, prefix: str = "") -> dict[str, float]:
    bound = prefix or name
    return {name: value, f"{bound}_low": value * 0.9, f"{bound}_high": min(1.0, value * 1.1)}


def change(
    figure: str, then: float, now: float, verdict: str, day: date = DAY, **given: object
) -> dict[str, Any]:
    """A row of journeys.changes; without a q where it is not tested."""
    tested = verdict in {"higher", "lower", "no_difference"}
    return {
        "as_of": day,
        "figure": figure,
        "event_type": None,
        "to_event": None,
        "then_value": then,
        "now_value": now,
        "difference": now - then,
        "low": now - then - 0.01,
        "high": now - then + 0.01,
        "p_value": 0.01 if tested else None,
        "family_q": 0.02 if tested else None,
        "is_new": False,
        "verdict": verdict,
        "then_first": date(2026, 10, 1),
        "then_last": date(2026, 10, 20),
        "then_days": 20,
        "now_first": date(2026, 11, 1),
        "now_last": day,
        "now_days": 20,
    } | given


def rows(day: date, name: str = "Sign Up", thing: str = "Getting Started") -> Mapping[Table, Any]:
    """Rows of every table that a report shows. name: an event's; thing: a flow's, a plan's."""
    counted = {"converters": 368, "non_converters": 2023}
    golden = [name, "Create Project", "Upgrade"]
    next_events = [{"event_type": name, "persons": 60, "share": 0.6, "low": 0.5, "high": 0.7}]
    focus = {"as_of": day, "cohort": "converter"}
    return {
        PATHS: [
            path(day, "converter", golden, "conversion", 1),
            path(day, "converter", ["Dashboard View", *golden], "conversion", 2),
            path(day, "non_converter", [name], "exit", 3),
            path(day, "non_converter", [name, "Create Project"], "exit", 4),
            path(day, "non_converter", [f"event {n}" for n in range(12)], "exit", 5),
            path(day, "non_converter", [name, "Dashboard View"], "censored", 6),
        ],
        EVENT_PATTERNS: [
            {
                "as_of": day,
                "setting": "JOURNEY_EXCLUDED_EVENTS",
                "pattern": "[Amplitude]*",
                "event_names": 2,
                "events": 1234,
            }
        ],
        COVERAGE: [
            {
                "as_of": day,
                "measure": "linkable:amplitude:segment",
                "unit": "persons",
                "numerator": 900,
                "denominator": 1000,
                **_share("share", 0.9),
            }
        ],
        SUMMARY: [
            {
                "as_of": day,
                "cohort": cohort,
                "persons": persons,
                "population": 2391,
                "population_converted": 368,
                "time_to_convert_status": "not_reached",
                "rate_status": "known",
                "newcomers": 2100,
                "earlier_converters": 57,
                "heavy_persons": 2,
                "both_lists": 0,
                "compared": persons - 30,
                **_share("rate_7d", 0.2),
                **_share("rate_14d", 0.25),
                **_share("share_of_population", persons / 2391, "share"),
            }
            for cohort, persons in (("converter", 368), ("non_converter", 2023))
        ],
        CHANGES: [
            change("conversion_last_day", 0.15, 0.154, "no_difference", day),
            change("exit_rate", 0.2, 0.35, "higher", day, event_type=name),
        ],
        VARIANTS: [
            {**focus, "rank": 1, "path": golden, "persons": 30, **_share("share", 0.08)},
            {**focus, "rank": 2, "path": None, "persons": 338, **_share("share", 0.92)},
        ],
        GOLDEN_PATHS: [
            {
                **focus,
                "reading": reading,
                "path": golden,
                "verdict": "found",
                "before_converters": 310,
                "before_non_converters": 190,
                **_share("before_share_converters", 0.842),
                **_share("before_share_non_converters", 0.095),
                "support_converters": 300,
                "support_non_converters": 0,
                **counted,
                **_share("share_converters", 0.815),
                **_share("share_non_converters", 0.0),
            }
            for reading in ("common_subsequence", "modal")
        ],
        GOLDEN_TRANSITIONS: [
            {
                **focus,
                "step": step,
                "from_event": golden[step - 1],
                "to_event": golden[step],
                "persons_with": 500,
                "converters_with": 200,
                "persons_without": 1891,
                "converters_without": 168,
                "conversion_ratio": 4.5,
                "ratio_low": 3.7,
                "ratio_high": 5.4,
                "stratified_ratio": 2.5 if step == 1 else None,
                "stratified_low": 1.7 if step == 1 else None,
                "stratified_high": 3.4 if step == 1 else None,
                "critical": step == 1,
                "verdict": "converts_more" if step == 1 else "outcome",
            }
            for step in (1, 2)
        ],
        DIVERGENCE_POINTS: [
            {
                **focus,
                "event_type": name,
                "n_converters": 300,
                "n_non_converters": 900,
                "jsd_bits": 0.2,
                "jsd_corrected": 0.19,
                "cramers_v": 0.4,
                "p_value": 1e-9,
                "q_value": 1e-8,
                "method": "chi2",
                "verdict": "different",
                "rank": 1,
                "top_next_converters": next_events,
                "top_next_non_converters": next_events,
            },
            {**focus, "event_type": "Rare", "verdict": "insufficient", "n_converters": 1},
        ],
        FRICTION_SIGNALS: [
            {
                **focus,
                "event_type": name,
                "non_converters_with": 900,
                "converters_with": 44,
                **counted,
                "relative_risk": 3.7,
                "rr_low": 2.8,
                "rr_high": 4.9,
                "p_value": 1e-9,
                "q_value": 1e-8,
                "hazard_ratio": 1.2,
                "stratified_by": "platform",
                "stratified_ratio": 0.4,
                "stratified_low": 0.3,
                "stratified_high": 0.6,
                "strata_differ": True,
                "family_q": 2e-8,
                "verdict": "friction",
                "rank": 1,
            }
        ],
        DROPOFF_CLIFFS: [
            {
                "as_of": day,
                "cohort": "non_converter",
                "from_event": name,
                "to_event": to_event,
                "exits": 300,
                "visits": 1500,
                **_share("exit_rate", 0.2, "exit"),
                "share_of_exits": 0.15,
                "rank": 1,
                "cohort_exit_rate": 0.03,
                "verdict": "cliff",
            }
            for to_event in (None, "Create Project")
        ],
        STAGES: [
            {
                **focus,
                "stage": 1,
                "label": name,
                "events": [name, "Dashboard View"],
                "persons_converters": 368,
                "persons_non_converters": 1800,
                **counted,
                **_share("share_converters", 1.0),
                **_share("share_non_converters", 0.89),
                "median_seconds_from_start": 0,
            }
        ],
        REMOVAL_EFFECTS: [
            {
                **focus,
                "event_type": name,
                "effect": 1.0,
                "gate": True,
                "persons": 2100,
                "verdict": "gate",
            }
        ],
        SEGMENTS: [
            {
                "as_of": day,
                "segment": segment,
                "profiles": 500,
                "all_profiles": 1000,
                "avg_ltv": 410.5,
                "ltv_low": 400,
                "ltv_high": 420,
                "avg_web": 3,
                "avg_mobile": 2,
                "avg_email": 1,
                "top_plans": [thing],
                "converters": 90,
                "persons_with_path": 450,
                **_share("share", 0.5),
                **_share("conversion_rate", 0.2),
            }
            for segment in ("omnichannel", "inactive")
        ],
        SEGMENT_MOVES: [
            {
                "as_of": day,
                "from_segment": "omnichannel",
                "to_segment": "gone",
                "profiles": 25,
                "previous_snapshot_date": date(2026, 11, 13),
                "snapshot_date": day,
                **_share("share", 0.05),
                "avg_ltv_before": 900,
            }
        ],
        JOURNEY_CONTACTS: [
            {
                "as_of": day,
                "cohort": "all",
                "event_type": name,
                "visits": 400,
                "contacts": 100,
                **_share("contact_rate", 0.25),
                "relative_risk": 0.6,
                "rr_low": 0.4,
                "rr_high": 0.9,
                "q_value": 0.02,
                "family_q": 0.02,
                "is_new": True,
                "verdict": "fewer_convert",
                "conversations": 110,
            },
            {
                "as_of": day,
                "cohort": "all",
                "event_type": "(no person)",
                "conversations": 80,
                "verdict": "not_compared",
            },
        ],
        CONTACT_TOPICS: [
            {
                "as_of": day,
                "event_type": name,
                "kind": "flow",
                "value": thing,
                "contacts": 60,
                "state_contacts": 100,
                **_share("share", 0.6),
                "lift": 3.1,
                "q_value": 0.001,
                "verdict": "clusters",
            }
        ],
        CONVERSATION_STATISTICS: [
            {
                "as_of": day,
                "flow_name": thing,
                "lang_code": "en",
                "conversations": 230,
                "escalated": 40,
                "rated": 90,
                "satisfied": 60,
                **_share("self_service_rate", 0.4),
                **_share("escalation_rate", 0.17),
                **_share("csat", 0.67),
            }
        ],
        LIVE_SUPPORT_STATISTICS: [
            {
                "as_of": day,
                "agent_group_name": thing,
                "status": "ENDED",
                "sessions": 50,
                **{
                    f"{time}_ms_{which}": 60_000
                    for time in ("queue", "first_response", "chat")
                    for which in ("p50", "p90")
                },
            }
        ],
        MAVE_ANALYSES: [
            analysis(day, "journey_map"),
            not_asked(day, "channel_personas"),
            analysis(day, "support_friction", "Nothing with a number."),
        ],
    }


def fill(database: Database, *days: Mapping[Table, Any]) -> None:
    """Store the rows of some days; columns that are not given are empty."""
    with database.session() as session:
        tables = dict.fromkeys(table for day in days for table in day)
        for table in tables:
            structure = json.dumps([{column.name: column.type for column in table.columns}])
            given = [row for day in days for row in day.get(table, ())]
            session.con.execute(
                f"CREATE TEMP TABLE {table.result} AS "
                f"SELECT unnest(from_json(?, '{structure}'), recursive := true)",
                [json.dumps(given, default=str)],
            )
        _replace(session, *tables)


def empty(database: Database, day: date, *tables: Table) -> None:
    """Materialize ``tables`` for ``day`` without a row."""
    with database.session() as session:
        for table in tables:
            columns = ", ".join(f"NULL::{each.type} AS {each.name}" for each in table.columns)
            session.con.execute(
                f"CREATE TEMP TABLE {table.result} AS FROM (SELECT {columns}) WHERE false"
            )
        _replace(session, *tables, days=(day, day))


def _replace(session: Session, *tables: Table, days: tuple[date, date] | None = None) -> None:
    if days is None:
        rows = " UNION ALL ".join(f"SELECT {t.partition} AS day FROM {t.result}" for t in tables)
        first, last = session.con.execute(f"SELECT min(day), max(day) FROM ({rows})").fetchall()[0]
        days = (first, last)
    for table in tables:
        # One by one: made-up rows of several tables need not add up.
        replace_partitions(session, *days, Replacement(table, f"FROM {table.result}"))


def written(database: Database, *days: date, **given: object) -> list[str]:
    """Write the reports of ``days``; their HTML."""
    settings = settings_for(database, conversion_event="Upgrade", **given)
    with database.session() as session:
        write_reports(session, days, settings)
    return [report_path(settings.directory(), day).read_text("utf-8") for day in days]


def database_at(folder: Path) -> Database:
    """A database in ``folder``."""
    return Database(folder / "store.duckdb")
