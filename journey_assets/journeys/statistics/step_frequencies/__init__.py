"""How often, and by how many persons, each event occurs."""

from journey_assets.journeys.counts import CELLS
from journey_assets.journeys.statistic import Statistic
from journey_assets.journeys.statistics.step_frequencies.table import STEP_FREQUENCIES

STATISTIC = Statistic(STEP_FREQUENCIES, __name__, counts=(CELLS,))
