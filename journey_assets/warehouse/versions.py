"""Versions of stored partitions, so that figures are never stored over rows that changed meanwhile.

Belongs here: remembering when what a computation reads was written, and what of it was written since.
Other runs may replace days between the moments in which a computation reads: only figures whose
sources are still the same when they are stored stand on one state of the store.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from journey_assets.warehouse.columns import stored_columns
from journey_assets.warehouse.database import CATALOG, Session
from journey_assets.warehouse.schema import Table
from journey_assets.warehouse.tables.ledger import LEDGER

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: The first and last partition of each table that a computation reads, both included.
Spans = Mapping[Table, tuple[date, date]]

_Written = frozenset[tuple[str, date, datetime | None]]


@dataclass(frozen=True, slots=True)
class Versions:
    """The partitions of ``spans`` that were stored, with the moment in which each was written."""

    spans: Spans
    written: _Written


def versions(session: Session, spans: Spans) -> Versions:
    """The versions as they stand now; to be taken before anything is read."""
    with session.reading() as con:
        return Versions(spans, _written(con, spans))


def overtaken(con: "DuckDBPyConnection", read: Versions) -> tuple[str, ...]:
    """The tables (``schema.table``) of which a partition was written since; needs the file."""
    return tuple(sorted({name for name, _, _ in read.written ^ _written(con, read.spans)}))


def _written(con: "DuckDBPyConnection", spans: Spans) -> _Written:
    if not spans or not stored_columns(con, LEDGER):
        return frozenset()
    limits = " OR ".join("(table_name = ? AND partition BETWEEN ? AND ?)" for _ in spans)
    rows = con.execute(
        f"SELECT table_name, partition, written_at FROM {CATALOG}.{LEDGER.full_name} WHERE {limits}",
        [value for table, days in spans.items() for value in (table.full_name, *days)],
    ).fetchall()
    return frozenset((str(name), day, at) for name, day, at in rows)
