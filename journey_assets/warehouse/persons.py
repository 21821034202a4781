"""How many persons, users or profiles stand behind the rows of a partition."""

from datetime import date
from typing import TYPE_CHECKING

from journey_assets.warehouse.database import CATALOG
from journey_assets.warehouse.schema import Table

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def persons(con: "DuckDBPyConnection", table: Table, first: date, last: date) -> dict[date, int]:
    """Persons (users, profiles) by partition that has rows; none of a table that does not know.

    Needs the file attached.
    """
    if not table.persons:
        return {}
    rows = con.execute(
        f"SELECT {table.partition}, {table.persons} FROM {CATALOG}.{table.full_name} "
        f"WHERE {table.partition} BETWEEN ? AND ? GROUP BY ALL",
        [first, last],
    ).fetchall()
    return {day: int(count) for day, count in rows if count is not None}
