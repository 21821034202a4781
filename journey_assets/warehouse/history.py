"""Partitions against those before them, by what the ledger knows of each.

Belongs here: reading rows and filled values of past partitions, and which figures are unusual. An
unusual partition is no wrong one: a campaign, a holiday, a new source look like that, and so does a
broken one. Whoever is told decides.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from statistics import median
from typing import TYPE_CHECKING

from journey_assets.warehouse.choices import Choices, from_json, unlike
from journey_assets.warehouse.database import CATALOG
from journey_assets.warehouse.schema import Table
from journey_assets.warehouse.tables.ledger import LEDGER

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: A partition is held against the median of those of as many days before it …
TRAILING_DAYS = 28
#: … when there are as many: a weekday and its neighbours differ too much for fewer.
FEWEST = 7
#: Fewer rows than a third of the median, or more than three times it, are unusual; weekends are not.
FACTOR = 3.0
#: A share of empty values that differs more from its median is unusual.
SHARE = 0.2
#: Below so many rows counts and shares jump by chance.
SMALL = 30


@dataclass(frozen=True, slots=True)
class Partition:
    """A stored partition: its rows, filled values by column of those that may be empty, its settings."""

    rows: int
    filled: Mapping[str, int] = field(default_factory=dict)
    made_with: Choices = field(default_factory=dict)

    def like(self, other: "Partition") -> bool:
        """Whether both were made with the same settings, as far as they are known."""
        return not unlike(self.made_with, other.made_with)

    def null_shares(self) -> dict[str, float]:
        """Share of empty values by column; none without rows."""
        if not self.rows:
            return {}
        return {name: 1 - values / self.rows for name, values in self.filled.items()}


def history(
    con: "DuckDBPyConnection", tables: Sequence[Table], first: date, last: date
) -> dict[str, dict[date, Partition]]:
    """By table, the partitions of the days and of the trailing days before; needs the file."""
    rows = con.execute(
        f"SELECT table_name, partition, rows, filled, settings FROM {CATALOG}.{LEDGER.full_name} "
        "WHERE list_contains(?::VARCHAR[], table_name) AND partition BETWEEN ? AND ?",
        [[t.full_name for t in tables], first - timedelta(days=TRAILING_DAYS), last],
    ).fetchall()
    found: dict[str, dict[date, Partition]] = {table.full_name: {} for table in tables}
    for name, day, count, filled, made in rows:
        values = json.loads(filled) if filled else {}
        found[name][day] = Partition(int(count), values, from_json(made))
    return found


def unusual(now: Partition, before: Sequence[Partition], columns: Collection[str]) -> list[str]:
    """Sentences on what is unusual in a partition; none when too few like it are ``before`` it.

    columns: those whose share of empty values says something. What was made with other settings is
    another thing, and not compared.
    """
    before = [each for each in before if each.like(now)]
    if len(before) < FEWEST:
        return []
    usual = median(each.rows for each in before)
    found = []
    if max(now.rows, usual) >= SMALL and not usual / FACTOR <= now.rows <= usual * FACTOR:
        found.append(f"{now.rows} rows, where {usual:g} are usual")
    shares = now.null_shares() if now.rows >= SMALL else {}
    for name in shares.keys() & columns:
        past = [of for each in before if (of := each.null_shares().get(name)) is not None]
        if len(past) >= FEWEST and abs(shares[name] - median(past)) > SHARE:
            found.append(f"{shares[name]:.0%} of {name} empty, where {median(past):.0%} is usual")
    return sorted(found)
