"""Events after which the cohorts go different ways."""

from journey_assets.journeys.counting import Count
from journey_assets.journeys.counts import STRATA
from journey_assets.journeys.statistic import Claims, Statistic
from journey_assets.journeys.statistics.divergence_points.table import DIVERGENCE_POINTS
from journey_assets.journeys.statistics.divergence_points.tests import leave_tests

NEXT_EVENTS = Count(
    f"{__name__}.count", {"next_events": (*STRATA, "event", "next_event")}, of="compared"
)

STATISTIC = Statistic(
    DIVERGENCE_POINTS,
    __name__,
    counts=(NEXT_EVENTS,),
    prepare=("states", leave_tests),
    claims=Claims(
        "divergence", "verdict = 'different'", same=("cohort", "event_type"), p="stratified_p"
    ),
)
