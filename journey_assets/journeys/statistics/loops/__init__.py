"""Rework: events that a path has more than once, and returns to an event from another one."""

from journey_assets.journeys.counting import Count
from journey_assets.journeys.statistic import Statistic
from journey_assets.journeys.statistics.loops.table import LOOPS

RETURNS = Count(
    f"{__name__}.count",
    {"repeats": ("cohort", "event"), "returns": ("cohort", "event", "steps_away")},
)

STATISTIC = Statistic(LOOPS, __name__, counts=(RETURNS,))
