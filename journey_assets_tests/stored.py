"""Rows in and out of a real database file, for tests of statistics."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from journey_assets.settings import Settings
from journey_assets.warehouse.database import Database, Session
from journey_assets.warehouse.replace import Replacement, replace_partitions
from journey_assets.warehouse.schema import Table

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Row = Mapping[str, Any]
Compute = Callable[[Session, Sequence[date], Settings, Sequence[Table]], None]


def store(database: Database, table: Table, rows: Sequence[Row]) -> None:
    """Replace the days from the first to the last row's; columns not given are NULL."""
    days = [row[table.partition] for row in rows]
    with database.session() as session:
        structure = json.dumps([{column.name: column.type for column in table.columns}])
        session.con.execute(
            "CREATE TEMP TABLE given AS "
            f"SELECT unnest(from_json(?, '{structure}'), recursive := true)",
            [json.dumps(rows, default=str)],
        )
        replace_partitions(session, min(days), max(days), Replacement(table, "FROM given"))


def computed(
    compute: Compute,
    database: Database,
    days: Sequence[date],
    settings: Settings,
    *tables: Table,
) -> list[list[dict[str, Any]]]:
    """The rows that ``compute`` leaves for each table, stored and read back in the key's order."""
    with database.session() as session:
        compute(session, days, settings, tables)
        new = [Replacement(table, f"FROM {table.result}") for table in tables]
        replace_partitions(session, days[0], days[-1], *new)
        with session.reading() as con:
            return [_rows(con, table) for table in tables]


def _rows(con: "DuckDBPyConnection", table: Table) -> list[dict[str, Any]]:
    order = ", ".join(f'"{column}"' for column in (table.partition, *table.key))
    names = ", ".join(f'"{column}"' for column in table.column_names)
    rows = con.execute(f"SELECT {names} FROM store.{table.full_name} ORDER BY {order}").fetchall()
    return [dict(zip(table.column_names, row, strict=True)) for row in rows]


def settings_for(database: Database, **given: object) -> Settings:
    """Settings whose database is ``database``, with a fixed hash key."""
    return Settings.checked({"database": str(database.path), "hash_key": "a test's key", **given})


def days_from(first: date, count: int) -> list[date]:
    """``count`` days in a row."""
    return [first + timedelta(days=offset) for offset in range(count)]
