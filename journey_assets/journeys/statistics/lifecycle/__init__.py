"""Who is there on a day: new, retained or resurrected persons, and who went dormant."""

from journey_assets.journeys.counting import Count
from journey_assets.journeys.statistic import Statistic
from journey_assets.journeys.statistics.lifecycle.stored import leave_stored_days
from journey_assets.journeys.statistics.lifecycle.table import LIFECYCLE

DAYS = Count(f"{__name__}.count", {"lifecycle": ("day",)}, of="everyone")

STATISTIC = Statistic(LIFECYCLE, __name__, counts=(DAYS,), before=leave_stored_days)
