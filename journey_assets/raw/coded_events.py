"""The stored events as integers, day by day: ``raw.coded_events``, its dictionaries, and who had a day.

Belongs here: which days have to be coded, the dictionaries, and the order of the rows. Does not belong
here: storing the events (:mod:`journey_assets.raw.amplitude_store`), what is counted over the codes
(``journeys``).

Reading strings, joining persons to them and sorting was two thirds of what every run of the statistics
took. Codes are made once, when events are stored. They follow from ``raw.amplitude_events`` alone: a
day is coded again when it was written after its codes, or holds another number of rows, so that a
database of an earlier version, a killed run, or rows that somebody else wrote need no care.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from journey_assets.warehouse.columns import columns_within, stored_columns
from journey_assets.warehouse.database import CATALOG, Session
from journey_assets.warehouse.event_store.mirror import is_mirror
from journey_assets.warehouse.replace import ensure_table
from journey_assets.warehouse.tables.ledger import LEDGER
from journey_assets.warehouse.tables.raw import (
    AMPLITUDE_EVENTS,
    CODED_EVENTS,
    EVENT_NAMES,
    EVENT_OWNERS,
    OWNER_DAYS,
    SHARDS,
)

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_EVENTS = f"{CATALOG}.{AMPLITUDE_EVENTS.full_name}"
_NAMES = f"{CATALOG}.{EVENT_NAMES.full_name}"
_OWNERS = f"{CATALOG}.{EVENT_OWNERS.full_name}"
_CODED = f"{CATALOG}.{CODED_EVENTS.full_name}"
_OWNER_DAYS = f"{CATALOG}.{OWNER_DAYS.full_name}"
_LEDGER = f"{CATALOG}.{LEDGER.full_name}"

#: Events that are coded in one transaction, about: to begin and end one costs as much as a small day.
_AT_ONCE = 1_000_000

_OF_DAYS = "event_date BETWEEN $first AND $last AND list_contains($days::DATE[], event_date)"

# A word's code follows the first day that has it, as if the days had been coded one by one.
_NEW_NAMES = f"""
INSERT INTO {_NAMES}
SELECT
    first_seen,
    (SELECT coalesce(max(event), 0) FROM {_NAMES})
        + row_number() OVER (ORDER BY first_seen, event_type),
    event_type
FROM (SELECT event_type, min(event_date) AS first_seen FROM {_EVENTS} WHERE {_OF_DAYS} GROUP BY ALL)
ANTI JOIN {_NAMES} USING (event_type)
"""

_NEW_OWNERS = f"""
INSERT INTO {_OWNERS}
SELECT
    first_seen,
    (SELECT coalesce(max(owner), 0) FROM {_OWNERS})
        + row_number() OVER (ORDER BY first_seen, amplitude_id, user_id),
    amplitude_id,
    user_id,
    md5_number(coalesce(user_id, amplitude_id::VARCHAR)) % {SHARDS}
FROM (
    SELECT amplitude_id, user_id, min(event_date) AS first_seen
    FROM {_EVENTS}
    WHERE {_OF_DAYS}
    GROUP BY ALL
) AS seen
WHERE NOT EXISTS (
    FROM {_OWNERS} AS known
    WHERE known.amplitude_id = seen.amplitude_id AND known.user_id IS NOT DISTINCT FROM seen.user_id
)
"""

_WITH_OWNERS = f"""
{_EVENTS} AS events
JOIN (
    SELECT amplitude_id, user_id, min(owner) AS owner, arg_min(shard, owner) AS shard
    FROM {_OWNERS}
    GROUP BY ALL
) AS owners
    ON owners.amplitude_id = events.amplitude_id
    AND owners.user_id IS NOT DISTINCT FROM events.user_id
"""

_NEW_EVENTS = f"""
INSERT INTO {_CODED}
SELECT event_date, shard, owner, event, event_time, source_order
FROM {_WITH_OWNERS}
-- Words taken out of names may have made two of them one: the first code speaks for both.
JOIN (SELECT event_type, min(event) AS event FROM {_NAMES} GROUP BY event_type) USING (event_type)
WHERE {_OF_DAYS}
ORDER BY event_date, shard, owner, event_time, source_order
"""

_NEW_OWNER_DAYS = f"""
INSERT INTO {_OWNER_DAYS}
SELECT
    event_date,
    owner,
    count(*),
    min(event_time),
    arg_min(platform, (event_time, source_order)) FILTER (platform <> ''),
    arg_min(country, (event_time, source_order)) FILTER (country <> '')
FROM {_WITH_OWNERS}
WHERE {_OF_DAYS}
GROUP BY event_date, owner
ORDER BY event_date, owner
"""


def code_days(session: Session, first: date, last: date) -> tuple[date, ...]:
    """Code the days ``first`` to ``last`` whose stored events changed since they were coded.

    Returns them, ascending. Some days at a time are exchanged in a transaction; a killed run leaves
    the days it did not come to as they were.
    """
    changed = uncoded_days(session, first, last)
    for days in _together(changed):
        with session.writing() as con:
            for table in (LEDGER, EVENT_NAMES, EVENT_OWNERS, CODED_EVENTS, OWNER_DAYS):
                ensure_table(con, table)
            _code(con, days)
    return tuple(changed)


def uncoded_days(session: Session, first: date, last: date) -> dict[date, int]:
    """The days whose stored events changed since they were coded, ascending, with their events."""
    with session.reading() as con:
        return _changed(con, first, last)


def _together(changed: Mapping[date, int]) -> Iterator[list[date]]:
    """The days, parted where more than :data:`_AT_ONCE` events would come together."""
    days, together = list[date](), 0
    for day, events in changed.items():
        if days and together + events > _AT_ONCE:
            yield days
            days, together = [], 0
        days.append(day)
        together += events
    if days:
        yield days


def drop_unused(con: "DuckDBPyConnection") -> None:
    """Take out of the dictionaries what no coded event names any more; needs the file for writing."""
    if is_mirror(con):
        return
    for dictionary, code in ((EVENT_NAMES, "event"), (EVENT_OWNERS, "owner")):
        if columns_within(con, dictionary) and columns_within(con, CODED_EVENTS):
            con.execute(
                f"DELETE FROM {CATALOG}.{dictionary.full_name} "
                f"WHERE {code} NOT IN (SELECT DISTINCT {code} FROM {_CODED})"
            )


def _changed(con: "DuckDBPyConnection", first: date, last: date) -> dict[date, int]:
    """Days whose codes are missing, older than the events, or of another number of rows; ascending,
    with their events."""
    counted = {AMPLITUDE_EVENTS: "count(*)", CODED_EVENTS: "count(*)", OWNER_DAYS: "sum(events)"}
    stored = {table: bool(stored_columns(con, table)) for table in counted}
    if not any(stored.values()):
        return {}
    counts = {
        table: (
            f"SELECT event_date, {number} AS n FROM {CATALOG}.{table.full_name} "
            "WHERE event_date BETWEEN $first AND $last GROUP BY ALL"
            if stored[table]
            else "SELECT NULL::DATE AS event_date, 0 AS n WHERE false"
        )
        for table, number in counted.items()
    }
    written = (
        f"SELECT partition AS event_date, max(written_at) FILTER (table_name = '{CODED_EVENTS.full_name}')"
        f" < max(written_at) FILTER (table_name = '{AMPLITUDE_EVENTS.full_name}') AS older "
        f"FROM {_LEDGER} WHERE partition BETWEEN $first AND $last GROUP BY ALL"
        if stored_columns(con, LEDGER)
        else "SELECT NULL::DATE AS event_date, false AS older WHERE $first > $last"
    )
    rows = con.execute(
        f"SELECT event_date, coalesce(events.n, 0) FROM ({counts[AMPLITUDE_EVENTS]}) AS events "
        f"FULL JOIN ({counts[CODED_EVENTS]}) AS coded USING (event_date) "
        f"FULL JOIN ({counts[OWNER_DAYS]}) AS owners USING (event_date) "
        f"LEFT JOIN ({written}) USING (event_date) WHERE events.n IS DISTINCT FROM coded.n "
        "OR events.n IS DISTINCT FROM owners.n OR older ORDER BY event_date",
        {"first": first, "last": last},
    ).fetchall()
    return dict(rows)


def _code(con: "DuckDBPyConnection", days: Sequence[date]) -> None:
    for table in (_CODED, _OWNER_DAYS):
        con.execute(f"DELETE FROM {table} WHERE list_contains(?::DATE[], event_date)", [days])
    con.execute(
        f"DELETE FROM {_LEDGER} WHERE list_contains(?::DATE[], partition) AND table_name = ?",
        [days, CODED_EVENTS.full_name],
    )
    for statement in (_NEW_NAMES, _NEW_OWNERS, _NEW_EVENTS, _NEW_OWNER_DAYS):
        con.execute(statement, {"days": days, "first": days[0], "last": days[-1]})
    con.execute(
        f"INSERT INTO {_LEDGER} BY NAME SELECT partition, $name AS table_name, "
        "count(event_date) AS rows, current_localtimestamp() AS written_at "
        f"FROM (SELECT unnest($days::DATE[]) AS partition) LEFT JOIN {_CODED} "
        "ON event_date = partition GROUP BY partition",
        {"days": days, "name": CODED_EVENTS.full_name},
    )
