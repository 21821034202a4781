"""How many persons, users or profiles stand behind the rows of a partition.

Belongs here: for each table that knows, what counts them. A table whose rows count persons more than
once (a person has several events) is in only where one of its rows or columns counts each once.
"""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from journey_assets.warehouse.database import CATALOG
from journey_assets.warehouse.schema import Table
from journey_assets.warehouse.tables.channels import (
    PROFILE_CHANNELS,
    SEGMENT_GOLDEN_STEPS,
    SEGMENT_MOVES,
    SEGMENTS,
)
from journey_assets.warehouse.tables.identity import PERSONS
from journey_assets.warehouse.tables.journeys.comparisons import FRICTION_SIGNALS
from journey_assets.warehouse.tables.journeys.counts import PATHS, SUMMARY
from journey_assets.warehouse.tables.journeys.golden import GOLDEN_PATHS
from journey_assets.warehouse.tables.journeys.patterns import (
    STAGES,
    STEP_HAZARD,
    STEP_MATRIX,
    VARIANTS,
)
from journey_assets.warehouse.tables.raw import (
    AMPLITUDE_EVENTS,
    AMPLITUDE_USERS,
    SEGMENT_EXTERNAL_IDS,
    SEGMENT_PROFILES,
)

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: The persons compared, of which every row states both sides.
_BOTH_SIDES = "max(converters + non_converters)"

_COUNTED: Mapping[Table, str] = {
    AMPLITUDE_EVENTS: "count(DISTINCT amplitude_id)",
    AMPLITUDE_USERS: "count(DISTINCT requested_id)",
    SEGMENT_PROFILES: "count(DISTINCT profile_key)",
    SEGMENT_EXTERNAL_IDS: "count(DISTINCT profile_key)",
    PERSONS: "count(DISTINCT person_id)",
    PATHS: "count(DISTINCT person_id)",
    SUMMARY: "sum(persons)",
    VARIANTS: "sum(persons)",
    STEP_MATRIX: "sum(persons) FILTER (step = 1)",
    STEP_HAZARD: "max(at_risk)",
    FRICTION_SIGNALS: _BOTH_SIDES,
    GOLDEN_PATHS: _BOTH_SIDES,
    STAGES: _BOTH_SIDES,
    PROFILE_CHANNELS: "count(DISTINCT profile_key)",
    SEGMENTS: "sum(profiles)",
    SEGMENT_MOVES: "sum(profiles)",
    SEGMENT_GOLDEN_STEPS: "sum(segment_persons) FILTER (step = 1)",
}


def persons(con: "DuckDBPyConnection", table: Table, first: date, last: date) -> dict[date, int]:
    """Persons (users, profiles) by partition that has rows; none of a table that does not know.

    Needs the file attached.
    """
    counted = _COUNTED.get(table)
    if counted is None:
        return {}
    rows = con.execute(
        f"SELECT {table.partition}, {counted} FROM {CATALOG}.{table.full_name} "
        f"WHERE {table.partition} BETWEEN ? AND ? GROUP BY ALL",
        [first, last],
    ).fetchall()
    return {day: int(count) for day, count in rows if count is not None}
