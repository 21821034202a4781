"""Paths into an event: the steps before its first occurrence, counted back from it."""

from typing import TYPE_CHECKING

from journey_assets.journeys.statistics.paths.table import PATHS
from journey_assets.settings import Settings
from journey_assets.warehouse.intervals import register_wilson
from journey_assets.warehouse.schema import Column, Table
from journey_assets.warehouse.tables.shared import AS_OF
from journey_assets.warehouse.windows import make_empty_result

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: What stands at the steps that a path is too short for.
_NOTHING = "(path begins later)"

PATHS_BEFORE = Table(
    schema="journeys",
    name="paths_before",
    grain="step before the event and event type",
    description="What persons did before they first reached the event of `before`, counted back from "
    "it. The rows of a step add up to all paths into the event.",
    columns=(
        AS_OF,
        Column(
            "steps_before", "BIGINT", "How many steps before the event, from 1.", nullable=False
        ),
        Column(
            "event_type",
            "VARCHAR",
            f"The event there; `{_NOTHING}` of paths that have fewer steps.",
            nullable=False,
        ),
        Column("persons", "BIGINT", "Paths with it there."),
        Column("paths", "BIGINT", "Paths into the event, the denominator of `share`."),
        Column("share", "DOUBLE", "`persons` of `paths`."),
        Column("share_low", "DOUBLE", "Lower bound of the interval of `share` (Wilson)."),
        Column("share_high", "DOUBLE", "Upper bound of the interval."),
        Column(
            "verdict",
            "VARCHAR",
            "`ok`, or `insufficient` with fewer paths than JOURNEY_MIN_PERSONS.",
        ),
    ),
    key=("steps_before", "event_type"),
    asset=False,
)

_ROWS = f"""
WITH into_event AS (
    SELECT as_of, list_reverse(events[:-2]) AS before
    FROM {PATHS.result}
    WHERE ending = 'conversion' AND NOT heavy
),
counted AS (
    SELECT
        as_of,
        step,
        coalesce(before[step], '{_NOTHING}') AS event_type,
        count(*) AS persons
    FROM into_event, range(1, least((SELECT max(len(before)) FROM into_event), $steps) + 1) AS r (step)
    GROUP BY ALL
)
SELECT
    as_of,
    step AS steps_before,
    event_type,
    persons,
    sum(persons) OVER of_step AS paths,
    persons / paths AS share,
    wilson_low(persons, paths) AS share_low,
    wilson_high(persons, paths) AS share_high,
    CASE WHEN paths < $enough THEN 'insufficient' ELSE 'ok' END AS verdict
FROM counted
WINDOW of_step AS (PARTITION BY as_of, step)
"""


def leave_paths_before(con: "DuckDBPyConnection", settings: Settings) -> None:
    """Leave the rows of :data:`PATHS_BEFORE`, from those of ``journeys.paths``."""
    register_wilson(con, settings.confidence_level)
    make_empty_result(con, PATHS_BEFORE)
    con.execute(
        f"INSERT INTO {PATHS_BEFORE.result} BY NAME {_ROWS}",
        {"steps": settings.step_limit, "enough": settings.min_persons},
    )
