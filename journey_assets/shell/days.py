"""The days of a run."""

from collections.abc import Sequence
from datetime import date

import dagster as dg

from journey_assets.shell.failures import failure


def run_days(context: dg.AssetExecutionContext) -> Sequence[date]:
    """The days of the run, ascending and contiguous.

    Raises a clear failure when there are none: a reversed range selects no partition, and would
    otherwise succeed without doing anything.
    """
    days = sorted(date.fromisoformat(key) for key in context.partition_keys)
    if not days:
        raise failure("The partition range is empty: give it as FIRST...LAST, earlier day first.")
    return days
