"""Every person's path: the events in order, with their names."""

from journey_assets.journeys.counting import Count
from journey_assets.journeys.statistic import Statistic
from journey_assets.journeys.statistics.paths.table import PATHS

WALKED = Count(
    f"{__name__}.count", {"walked": ("cohort", "ending")}, of="everyone", traits=True, rows=True
)

STATISTIC = Statistic(PATHS, __name__, counts=(WALKED,))
