"""What a statistic is: one entry that declares its table, its counts and its figures.

Belongs here: the type, and running an entry's SQL. The entries themselves are the packages in
``journeys/statistics``; a new one there is all that a new statistic takes.

A statistic is made in two steps. It is *counted* over the paths, which is compiled and additive over
persons; then the sums become *figures*, in SQL over small tables: shares, intervals, tests, ranks.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from journey_assets.journeys.counting import Count
from journey_assets.journeys.paths import Rules
from journey_assets.settings import Settings
from journey_assets.warehouse.database import Session
from journey_assets.warehouse.schema import Table
from journey_assets.warehouse.sql import sql_of

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: Reads the store for the as_ofs of a run, before the run's own windows are read.
Before = Callable[[Session, Sequence[date], Settings], None]

#: Reads the relations of the batch and leaves another.
Prepare = Callable[["DuckDBPyConnection", Rules], None]


@dataclass(frozen=True)
class Claims:
    """What a statistic claims, so that it is judged in one family with all other claims of a report.

    name: ``prepare`` leaves ``<name>_tests`` (as_of, test: a number of its own, p_value), a row per test,
    and the figures read ``<name>_family`` (test, family_q). holds: SQL condition of a row of the table
    whose claim holds. same: columns that make it the same claim in another report. p: the column of the
    table that holds the p-value of the test.
    """

    name: str
    holds: str
    same: tuple[str, ...]
    p: str = "p_value"


@dataclass(frozen=True)
class Statistic:
    """A table of figures and how it is made.

    package: where its files are: ``figures.sql``, a SELECT of the table's rows, and what else it
    takes. counts: what is counted for it; statistics that name the same count share it. prepare: what
    comes before the figures, in order: names of SQL files of the package, or functions where it takes
    more than SQL. claims: of a statistic that tests; its table has the columns ``CLAIM``. before: what
    it takes of other windows than the run's, once a run.
    """

    table: Table
    package: str
    counts: tuple[Count, ...]
    prepare: tuple[str | Prepare, ...] = ()
    claims: Claims | None = None
    before: Before | None = None

    def sql(self, name: str = "figures") -> str:
        """The text of an SQL file of the entry."""
        return sql_of(self.package, name)

    def ready(self, con: "DuckDBPyConnection", rules: Rules) -> None:
        """Leave what the figures read besides the counts: tests above all."""
        for each in self.prepare:
            if isinstance(each, str):
                con.execute(self.sql(each))
            else:
                each(con, rules)

    def fill(self, con: "DuckDBPyConnection") -> None:
        """Add the batch's rows to the session table ``table.result``; what they read is ready."""
        con.execute(f"INSERT INTO {self.table.result} BY NAME {self.sql()}")


def entries(package: str, path: Iterable[str]) -> tuple[Statistic, ...]:
    """The ``STATISTIC`` of every package in ``package``, whose folders ``path`` names."""
    return tuple(
        import_module(f"{package}.{found.name}").STATISTIC
        for found in iter_modules(path)
        if found.ispkg
    )
