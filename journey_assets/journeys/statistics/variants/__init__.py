"""The distinct collapsed paths of a cohort, with how many persons walked each."""

from journey_assets.journeys.counts import WALKS
from journey_assets.journeys.statistic import Statistic
from journey_assets.journeys.statistics.variants.ranks import leave_ranks
from journey_assets.journeys.statistics.variants.table import VARIANTS

STATISTIC = Statistic(VARIANTS, __name__, counts=(WALKS,), prepare=(leave_ranks,))
