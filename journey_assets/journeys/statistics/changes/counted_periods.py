"""The sums of both periods: counted as any window is, over other days.

Belongs here: which windows are counted besides the run's own, and which days of them are stored. Does
not belong here: which days are compared (``periods.py``), what is made of the sums.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from journey_assets.journeys.counted import counted
from journey_assets.journeys.counting import Count
from journey_assets.journeys.counts import CELLS
from journey_assets.journeys.paths import Rules
from journey_assets.journeys.statistics.changes.periods import Periods, days_until, first_read
from journey_assets.settings import Settings
from journey_assets.warehouse.choices import Choices, hash_of, recorded, unlike
from journey_assets.warehouse.database import Session
from journey_assets.warehouse.sql import sql_of
from journey_assets.warehouse.tables.identity import PERSONS
from journey_assets.warehouse.tables.ledger import LEDGER
from journey_assets.warehouse.tables.raw import AMPLITUDE_EVENTS
from journey_assets.warehouse.windows import copy_stored, first_day

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_HERE = "journey_assets.journeys.statistics.changes"

COUNTS = (
    CELLS,
    Count(
        f"{_HERE}.count",
        {"period_paths": ("cohort",), "period_days": ("cohort", "day")},
    ),
    Count(f"{_HERE}.lives", {"period_lives": ("hours", "converted")}, of="compared"),
)

#: The last day is not compared with so many first days of a store: everybody looks new on them, and who
#: converted before is not known.
SETTLING_DAYS = 7

#: What is known of the periods of an as_of, and the sums of each.
_TABLES = """
CREATE OR REPLACE TEMP TABLE change_periods (
    as_of DATE,
    days BIGINT,
    then_first DATE,
    then_last DATE,
    then_stored BIGINT,
    now_first DATE,
    now_last DATE,
    now_stored BIGINT,
    refused VARCHAR,
    history BOOLEAN
);
CREATE OR REPLACE TEMP TABLE change_stored_days (day DATE, settled BOOLEAN);
CREATE OR REPLACE TEMP TABLE change_sums (
    as_of DATE,
    period VARCHAR,
    figure VARCHAR,
    event_type VARCHAR,
    to_event VARCHAR,
    population DOUBLE,
    n DOUBLE,
    cases DOUBLE,
    x DOUBLE,
    v DOUBLE,
    xx DOUBLE,
    xv DOUBLE,
    vv DOUBLE
);
CREATE OR REPLACE TEMP TABLE change_lives (
    as_of DATE, period VARCHAR, hours BIGINT, converted BIGINT, persons BIGINT
);
"""


def leave_periods(session: Session, days: Sequence[date], settings: Settings) -> None:
    """Leave ``change_periods`` of the as_ofs, and the sums of the periods that no window is.

    A period that compares with one of which days are missing is not counted: half of it would look like
    a change. Raises :class:`SettingsError` where periods would share a day.
    """
    periods = {day: Periods.of(day, settings) for day in days}
    con = session.con
    con.execute(_TABLES)
    con.execute(
        "SET VARIABLE changes_folds = ?::BOOLEAN",
        [bool(settings.step_property or settings.event_limit)],
    )
    complete = _leave_stored(session, periods, settings)
    of_now = {day: period.now for day, period in periods.items()}
    of_then = {day: period.then for day, period in periods.items() if day in complete}
    (length,) = {period.days for period in periods.values()}
    for period, last_days in (("then", of_then), ("now", of_now)):
        if period == "now" and length == settings.window_days:
            continue  # it is the run's own window
        _as_counted(con, last_days)
        counting = settings.model_copy(update={"window_days": length})
        for _ in (
            counted(session, sorted(set(last_days.values())), counting, COUNTS) if last_days else ()
        ):
            _add_sums(con, period)
    _as_counted(con, of_now if length == settings.window_days else {})


def leave_own_window(con: "DuckDBPyConnection", _rules: Rules) -> None:
    """Add the sums of the run's own windows, where they are the period that the report is of."""
    _add_sums(con, "now")


def _add_sums(con: "DuckDBPyConnection", period: str) -> None:
    """Add what was counted of the windows in ``change_counted`` to the sums of ``period``."""
    con.execute("SET VARIABLE changes_period = ?::VARCHAR", [period])
    con.execute(sql_of(_HERE, "sums"))


def _as_counted(con: "DuckDBPyConnection", last_days: Mapping[date, date]) -> None:
    """Leave ``change_counted``: the as_of whose period is the window that is counted as ``counted``."""
    con.execute("CREATE OR REPLACE TEMP TABLE change_counted (as_of DATE, counted DATE)")
    if last_days:
        con.executemany("INSERT INTO change_counted VALUES (?, ?)", [*map(list, last_days.items())])


@dataclass(frozen=True, slots=True)
class _Stored:
    """The stored days of events and of persons, and the settings that each was made with."""

    events: frozenset[date]
    persons: frozenset[date]
    made_with: Mapping[tuple[str, date], Choices]

    def days_of(self, last: date, days: int) -> int:
        """How many of the ``days`` until ``last`` have their events stored."""
        return sum(day in self.events for day in days_until(last, days))

    def refused(self, period: Periods) -> str | None:
        """Why the figures of the two periods are not compared."""
        both = (period.then, period.now)
        if any(self.days_of(last, period.days) < period.days for last in both):
            return "days_missing"
        # Persons are told apart as well then as now, or not at all.
        if (period.then in self.persons) != (period.now in self.persons):
            return "days_missing"
        made = {
            hash_of(self.made_with.get((AMPLITUDE_EVENTS.full_name, day), {})): day
            for last in both
            for day in days_until(last, period.days)
        }
        events = [
            self.made_with.get((AMPLITUDE_EVENTS.full_name, day), {}) for day in made.values()
        ]
        persons = [self.made_with.get((PERSONS.full_name, day), {}) for day in both]
        if any(unlike(one, other) for each in (events, persons) for one in each for other in each):
            return "unlike_settings"
        return None


def _leave_stored(
    session: Session, periods: Mapping[date, Periods], settings: Settings
) -> set[date]:
    """Fill ``change_periods`` and ``change_stored_days``; returns the as_ofs that are compared."""
    con = session.con
    longest = max(period.days for period in periods.values())
    first = min(
        first_read(tuple(periods), settings) - timedelta(days=longest),
        first_day(min(periods), settings.window_days) - timedelta(days=SETTLING_DAYS),
    )
    stored = _stored(session, first, max(max(each.then, each.now) for each in periods.values()))
    refused = {as_of: stored.refused(period) for as_of, period in periods.items()}
    for as_of, period in periods.items():
        before = stored.days_of(period.then_first - timedelta(days=1), period.days)
        con.execute(
            "INSERT INTO change_periods VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                *(as_of, period.days),
                *(period.then_first, period.then, stored.days_of(period.then, period.days)),
                *(period.now_first, period.now, stored.days_of(period.now, period.days)),
                *(refused[as_of], before == period.days),
            ],
        )
    if stored.events:
        settled = min(stored.events) + timedelta(days=SETTLING_DAYS)
        con.executemany(
            "INSERT INTO change_stored_days VALUES (?, ?)",
            [[day, day >= settled] for day in sorted(stored.events)],
        )
    return {as_of for as_of, reason in refused.items() if reason is None}


def _stored(session: Session, first: date, last: date) -> _Stored:
    con, tables = session.con, (AMPLITUDE_EVENTS, PERSONS)
    with session.reading():
        copy_stored(con, LEDGER, ("partition", "table_name"), (first, last), "change_ledger")
        made_with = recorded(con, tables, first, last)
    rows = con.execute("SELECT table_name, partition FROM change_ledger").fetchall()
    events, persons = (
        frozenset(day for name, day in rows if name == table.full_name) for table in tables
    )
    return _Stored(events, persons, made_with)
