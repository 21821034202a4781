"""The database as a mirror of its store: ledger rows, event names, and views of the files.

Belongs here: bringing them up to the manifests, when the database is opened. So everything that reads
``raw.amplitude_events``, the ledger or the dictionaries reads what any machine has stored, as of that
moment; the files it was told of stay for a day (:mod:`.days`). Does not belong here: the rows.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from journey_assets.warehouse.columns import columns_within
from journey_assets.warehouse.database import CATALOG, Session, WarehouseError
from journey_assets.warehouse.event_store.address import StoreAddress
from journey_assets.warehouse.event_store.days import (
    DAYS,
    Day,
    kept_out,
    newest,
    read_days,
)
from journey_assets.warehouse.event_store.objects import Objects
from journey_assets.warehouse.tables.ledger import EVENT_DAYS, LEDGER
from journey_assets.warehouse.tables.privacy import FORGOTTEN
from journey_assets.warehouse.tables.raw import (
    AMPLITUDE_EVENTS,
    CODED_EVENTS,
    EVENT_NAMES,
    EVENT_OWNERS,
    OWNER_DAYS,
)

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: The tables that are views of a store.
VIEWS = (AMPLITUDE_EVENTS, CODED_EVENTS, EVENT_OWNERS, OWNER_DAYS)

_LEDGER = f"{CATALOG}.{LEDGER.full_name}"
_DAYS = f"{CATALOG}.{EVENT_DAYS.full_name}"
_FORGOTTEN = f"{CATALOG}.{FORGOTTEN.full_name}"
_NAMES = f"{CATALOG}.{EVENT_NAMES.full_name}"

#: All columns of the files. The other views are views of it.
_ROWS = "warehouse.event_rows"

#: Columns that files have besides those of the events.
_OWN = {"shard": "UTINYINT", "owner": "UBIGINT"}

_BODIES = {
    CODED_EVENTS: f"SELECT event_date, shard, owner, event, event_time, source_order::UINTEGER "
    f"AS source_order FROM {_ROWS} JOIN {EVENT_NAMES.full_name} USING (event_type)",
    EVENT_OWNERS: "SELECT min(event_date) AS first_seen, owner, amplitude_id, user_id, shard "
    f"FROM {_ROWS} GROUP BY ALL",
    OWNER_DAYS: "SELECT event_date, owner, count(*) AS events, min(event_time) AS first_at, "
    "arg_min(platform, (event_time, source_order)) FILTER (platform <> '') AS platform, "
    "arg_min(country, (event_time, source_order)) FILTER (country <> '') AS country "
    f"FROM {_ROWS} GROUP BY event_date, owner",
    AMPLITUDE_EVENTS: f"SELECT {', '.join(AMPLITUDE_EVENTS.column_names)} FROM {_ROWS}",
}


def behind(session: Session, address: StoreAddress) -> bool:
    """Whether the store has days that the attached database does not know as they are."""
    names = address.objects().list(DAYS)
    return newest(names) != _noted(session.con, address) or bool(_unknown(session.con, names))


def follow(session: Session, address: StoreAddress) -> None:
    """Bring the database, attached for writing, up to the store, within the open transaction.

    Raises :class:`WarehouseError` when the database has events of its own.
    """
    from journey_assets.warehouse.replace import ensure_table

    con, objects = session.con, address.objects()
    names = objects.list(DAYS)
    present, noted = newest(names), _noted(con, address)
    if unknown := _unknown(con, names):
        ensure_table(con, FORGOTTEN)
        con.executemany(
            f"INSERT INTO {_FORGOTTEN} BY NAME SELECT current_date AS forgotten_on, ? AS key_check, "
            "? AS id_hash",
            [list(each) for each in sorted(unknown)],
        )
    viewed = is_mirror(con)
    # A later version of this code declares more columns.
    declared = list(AMPLITUDE_EVENTS.column_names)
    if present == noted and viewed and [*columns_within(con, AMPLITUDE_EVENTS)] == declared:
        return
    if not viewed:
        _clear(con, session)
    changed = {day: version for day, version in present.items() if noted.get(day) != version}
    note(con, address, read_days(objects, changed), gone=sorted(set(noted) - set(present)))


def is_mirror(con: "DuckDBPyConnection") -> bool:
    """Whether the attached database's events are views of a store."""
    rows = con.execute(
        "SELECT 1 FROM duckdb_views() WHERE database_name = ? AND schema_name = ? AND view_name = ?",
        [CATALOG, AMPLITUDE_EVENTS.schema, AMPLITUDE_EVENTS.name],
    ).fetchall()
    return bool(rows) and bool(columns_within(con, EVENT_DAYS))


def owners_sql(partitions: str) -> str:
    """SQL of a relation: the owners of the events of ``partitions`` (SQL), as in the dictionary."""
    return (
        f"(SELECT DISTINCT owner, amplitude_id, user_id, shard FROM {CATALOG}.{_ROWS} "
        f"WHERE {partitions})"
    )


def refuse_mirror(session: Session) -> None:
    """Raise :class:`WarehouseError` when the attached database's events are in a store."""
    if is_mirror(session.con):
        rows = session.con.execute(f"SELECT any_value(store) FROM {_DAYS}").fetchall()
        where = rows[0][0] or "its event store"
        raise WarehouseError(
            f"The events of {session.database.path} are in {where}: set JOURNEY_EVENT_STORE to it, or "
            "move them back with make migrate-events BACK=1."
        )


def note(
    con: "DuckDBPyConnection", address: StoreAddress, days: Sequence[Day], gone: Sequence[date] = ()
) -> None:
    """Note versions of days in the ledger, the dictionary of names and the views."""
    from journey_assets.warehouse.replace import ensure_table

    for table in (LEDGER, EVENT_DAYS, EVENT_NAMES):
        ensure_table(con, table)
    touched = sorted({*gone, *(day.day for day in days)})
    con.execute(
        f"DELETE FROM {_DAYS} WHERE store <> ? OR list_contains(?::DATE[], event_date)",
        [address.location, touched],
    )
    con.execute(
        f"DELETE FROM {_LEDGER} WHERE table_name = ? AND list_contains(?::DATE[], partition)",
        [AMPLITUDE_EVENTS.full_name, touched],
    )
    if days:
        con.executemany(
            f"INSERT INTO {_DAYS} BY NAME SELECT ?::DATE AS event_date, ? AS store, "
            "?::BIGINT AS version, ?::VARCHAR[] AS files, ?::VARCHAR[] AS columns",
            [
                [
                    day.day,
                    address.location,
                    day.version,
                    [f.name for f in day.files],
                    [*day.columns],
                ]
                for day in days
            ],
        )
    if kept := [day for day in days if not day.removed]:
        write_ledger(con, kept)
        _learn(con, kept)
    _view(con, address.objects())


def write_ledger(con: "DuckDBPyConnection", days: Sequence[Day]) -> None:
    """Write the days' rows of the ledger, as their writers had them; some had none."""
    columns = LEDGER.columns[2:]
    noted = [day for day in days if day.ledger]
    if not noted:
        return
    values = "".join(f', ?::{column.type} AS "{column.name}"' for column in columns)
    con.executemany(
        f"INSERT INTO {_LEDGER} BY NAME SELECT ?::DATE AS partition, ? AS table_name{values}",
        [
            [day.day, AMPLITUDE_EVENTS.full_name, *(day.ledger.get(c.name) for c in columns)]
            for day in noted
        ],
    )


def _unknown(con: "DuckDBPyConnection", names: Iterable[str]) -> set[tuple[str, str]]:
    """Identifiers that are forgotten in the store, and not yet in the attached database."""
    listed = kept_out(names)
    if not listed or not columns_within(con, FORGOTTEN):
        return listed
    known = con.execute(f"SELECT id_hash FROM {_FORGOTTEN}").fetchall()
    return {each for each in listed if (each[1],) not in known}


def _noted(con: "DuckDBPyConnection", address: StoreAddress) -> dict[date, int]:
    if not columns_within(con, EVENT_DAYS):
        return {}
    return dict(
        con.execute(
            f"SELECT event_date, version FROM {_DAYS} WHERE store = ?", [address.location]
        ).fetchall()
    )


def _learn(con: "DuckDBPyConnection", days: Sequence[Day]) -> None:
    """Give names that are new a code of this database."""
    first_seen: dict[str, date] = {}
    for day in sorted(days, key=lambda each: each.day):
        for name in day.names:
            first_seen.setdefault(name, day.day)
    con.execute(
        f"INSERT INTO {_NAMES} SELECT day, (SELECT coalesce(max(event), 0) FROM {_NAMES}) + "
        "row_number() OVER (ORDER BY event_type), event_type "
        "FROM (SELECT unnest(?::VARCHAR[]) AS event_type, unnest(?::DATE[]) AS day) "
        f"ANTI JOIN {_NAMES} USING (event_type)",
        [list(first_seen), list(first_seen.values())],
    )


def _clear(con: "DuckDBPyConnection", session: Session) -> None:
    """Take empty tables out of the views' way."""
    if columns_within(con, AMPLITUDE_EVENTS):
        rows = con.execute(
            f"SELECT 1 FROM {CATALOG}.{AMPLITUDE_EVENTS.full_name} LIMIT 1"
        ).fetchall()
        if rows:
            raise WarehouseError(
                f"JOURNEY_EVENT_STORE is set, and {session.database.path} still holds events. Move them: "
                "make migrate-events"
            )
    drop_tables(con)


def drop_tables(con: "DuckDBPyConnection") -> None:
    """Drop the tables of events and their codes, with what the ledger says of them."""
    for table in VIEWS:
        con.execute(f"DROP TABLE IF EXISTS {CATALOG}.{table.full_name}")
        if columns_within(con, LEDGER):
            con.execute(f"DELETE FROM {_LEDGER} WHERE table_name = ?", [table.full_name])


def drop_views(con: "DuckDBPyConnection") -> None:
    """Drop the views, with what is noted of the store's days."""
    for table in VIEWS:
        con.execute(f"DROP VIEW IF EXISTS {CATALOG}.{table.full_name}")
    con.execute(f"DROP VIEW IF EXISTS {CATALOG}.{_ROWS}")
    con.execute(f"DELETE FROM {_DAYS}")
    con.execute(f"DELETE FROM {_LEDGER} WHERE table_name = ?", [AMPLITUDE_EVENTS.full_name])


def _view(con: "DuckDBPyConnection", objects: Objects) -> None:
    """Make the views of the files that are noted.

    Names in them are not qualified by the catalog, so that the file can be opened under any.
    """
    con.execute(f"CREATE SCHEMA IF NOT EXISTS {CATALOG}.{AMPLITUDE_EVENTS.schema}")
    rows = con.execute(
        f"SELECT columns, flatten(list(files ORDER BY event_date)) FROM {_DAYS} "
        "WHERE len(files) > 0 GROUP BY columns ORDER BY columns"
    ).fetchall()
    selects = [files_sql(objects, files, columns) for columns, files in rows] or [_NOTHING]
    before = con.execute("SELECT current_database(), current_schema()").fetchall()[0]
    con.execute(f"USE {CATALOG}")
    try:
        con.execute(f"CREATE OR REPLACE VIEW {_ROWS} AS {' UNION ALL '.join(selects)}")
        for table, body in _BODIES.items():
            con.execute(f"CREATE OR REPLACE VIEW {table.full_name} AS {body}")
    finally:
        con.execute(f'USE "{before[0]}"."{before[1]}"')


def files_sql(objects: Objects, files: Sequence[str], columns: Sequence[str]) -> str:
    """SQL: the rows of files that have ``columns``, with all columns as they are declared."""
    declared: Mapping[str, str] = {
        **_OWN,
        **{column.name: column.type for column in AMPLITUDE_EVENTS.columns[1:]},
    }
    shown = ", ".join(
        f'"{name}"::{type_} AS "{name}"'
        if name in _OWN or name in columns
        else f'NULL::{type_} AS "{name}"'
        for name, type_ in declared.items()
    )
    listed = ", ".join("'" + objects.url(name).replace("'", "''") + "'" for name in files)
    return (
        f"SELECT event_date, {shown} FROM read_parquet([{listed}], hive_partitioning = true, "
        "hive_types = {'event_date': DATE})"
    )


_NOTHING = "SELECT {} WHERE false".format(
    ", ".join(
        f'NULL::{type_} AS "{name}"'
        for name, type_ in {
            "event_date": "DATE",
            **_OWN,
            **{column.name: column.type for column in AMPLITUDE_EVENTS.columns[1:]},
        }.items()
    )
)
