"""What must add up between stored tables: the ties that their declarations state.

Belongs here: which ties a run shows, and whether they hold. Does not belong here: the ties themselves
(:attr:`journey_assets.warehouse.schema.Table.ties`).
"""

from collections.abc import Collection
from datetime import date
from typing import TYPE_CHECKING

from journey_assets.warehouse.schema import Table, Tie

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def ties_of(table: Table, stored: Collection[Table]) -> tuple[Tie, ...]:
    """The ties that ``table`` shows when the tables ``stored`` are of one run."""
    names = {each.full_name for each in stored}
    return tuple(tie for tie in table.ties if names.issuperset(tie.reads))


def untied(con: "DuckDBPyConnection", tie: Tie, first: date, last: date) -> int:
    """How many of the tie's sums differ in the days; needs the file attached."""
    rows = con.execute(
        f"SELECT count(*) FROM ({tie.left}) AS one FULL JOIN ({tie.right}) AS other "
        "USING (as_of, what) WHERE as_of BETWEEN ? AND ? "
        "AND one.sum IS DISTINCT FROM other.sum",
        [first, last],
    ).fetchall()
    return int(rows[0][0])
