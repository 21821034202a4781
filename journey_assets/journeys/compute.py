"""Computing the tables of schema ``journeys`` for the days of a run.

Belongs here: which SQL file or module fills which table, and in which order they run. Does not belong
here: Dagster (``assets.py``), the ordered form of the events (:mod:`journey_assets.journeys.ordered`)
and the definitions of the figures, which stand in the SQL files, in those modules and in
``warehouse/tables/journeys``.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from statistics import NormalDist
from typing import TYPE_CHECKING

from journey_assets.journeys import (
    divergence_points,
    dropoff_cliffs,
    friction_signals,
    golden_paths,
    ordered,
    removal_effects,
    stages,
)
from journey_assets.settings import Settings
from journey_assets.warehouse.database import Session
from journey_assets.warehouse.intervals import register_relative_risk, register_wilson
from journey_assets.warehouse.schema import Table
from journey_assets.warehouse.tables.journeys import (
    DIVERGENCE_POINTS,
    DROPOFF_CLIFFS,
    FRICTION_SIGNALS,
    GOLDEN_PATHS,
    GOLDEN_TRANSITIONS,
    LAST_EVENTS,
    LOOPS,
    PATHS,
    REMOVAL_EFFECTS,
    STAGES,
    STEP_FREQUENCIES,
    STEP_HAZARD,
    STEP_MATRIX,
    SUMMARY,
    TRANSITIONS,
    VARIANTS,
)
from journey_assets.warehouse.windows import make_empty_result

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: Reads the relations of the batch, and inserts rows into ``Table.result`` of its table or leaves a
#: relation that tables build on.
Fill = Callable[["DuckDBPyConnection", Settings], None]

#: The statements and functions that a table's own SQL file, or its entry in :data:`_FILLS`, builds on.
_BEFORE: Mapping[Table, tuple[str | Fill, ...]] = {
    PATHS: (),
    SUMMARY: ("time_to_convert",),
    STEP_FREQUENCIES: ("cells",),
    TRANSITIONS: ("cells",),
    LAST_EVENTS: ("cells",),
    VARIANTS: (),
    STEP_MATRIX: (),
    STEP_HAZARD: (),
    LOOPS: (),
    DIVERGENCE_POINTS: ("first_next",),
    FRICTION_SIGNALS: ("friction_counts",),
    DROPOFF_CLIFFS: ("leavings",),
    GOLDEN_PATHS: (golden_paths.leave_golden_paths,),
    GOLDEN_TRANSITIONS: (golden_paths.leave_golden_paths,),
    STAGES: ("cells",),
    REMOVAL_EFFECTS: ("cells",),
}

#: Tables whose rows a function inserts, since they need more than SQL. The others are filled by the
#: SQL file of their name.
_FILLS: Mapping[Table, Fill] = {
    DIVERGENCE_POINTS: divergence_points.fill,
    FRICTION_SIGNALS: friction_signals.fill,
    DROPOFF_CLIFFS: dropoff_cliffs.fill,
    STAGES: stages.fill,
    REMOVAL_EFFECTS: removal_effects.fill,
}

#: Settings that SQL files read, each as the variable ``journeys_<name>``.
_VARIABLES: Mapping[str, str] = {
    "step_limit": "BIGINT",
    "variant_limit": "BIGINT",
    "min_persons": "BIGINT",
    "min_share": "DOUBLE",
    "min_cohort_persons": "BIGINT",
    "confidence_level": "DOUBLE",
}


def compute(
    session: Session, days: Sequence[date], settings: Settings, wanted: Collection[Table]
) -> None:
    """Leave the rows of every table of ``wanted`` in its session table ``Table.result``.

    days: the as_of dates of the run, ascending. Raises :class:`SettingsError` when there are events
    and nothing says who converted.
    """
    con = session.con
    tables = [table for table in _BEFORE if table in wanted]
    for table in tables:
        make_empty_result(con, table)
    ordered.load(session, days, settings)
    _set_constants(con, settings)
    for batch in ordered.batches(con):
        ordered.arrange(con, batch, settings)
        for before in dict.fromkeys(before for table in tables for before in _BEFORE[table]):
            if isinstance(before, str):
                con.execute(ordered.sql(before))
            else:
                before(con, settings)
        for table in tables:
            if table in _FILLS:
                _FILLS[table](con, settings)
            else:
                con.execute(f"INSERT INTO {table.result} BY NAME {ordered.sql(table.name)}")


def _set_constants(con: "DuckDBPyConnection", settings: Settings) -> None:
    register_wilson(con, settings.confidence_level)
    register_relative_risk(con, settings.confidence_level)
    z = NormalDist().inv_cdf(0.5 + settings.confidence_level / 2)
    con.execute("SET VARIABLE journeys_z = ?::DOUBLE", [z])
    for name, type_ in _VARIABLES.items():
        con.execute(f"SET VARIABLE journeys_{name} = ?::{type_}", [getattr(settings, name)])
    con.execute(
        "SET VARIABLE journeys_conversion_known = ?::BOOLEAN", [bool(settings.conversion_event)]
    )
    con.execute(
        "SET VARIABLE journeys_event_names = "
        "(SELECT list(event_type ORDER BY event) FROM journey_event_types)"
    )
