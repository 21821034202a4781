"""The events in four to six groups along the way of converters."""

from journey_assets.journeys.counting import Count
from journey_assets.journeys.counts import COMPARED_CELLS, COMPARED_FIRST_ORDERS
from journey_assets.journeys.statistic import Statistic
from journey_assets.journeys.statistics.stages.order import find_stages
from journey_assets.journeys.statistics.stages.table import STAGES

#: Where on a path an event comes first.
POSITIONS = Count(
    f"{__name__}.positions",
    {"positions": ("cohort", "event", "steps_before", "steps")},
    of="compared",
)

#: Who comes to a stage, and when.
REACHES = Count(
    f"{__name__}.reaches",
    {"reaches": ("cohort", "focus", "stage", "ms")},
    of="compared",
    ask=find_stages,
)

STATISTIC = Statistic(
    STAGES, __name__, counts=(COMPARED_CELLS, COMPARED_FIRST_ORDERS, POSITIONS, REACHES)
)
