"""Replacing partitions: the one way rows get into the database.

Belongs here: making tables as declared, and exchanging a range of partitions in one transaction
with a ledger row per partition, so that a killed run leaves the old rows or the new ones; and what
no exchange may do: take vendors' rows away by accident, store rows that break their declaration,
or store what was computed from rows that changed meanwhile. Does not belong here: which rows are
new.
"""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from journey_assets.settings import VENDOR_NAMES
from journey_assets.warehouse.choices import (
    Choices,
    Records,
    hash_of,
    made_with,
    records,
    to_json,
)
from journey_assets.warehouse.columns import stored_columns as stored_columns
from journey_assets.warehouse.conform import conform
from journey_assets.warehouse.database import CATALOG, Database, Session, WarehouseError
from journey_assets.warehouse.event_store.mirror import VIEWS, is_mirror
from journey_assets.warehouse.event_store.replacing import replace_in_store
from journey_assets.warehouse.forgotten import keep_out
from journey_assets.warehouse.schema import Table
from journey_assets.warehouse.tables.ledger import LEDGER
from journey_assets.warehouse.tables.raw import AMPLITUDE_EVENTS
from journey_assets.warehouse.ties import ties_of, untied
from journey_assets.warehouse.versions import Versions, overtaken
from journey_assets.warehouse.violations import violations

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: Tag of a run, ``1``: rows that vendors sent may be replaced by few or none.
REPLACE_ANYWAY = "journey/replace_anyway"

#: Sentences shown of what is not as declared; more say nothing more.
_MOST_SHOWN = 5


#: Rows stored, by table (``schema.table``) and partition.
Counts = dict[str, dict[date, int]]


def ensure_table(con: "DuckDBPyConnection", table: Table) -> None:
    """Make ``table`` as declared, or bring it to its declaration; needs an attached, writable file.

    Views of an event store are left as they are. Raises :class:`WarehouseError` when that would lose
    something (:func:`.conform.conform`).
    """
    if table in VIEWS and is_mirror(con):
        return
    con.execute(f"CREATE SCHEMA IF NOT EXISTS {CATALOG}.{table.schema}")
    con.execute(table.ddl(CATALOG))
    conform(con, table)


@dataclass(frozen=True, slots=True)
class Replacement:
    """New rows of one table.

    select: a SELECT over the session's own tables giving the table's columns by name.
    where: limits the exchange to rows with these column values, for a table that several assets
    write (``raw.rejects``). answered: SQL over stored rows of the partitions: those that the new rows
    stand for; ``select`` gives the others again as they are.
    """

    table: Table
    select: str
    where: Mapping[str, object] = field(default_factory=dict)
    answered: str = "true"


class ReplacementRefused(WarehouseError):  # noqa: N818 - reads as what happened
    """The new rows would take stored ones away, or break what their table declares."""


class Overtaken(WarehouseError):  # noqa: N818 - reads as what happened
    """What the new rows were computed from has been replaced meanwhile."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """New rows of the partitions ``first`` to ``last`` of some tables.

    prepare: makes what the replacements read, and may take rows of events from days that are at most
    ``around`` away: those that the SQL ``around_rows`` names, empty for none. computed_from: the
    versions of what the rows were computed from. read: the tables of that where no versions are given;
    the ledger records their settings with the run's.
    """

    first: date
    last: date
    replacements: Sequence[Replacement]
    prepare: "Callable[[DuckDBPyConnection], None] | None" = None
    computed_from: Versions | None = None
    around: timedelta = timedelta(0)
    around_rows: str = ""
    read: Collection[Table] = ()

    def only(self, replacements: Sequence[Replacement]) -> "Exchange":
        """Of it the given tables; events are prepared for, the others by the same preparation."""
        events = any(each.table is AMPLITUDE_EVENTS for each in replacements)
        return replace(self, replacements=replacements, prepare=self.prepare if events else None)


def replace_partitions(
    session: Session,
    first: date,
    last: date,
    *replacements: Replacement,
    prepare: "Callable[[DuckDBPyConnection], None] | None" = None,
    computed_from: Versions | None = None,
    around: timedelta = timedelta(0),
    around_rows: str = "",
    read: Collection[Table] = (),
) -> Counts:
    """Exchange the partitions ``first`` … ``last`` of all given tables in one transaction.

    prepare: makes what the replacements read, in that transaction: nobody changes the stored rows
    between. computed_from: the versions of what the rows were computed from. around, around_rows,
    read: as in :class:`Exchange`. Events in a store are replaced day by day, each at once, and the
    other tables with them (:mod:`.event_store.replacing`).
    Returns rows stored by table (``schema.table``) and partition, 0 for a partition left empty.
    Raises :class:`ReplacementRefused` when vendors' rows would shrink below the share that the
    database allows, or new rows break the declaration or a tie; :class:`Overtaken` when a version
    is another by now; :class:`WarehouseError` when a row falls outside the range; and DuckDB's
    ConstraintException when a NOT NULL column is empty. Nothing is changed then.
    """
    asked = Exchange(first, last, replacements, prepare, computed_from, around, around_rows, read)
    store = session.database.event_store
    if store and any(each.table is AMPLITUDE_EVENTS for each in replacements):
        return replace_in_store(session, store, asked)
    with session.writing() as con:
        return exchange(con, session.database, asked)


def exchange(con: "DuckDBPyConnection", database: Database, asked: Exchange) -> Counts:
    """Do the exchange within the open transaction; :func:`replace_partitions` says what it raises."""
    first, last, counts = asked.first, asked.last, Counts()
    ensure_table(con, LEDGER)
    if asked.computed_from is not None and (changed := overtaken(con, asked.computed_from)):
        raise Overtaken(
            f"{' and '.join(changed)} changed while figures were computed from them: other runs "
            "replace their days. Run again when those are done."
        )
    if asked.prepare is not None:
        asked.prepare(con)
    sources = _sources(con, asked)
    for each in asked.replacements:
        stored = _exchange(con, each, first, last, database)
        filled = _filled(con, each, first, last) if stored else _nothing(first, last)
        made = (
            made_with(database.settings, each.table, filled, sources) if database.settings else {}
        )
        _note(con, each.table, filled, made)
        counts[each.table.full_name] = {day: count for day, (count, _) in filled.items()}
    whole = [each.table for each in asked.replacements if each.table.asset and not each.where]
    _check(con, whole, counts)
    return counts


def recount(
    con: "DuckDBPyConnection", table: Table, days: Collection[date], relation: str = ""
) -> None:
    """Note anew what partitions of ``table`` hold, after rows of them were removed.

    relation: where they are, if not in the table itself.
    """
    for day in sorted(days):
        kept = records(con, table)
        _note(con, table, _filled(con, Replacement(table, ""), day, day, relation), kept)


def remove_rows(con: "DuckDBPyConnection", table: Table, condition: str) -> frozenset[date]:
    """Delete the stored rows of any partition that SQL ``condition`` names; returns the partitions.

    For rows that stand under another day now. Within a transaction in which the table and the ledger
    are there. The partitions are counted anew.
    """
    rows = con.execute(
        f"DELETE FROM {CATALOG}.{table.full_name} WHERE {condition} RETURNING {table.partition}"
    ).fetchall()
    days = frozenset(day for (day,) in rows)
    recount(con, table, days)
    return days


def stored_days(session: Session, table: Table, first: date, last: date) -> frozenset[date]:
    """The partitions of ``table`` between ``first`` and ``last`` that were ever materialized."""
    with session.reading() as con:
        if not stored_columns(con, LEDGER):
            return frozenset()
        rows = con.execute(
            f"SELECT partition FROM {CATALOG}.{LEDGER.full_name} "
            "WHERE table_name = ? AND partition BETWEEN ? AND ?",
            [table.full_name, first, last],
        ).fetchall()
    return frozenset(day for (day,) in rows)


def _exchange(
    con: "DuckDBPyConnection", new: Replacement, first: date, last: date, database: Database
) -> int:
    """Returns the rows that are there now."""
    table = new.table
    ensure_table(con, table)
    con.execute(f"CREATE OR REPLACE TEMP TABLE incoming AS FROM ({new.select})")
    keep_out(con, database, table, "incoming", last)
    ((rows, outside),) = con.execute(
        f"SELECT count(*), count(*) FILTER ({table.partition} IS NULL "
        f"OR {table.partition} NOT BETWEEN ? AND ?) FROM incoming",
        [first, last],
    ).fetchall()
    if outside:
        raise WarehouseError(
            f"{table.full_name}: {outside} rows are outside the partitions {first} to {last}"
        )
    if table.of_vendor and not database.may_shrink:
        _refuse_shrinking(con, new, first, last, database.min_kept_share)
    con.execute(
        f"DELETE FROM {CATALOG}.{table.full_name} WHERE {_range(new)}",
        [first, last, *new.where.values()],
    )
    if rows:
        con.execute(f"INSERT INTO {CATALOG}.{table.full_name} BY NAME FROM incoming")
    con.execute("DROP TABLE incoming")
    return int(rows)


def _refuse_shrinking(
    con: "DuckDBPyConnection", new: Replacement, first: date, last: date, share: float
) -> None:
    """A useless answer looks like a small one: it must not empty what is filled."""
    table = new.table
    shrunk = con.execute(
        "SELECT day, answered, greatest(coalesce(given, 0) - kept, 0) AS now FROM ("
        f"SELECT {table.partition} AS day, count(*) FILTER ({new.answered}) AS answered, "
        "count(*) - answered AS kept "
        f"FROM {CATALOG}.{table.full_name} WHERE {_range(new)} GROUP BY ALL) "
        f"LEFT JOIN (SELECT {table.partition} AS day, count(*) AS given FROM incoming GROUP BY ALL) "
        "USING (day) WHERE answered > 0 AND (now = 0 OR now < ? * answered) ORDER BY day",
        [first, last, *new.where.values(), share],
    ).fetchall()
    if not shrunk:
        return
    (day, before, now), more = shrunk[0], len(shrunk) - 1
    raise ReplacementRefused(
        f"{vendor_name(table)}: {table.full_name} of {day}"
        + (f" (and {more} more days)" if more else "")
        + f": {now} rows would replace {before} stored ones, less than JOURNEY_MIN_KEPT_SHARE="
        f"{share:g} of them, so nothing was changed. If the vendor's answer is right, run again with the "
        f"tag {REPLACE_ANYWAY}=1, or with JOURNEY_REPLACE_ANYWAY=1 in the environment."
    )


def vendor_name(table: Table) -> str:
    """The vendor whose rows a table of ``raw`` holds, as people write it."""
    return next((name for key, name in VENDOR_NAMES.items() if key == table.vendor), table.schema)


def _check(
    con: "DuckDBPyConnection", tables: Sequence[Table], counts: Mapping[str, Mapping[date, int]]
) -> None:
    """Hold what is to be committed against its declaration."""
    for table in tables:
        rows = counts[table.full_name]
        first, last = min(rows), max(rows)
        found = list(violations(con, table, first, last, sum(rows.values())))
        found += [
            f"{sums} sums differ: {tie.says}"
            for tie in ties_of(table, tables)
            if (sums := untied(con, tie, first, last))
        ]
        if found:
            raise ReplacementRefused(
                f"{table.full_name} of {first} to {last} is not as declared, so nothing was changed: "
                f"{'; '.join(found[:_MOST_SHOWN])}. “When a run fails” in README.md says what it means."
            )


def _range(new: Replacement) -> str:
    limits = "".join(f" AND {column} = ?" for column in new.where)
    return f"{new.table.partition} BETWEEN ? AND ?{limits}"


def _filled(
    con: "DuckDBPyConnection", new: Replacement, first: date, last: date, relation: str = ""
) -> dict[date, tuple[int, dict[str, int]]]:
    """Of each partition: its rows, and the values that are not empty of columns that may be."""
    names = [c.name for c in new.table.columns if c.nullable and c.type != "JSON"]
    values = "".join(f', count("{name}")' for name in names)
    rows = con.execute(
        f"SELECT {new.table.partition}, count(*){values} "
        f"FROM {relation or f'{CATALOG}.{new.table.full_name}'} WHERE {_range(new)} GROUP BY ALL",
        [first, last, *new.where.values()],
    ).fetchall()
    counted = {day: (int(count), dict(zip(names, rest, strict=True))) for day, count, *rest in rows}
    return _nothing(first, last) | counted


def _nothing(first: date, last: date) -> dict[date, tuple[int, dict[str, int]]]:
    """No rows in any of the partitions."""
    days = (first + timedelta(days=offset) for offset in range((last - first).days + 1))
    return {day: (0, {}) for day in days}


def _sources(con: "DuckDBPyConnection", asked: Exchange) -> dict[Table, Records]:
    """The tables that the new rows were computed from, with the records of their settings.

    What is replaced may be read of the days before, which says nothing of its own. A day of vendors'
    rows without any adds nothing to a figure; a snapshot without any does.
    """
    read = asked.computed_from.spans if asked.computed_from else asked.read
    return {
        each: records(con, each, filled=each.of_vendor and not each.snapshot)
        for each in read
        if each not in {new.table for new in asked.replacements}
    }


def _note(
    con: "DuckDBPyConnection",
    table: Table,
    filled: Mapping[date, tuple[int, Mapping[str, int]]],
    made: Mapping[date, Choices],
) -> None:
    """The ledger row is deleted and written in the same transaction as the rows it counts."""
    name = f"{CATALOG}.{LEDGER.full_name}"
    con.execute(
        f"DELETE FROM {name} WHERE table_name = ? AND partition BETWEEN ? AND ?",
        [table.full_name, min(filled), max(filled)],
    )
    con.executemany(
        f"INSERT INTO {name} BY NAME SELECT ?::DATE AS partition, ? AS table_name, "
        "?::BIGINT AS rows, current_localtimestamp() AS written_at, ?::JSON AS filled, "
        "?::JSON AS settings, ? AS settings_hash",
        [
            [
                *(day, table.full_name, rows, json.dumps(of)),
                *((to_json(made[day]), hash_of(made[day])) if made.get(day) else (None, None)),
            ]
            for day, (rows, of) in filled.items()
        ],
    )
