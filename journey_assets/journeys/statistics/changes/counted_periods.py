"""The sums of both periods: counted as any window is, over other days.

Belongs here: which windows are counted besides the run's own, and which days of them are stored. Does
not belong here: which days are compared (``periods.py``), what is made of the sums.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from journey_assets.journeys.counted import counted
from journey_assets.journeys.counting import Count
from journey_assets.journeys.counts import CELLS
from journey_assets.journeys.paths import Rules
from journey_assets.journeys.statistics.changes.periods import Periods, first_read
from journey_assets.settings import Settings
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
    complete BOOLEAN,
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


def _leave_stored(
    session: Session, periods: Mapping[date, Periods], settings: Settings
) -> set[date]:
    """Fill ``change_periods`` and ``change_stored_days``; returns the as_ofs with all days of both."""
    con = session.con
    longest = max(period.days for period in periods.values())
    first = min(
        first_read(tuple(periods), settings) - timedelta(days=longest),
        first_day(min(periods), settings.window_days) - timedelta(days=SETTLING_DAYS),
    )
    last = max(max(period.then, period.now) for period in periods.values())
    with session.reading():
        copy_stored(
            con, LEDGER, ("partition", "table_name"), (first, last), "change_ledger",
            f"table_name IN ('{AMPLITUDE_EVENTS.full_name}', '{PERSONS.full_name}')",
        )  # fmt: skip
    stored: dict[str, set[date]] = {AMPLITUDE_EVENTS.full_name: set(), PERSONS.full_name: set()}
    for day, table in con.execute("SELECT partition, table_name FROM change_ledger").fetchall():
        stored[table].add(day)
    events, identified = stored[AMPLITUDE_EVENTS.full_name], stored[PERSONS.full_name]
    rows = []
    for as_of, period in periods.items():
        then = _stored_of(events, period.then, period.days)
        now = _stored_of(events, period.now, period.days)
        before = _stored_of(events, period.then_first - timedelta(days=1), period.days)
        # Persons are told apart as well then as now, or not at all.
        alike = (period.then in identified) == (period.now in identified)
        rows.append([
            as_of, period.days, period.then_first, period.then, then, period.now_first, period.now,
            now, then == now == period.days and alike, before == period.days,
        ])  # fmt: skip
    places = ", ".join("?" * len(rows[0]))
    con.executemany(f"INSERT INTO change_periods VALUES ({places})", rows)
    if events:
        settled = min(events) + timedelta(days=SETTLING_DAYS)
        con.executemany(
            "INSERT INTO change_stored_days VALUES (?, ?)",
            [[day, day >= settled] for day in sorted(events)],
        )
    return {
        as_of
        for (as_of,) in con.execute("SELECT as_of FROM change_periods WHERE complete").fetchall()
    }


def _stored_of(stored: Iterable[date], last: date, days: int) -> int:
    return sum(last - timedelta(days=days) < day <= last for day in stored)
