"""The stored rows of one day that a picture is made of."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from journey_assets.warehouse.database import CATALOG
from journey_assets.warehouse.schema import Table

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Day:
    """A partition in the attached file; ``level`` is the confidence level of its intervals."""

    con: "DuckDBPyConnection"
    as_of: date
    level: float

    def rows(self, table: Table, select: str = "*", rest: str = "") -> list[Row]:
        """Rows of the partition: the expressions ``select``, and what follows WHERE, ``rest``."""
        query = (
            f"SELECT {select} FROM {CATALOG}.{table.full_name} WHERE {table.partition} = ? {rest}"
        )
        return self._rows(query, [self.as_of])

    def query(self, sql: str, **values: object) -> list[Row]:
        """Rows of a whole statement, in which ``$as_of`` is the day."""
        return self._rows(sql, {"as_of": self.as_of, **values})

    def _rows(self, sql: str, values: object) -> list[Row]:
        found = self.con.execute(sql, values)
        names = [str(column[0]) for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
