"""Events after which people are less likely to convert."""

from journey_assets.journeys.counting import Count
from journey_assets.journeys.counts import STRATA
from journey_assets.journeys.statistic import Claims, Statistic
from journey_assets.journeys.statistics.friction_signals.table import FRICTION_SIGNALS
from journey_assets.journeys.statistics.friction_signals.tests import leave_tests

EXPOSURES = Count(
    f"{__name__}.count",
    {
        "exposures": ("cohort", "event"),
        "exposed": ("cohort",),
        "risks": (*STRATA, "exposure", "visit"),
    },
    of="compared",
)

STATISTIC = Statistic(
    FRICTION_SIGNALS,
    __name__,
    counts=(EXPOSURES,),
    prepare=("exposed", leave_tests),
    claims=Claims(
        "friction",
        "verdict IN ('friction', 'with_conversion')",
        same=("cohort", "event_type", "verdict"),
        p="stratified_p",
    ),
)
