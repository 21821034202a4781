"""The statistics over paths, one package each: declaration, counts, figures.

A package here that has a ``STATISTIC`` is found: it is computed, stored, checked, documented and shown.
"""

from datetime import date
from typing import TYPE_CHECKING

from journey_assets.journeys.statistic import Statistic, entries
from journey_assets.warehouse.schema import Table
from journey_assets.warehouse.windows import copy_stored

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: All statistics, by the names of their packages.
STATISTICS: tuple[Statistic, ...] = entries(__name__, __path__)

#: Their tables.
TABLES: tuple[Table, ...] = tuple(each.table for each in STATISTICS)

#: Those of them whose rows claim something.
CLAIMING: tuple[Table, ...] = tuple(each.table for each in STATISTICS if each.claims)


def copy_tested(con: "DuckDBPyConnection", as_ofs: tuple[date, date], name: str) -> None:
    """Copy the stored p-values of all claims from the first to the last as_of to session table ``name``.

    (as_of, p_value); for the packages above, which judge theirs in the same family. Needs the file.
    """
    con.execute(f"CREATE OR REPLACE TEMP TABLE {name} (as_of DATE, p_value DOUBLE)")
    for each in STATISTICS:
        if each.claims:
            column = each.claims.p
            copy_stored(con, each.table, ("as_of", column), as_ofs, f"{name}_of_table")
            con.execute(
                f"INSERT INTO {name} SELECT as_of, {column} FROM {name}_of_table "
                f"WHERE {column} IS NOT NULL"
            )
            con.execute(f"DROP TABLE {name}_of_table")
