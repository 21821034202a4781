"""Who comes back: of the persons who sign up in a week, those active n weeks and n days later."""

from journey_assets.journeys.counting import Count
from journey_assets.journeys.statistic import Statistic
from journey_assets.journeys.statistics.retention.table import RETENTION

RETURNS = Count(
    f"{__name__}.count",
    {"signups": ("day",), "signup_returns": ("day", "weekly", "n")},
    of="everyone",
)

STATISTIC = Statistic(RETENTION, __name__, counts=(RETURNS,))
