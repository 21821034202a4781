"""The ordered form of the window's events, on which every journey statistic stands.

Belongs here: reading the events, persons and lists of a run once, and laying out the relations
``journey_paths``, ``journey_steps``, ``journey_sorted`` and ``journey_comparisons`` of a batch of
as_ofs (``ordered.sql`` describes them). Does not belong here: any statistic, and what events are
called (:mod:`journey_assets.journeys.naming`).
"""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from journey_assets.identity.values import register_normalising, register_safe_values
from journey_assets.journeys.naming import OTHER, SEPARATOR, Naming, warn_of_masked
from journey_assets.settings import Settings, SettingsError
from journey_assets.warehouse.database import CATALOG, Session
from journey_assets.warehouse.pseudonyms import hash_key
from journey_assets.warehouse.replace import stored_columns
from journey_assets.warehouse.schema import Table
from journey_assets.warehouse.tables.identity import PERSONS
from journey_assets.warehouse.tables.ledger import LEDGER
from journey_assets.warehouse.tables.raw import AMPLITUDE_EVENTS, AMPLITUDE_USERS
from journey_assets.warehouse.windows import first_day, register_windows

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

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

    Events become integers on the way: a code per step's name (``journey_event_types``), the excluded
    ones left out. A table that was never materialized reads as empty. Raises
    :class:`SettingsError` when settings contradict each other, and when there are events and
    nothing says who converted.
    """
    con = session.con
    naming = Naming.of(settings)
    register_windows(con, days, settings.window_days)
    register_safe_values(con, hash_key(settings))
    register_normalising(con)
    partitions = (first_day(days[0], settings.window_days), days[-1])
    _set(con, "first_day", "DATE", partitions[0])
    _set(con, "last_day", "DATE", partitions[1])
    _set(con, "use_lists", "BOOLEAN", settings.cohort_source != "conversion_event")
    con.execute(
        "CREATE TYPE IF NOT EXISTS journey_ending AS ENUM ('exit', 'conversion', 'censored', 'cut')"
    )
    with session.reading():
        for view, table in _SOURCES.items():
            _show(con, view, table)
        _leave_steps(con, partitions, naming, {OTHER} if settings.event_limit else set())
        con.execute(sql("load"))
        for view in _SOURCES:
            con.execute(f"DROP VIEW {view}")
    _require_cohorts(con, settings, naming)


def batches(con: "DuckDBPyConnection") -> list[tuple[date, date]]:
    """First and last as_of of the batches in which the days of :func:`load` are arranged.

    As many days at once as keep the rows of their windows below :data:`BATCH_EVENTS`, at least one:
    small windows share the cost of each statement, large ones stay within memory. Windows without
    an event have no rows in any table and are passed over, with the libraries they would load.
    """
    sizes = con.execute(
        "SELECT as_of, coalesce(sum(events), 0) FROM journey_windows LEFT JOIN ("
        "SELECT happened_at::DATE AS day, count(*) AS events FROM journey_events GROUP BY ALL"
        ") ON day BETWEEN first_day AND as_of GROUP BY as_of ORDER BY as_of"
    ).fetchall()
    found: list[tuple[date, date]] = []
    room = 0
    for as_of, events in sizes:
        if not events:
            continue
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
    naming = Naming.of(settings)
    _set(con, "first_as_of", "DATE", batch[0])
    _set(con, "last_as_of", "DATE", batch[1])
    _set(con, "max_events", "BIGINT", settings.max_events or _NO_LIMIT)
    _set(con, "event_limit", "BIGINT", settings.event_limit or _NO_LIMIT)
    _set(con, "step_property_limit", "BIGINT", settings.step_property_limit)
    _set(con, "session_gap_ms", "BIGINT", settings.session_gap_minutes * 60_000)
    _set(con, "by_session", "BOOLEAN", settings.path_unit == "session")
    _set(con, "start_last", "BOOLEAN", settings.start_occurrence == "last")
    _set(con, "end_last", "BOOLEAN", settings.end_occurrence == "last")
    steps = {mark: naming.marks.get(mark) for mark in ("conversion", "start", "end")}
    for name, step in {**steps, "other": OTHER}.items():
        code = con.execute(
            "SELECT event FROM journey_event_types WHERE event_type = ?", [step]
        ).fetchall()
        # A step that nobody has is code 0: unlike NULL it says that the setting is given.
        _set(con, name, "UINTEGER", code[0][0] if code else 0 if step else None)
    con.execute(sql("sorted"))
    for name in _optional(settings):
        con.execute(sql(name))
    con.execute(sql("ordered"))


def _optional(settings: Settings) -> list[str]:
    """The SQL files that settings which are off leave out, in order."""
    wanted = {
        "folded": settings.step_property or settings.event_limit,
        "sessions": settings.path_unit == "session",
        "started": settings.start_event,
        "collapsed": settings.collapse,
        "ended": settings.end_event,
    }
    return [name for name, on in wanted.items() if on]


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


def _leave_steps(
    con: "DuckDBPyConnection", partitions: tuple[date, date], naming: Naming, more: set[str]
) -> None:
    """Leave the dictionary of steps (and of ``more``), and which step an event is.

    ``journey_event_types`` (event, event_type): the steps' names, codes from 1 by name.
    ``journey_event_codes`` (event_type, event): the step of each event of ``source_events``.
    ``journey_values`` (event, other): steps that are values of a property, and the step of all other
    values.
    """
    events = [name for name in _distinct_events(con, partitions) if naming.keeps(name)]
    properties = {name: found for name in events if (found := naming.property_of(name))}
    if properties:
        _tell_apart(con, properties)
        told_apart = (name.partition(SEPARATOR) for name in _distinct_events(con, partitions))
        events = ["".join(parts) for parts in told_apart if naming.keeps(parts[0])]
    warn_of_masked(con, events)
    steps = {name: naming.shown(name) for name in events}
    others = {steps[name]: other for name in events if (other := naming.rest_of(name))}
    names = sorted({*steps.values(), *others.values(), *more})
    codes = {name: code for code, name in enumerate(names, start=1)}
    con.execute(
        "CREATE OR REPLACE TEMP TABLE journey_event_types AS "
        "SELECT generate_subscripts(names, 1)::UINTEGER AS event, unnest(names) AS event_type "
        "FROM (SELECT ?::VARCHAR[] AS names)",
        [names],
    )
    con.execute(
        "CREATE OR REPLACE TEMP TABLE journey_event_codes AS "
        "SELECT unnest(?::VARCHAR[]) AS event_type, unnest(?::UINTEGER[]) AS event",
        [list(steps), [codes[step] for step in steps.values()]],
    )
    con.execute(
        "CREATE OR REPLACE TEMP TABLE journey_values AS "
        "SELECT unnest(?::UINTEGER[]) AS event, unnest(?::UINTEGER[]) AS other",
        [[codes[step] for step in others], [codes[other] for other in others.values()]],
    )


def _distinct_events(con: "DuckDBPyConnection", partitions: tuple[date, date]) -> list[str]:
    found = con.execute(
        "SELECT DISTINCT event_type FROM source_events WHERE event_date BETWEEN ? AND ? ORDER BY 1",
        list(partitions),
    ).fetchall()
    return [str(row[0]) for row in found]


def _tell_apart(con: "DuckDBPyConnection", properties: Mapping[str, str]) -> None:
    """Append the property's value to the names of those events of ``source_events`` that have one.

    properties: by event. A JSON pointer is used: a path that starts with $ would be JSONPath.
    """
    pointers = [f"/{name.replace('~', '~0').replace('/', '~1')}" for name in properties.values()]
    con.execute(
        "CREATE OR REPLACE TEMP TABLE journey_properties AS "
        "SELECT unnest(?::VARCHAR[]) AS event_type, unnest(?::VARCHAR[]) AS pointer",
        [list(properties), pointers],
    )
    # Values are bounded here for the time it takes to tidy them; names bound them further.
    con.execute(
        f"""CREATE OR REPLACE TEMP VIEW source_events AS
        SELECT *
            EXCLUDE (pointer)
            REPLACE (CASE
                WHEN pointer IS NULL THEN event_type
                ELSE concat(event_type, '{SEPARATOR}', left(event_properties ->> pointer, 1000))
            END AS event_type)
        FROM {CATALOG}.{AMPLITUDE_EVENTS.full_name}
        LEFT JOIN journey_properties USING (event_type)"""
    )


def _require_cohorts(con: "DuckDBPyConnection", settings: Settings, naming: Naming) -> None:
    """Raise when a window has events and nothing says who of their persons converted."""
    converting = bool(settings.conversion_event) and settings.cohort_source != "lists"
    starts_converted = naming.marks.get("start") == naming.marks.get("conversion")
    if converting and not starts_converted:
        return
    unknown = con.execute(
        "SELECT min(as_of) FROM journey_windows JOIN journey_events "
        "ON happened_at >= first_day AND happened_at < as_of + 1 WHERE NOT by_lists"
    ).fetchall()[0][0]
    if not unknown:
        return
    if converting:
        raise SettingsError(
            "JOURNEY_START_EVENT is the CONVERSION_EVENT: every path would end where it begins. "
            "Begin with another event, or say by lists who converted."
        )
    instead = "" if settings.cohort_source == "lists" else "CONVERSION_EVENT, or "
    raise SettingsError(
        f"Who converted is not known: set {instead}CONVERTER_USER_IDS and NON_CONVERTER_USER_IDS "
        "(or the two Amplitude cohort ids, or JOURNEY_COHORTS) and materialize "
        f"raw/amplitude_users for {unknown}."
    )


def _set(con: "DuckDBPyConnection", name: str, type_: str, value: object) -> None:
    con.execute(f"SET VARIABLE journeys_{name} = ?::{type_}", [value])
