"""Trailing windows: the days of a run with their first day, and stored rows copied for them.

Belongs here: what every computation over trailing windows needs from the file before it computes
on its own session tables. Does not belong here: what is computed.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from journey_assets.warehouse.database import CATALOG
from journey_assets.warehouse.replace import stored_columns
from journey_assets.warehouse.schema import Column, Table
from journey_assets.warehouse.warnings import warn_masked

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def first_day(day: date, window_days: int) -> date:
    """The first day of the trailing window of ``day``; both ends belong to it."""
    return day - timedelta(days=window_days - 1)


def register_windows(con: "DuckDBPyConnection", days: Sequence[date], window_days: int) -> None:
    """Make session table ``windows`` (as_of, first_day), a row per day of the run."""
    con.execute("CREATE OR REPLACE TEMP TABLE windows (as_of DATE, first_day DATE)")
    con.executemany(
        "INSERT INTO windows VALUES (?, ?)", [[day, first_day(day, window_days)] for day in days]
    )


def copy_stored(
    con: "DuckDBPyConnection",
    table: Table,
    columns: Sequence[str],
    partitions: tuple[date, date],
    name: str,
    where: str = "true",
) -> None:
    """Copy ``columns`` of the stored ``partitions`` (first and last) to session table ``name``.

    where: SQL that limits the rows. Needs the file attached. A table that was never materialized
    gives an empty session table, a column declared since it was last written is empty. Names that
    leave ``raw`` are masked (:attr:`Table.names`), and a warning counts them.
    """
    stored = stored_columns(con, table)
    names = [each for each in table.names if each.name in columns and each.name in stored]
    shown = {each.name: f'{masked(each)} AS "{each.name}"' for each in names}
    typed = ", ".join(
        shown.get(column, f'"{column}"')
        if column in stored
        else f'NULL::{table.column(column).type} AS "{column}"'
        for column in columns
    )
    source = (
        f"FROM {CATALOG}.{table.full_name} WHERE {table.partition} BETWEEN ? AND ? AND ({where})"
        if stored
        else "WHERE ?::DATE > ?::DATE AND false"
    )
    con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT {typed} {source}", list(partitions))
    if names:
        _warn_masked(con, table, names, source, partitions)


def stored_or_empty(con: "DuckDBPyConnection", table: Table) -> str:
    """A FROM clause of the stored table; a table that was never materialized reads as empty."""
    if stored_columns(con, table):
        return f"FROM {CATALOG}.{table.full_name}"
    nothing = ", ".join(f'NULL::{column.type} AS "{column.name}"' for column in table.columns)
    return f"SELECT {nothing} WHERE false"


def masked(column: Column) -> str:
    """SQL for a column of names as it leaves ``raw``; needs the session's ``masked_name``."""
    if column.type.endswith("[]"):
        return f'list_transform("{column.name}", lambda word: masked_name(word))'
    return f'masked_name("{column.name}")'


def _warn_masked(
    con: "DuckDBPyConnection",
    table: Table,
    names: Sequence[Column],
    source: str,
    partitions: tuple[date, date],
) -> None:
    figures = ", ".join(
        f'count(DISTINCT "{each.name}") FILTER ("{each.name}" <> {masked(each)})' for each in names
    )
    counts = con.execute(f"SELECT {figures} {source}", list(partitions)).fetchall()[0]
    for each, count in zip(names, counts, strict=True):
        warn_masked(con, f"{table.full_name}.{each.name}", count)


def make_empty_result(con: "DuckDBPyConnection", table: Table) -> None:
    """Make the session table ``table.result`` with the declared columns and no rows."""
    columns = ", ".join(f'"{column.name}" {column.type}' for column in table.columns)
    con.execute(f"CREATE OR REPLACE TEMP TABLE {table.result} ({columns})")
