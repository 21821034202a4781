"""The stored tables as polars frames, for notebooks and scripts.

Belongs here: which rows of which table, and saying so when they were never made; the way to figures that
nobody published (:func:`explore`). A read opens the file for a moment, so that it neither stops a run nor
is stopped by one. Does not belong here: computing (:mod:`journey_assets.explore`).

``from journey_assets import frames; frames.read("journeys.transitions")``
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from difflib import get_close_matches
from typing import TYPE_CHECKING, overload

from journey_assets.settings import Settings, environment
from journey_assets.warehouse.catalog import all_tables
from journey_assets.warehouse.database import CATALOG, Database, WarehouseError
from journey_assets.warehouse.replace import stored_columns
from journey_assets.warehouse.schema import Table
from journey_assets.warehouse.tables.ledger import LEDGER

if TYPE_CHECKING:
    import polars as pl
    from duckdb import DuckDBPyConnection

    from journey_assets.explore.answer import Breakdown, Exploration

    Where = Mapping[str, str | Collection[str | None] | None]

Day = date | str

_TABLES = {table.full_name: table for table in all_tables() if table.asset}
_NAMED_DAYS = 3


class NotStored(WarehouseError):  # noqa: N818 - reads as what happened
    """Rows were asked for that no run has made; the message says which run makes them."""


def read(
    table: str,
    first: Day | None = None,
    last: Day | None = None,
    *,
    settings: Settings | None = None,
) -> "pl.DataFrame":
    """The rows of ``schema.table`` of the days ``first`` to ``last``, both included, in the key's order.

    Days are dates or ``YYYY-MM-DD``; without ``last`` it is the day ``first`` alone, without both the
    newest that is stored. settings: those of the environment and ``.env`` unless given. A day that was
    materialized without a row has none; one that never was raises :class:`NotStored`. Of a table of
    snapshots, which no run makes for older days, one day of a range is enough. Raises
    :class:`WarehouseError` when there is no such table or no database.
    """
    found = _table(table)
    order = ", ".join(f'"{name}"' for name in dict.fromkeys((found.partition, *found.key)))
    with _reading(settings) as con:
        days = _days(_stored_days(con, found), found, first, last)
        rows: pl.DataFrame = con.sql(
            f"SELECT {_columns(con, found)} FROM {CATALOG}.{found.full_name} "
            f'WHERE "{found.partition}" BETWEEN ? AND ? ORDER BY {order}',
            params=[days[0], days[-1]],
        ).pl()
    return rows


@overload
def explore(
    *,
    start: str | None = ...,
    end: str | None = ...,
    before: str | None = ...,
    where: "Where | None" = ...,
    by: None = ...,
    window: int | None = ...,
    sessions: bool | None = ...,
    compare_to: str | None = ...,
    as_of: Day | None = ...,
    exclude: str | Collection[str] = ...,
    settings: Settings | None = ...,
) -> "Exploration": ...


@overload
def explore(
    *,
    start: str | None = ...,
    end: str | None = ...,
    before: str | None = ...,
    where: "Where | None" = ...,
    by: str,
    window: int | None = ...,
    sessions: bool | None = ...,
    compare_to: str | None = ...,
    as_of: Day | None = ...,
    exclude: str | Collection[str] = ...,
    settings: Settings | None = ...,
) -> "Breakdown": ...


def explore(
    *,
    start: str | None = None,
    end: str | None = None,
    before: str | None = None,
    where: "Where | None" = None,
    by: str | None = None,
    window: int | None = None,
    sessions: bool | None = None,
    compare_to: str | None = None,
    as_of: Day | None = None,
    exclude: str | Collection[str] = (),
    settings: Settings | None = None,
) -> "Exploration | Breakdown":
    """Every journey table for one question, computed now over the stored events; nothing is published.

    start, end: paths begin, and end, with these events. before: paths into this event, with table
    ``paths_before`` of the steps counted back from its first occurrence; who reaches it is ``converter``
    in all tables. where: only persons with these values of ``platform``, ``country``, ``plan``,
    ``segment`` (the first known in the window; Segment's of the as_of); several values in a list. by:
    one of these, for a :class:`Breakdown`, a dict of an exploration per value. window: days. sessions:
    each session is a path. compare_to: as JOURNEY_COMPARE_TO, for ``changes``. as_of: the last day of the
    window, the newest stored unless given. exclude: globs of events left out besides those of the settings.

    The database is only read. The answer is kept in ``explored/`` beside it, and read from there when the
    same is asked of the same store. Raises :class:`WarehouseError` and :class:`SettingsError` with what
    can be asked instead.
    """
    from journey_assets.explore.answering import explore as answer

    found = settings or Settings.from_env(environment())
    _require_file(found)
    given = {
        "start": start,
        "end": end,
        "before": before,
        "window": window,
        "sessions": sessions,
        "compare_to": compare_to,
        "exclude": exclude,
    }
    return answer(found, None if as_of is None else _day(as_of), where or {}, by or "", **given)


def tables(*, settings: Settings | None = None) -> "pl.DataFrame":
    """What is stored: a row per table with its meaning, its days from first to last, and its rows."""
    import polars as pl

    with _reading(settings) as con:
        stored = con.execute(
            "SELECT table_name, count(*), min(partition), max(partition), sum(rows)::BIGINT "
            f"FROM {CATALOG}.{LEDGER.full_name} GROUP BY table_name"
        ).fetchall()
    of = {name: rest for name, *rest in stored}
    return pl.DataFrame(
        [
            (name, table.grain, *of.get(name, (0, None, None, 0)), table.description)
            for name, table in _TABLES.items()
        ],
        schema={
            "table": pl.String,
            "a_row_is_a": pl.String,
            "days": pl.Int64,
            "first_day": pl.Date,
            "last_day": pl.Date,
            "rows": pl.Int64,
            "description": pl.String,
        },
        orient="row",
    )


def columns(table: str) -> "pl.DataFrame":
    """The columns of ``schema.table``: name, type, whether it may hold personal data, and meaning."""
    import polars as pl

    return pl.DataFrame(
        [(each.name, each.type, each.personal, each.description) for each in _table(table).columns],
        schema={
            "column": pl.String,
            "type": pl.String,
            "personal": pl.Boolean,
            "description": pl.String,
        },
        orient="row",
    )


def _table(name: str) -> Table:
    found = _TABLES.get(name.replace("/", "."))
    if found is None:
        near = get_close_matches(name, _TABLES, n=3, cutoff=0.4)
        meant = f"Did you mean {' or '.join(near)}? " if near else ""
        raise WarehouseError(f"There is no table {name}. {meant}frames.tables() lists them all.")
    return found


def _require_file(settings: Settings) -> None:
    path = settings.database_path()
    if not path.exists():
        raise WarehouseError(
            f"There is no database at {path}. Set JOURNEY_DATABASE, start in the project's "
            "folder, or fill it: `make demo`."
        )


@contextmanager
def _reading(settings: Settings | None) -> Iterator["DuckDBPyConnection"]:
    """The file, open for the block, with the ledger in it."""
    read = settings or Settings.from_env(environment())
    _require_file(read)
    database = Database.of(read)
    with database.session() as session, session.reading() as con:
        if not stored_columns(con, LEDGER):
            raise NotStored(f"Nothing was ever materialized into {database.path}.")
        yield con


def _stored_days(con: "DuckDBPyConnection", table: Table) -> list[date]:
    """The days of ``table`` that were materialized, ascending."""
    found = con.execute(
        f"SELECT partition FROM {CATALOG}.{LEDGER.full_name} WHERE table_name = ? ORDER BY 1",
        [table.full_name],
    ).fetchall()
    return [day for (day,) in found]


def _days(
    stored: Sequence[date], table: Table, first: Day | None, last: Day | None
) -> Sequence[date]:
    """The days asked for; raises :class:`NotStored` when one of them is not among ``stored``."""
    if first is None:
        if last is not None:
            raise ValueError("last needs first: from which day on?")
        if not stored:
            raise NotStored(f"{table.full_name} was never materialized. {_remedy(table)}")
        return stored[-1:]
    start, end = _day(first), _day(first if last is None else last)
    if end < start:
        raise ValueError(f"the days from {start} to {end} are none: first comes before last")
    wanted = [start + timedelta(days=n) for n in range((end - start).days + 1)]
    missing = sorted(set(wanted) - set(stored))
    if missing and not (table.snapshot and len(missing) < len(wanted)):
        named = ", ".join(map(str, missing[:_NAMED_DAYS]))
        more = f" and {len(missing) - _NAMED_DAYS} more" if len(missing) > _NAMED_DAYS else ""
        raise NotStored(
            f"{table.full_name} was never materialized for {named}{more}. "
            f"{_remedy(table, missing[0], missing[-1])}"
        )
    return wanted


def _day(given: Day) -> date:
    return given if isinstance(given, date) else date.fromisoformat(given)


def _remedy(table: Table, first: date | None = None, last: date | None = None) -> str:
    days = f"{first}...{last}" if first else "FIRST...LAST"
    return (
        "Run: dagster asset materialize -m journey_assets --select "
        f"{table.schema}/{table.name} --partition-range {days}"
    )


def _columns(con: "DuckDBPyConnection", table: Table) -> str:
    """The declared columns, as a SELECT's list; one that an older file lacks is empty."""
    stored = stored_columns(con, table)
    return ", ".join(
        f'"{column.name}"' if column.name in stored else f'NULL::{column.type} AS "{column.name}"'
        for column in table.columns
    )
