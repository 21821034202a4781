"""What part of all conversions would be lost if nobody could pass an event."""

from journey_assets.journeys.counting import Count
from journey_assets.journeys.counts import COMPARED_CELLS
from journey_assets.journeys.statistic import Statistic
from journey_assets.journeys.statistics.removal_effects.chain import leave_removals
from journey_assets.journeys.statistics.removal_effects.order import leave_orders, most_visited
from journey_assets.journeys.statistics.removal_effects.table import REMOVAL_EFFECTS

TRIPLES = Count(
    f"{__name__}.count",
    {"triples": ("cohort", "state", "before", "after")},
    of="compared",
    ask=most_visited,
)

STATISTIC = Statistic(
    REMOVAL_EFFECTS,
    __name__,
    counts=(COMPARED_CELLS, TRIPLES),
    prepare=(leave_removals, leave_orders),
)
