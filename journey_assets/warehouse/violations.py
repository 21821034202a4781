"""Stored rows against their declaration.

Belongs here: what a table's declaration promises and a query can test: stored types, unique keys,
required columns, the number of rows, and that personal data stay in ``raw``. Does not belong here:
what must add up between tables (:mod:`journey_assets.warehouse.ties`), what is merely unusual
(:mod:`journey_assets.warehouse.history`).
"""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from journey_assets.warehouse.columns import stored_columns
from journey_assets.warehouse.database import CATALOG
from journey_assets.warehouse.schema import Column, Table

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def violations(
    con: "DuckDBPyConnection", table: Table, first: date, last: date, rows: int
) -> tuple[str, ...]:
    """Sentences on how the partitions ``first`` … ``last`` break the declaration; empty when not.

    rows: how many were stored there. Needs the file attached and the table stored. One scan.
    """
    stored = stored_columns(con, table)
    found = list(_wrong_types(stored, table))
    if not rows:
        left = _count(con, table, first, last)
        return (*found, *([f"{left} rows instead of the 0 that were stored"] if left else []))
    required = [column for column in table.columns if not column.nullable]
    texts = [column for column in _texts(table) if stored.get(column.name) == column.type]
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


def _wrong_types(stored: Mapping[str, str], table: Table) -> tuple[str, ...]:
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
    """How many rows hold what masking would have taken out: the proof that it was called."""
    name = f'"{column.name}"'
    if column.type.endswith("[]"):
        # Few lists hold a word that is worth a look, and a lambda looks at each.
        held = (
            f"CASE WHEN may_hold_address(array_to_string({name}, ' ')) "
            f"THEN len(list_filter({name}, lambda word: word <> masked_name(word))) > 0 END"
        )
    elif column.type == "JSON":
        # An escaped line end would join what it parts.
        text = f"regexp_replace({name}::VARCHAR, '\\\\[nrtbf]', ' ', 'g')"
        held = f"{text} <> masked_name({text})"
    else:
        held = f"{name} <> masked_name({name})"
    return f"count(*) FILTER ({held})"
