"""Stored rows against their declaration.

Belongs here: what a table's declaration promises and a query can test: keys are unique, required
columns are filled. The partition's bounds are enforced when rows are exchanged.
"""

from datetime import date
from typing import TYPE_CHECKING

from journey_assets.warehouse.database import CATALOG
from journey_assets.warehouse.schema import Table

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def violations(con: "DuckDBPyConnection", table: Table, first: date, last: date) -> tuple[str, ...]:
    """Sentences on how the partitions ``first`` … ``last`` break the declaration; empty when not.

    Needs the file attached and the table stored.
    """
    key = ", ".join(f'"{name}"' for name in (table.partition, *table.key))
    empty = [f'count(*) - count("{c.name}")' for c in table.columns if not c.nullable]
    where = f"FROM {CATALOG}.{table.full_name} WHERE {table.partition} BETWEEN ? AND ?"
    duplicates, *blanks = con.execute(
        f"SELECT count(*) - count(DISTINCT ({key})), {', '.join(empty)} {where}", [first, last]
    ).fetchall()[0]
    required = [column.name for column in table.columns if not column.nullable]
    found = [
        f"{blank} rows without {name}"
        for name, blank in zip(required, blanks, strict=True)
        if blank
    ]
    if duplicates and table.key:
        found.append(f"{duplicates} rows repeat the key {', '.join(table.key)}")
    return tuple(found)
