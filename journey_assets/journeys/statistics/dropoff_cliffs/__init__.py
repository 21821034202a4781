"""Where the persons of a cohort leave more often than elsewhere."""

from journey_assets.journeys.counting import Count
from journey_assets.journeys.counts import CELLS, STRATA
from journey_assets.journeys.statistic import Claims, Statistic
from journey_assets.journeys.statistics.dropoff_cliffs.table import DROPOFF_CLIFFS
from journey_assets.journeys.statistics.dropoff_cliffs.tests import leave_tests

ARRIVALS = Count(
    f"{__name__}.count",
    {
        "arrivals": ("cohort", "event", "next_event"),
        "leavings_within": (*STRATA, "origin", "event"),
    },
    traits=True,
)

STATISTIC = Statistic(
    DROPOFF_CLIFFS,
    __name__,
    counts=(CELLS, ARRIVALS),
    prepare=("leavings", leave_tests),
    claims=Claims(
        "cliff",
        "verdict = 'cliff'",
        same=("cohort", "from_event", "to_event"),
        p="stratified_p",
    ),
)
