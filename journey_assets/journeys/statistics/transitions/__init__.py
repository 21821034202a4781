"""Consecutive events of a cohort's paths, and the time between them."""

from journey_assets.journeys.counting import Count
from journey_assets.journeys.counts import CELLS
from journey_assets.journeys.statistic import Statistic
from journey_assets.journeys.statistics.transitions.ranks import leave_quantiles, wanted_buckets
from journey_assets.journeys.statistics.transitions.table import TRANSITIONS

#: How many gaps between the events of a pair fall into each bucket of durations.
GAP_BUCKETS = Count(f"{__name__}.buckets", {"gap_buckets": ("key",)}, rows=True)

#: The gaps in the buckets that hold a wanted quantile, one by one.
GAPS = Count(f"{__name__}.gaps", {"gaps": ("place",)}, rows=True, ask=wanted_buckets)

STATISTIC = Statistic(
    TRANSITIONS, __name__, counts=(CELLS, GAP_BUCKETS, GAPS), prepare=(leave_quantiles,)
)
