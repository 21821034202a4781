"""What a run reads of the store: its windows, who is who in them, and what events are called.

Belongs here: the session tables that a run keeps while it counts (``window.sql`` describes them), the
codes of steps. Does not belong here: the events themselves (:mod:`journey_assets.journeys.events`), the
persons of an as_of (:mod:`journey_assets.journeys.persons`), any statistic, what events are called
(:mod:`journey_assets.journeys.naming`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from threading import Thread
from typing import TYPE_CHECKING

from journey_assets.identity.values import register_normalising, register_safe_values
from journey_assets.journeys.events import Source, owners_of
from journey_assets.journeys.history import leave_history
from journey_assets.journeys.known_names import check_names
from journey_assets.journeys.naming import OTHER, Naming, warn_of_masked
from journey_assets.journeys.paths import ENDINGS, Rules, Window
from journey_assets.journeys.persons import Known, known_of
from journey_assets.journeys.told_apart import leave_told
from journey_assets.raw.coded_events import code_days
from journey_assets.settings import Settings, SettingsError
from journey_assets.warehouse.database import CATALOG, Session
from journey_assets.warehouse.event_store.objects import StoreError
from journey_assets.warehouse.event_store.reading import SAME_HASH
from journey_assets.warehouse.pseudonyms import hash_key
from journey_assets.warehouse.replace import stored_columns
from journey_assets.warehouse.sql import sql_of
from journey_assets.warehouse.tables.identity import PERSONS
from journey_assets.warehouse.tables.ledger import LEDGER
from journey_assets.warehouse.tables.raw import (
    AMPLITUDE_USERS,
    CODED_EVENTS,
    EVENT_NAMES,
    EVENT_OWNERS,
)
from journey_assets.warehouse.windows import first_day, register_windows, stored_or_empty

if TYPE_CHECKING:
    import numpy as np
    from duckdb import DuckDBPyConnection
    from numpy.typing import NDArray

_CODED = f"{CATALOG}.{CODED_EVENTS.full_name}"
_NAMES = f"{CATALOG}.{EVENT_NAMES.full_name}"

_SOURCES = {
    "source_persons": PERSONS,
    "source_users": AMPLITUDE_USERS,
    "source_ledger": LEDGER,
}

_COUNTING = "journey_assets.journeys.kernels"

_NO_OWNERS = "(SELECT NULL::UBIGINT AS owner, NULL::DATE AS event_date WHERE false) GROUP BY ALL"


@dataclass(frozen=True)
class Loaded:
    """What a run knows before it reads events.

    windows: of the as_ofs, ascending. days: their first and last. known: of their persons. events_of:
    how many of the source's events each window has.
    """

    source: Source
    rules: Rules
    known: Known
    days: tuple[date, date]
    windows: tuple[Window, ...]
    events_of: Mapping[date, int]
    events: int


def load(session: Session, days: Sequence[date], settings: Settings) -> Loaded:
    """Copy what the as_of dates ``days`` need into the session; the file is open only meanwhile.

    A table that was never materialized reads as empty. Raises :class:`SettingsError` when settings
    contradict each other or name an event that was never stored, and when there are events and nothing
    says who converted.
    """
    con = session.con
    naming = Naming.of(settings)
    first, last = first_day(days[0], settings.window_days), days[-1]
    code_days(session, date.min, last)
    register_windows(con, days, settings.window_days)
    register_safe_values(con, hash_key(settings))
    register_normalising(con, settings)
    con.execute(
        "SET VARIABLE journeys_use_lists = ?::BOOLEAN",
        [settings.cohort_source != "conversion_event"],
    )
    con.execute(f"CREATE TYPE IF NOT EXISTS journey_ending AS ENUM {ENDINGS}")
    partitions = f"event_date BETWEEN DATE '{first}' AND DATE '{last}'"
    with session.reading():
        for view, table in _SOURCES.items():
            con.execute(f"CREATE OR REPLACE TEMP VIEW {view} AS {stored_or_empty(con, table)}")
        codes = _read_codes(con, partitions, naming, {OTHER} if settings.event_limit else set())
        stored = bool(stored_columns(con, CODED_EVENTS))
        source = Source(partitions if stored else "", codes.kept, codes.told_apart, codes.step_of)
        check_names(settings, naming, _ever_stored(con), _events(con, partitions).values())
        per_day = _count_events(con, source, days)
        _leave_event_days(con, partitions)
        if per_day:
            # The libraries of counting load while DuckDB is at work, where there is what to count.
            Thread(target=import_module, args=[_COUNTING], daemon=True).start()
        leave_history(con, naming, first_day(last, settings.window_days))
        con.execute(sql_of(__package__, "window"))
        for view in (*_SOURCES, "source_owners", "source_earlier_owners"):
            con.execute(f"DROP VIEW {view}")
        source = _placed(con, source)
        known = known_of(con, source.ids)
    rules = _rules(con, settings, naming, codes.names)
    windows = _windows(con, rules)
    events_of = {day: _between(per_day, first_day(day, settings.window_days), day) for day in days}
    _require_cohorts(windows, settings, naming, events_of)
    return Loaded(source, rules, known, (first, last), windows, events_of, sum(per_day.values()))


@dataclass(frozen=True)
class _Codes:
    """names: of the steps, the first is that of code 1. step_of: the step of each code of an event.
    kept: the codes that a step stands for, None when it is all of them."""

    names: tuple[str, ...]
    step_of: "NDArray[np.uint32]"
    kept: tuple[int, ...] | None
    told_apart: bool


def _read_codes(
    con: "DuckDBPyConnection", partitions: str, naming: Naming, more: set[str]
) -> _Codes:
    """Leave the dictionary of steps (and of ``more``); returns which step an event is.

    ``journey_event_types`` (event, event_type): the steps' names, codes from 1 by name.
    ``journey_values`` (event, other): steps that are values of a property, and the step of all other
    values. ``journey_told_events``: the events that a property tells apart, with codes behind those
    of the store.
    """
    import numpy as np

    events = _events(con, partitions)
    kept = {code: name for code, name in events.items() if naming.keeps(name)}
    properties = {name: found for name in kept.values() if (found := naming.property_of(name))}
    if properties:
        told = _tell_apart(con, partitions, properties, max(events))
        kept = {code: name for code, name in kept.items() if name not in properties} | told
    warn_of_masked(con, kept.values())
    names_of = {code: naming.shown(name) for code, name in kept.items()}
    others = {
        names_of[code]: other for code, name in kept.items() if (other := naming.rest_of(name))
    }
    names = sorted({*names_of.values(), *others.values(), *more})
    codes = {name: code for code, name in enumerate(names, start=1)}
    step_of = np.zeros(max([*events, *kept], default=0) + 1, dtype=np.uint32)
    for code, name in names_of.items():
        step_of[code] = codes[name]
    con.execute(
        "CREATE OR REPLACE TEMP TABLE journey_event_types AS "
        "SELECT generate_subscripts(names, 1)::UINTEGER AS event, unnest(names) AS event_type "
        "FROM (SELECT ?::VARCHAR[] AS names)",
        [names],
    )
    con.execute(
        "CREATE OR REPLACE TEMP TABLE journey_values AS "
        "SELECT unnest(?::UINTEGER[]) AS event, unnest(?::UINTEGER[]) AS other",
        [[codes[step] for step in others], [codes[other] for other in others.values()]],
    )
    every = names_of.keys() >= events.keys()
    kept_codes = None if every else tuple(code for code in names_of if code in events)
    return _Codes(tuple(names), step_of, kept_codes, bool(properties))


def _events(con: "DuckDBPyConnection", partitions: str) -> dict[int, str]:
    """The names of the events of the windows by code, excluded ones too."""
    if not stored_columns(con, CODED_EVENTS):
        return {}
    return dict(
        con.execute(
            f"SELECT event, event_type FROM {_NAMES} "
            f"WHERE event IN (SELECT DISTINCT event FROM {_CODED} WHERE {partitions}) ORDER BY event"
        ).fetchall()
    )


def _ever_stored(con: "DuckDBPyConnection") -> list[str]:
    """The names of all events that the store ever held."""
    if not stored_columns(con, EVENT_NAMES):
        return []
    return [str(name) for (name,) in con.execute(f"SELECT event_type FROM {_NAMES}").fetchall()]


def _leave_event_days(con: "DuckDBPyConnection", partitions: str) -> None:
    """Leave ``journey_event_days`` (event_date, event_type, events), excluded events too."""
    stored = (
        f"FROM {_CODED} JOIN {_NAMES} USING (event) WHERE {partitions} GROUP BY ALL"
        if stored_columns(con, CODED_EVENTS)
        else "FROM (SELECT NULL::DATE AS event_date, NULL::VARCHAR AS event_type) WHERE false GROUP BY ALL"
    )
    con.execute(
        "CREATE OR REPLACE TEMP TABLE journey_event_days AS "
        f"SELECT event_date, event_type, count(*) AS events {stored}"
    )


def _tell_apart(
    con: "DuckDBPyConnection", partitions: str, properties: Mapping[str, str], last_code: int
) -> dict[int, str]:
    """Leave ``journey_told_events``: events with their property's value, by codes.

    properties: by event. Returns the names with the value behind a separator, by their codes, which
    follow ``last_code``.
    """
    leave_told(con, "journey_told_names", properties, partitions)
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE journey_told_events AS
        SELECT
            event_date,
            shard,
            owner,
            ({last_code} + dense_rank() OVER (ORDER BY name))::UINTEGER AS event,
            event_time,
            source_order,
            name
        FROM journey_told_names
        """
    )
    con.execute("DROP TABLE journey_told_names")
    told = con.execute("SELECT DISTINCT event, name FROM journey_told_events").fetchall()
    con.execute("ALTER TABLE journey_told_events DROP COLUMN name")
    return dict(told)


def _count_events(
    con: "DuckDBPyConnection", source: Source, days: Sequence[date]
) -> dict[date, int]:
    """Leave ``journey_owner_days``, ``journey_owner_counts`` and ``source_owners``; returns the events
    of each day.

    A run of one as_of needs no owner's events day by day: all of them are of its last.
    """
    day = "event_date" if len(days) > 1 else f"DATE '{days[-1]}' AS event_date"
    con.execute(
        "CREATE OR REPLACE TEMP TABLE journey_owner_days AS "
        "SELECT owner, event_date, count(*) AS n FROM "
        + (f"({source.select(f'owner, {day}')}) GROUP BY ALL" if source.days else _NO_OWNERS)
    )
    con.execute(
        "CREATE OR REPLACE TEMP VIEW journey_owner_counts AS SELECT owner, sum(n)::BIGINT AS n "
        "FROM journey_owner_days GROUP BY owner"
    )
    owners = (
        f"FROM {owners_of(con, source.days)} SEMI JOIN journey_owner_counts USING (owner)"
        if source.days
        else stored_or_empty(con, EVENT_OWNERS)
    )
    con.execute(f"CREATE OR REPLACE TEMP VIEW source_owners AS {owners}")
    if not source.days:
        return {}
    return dict(
        con.execute(
            f"SELECT event_date, count(*) FROM ({source.select('event_date')}) "
            "GROUP BY event_date ORDER BY event_date"
        ).fetchall()
    )


def _placed(con: "DuckDBPyConnection", source: Source) -> Source:
    """The source with the place of each owner's events, which ``window.sql`` gave."""
    import numpy as np

    owners = con.execute(
        "SELECT owner, place FROM journey_ids WHERE owner IS NOT NULL ORDER BY owner"
    ).fetchnumpy()
    code, place = np.asarray(owners["owner"], dtype=np.uint64), np.asarray(owners["place"])
    if (code[1:] == code[:-1]).any():
        raise StoreError(SAME_HASH)
    return replace(source, owners=code, id_of=place, ids=len(code))


def _between(per_day: Mapping[date, int], first: date, last: date) -> int:
    return sum(events for day, events in per_day.items() if first <= day <= last)


def _rules(
    con: "DuckDBPyConnection", settings: Settings, naming: Naming, names: Sequence[str]
) -> Rules:
    cohorts = con.execute("SELECT unnest(enum_range(NULL::journey_cohort))").fetchall()
    marks = {}
    for mark in ("conversion", "start", "end"):
        step = naming.marks.get(mark)
        marks[mark] = -1 if step is None else names.index(step) + 1 if step in names else 0
    return Rules(settings, len(names), **marks, cohorts=tuple(cohort for (cohort,) in cohorts))


def _windows(con: "DuckDBPyConnection", rules: Rules) -> tuple[Window, ...]:
    import numpy as np

    rows = con.execute(
        "SELECT as_of, first_day, epoch_us(observed_until), by_lists, by_labels FROM journey_windows "
        "ORDER BY as_of"
    ).fetchall()
    same = np.arange(rules.steps + 1, dtype=np.uint32)
    return tuple(
        Window(
            as_of, _microseconds(first), _microseconds(as_of, 1), until, by_lists, by_labels, same
        )
        for as_of, first, until, by_lists, by_labels in rows
    )


def _microseconds(day: date, days: int = 0) -> int:
    """The midnight before ``day``, UTC, ``days`` later."""
    midnight = datetime.combine(day + timedelta(days=days), datetime.min.time(), UTC)
    return (midnight - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def _require_cohorts(
    windows: Sequence[Window], settings: Settings, naming: Naming, events_of: Mapping[date, int]
) -> None:
    """Raise when a window has events and nothing says who of their persons converted."""
    converting = bool(settings.conversion_event) and settings.cohort_source != "lists"
    starts_converted = naming.marks.get("start") == naming.marks.get("conversion")
    if converting and not starts_converted:
        return
    unknown = [each.as_of for each in windows if not each.by_lists and events_of[each.as_of]]
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
        f"raw/amplitude_users for {unknown[0]}."
    )
