"""What people do in order before they convert more, or less, than others at the same visit."""

from journey_assets.journeys.counting import Count
from journey_assets.journeys.counts import STRATA
from journey_assets.journeys.statistic import Claims, Statistic
from journey_assets.journeys.statistics.discriminating_subsequences.table import (
    DISCRIMINATING_SUBSEQUENCES,
)
from journey_assets.journeys.statistics.discriminating_subsequences.tests import (
    common_events,
    leave_tests,
)
from journey_assets.journeys.statistics.friction_signals import EXPOSURES

ORDERS = Count(
    f"{__name__}.count",
    {
        "subsequences": ("cohort", "exposure"),
        "subsequence_risks": (*STRATA, "exposure", "visit"),
    },
    of="compared",
    ask=common_events,
)

STATISTIC = Statistic(
    DISCRIMINATING_SUBSEQUENCES,
    __name__,
    counts=(EXPOSURES, ORDERS),
    prepare=("chosen", leave_tests),
    claims=Claims(
        "subsequence",
        "verdict IN ('converts_more', 'converts_less')",
        same=("cohort", "subsequence", "verdict"),
    ),
)
