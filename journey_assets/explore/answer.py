"""What was found: the tables as frames, their pictures, the page, and how to ask the same again.

Belongs here: reading an answer that was computed. Does not belong here: computing one.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from journey_assets.explore.before import PATHS_BEFORE
from journey_assets.explore.question import UNKNOWN, ExploreError, Question
from journey_assets.journeys.statistics import TABLES
from journey_assets.pictures.catalogue import picture
from journey_assets.pictures.day import Day
from journey_assets.settings import Settings, did_you_mean
from journey_assets.warehouse.columns import stored_columns
from journey_assets.warehouse.database import CATALOG, Database, Session
from journey_assets.warehouse.pseudonyms import hash_key
from journey_assets.warehouse.schema import Table

if TYPE_CHECKING:
    import polars as pl

_TABLES = {table.name: table for table in (*TABLES, PATHS_BEFORE)}

#: Sections of the report that an exploration has no figures of.
_NOT_EXPLORED = frozenset({"channels", "support", "mave"})


@dataclass(frozen=True)
class Exploration:
    """The figures of one question. path: the database that holds them, which is not the published one."""

    question: Question
    path: Path

    @property
    def settings(self) -> Settings:
        """The settings that the figures were computed with."""
        return self.question.settings

    def as_env(self) -> str:
        """What the question sets, as lines of ``.env``: with them the published figures say the same."""
        return self.question.as_env()

    def as_code(self) -> str:
        """The call that asks the same."""
        return self.question.as_code()

    @property
    def tables(self) -> "dict[str, pl.DataFrame]":
        """Every journey table by its name, ``transitions`` and so on."""
        with self._reading() as session:
            return {
                name: _frame(session, table)
                for name, table in _TABLES.items()
                if stored_columns(session.con, table)
            }

    def table(self, name: str) -> "pl.DataFrame":
        """The rows of one table, in the key's order; raises :class:`ExploreError` for a name that is none."""
        table = _table(name)
        with self._reading() as session:
            if not stored_columns(session.con, table):
                raise ExploreError(f"{table.name} is of questions with before=… only.")
            return _frame(session, table)

    def picture(self, name: str) -> str | None:
        """The table's picture as SVG, nothing where it has no rows to draw."""
        table = _table(name)
        with self._reading() as session:
            if not stored_columns(session.con, table):
                return None
            day = Day(session.con, self.question.as_of, self.settings.confidence_level)
            drawn = picture(table, day)
        return drawn.decode() if drawn else None

    def to_report(self) -> str:
        """The page of a report over these figures, as HTML, which says that nobody published it."""
        from journey_assets.reports.compute import build_report
        from journey_assets.reports.page import report_page
        from journey_assets.reports.reading import read_days

        with self._session() as session:
            day = read_days(session, [self.question.as_of], self.settings)[self.question.as_of]
        report = build_report(day, self.settings)
        said = (
            "This is an exploration, not a published report: its figures answer one question, and whoever "
            f"asks many finds some difference by chance. The question: {self.as_code()}"
        )
        return report_page(
            replace(
                report,
                title=f"Exploration: {report.title}",
                notices=[said, *_persons(self.question), *report.notices],
                sections=[each for each in report.sections if each.anchor not in _NOT_EXPLORED],
            )
        )

    @contextmanager
    def _session(self) -> Iterator[Session]:
        if not self.path.exists():
            raise ExploreError(
                f"This exploration was removed (housekeeping, or a person was forgotten). Ask again: "
                f"{self.as_code()}"
            )
        database = Database(
            self.path,
            memory_limit=self.settings.memory_limit,
            lock_timeout_seconds=self.settings.lock_timeout_seconds,
            key_given=hash_key(self.settings),
        )
        with database.session() as session:
            yield session

    @contextmanager
    def _reading(self) -> Iterator[Session]:
        with self._session() as session, session.reading():
            yield session


class Breakdown(dict[str, Exploration]):
    """An exploration for each value of a dimension; those of few persons are one, ``(other)``."""

    def __init__(self, by: str, found: Mapping[str, Exploration]) -> None:
        super().__init__(found)
        self.by = by

    def table(self, name: str) -> "pl.DataFrame":
        """The rows of one table of all values, with the dimension as the first column.

        Where the table has such a column of each person, this one stands in its place.
        """
        import polars as pl

        return pl.concat(
            [
                found.table(name).select(pl.lit(value).alias(self.by), pl.exclude(self.by))
                for value, found in self.items()
            ]
        )


def _table(name: str) -> Table:
    found = _TABLES.get(name.replace("/", ".").removeprefix("journeys."))
    if found is None:
        raise ExploreError(f"There is no journey table {name}.{did_you_mean(name, _TABLES)}")
    return found


def _frame(session: Session, table: Table) -> "pl.DataFrame":
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    order = ", ".join(f'"{name}"' for name in dict.fromkeys((table.partition, *table.key)))
    rows: pl.DataFrame = session.con.sql(
        f"SELECT {names} FROM {CATALOG}.{table.full_name} ORDER BY {order}"
    ).pl()
    return rows


def _persons(question: Question) -> list[str]:
    return [
        f"Only persons whose {dimension} is {' or '.join(value or UNKNOWN for value in values)}."
        for dimension, values in question.where.items()
    ]
