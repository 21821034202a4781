"""Of the paths that reach a step, how many end there and how."""

from journey_assets.journeys.counts import LENGTHS
from journey_assets.journeys.statistic import Statistic
from journey_assets.journeys.statistics.step_hazard.table import STEP_HAZARD

STATISTIC = Statistic(STEP_HAZARD, __name__, counts=(LENGTHS,))
