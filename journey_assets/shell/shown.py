"""What the UI shows of a materialization beside its checks.

Belongs here: the counts of every partition of a run, and the rest of its newest one only: the event log
keeps each entry of each partition of each run, and grows by that more than the data do. A picture and a
sample are made where somebody looks: of the newest day of all, and of any day that a person asked for.
Does not belong here:
how a picture is drawn (:mod:`journey_assets.pictures`) or a sample chosen
(:mod:`journey_assets.warehouse.sample`).
"""

import resource
import sys
import time
from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import dagster as dg

from journey_assets.pictures.catalogue import picture
from journey_assets.pictures.day import Day
from journey_assets.warehouse.choices import hash_of
from journey_assets.warehouse.database import CATALOG, Session
from journey_assets.warehouse.history import Partition, history
from journey_assets.warehouse.persons import persons
from journey_assets.warehouse.sample import sample, sample_columns
from journey_assets.warehouse.schema import Table
from journey_assets.warehouse.tables.ledger import LEDGER

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: What is shown, by partition.
Shown = Mapping[date, Mapping[str, Any]]

#: Shares of empty values are rounded to so many decimals, and left out when nothing is left.
_DECIMALS = 4


class Stopwatch:
    """Measures a step from its making on."""

    def __init__(self) -> None:
        self._started = time.perf_counter()

    def facts(self) -> dict[str, float]:
        """Seconds so far, and the most memory that the run's process has held, in MB."""
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        # Linux counts it in kilobytes, macOS in bytes.
        unit = 2**20 if sys.platform == "darwin" else 2**10
        return {
            "seconds": round(time.perf_counter() - self._started, 3),
            "peak_memory_mb": round(most / unit, 1),
        }


def shown(
    session: Session,
    stored: Mapping[Table, Mapping[date, int]],
    confidence_level: float,
    *,
    by_itself: bool = False,
) -> dict[Table, Shown]:
    """What is shown of each partition just stored.

    confidence_level: of the intervals stored. by_itself: nobody asked for the run, so that nobody looks
    at its days but the newest of all.
    """
    days = [day for rows in stored.values() for day in rows]
    with session.reading() as con:
        past = history(con, list(stored), min(days), max(days))
        found: dict[Table, Shown] = {}
        for table, rows in stored.items():
            facts = _figures(rows, past[table.full_name], snapshot=table.snapshot)
            if any(rows.values()):
                for day, count in persons(con, table, min(rows), max(rows)).items():
                    facts[day]["persons"] = count
            newest = max(rows)
            facts[newest]["dagster/partition_row_count"] = rows[newest]
            if rows[newest] and (not by_itself or _is_newest(con, table, newest)):
                facts[newest] |= _seen(Day(con, newest, confidence_level), table)
            if shares := _null_shares(past[table.full_name].get(newest), rows[newest]):
                # Long, so it stands below what is looked at first.
                facts[newest]["null_shares"] = dg.MetadataValue.json(shares)
            if newest in past[table.full_name] and (
                made := past[table.full_name][newest].made_with
            ):
                facts[newest]["settings"] = dg.MetadataValue.json(
                    {name: ", ".join(values) for name, values in made.items()}
                )
            found[table] = facts
    return found


def _is_newest(con: "DuckDBPyConnection", table: Table, day: date) -> bool:
    """Whether no later partition of the table is stored; needs the file."""
    later = con.execute(
        f"SELECT 1 FROM {CATALOG}.{LEDGER.full_name} WHERE table_name = ? AND partition > ? LIMIT 1",
        [table.full_name, day],
    ).fetchall()
    return not later


def _figures(
    rows: Mapping[date, int], past: Mapping[date, Partition], *, snapshot: bool
) -> dict[date, dict[str, Any]]:
    """Of each partition: its rows, its settings, and the change since the one before it, if like it."""
    found: dict[date, dict[str, Any]] = {}
    for day, count in rows.items():
        facts: dict[str, Any] = {"rows": count}
        # A snapshot's range fills its last day only: the others hold nothing to compare with.
        before = [each for each in past if each < day and (past[each].rows or not snapshot)]
        now = past.get(day, Partition(count))
        if now.made_with:
            facts["settings_hash"] = hash_of(now.made_with)
        if before and past[max(before)].like(now):
            facts["rows_change"] = count - past[max(before)].rows
        found[day] = facts
    return found


def _null_shares(known: Partition | None, rows: int) -> dict[str, float]:
    """Shares of empty values, of the columns that have any."""
    return {
        name: rounded
        for name, share in (known or Partition(rows)).null_shares().items()
        if (rounded := round(share, _DECIMALS))
    }


def _seen(day: Day, table: Table) -> dict[str, Any]:
    """The sample and the picture of a partition that has rows."""
    facts: dict[str, Any] = {}
    if (drawn := picture(table, day)) is not None:
        # The file's words are ours and escaped; the text for those who see no image is ours alone.
        data = b64encode(drawn).decode("ascii")
        alt = f"{table.full_name} of {day.as_of}"
        facts["picture"] = dg.MetadataValue.md(f"![{alt}](data:image/svg+xml;base64,{data})")
    return facts | {"sample": _table(table, sample(day.con, table, day.as_of))}


def _table(table: Table, rows: Sequence[Mapping[str, Any]]) -> dg.TableMetadataValue:
    columns = [dg.TableColumn(column.name, column.type) for column in sample_columns(table)]
    return dg.MetadataValue.table(
        [dg.TableRecord(dict(row)) for row in rows], dg.TableSchema(columns)
    )
