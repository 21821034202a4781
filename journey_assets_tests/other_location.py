"""A code location that the command line must refuse in two ways which ours gives no occasion for."""

import dagster as dg

daily = dg.DailyPartitionsDefinition("2026-01-01")


@dg.asset(partitions_def=daily, backfill_policy=dg.BackfillPolicy.single_run())
def by_day() -> None:
    """Partitioned by day, any range in one run."""


@dg.asset(partitions_def=dg.HourlyPartitionsDefinition("2026-01-01-00:00"))
def by_hour() -> None:
    """Partitioned otherwise than ``by_day``."""


@dg.asset(partitions_def=daily)
def day_by_day() -> None:
    """A run for each day."""


defs = dg.Definitions([by_day, by_hour, day_by_day])
