"""Where the persons of a cohort are at each step of their full path."""

from journey_assets.journeys.counting import Count
from journey_assets.journeys.statistic import Statistic
from journey_assets.journeys.statistics.step_matrix.table import STEP_MATRIX

PLACES = Count(
    f"{__name__}.count",
    {"places": ("cohort", "step", "event"), "full_lengths": ("cohort", "length")},
)

STATISTIC = Statistic(STEP_MATRIX, __name__, counts=(PLACES,))
