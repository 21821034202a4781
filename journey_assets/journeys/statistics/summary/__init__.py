"""Size, lengths and endings of the paths of each cohort, and the time to convert."""

from journey_assets.journeys.counting import Count
from journey_assets.journeys.counts import LENGTHS
from journey_assets.journeys.statistic import Statistic
from journey_assets.journeys.statistics.summary.table import SUMMARY

LIVES = Count(f"{__name__}.count", {"lives": ("converted", "ms")})

STATISTIC = Statistic(SUMMARY, __name__, counts=(LENGTHS, LIVES), prepare=("time_to_convert",))
