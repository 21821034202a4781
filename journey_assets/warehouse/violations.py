"""Stored rows against their declaration.

Belongs here: what a table's declaration promises and a query can test: stored types, unique keys,
required columns, the number of rows, and that personal data stay in ``raw``. Does not belong here:
what must add up between tables (:mod:`journey_assets.warehouse.ties`), what is merely unusual
(:mod:`journey_assets.warehouse.history`).
"""

from datetime import date
from typing import TYPE_CHECKING

from journey_assets.warehouse.columns import stored_columns
from journey_assets.warehouse.database import CATALOG
from journey_assets.warehouse.schema import Column, Table

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: Looks like an e-mail address; also percent-encoded, as in addresses of pages.
EMAIL = r"""[^\s@"'<>(),;]+(@|%40)[^\s@"'<>(),;]+\.[A-Za-z]{2,}"""


def violations(
    con: "DuckDBPyConnection", table: Table, first: date, last: date, rows: int
) -> tuple[str, ...]:
    """Sentences on how the partitions ``first`` … ``last`` break the declaration; empty when not.

    rows: how many were stored there. Needs the file attached and the table stored. One scan.
    """
    found = list(_wrong_types(con, table))
    if not rows:
        left = _count(con, table, first, last)
        return (*found, *([f"{left} rows instead of the 0 that were stored"] if left else []))
    required = [column for column in table.columns if not column.nullable]
    texts = _texts(table)
    key = ", ".join(f'"{name}"' for name in (table.partition, *table.key))
    figures = [
        "count(*)",
        f"count(DISTINCT ({key}))" if table.key else "count(*)",
        *(f'count("{column.name}")' for column in required),
        *(_addresses(column) for column in texts),
    ]
    count, distinct, *rest = con.execute(
        f"SELECT {', '.join(figures)} FROM {CATALOG}.{table.full_name} "
        f"WHERE {table.partition} BETWEEN ? AND ?",
        [first, last],
    ).fetchall()[0]
    filled, addressed = rest[: len(required)], rest[len(required) :]
    if count != rows:
        found.append(f"{count} rows instead of the {rows} that were stored")
    found += [
        f"{count - values} rows without {column.name}"
        for column, values in zip(required, filled, strict=True)
        if values < count
    ]
    if distinct < count:
        found.append(f"{count - distinct} rows repeat the key {', '.join(table.key)}")
    found += [
        f"{values} rows with an e-mail address in {column.name}"
        for column, values in zip(texts, addressed, strict=True)
        if values
    ]
    return tuple(found)


def _count(con: "DuckDBPyConnection", table: Table, first: date, last: date) -> int:
    ((count,),) = con.execute(
        f"SELECT count(*) FROM {CATALOG}.{table.full_name} WHERE {table.partition} BETWEEN ? AND ?",
        [first, last],
    ).fetchall()
    return int(count)


def _wrong_types(con: "DuckDBPyConnection", table: Table) -> tuple[str, ...]:
    stored = stored_columns(con, table)
    return tuple(
        f"{column.name} is stored as {stored.get(column.name, 'nothing')} instead of {column.type}"
        for column in table.columns
        if stored.get(column.name) != column.type
    )


def _texts(table: Table) -> list[Column]:
    """The columns that must not hold an address: all text outside ``raw`` but quoted words."""
    if table.schema == "raw":
        return []
    return [
        column
        for column in table.columns
        if column.type in ("VARCHAR", "VARCHAR[]", "JSON") and not column.verbatim
    ]


def _addresses(column: Column) -> str:
    name = f'"{column.name}"'
    text = f"array_to_string({name}, ' ')" if column.type.endswith("[]") else f"{name}::VARCHAR"
    pattern = EMAIL.replace("'", "''")
    # Few texts hold the sign: looking for it first costs a tenth of the expression.
    return (
        f"count(*) FILTER ((contains({text}, '@') OR contains({text}, '%40')) "
        f"AND regexp_matches({text}, '{pattern}'))"
    )
