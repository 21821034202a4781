"""Declared funnels: how many persons come to each of their steps, how fast, and where they stop."""

from journey_assets.journeys.counting import Count
from journey_assets.journeys.statistic import Statistic
from journey_assets.journeys.statistics.funnels.declared import leave_funnels, masks
from journey_assets.journeys.statistics.funnels.table import FUNNELS

ATTEMPTS = Count(
    f"{__name__}.count",
    {
        "funnel_steps": ("funnel", "cohort", "step", "open"),
        "funnel_lives": ("funnel", "cohort", "step", "seconds", "reached"),
        "funnel_waits": ("funnel", "cohort", "step", "milliseconds"),
    },
    ask=masks,
)

STATISTIC = Statistic(
    FUNNELS, __name__, counts=(ATTEMPTS,), prepare=(leave_funnels, "lives", "waits")
)
