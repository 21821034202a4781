"""Size, lengths and endings of the paths of each cohort, how many convert, and how soon."""

from journey_assets.journeys.counting import Count
from journey_assets.journeys.counts import LENGTHS, POPULATION
from journey_assets.journeys.statistic import Statistic
from journey_assets.journeys.statistics.summary.table import SUMMARY

LIVES = Count(
    f"{__name__}.count", {"lives": ("cohort", "newcomer", "converted", "ms")}, of="everyone"
)

STATISTIC = Statistic(
    SUMMARY, __name__, counts=(LENGTHS, POPULATION, LIVES), prepare=("time_to_convert", "rates")
)
