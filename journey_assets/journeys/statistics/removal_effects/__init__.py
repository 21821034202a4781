"""What part of all conversions would be lost if nobody could pass an event."""

from journey_assets.journeys.counts import COMPARED_CELLS
from journey_assets.journeys.statistic import Statistic
from journey_assets.journeys.statistics.removal_effects.chain import leave_removals
from journey_assets.journeys.statistics.removal_effects.table import REMOVAL_EFFECTS

STATISTIC = Statistic(
    REMOVAL_EFFECTS, __name__, counts=(COMPARED_CELLS,), prepare=(leave_removals,)
)
