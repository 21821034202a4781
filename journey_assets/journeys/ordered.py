"""The ordered form of the window's events, on which every journey statistic stands.

Belongs here: reading the events, persons and lists of a run once, and laying out the relations
``journey_paths``, ``journey_steps``, ``journey_sorted`` and ``journey_comparisons`` of a batch of
as_ofs (``ordered.sql`` describes them). Does not belong here: any statistic.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from journey_assets.identity.pseudonyms import hash_key
from journey_assets.identity.values import register_normalising, register_safe_values
from journey_assets.settings import Settings, SettingsError, split_list
from journey_assets.warehouse.database import CATALOG, Session
from journey_assets.warehouse.replace import stored_columns
from journey_assets.warehouse.schema import Table
from journey_assets.warehouse.tables.identity import PERSONS
from journey_assets.warehouse.tables.ledger import LEDGER
from journey_assets.warehouse.tables.raw import AMPLITUDE_EVENTS, AMPLITUDE_USERS
from journey_assets.warehouse.windows import first_day, register_windows

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: Kept with ``include_revenue`` although a glob excludes them.
REVENUE_EVENTS = frozenset({"$revenue", "revenue_amount"})

#: Rows of journey_steps that are arranged at once: about half a gigabyte.
BATCH_EVENTS = 5_000_000

_NO_LIMIT = 2**62
_SOURCES = {
    "source_events": AMPLITUDE_EVENTS,
    "source_persons": PERSONS,
    "source_users": AMPLITUDE_USERS,
    "source_ledger": LEDGER,
}


def load(session: Session, days: Sequence[date], settings: Settings) -> None:
    """Copy what the as_of dates ``days`` need into the session; the file is open only meanwhile.

    Events become integers on the way: a code per event type (``journey_event_types``), the excluded
    types left out. A table that was never materialized reads as empty. Raises
    :class:`SettingsError` when there are events and neither lists nor a conversion event.
    """
    con = session.con
    register_windows(con, days, settings.window_days)
    register_safe_values(con, hash_key(settings))
    register_normalising(con)
    con.execute(
        "CREATE TYPE IF NOT EXISTS journey_ending AS ENUM ('exit', 'conversion', 'censored', 'cut')"
    )
    with session.reading():
        for view, table in _SOURCES.items():
            _show(con, view, table)
        _leave_event_types(con, (first_day(days[0], settings.window_days), days[-1]), settings)
        con.execute(sql("load"))
        for view in _SOURCES:
            con.execute(f"DROP VIEW {view}")
    _require_cohorts(con, settings)


def batches(con: "DuckDBPyConnection") -> list[tuple[date, date]]:
    """First and last as_of of the batches in which the days of :func:`load` are arranged.

    As many days at once as keep the rows of their windows below :data:`BATCH_EVENTS`, at least one:
    small windows share the cost of each statement, large ones stay within memory.
    """
    sizes = con.execute(
        "SELECT as_of, coalesce(sum(events), 0) FROM journey_windows LEFT JOIN ("
        "SELECT happened_at::DATE AS day, count(*) AS events FROM journey_events GROUP BY ALL"
        ") ON day BETWEEN first_day AND as_of GROUP BY as_of ORDER BY as_of"
    ).fetchall()
    found: list[tuple[date, date]] = []
    room = 0
    for as_of, events in sizes:
        if found and events <= room:
            found[-1] = (found[-1][0], as_of)
        else:
            found.append((as_of, as_of))
            room = BATCH_EVENTS
        room -= events
    return found


def arrange(con: "DuckDBPyConnection", batch: tuple[date, date], settings: Settings) -> None:
    """Leave the ordered form of the as_ofs from ``batch[0]`` to ``batch[1]``.

    Cohorts come from the lists when the as_of's snapshot of tracked users has any, else from the
    conversion event.
    """
    code = con.execute(
        "SELECT event FROM journey_event_types WHERE event_type = ?", [settings.conversion_event]
    ).fetchall()
    for name, type_, value in (
        ("journeys_first_as_of", "DATE", batch[0]),
        ("journeys_last_as_of", "DATE", batch[1]),
        ("journeys_conversion", "UINTEGER", code[0][0] if code else None),
        ("journeys_max_events", "BIGINT", settings.max_events or _NO_LIMIT),
        ("journeys_session_gap_ms", "BIGINT", settings.session_gap_minutes * 60_000),
    ):
        con.execute(f"SET VARIABLE {name} = ?::{type_}", [value])
    con.execute(sql("ordered"))


def kept(event_types: Iterable[str], settings: Settings) -> list[str]:
    """Those of ``event_types`` that paths are made of, in the order given.

    The globs of ``excluded_events`` are matched case-sensitively against the whole name. The
    conversion event is always kept: without it there would be no converters.
    """
    globs = split_list(settings.excluded_events)
    always = {settings.conversion_event} | (REVENUE_EVENTS if settings.include_revenue else set())
    return [
        name
        for name in event_types
        if name in always or not any(fnmatchcase(name, glob) for glob in globs)
    ]


def sql(name: str) -> str:
    """The text of the SQL file ``name`` beside this module."""
    return Path(__file__).with_name(f"{name}.sql").read_text(encoding="utf-8")


def _show(con: "DuckDBPyConnection", view: str, table: Table) -> None:
    """Make ``view`` the stored ``table``, or an empty one where it was never materialized."""
    if stored_columns(con, table):
        select = f"FROM {CATALOG}.{table.full_name}"
    else:
        nothing = ", ".join(f'NULL::{column.type} AS "{column.name}"' for column in table.columns)
        select = f"SELECT {nothing} WHERE false"
    con.execute(f"CREATE OR REPLACE TEMP VIEW {view} AS {select}")


def _leave_event_types(
    con: "DuckDBPyConnection", partitions: tuple[date, date], settings: Settings
) -> None:
    """Leave the dictionary ``journey_event_types`` (event, event_type), codes from 1 by name."""
    found = con.execute(
        "SELECT DISTINCT event_type FROM source_events WHERE event_date BETWEEN ? AND ? ORDER BY 1",
        list(partitions),
    ).fetchall()
    con.execute(
        "CREATE OR REPLACE TEMP TABLE journey_event_types AS "
        "SELECT generate_subscripts(names, 1)::UINTEGER AS event, unnest(names) AS event_type "
        "FROM (SELECT ?::VARCHAR[] AS names)",
        [kept((str(row[0]) for row in found), settings)],
    )


def _require_cohorts(con: "DuckDBPyConnection", settings: Settings) -> None:
    """Raise when a window has events and nothing says who of their persons converted."""
    if settings.conversion_event:
        return
    unknown = con.execute(
        "SELECT min(as_of) FROM journey_windows JOIN journey_events "
        "ON happened_at >= first_day AND happened_at < as_of + 1 WHERE NOT by_lists"
    ).fetchall()[0][0]
    if unknown:
        raise SettingsError(
            "Who converted is not known: set CONVERSION_EVENT, or CONVERTER_USER_IDS and "
            "NON_CONVERTER_USER_IDS (or the two Amplitude cohort ids) and materialize "
            f"raw/amplitude_users for {unknown}."
        )
