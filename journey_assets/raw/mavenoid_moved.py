"""Mavenoid's rows whose day is another by now: each stands under one day only.

Belongs here: what an answer says of rows stored under other days than the run's, and of the run's own
rows that went to other days. Does not belong here: the rest of an ingest
(:mod:`journey_assets.raw.mavenoid`).

A key that does not name the day (a conversation's id) is looked for under all days. A key that does (a
session's start) changes with it: an old session of the same conversation is the new one when the
answer should hold it and does not.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from journey_assets.raw.mavenoid_feeds import Feed
from journey_assets.warehouse.database import CATALOG
from journey_assets.warehouse.replace import remove_rows

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True, slots=True)
class Answer:
    """What was read: the table of all its rows, the run's days and the first day that it holds whole.

    read_at: when reading began, UTC.
    """

    rows: str
    first: date
    last: date
    covered_from: date
    read_at: datetime


def settle_moved(con: "DuckDBPyConnection", feed: Feed, answer: Answer) -> frozenset[date]:
    """Let each key stand under one day, among the rows to store (``Table.result``) and the stored.

    Of two versions under different days the newer counts, of equal ones that of this answer. A row
    that moved to a day which is not the run's stays where it is until that day is filled. Returns the
    other days that lost rows. Needs a transaction in which the table is there.
    """
    if feed.known_by is None:
        return _settle_keys(con, feed, answer)
    return _settle_starts(con, feed, answer, feed.known_by)


def _settle_keys(con: "DuckDBPyConnection", feed: Feed, answer: Answer) -> frozenset[date]:
    table, key = feed.table, ", ".join(feed.table.key)
    stored, day = f"{CATALOG}.{table.full_name}", table.partition
    inside = f"{day} BETWEEN DATE '{answer.first}' AND DATE '{answer.last}'"
    con.execute(
        "CREATE OR REPLACE TEMP TABLE stored_elsewhere AS "
        f"SELECT {key}, {feed.changed_at} AS stored_version FROM {stored} "
        f"WHERE NOT ({inside}) AND ({key}) IN (SELECT ({key}) FROM {answer.rows})"
    )
    con.execute(
        f"DELETE FROM {table.result} WHERE ({key}) IN (SELECT ({key}) FROM stored_elsewhere "
        f"JOIN (SELECT {key}, {feed.changed_at} AS read_version FROM {table.result}) USING ({key}) "
        "WHERE stored_version > read_version)"
    )
    left = remove_rows(
        con, table, f"NOT ({inside}) AND ({key}) IN (SELECT ({key}) FROM {table.result})"
    )
    con.execute(
        f"INSERT INTO {table.result} BY NAME SELECT {', '.join(table.column_names)} FROM {stored} "
        f"WHERE {inside} AND {day} >= DATE '{answer.covered_from}' "
        f"AND ({key}) IN (SELECT ({key}) FROM {answer.rows} WHERE {day} > DATE '{answer.last}') "
        f"AND ({key}) NOT IN (SELECT ({key}) FROM stored_elsewhere)"
    )
    return left


def _settle_starts(
    con: "DuckDBPyConnection", feed: Feed, answer: Answer, known_by: str
) -> frozenset[date]:
    """Besides the run's days the answer holds those after them, since its window ends with the
    present, and those before them from which a row may have come."""
    table, key = feed.table, ", ".join(feed.table.key)
    stored, day = f"{CATALOG}.{table.full_name}", table.partition
    return remove_rows(
        con,
        table,
        f"{day} NOT BETWEEN DATE '{answer.first}' AND DATE '{answer.last}' "
        f"AND {day} >= DATE '{answer.covered_from}' "
        f"AND {feed.changed_at} < TIMESTAMP '{answer.read_at.replace(tzinfo=None)}' "
        f"AND ({key}) NOT IN (SELECT ({key}) FROM {answer.rows}) "
        f"AND {known_by} IN (SELECT {known_by} FROM {table.result} "
        f"WHERE ({key}) NOT IN (SELECT ({key}) FROM {stored} WHERE {day} = {feed.day}))",
    )
