"""Replacing partitions: the one way rows get into the database.

Belongs here: making tables as declared, and exchanging a range of partitions in one transaction
with a ledger row per partition, so that a killed run leaves the old rows or the new ones.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

from journey_assets.warehouse.database import CATALOG, Session, WarehouseError
from journey_assets.warehouse.schema import Table
from journey_assets.warehouse.tables.ledger import LEDGER

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def ensure_table(con: "DuckDBPyConnection", table: Table) -> None:
    """Make ``table`` as declared, or add the columns it lacks; needs an attached, writable file.

    Raises :class:`WarehouseError` when a stored column has another type than declared.
    """
    con.execute(f"CREATE SCHEMA IF NOT EXISTS {CATALOG}.{table.schema}")
    con.execute(table.ddl(CATALOG))
    stored = stored_columns(con, table)
    for column in table.columns:
        if column.name not in stored:
            con.execute(
                f'ALTER TABLE {CATALOG}.{table.full_name} ADD COLUMN "{column.name}" {column.type}'
            )
        elif stored[column.name] != column.type:
            raise WarehouseError(
                f"{table.full_name}.{column.name} is stored as {stored[column.name]} and declared "
                f"{column.type}: move the old database away, or migrate the column."
            )


def stored_columns(con: "DuckDBPyConnection", table: Table) -> dict[str, str]:
    """Names and types of the columns that the file has for ``table``; empty when it has none.

    Needs the file attached for reading: within a transaction a table that is not there would end it.
    """
    import duckdb

    try:
        # DESCRIBE costs a fifth of asking the catalog.
        described = con.execute(f"DESCRIBE {CATALOG}.{table.full_name}").fetchall()
    except duckdb.CatalogException:
        return {}
    return {str(row[0]): str(row[1]) for row in described}


@dataclass(frozen=True, slots=True)
class Replacement:
    """New rows of one table.

    select: a SELECT over the session's own tables giving the table's columns by name.
    where: limits the exchange to rows with these column values, for a table that several assets
    write (``raw.rejects``).
    """

    table: Table
    select: str
    where: Mapping[str, object] = field(default_factory=dict)


def replace_partitions(
    session: Session, first: date, last: date, *replacements: Replacement
) -> dict[str, dict[date, int]]:
    """Exchange the partitions ``first`` … ``last`` of all given tables in one transaction.

    Returns rows stored by table (``schema.table``) and partition, 0 for a partition left empty.
    Raises :class:`WarehouseError` when a row falls outside the range, and DuckDB's
    ConstraintException when a NOT NULL column is empty; nothing is changed then.
    """
    counts: dict[str, dict[date, int]] = {}
    with session.writing() as con:
        ensure_table(con, LEDGER)
        for each in replacements:
            stored = _exchange(con, each, first, last)
            filled = _filled(con, each, first, last) if stored else _nothing(first, last)
            _note(con, each.table, filled)
            counts[each.table.full_name] = {day: count for day, (count, _) in filled.items()}
    return counts


def stored_days(session: Session, table: Table, first: date, last: date) -> frozenset[date]:
    """The partitions of ``table`` between ``first`` and ``last`` that were ever materialized."""
    with session.reading() as con:
        if not stored_columns(con, LEDGER):
            return frozenset()
        rows = con.execute(
            f"SELECT partition FROM {CATALOG}.{LEDGER.full_name} "
            "WHERE table_name = ? AND partition BETWEEN ? AND ?",
            [table.full_name, first, last],
        ).fetchall()
    return frozenset(day for (day,) in rows)


def _exchange(con: "DuckDBPyConnection", new: Replacement, first: date, last: date) -> int:
    """Returns the rows that are there now."""
    table = new.table
    ensure_table(con, table)
    con.execute(f"CREATE OR REPLACE TEMP TABLE incoming AS FROM ({new.select})")
    ((rows, outside),) = con.execute(
        f"SELECT count(*), count(*) FILTER ({table.partition} IS NULL "
        f"OR {table.partition} NOT BETWEEN ? AND ?) FROM incoming",
        [first, last],
    ).fetchall()
    if outside:
        raise WarehouseError(
            f"{table.full_name}: {outside} rows are outside the partitions {first} to {last}"
        )
    con.execute(
        f"DELETE FROM {CATALOG}.{table.full_name} WHERE {_range(new)}",
        [first, last, *new.where.values()],
    )
    if rows:
        con.execute(f"INSERT INTO {CATALOG}.{table.full_name} BY NAME FROM incoming")
    con.execute("DROP TABLE incoming")
    return int(rows)


def _range(new: Replacement) -> str:
    limits = "".join(f" AND {column} = ?" for column in new.where)
    return f"{new.table.partition} BETWEEN ? AND ?{limits}"


def _filled(
    con: "DuckDBPyConnection", new: Replacement, first: date, last: date
) -> dict[date, tuple[int, dict[str, int]]]:
    """Of each partition: its rows, and the values that are not empty of columns that may be."""
    names = [c.name for c in new.table.columns if c.nullable and c.type != "JSON"]
    values = "".join(f', count("{name}")' for name in names)
    rows = con.execute(
        f"SELECT {new.table.partition}, count(*){values} FROM {CATALOG}.{new.table.full_name} "
        f"WHERE {_range(new)} GROUP BY ALL",
        [first, last, *new.where.values()],
    ).fetchall()
    counted = {day: (int(count), dict(zip(names, rest, strict=True))) for day, count, *rest in rows}
    return _nothing(first, last) | counted


def _nothing(first: date, last: date) -> dict[date, tuple[int, dict[str, int]]]:
    """No rows in any of the partitions."""
    days = (first + timedelta(days=offset) for offset in range((last - first).days + 1))
    return {day: (0, {}) for day in days}


def _note(
    con: "DuckDBPyConnection", table: Table, filled: Mapping[date, tuple[int, Mapping[str, int]]]
) -> None:
    """The ledger row is deleted and written in the same transaction as the rows it counts."""
    name = f"{CATALOG}.{LEDGER.full_name}"
    con.execute(
        f"DELETE FROM {name} WHERE table_name = ? AND partition BETWEEN ? AND ?",
        [table.full_name, min(filled), max(filled)],
    )
    con.executemany(
        f"INSERT INTO {name} BY NAME SELECT ?::DATE AS partition, ? AS table_name, "
        "?::BIGINT AS rows, current_localtimestamp() AS written_at, ?::JSON AS filled",
        [[day, table.full_name, rows, json.dumps(of)] for day, (rows, of) in filled.items()],
    )
