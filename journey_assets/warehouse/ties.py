"""What must add up between stored tables.

Belongs here: sums that are the same by definition, each with the table that shows it. They hold
between tables of one run only: a table computed at another time stands on other rows.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from journey_assets.warehouse.database import CATALOG
from journey_assets.warehouse.schema import Table
from journey_assets.warehouse.tables.channels import PROFILE_CHANNELS, SEGMENTS
from journey_assets.warehouse.tables.journeys import (
    LAST_EVENTS,
    STEP_FREQUENCIES,
    SUMMARY,
    TRANSITIONS,
)

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True, slots=True)
class Tie:
    """Two sums that are one. left, right: SELECTs of ``as_of``, what the sum is of, and the sum."""

    of: Table
    reads: tuple[Table, ...]
    says: str
    left: str
    right: str


def _stored(table: Table) -> str:
    return f"{CATALOG}.{table.full_name}"


TIES: tuple[Tie, ...] = (
    Tie(
        of=TRANSITIONS,
        reads=(TRANSITIONS, LAST_EVENTS, STEP_FREQUENCIES),
        says="visits = transitions + exits + conversions + censored + cut, of every event",
        left=f"SELECT as_of, (cohort, event_type) AS what, sum(n) AS sum FROM ("
        f"SELECT as_of, cohort, from_event AS event_type, occurrences AS n "
        f"FROM {_stored(TRANSITIONS)} UNION ALL "
        f"SELECT as_of, cohort, event_type, exits + conversions + censored + cut "
        f"FROM {_stored(LAST_EVENTS)}) GROUP BY ALL",
        right="SELECT as_of, (cohort, event_type) AS what, occurrences AS sum "
        f"FROM {_stored(STEP_FREQUENCIES)}",
    ),
    Tie(
        of=SUMMARY,
        reads=(SUMMARY, STEP_FREQUENCIES),
        says="the events of a cohort's paths = the visits of all events",
        left=f"SELECT as_of, cohort AS what, events AS sum FROM {_stored(SUMMARY)} WHERE events > 0",
        right="SELECT as_of, cohort AS what, sum(occurrences) AS sum "
        f"FROM {_stored(STEP_FREQUENCIES)} GROUP BY ALL",
    ),
    Tie(
        of=SEGMENTS,
        reads=(SEGMENTS, PROFILE_CHANNELS),
        says="the profiles of all segments = the profiles",
        left=f"SELECT as_of, segment AS what, sum(profiles) AS sum FROM {_stored(SEGMENTS)} "
        "WHERE profiles > 0 GROUP BY ALL",
        right="SELECT as_of, segment AS what, count(*) AS sum "
        f"FROM {_stored(PROFILE_CHANNELS)} GROUP BY ALL",
    ),
)


def ties_of(table: Table, stored: Collection[Table]) -> tuple[Tie, ...]:
    """The ties that ``table`` shows when the tables ``stored`` are of one run."""
    return tuple(tie for tie in TIES if tie.of == table and set(tie.reads) <= set(stored))


def untied(con: "DuckDBPyConnection", tie: Tie, first: date, last: date) -> int:
    """How many of the tie's sums differ in the days; needs the file attached."""
    rows = con.execute(
        f"SELECT count(*) FROM ({tie.left}) AS one FULL JOIN ({tie.right}) AS other "
        "USING (as_of, what) WHERE as_of BETWEEN ? AND ? "
        "AND one.sum IS DISTINCT FROM other.sum",
        [first, last],
    ).fetchall()
    return int(rows[0][0])
