"""The one partitioning of all assets: days, UTC.

Belongs here: the partition definition and how a trailing window depends on days before it. One
definition for the whole graph keeps one ``--partition``, one range and one backfill valid for every
asset.
"""

import dagster as dg


def daily_partitions(start_date: str) -> dg.DailyPartitionsDefinition:
    """Days from ``start_date`` (``YYYY-MM-DD``) to yesterday, UTC."""
    return dg.DailyPartitionsDefinition(start_date=start_date, timezone="UTC")


def trailing_window(days: int) -> dg.TimeWindowPartitionMapping:
    """A partition depends on itself and the ``days`` − 1 before it; early days clip."""
    return dg.TimeWindowPartitionMapping(
        start_offset=1 - days, end_offset=0, allow_nonexistent_upstream_partitions=True
    )
