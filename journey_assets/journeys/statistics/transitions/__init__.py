"""Consecutive events of a cohort's paths, and the time between them."""

from journey_assets.journeys.counting import Count
from journey_assets.journeys.counts import CELLS
from journey_assets.journeys.statistic import Statistic
from journey_assets.journeys.statistics.transitions.ranks import wanted_buckets
from journey_assets.warehouse.tables.journeys import TRANSITIONS

_GAPS = ("cohort", "event", "next_event", "bucket")

#: How many gaps between the events of a pair fall into each bucket of durations.
GAP_BUCKETS = Count(f"{__name__}.buckets", {"gap_buckets": _GAPS})

#: The gaps in the buckets that hold a wanted quantile, one by one.
GAPS = Count(f"{__name__}.gaps", {"gaps": (*_GAPS, "ms")}, ask=wanted_buckets)

STATISTIC = Statistic(TRANSITIONS, __name__, counts=(CELLS, GAP_BUCKETS, GAPS))
