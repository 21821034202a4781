"""The one partitioning of all assets: days, UTC.

Belongs here: the partition definition, how a trailing window depends on days before it, and a run's
days. One definition for the whole graph keeps one ``--partition``, one range and one backfill valid
for every asset.
"""

from collections.abc import Sequence
from datetime import date

import dagster as dg


def daily_partitions(start_date: str) -> dg.DailyPartitionsDefinition:
    """Days from ``start_date`` (``YYYY-MM-DD``) to yesterday, UTC."""
    return dg.DailyPartitionsDefinition(start_date=start_date, timezone="UTC")


def trailing_window(days: int) -> dg.TimeWindowPartitionMapping:
    """A partition depends on itself and the ``days`` − 1 before it; early days clip."""
    return dg.TimeWindowPartitionMapping(
        start_offset=1 - days, end_offset=0, allow_nonexistent_upstream_partitions=True
    )


def run_days(context: dg.AssetExecutionContext) -> Sequence[date]:
    """The days of the run, ascending and contiguous.

    Raises :class:`dagster.Failure` when there are none: a reversed range selects no partition, and
    would otherwise succeed without doing anything.
    """
    days = sorted(date.fromisoformat(key) for key in context.partition_keys)
    if not days:
        raise dg.Failure(
            "The partition range is empty: give it as FIRST...LAST, the earlier day first.",
            allow_retries=False,
        )
    return days
