"""The steps of the golden path, and whether those who take one in their first session convert more later."""

from journey_assets.journeys.counts import COMPARED_CELLS, COMPARED_FIRST_ORDERS, COMPARED_WALKS
from journey_assets.journeys.statistic import Claims, Statistic
from journey_assets.journeys.statistics.golden_paths import GOLDEN
from journey_assets.journeys.statistics.golden_transitions.table import GOLDEN_TRANSITIONS
from journey_assets.journeys.statistics.golden_transitions.tests import leave_tests

STATISTIC = Statistic(
    GOLDEN_TRANSITIONS,
    __name__,
    counts=(COMPARED_CELLS, COMPARED_WALKS, COMPARED_FIRST_ORDERS, GOLDEN),
    prepare=("steps", leave_tests),
    claims=Claims(
        "step",
        "verdict IN ('converts_more', 'converts_less')",
        same=("cohort", "from_event", "to_event", "verdict"),
        p="stratified_p",
    ),
)
