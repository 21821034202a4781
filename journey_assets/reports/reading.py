"""The stored rows that a report is made of.

Belongs here: copying them from the file, once for all days of a run, and handing each day its own. No
table with persons is read but ``journeys.paths``, which is
counted while it is read. Does not belong here: what is shown of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from journey_assets.journeys.statistics.changes.table import CHANGES
from journey_assets.journeys.statistics.discriminating_subsequences.table import (
    DISCRIMINATING_SUBSEQUENCES,
)
from journey_assets.journeys.statistics.divergence_points.table import DIVERGENCE_POINTS
from journey_assets.journeys.statistics.dropoff_cliffs.table import DROPOFF_CLIFFS
from journey_assets.journeys.statistics.event_patterns.table import EVENT_PATTERNS
from journey_assets.journeys.statistics.friction_signals.table import FRICTION_SIGNALS
from journey_assets.journeys.statistics.funnels.table import FUNNELS
from journey_assets.journeys.statistics.golden_paths.table import GOLDEN_PATHS
from journey_assets.journeys.statistics.golden_transitions.table import GOLDEN_TRANSITIONS
from journey_assets.journeys.statistics.lifecycle.table import LIFECYCLE
from journey_assets.journeys.statistics.path_clusters.table import PATH_CLUSTERS
from journey_assets.journeys.statistics.paths.table import PATHS
from journey_assets.journeys.statistics.removal_effects.table import REMOVAL_EFFECTS
from journey_assets.journeys.statistics.retention.table import RETENTION
from journey_assets.journeys.statistics.stages.table import STAGES
from journey_assets.journeys.statistics.summary.table import SUMMARY
from journey_assets.journeys.statistics.variants.table import VARIANTS
from journey_assets.reports.flow import Band, Kind, Move
from journey_assets.reports.made_with import settings_of
from journey_assets.settings import Settings
from journey_assets.warehouse.choices import Choices, recorded
from journey_assets.warehouse.database import CATALOG, Session
from journey_assets.warehouse.intervals import register_wilson
from journey_assets.warehouse.origins import holds_sample
from journey_assets.warehouse.replace import stored_columns
from journey_assets.warehouse.schema import Table
from journey_assets.warehouse.sql import sql_of
from journey_assets.warehouse.tables.analyses import MAVE_ANALYSES
from journey_assets.warehouse.tables.channels import (
    SEGMENT_GOLDEN_STEPS,
    SEGMENT_MOVES,
    SEGMENTS,
)
from journey_assets.warehouse.tables.identity import COVERAGE
from journey_assets.warehouse.tables.ledger import LEDGER
from journey_assets.warehouse.tables.raw import AMPLITUDE_EVENTS
from journey_assets.warehouse.tables.support import (
    CONTACT_TOPICS,
    CONVERSATION_STATISTICS,
    JOURNEY_CONTACTS,
    LIVE_SUPPORT_STATISTICS,
)
from journey_assets.warehouse.windows import copy_stored, first_day

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: Steps of the flow that are drawn, and events that stand alone at each.
FLOW_STEPS = 10
FLOW_EVENTS = 6
#: Variants that are listed for each cohort.
VARIANTS_SHOWN = 5

#: What is copied of each table; the key orders its rows.
READ: tuple[Table, ...] = (
    COVERAGE,
    SUMMARY,
    CHANGES,
    VARIANTS,
    GOLDEN_PATHS,
    GOLDEN_TRANSITIONS,
    DIVERGENCE_POINTS,
    FRICTION_SIGNALS,
    DROPOFF_CLIFFS,
    STAGES,
    REMOVAL_EFFECTS,
    FUNNELS,
    RETENTION,
    LIFECYCLE,
    DISCRIMINATING_SUBSEQUENCES,
    PATH_CLUSTERS,
    EVENT_PATTERNS,
    SEGMENTS,
    SEGMENT_MOVES,
    SEGMENT_GOLDEN_STEPS,
    JOURNEY_CONTACTS,
    CONTACT_TOPICS,
    CONVERSATION_STATISTICS,
    LIVE_SUPPORT_STATISTICS,
    MAVE_ANALYSES,
)

_WHERE: Mapping[Table, str] = {
    VARIANTS: f"rank <= {VARIANTS_SHOWN}",
    JOURNEY_CONTACTS: "cohort = 'all'",
    FUNNELS: "cohort = 'all'",
    RETENTION: "unit = 'week'",
    CONTACT_TOPICS: "verdict = 'clusters'",
}

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Day:
    """The rows of one as_of by table's full name.

    stored: tables that were materialized for it, be they empty. headline: a row per headline
    figure, by name. events_stored: days of the window whose events are stored. made_with: the settings
    of each stored table that records them. sample: whether a simulator filled the database.
    """

    as_of: date
    tables: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    stored: frozenset[str] = frozenset()
    moves: Sequence[Move] = ()
    headline: Mapping[str, Row] = field(default_factory=dict)
    events_stored: int = 0
    made_with: Mapping[str, Choices] = field(default_factory=dict)
    sample: bool = False

    def rows(self, table: Table) -> Sequence[Row]:
        """The rows of ``table`` in the order of its key."""
        return self.tables.get(table.full_name, ())

    def has(self, table: Table) -> bool:
        """Whether ``table`` was materialized for this day."""
        return table.full_name in self.stored


def read_days(session: Session, days: Sequence[date], settings: Settings) -> dict[date, Day]:
    """The rows of each of ``days``; the file is open only while they are copied.

    settings: of the run. What is computed here is computed with those of the day's figures.
    """
    con, span = session.con, (days[0], days[-1])
    sample = holds_sample(session)
    with session.reading():
        made: dict[date, dict[str, Choices]] = {day: {} for day in days}
        for (name, day), choices in recorded(con, (PATHS, *READ), *span).items():
            if choices and day in made:
                made[day][name] = choices
        own = {day: settings_of(made[day], settings) for day in days}
        window = (min(first_day(day, own[day].window_days) for day in days), days[-1])
        copy_stored(con, LEDGER, ("partition", "table_name"), window, "report_ledger")
        for table in READ:
            where = _WHERE.get(table, "true")
            copy_stored(con, table, table.column_names, span, _copy(table), where)
        _copy_prefixes(con, span)
    found = _days(con, days, own, made)
    return {day: replace(each, sample=sample) for day, each in found.items()}


def _copy(table: Table) -> str:
    return f"report_{table.schema}_{table.name}"


def _copy_prefixes(con: "DuckDBPyConnection", span: tuple[date, date]) -> None:
    if stored_columns(con, PATHS):
        source = f"FROM {CATALOG}.{PATHS.full_name} WHERE as_of BETWEEN ? AND ?"
    else:
        columns = ", ".join(f"NULL::{column.type} AS {column.name}" for column in PATHS.columns)
        source = f"FROM (SELECT {columns}) WHERE ?::DATE > ?::DATE AND false"
    register_prefixes(con, source, span)


def register_prefixes(con: "DuckDBPyConnection", source: str, parameters: Sequence[object]) -> None:
    """Make ``report_prefixes``: the paths of ``source`` counted by their first events.

    A fraction of the paths' size, and of nobody in particular.
    """
    con.execute(
        "CREATE OR REPLACE TEMP TABLE report_prefixes AS SELECT as_of, cohort, "
        f"collapsed_events[1:{FLOW_STEPS}] AS prefix, n_collapsed > {FLOW_STEPS} AS later, "
        f"ending, count(*) AS persons {source} GROUP BY ALL ORDER BY ALL",
        list(parameters),
    )


def _days(
    con: "DuckDBPyConnection",
    wanted: Sequence[date],
    settings: Mapping[date, Settings],
    made: Mapping[date, Mapping[str, Choices]],
) -> dict[date, Day]:
    tables: dict[date, dict[str, list[Row]]] = {day: {} for day in wanted}
    for table in READ:
        order = ", ".join(f'"{column}" NULLS FIRST' for column in (table.partition, *table.key))
        for row in _rows(con, f"FROM {_copy(table)} ORDER BY {order}"):
            if row[table.partition] in tables:
                tables[row[table.partition]].setdefault(table.full_name, []).append(row)
    stored: dict[date, set[str]] = {}
    for row in _rows(con, "FROM report_ledger"):
        stored.setdefault(row["partition"], set()).add(row["table_name"])
    events = {day for day, names in stored.items() if AMPLITUDE_EVENTS.full_name in names}
    moves = count_moves(con, FLOW_EVENTS)
    headline = _headline(con, settings)
    return {
        day: Day(
            day,
            tables[day],
            frozenset(stored.get(day, ())),
            moves.get(day, ()),
            headline.get(day, {}),
            sum(first_day(day, settings[day].window_days) <= each <= day for each in events),
            made[day],
        )
        for day in wanted
    }


def count_moves(con: "DuckDBPyConnection", events: int) -> dict[date, list[Move]]:
    """The moves of ``report_prefixes`` by as_of; ``events`` of a step stand alone."""
    found: dict[date, list[Move]] = {}
    for row in _rows(con, sql_of(__package__, "flow"), {"events": events}):
        found.setdefault(row["as_of"], []).append(
            Move(
                row["cohort"],
                row["step"],
                Band(Kind(row["kind"]), row["band"]),
                Band(Kind(row["next_kind"]), row["next_band"]),
                row["persons"],
            )
        )
    return found


def _headline(
    con: "DuckDBPyConnection", settings: Mapping[date, Settings]
) -> dict[date, dict[str, Row]]:
    """The headline figures of each day, with intervals of its own level."""
    found: dict[date, dict[str, Row]] = {}
    for level in {each.confidence_level for each in settings.values()}:
        register_wilson(con, level)
        for row in _rows(con, sql_of(__package__, "headline")):
            if (of := settings.get(row["as_of"])) and of.confidence_level == level:
                found.setdefault(row["as_of"], {})[row["figure"]] = row
    return found


def _rows(
    con: "DuckDBPyConnection", sql: str, parameters: Mapping[str, object] | None = None
) -> list[Row]:
    cursor = con.execute(sql, dict(parameters) if parameters else None)
    names = [each[0] for each in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
