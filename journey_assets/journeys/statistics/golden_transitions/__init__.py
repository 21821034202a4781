"""The steps of the golden path, and the conversion of those who take each in their first session."""

from journey_assets.journeys.counts import CELLS, FIRST_ORDERS, WALKS
from journey_assets.journeys.statistic import Statistic
from journey_assets.journeys.statistics.golden_paths import GOLDEN
from journey_assets.journeys.statistics.golden_transitions.table import GOLDEN_TRANSITIONS

STATISTIC = Statistic(GOLDEN_TRANSITIONS, __name__, counts=(CELLS, WALKS, FIRST_ORDERS, GOLDEN))
