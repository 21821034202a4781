"""The way of converters in three readings, and who has it."""

from journey_assets.journeys.counting import Count
from journey_assets.journeys.counts import (
    COMPARED_CELLS,
    COMPARED_FIRST_ORDERS,
    COMPARED_WALKS,
    STRATA,
)
from journey_assets.journeys.statistic import Statistic
from journey_assets.journeys.statistics.golden_paths.readings import find_readings
from journey_assets.journeys.statistics.golden_paths.table import GOLDEN_PATHS
from journey_assets.journeys.statistics.removal_effects import TRIPLES
from journey_assets.journeys.statistics.removal_effects.order import leave_orders

#: Who has a reading's events in order, how long it takes, and who takes its steps in the first session.
GOLDEN = Count(
    f"{__name__}.count",
    {
        "golden_support": ("cohort", "focus", "reading"),
        "golden_times": ("focus", "reading", "us"),
        "golden_takers": ("cohort", "focus", "step"),
        "golden_risks": ("focus", *STRATA, "exposure", "visit"),
    },
    of="compared",
    ask=find_readings,
)

STATISTIC = Statistic(
    GOLDEN_PATHS,
    __name__,
    counts=(COMPARED_CELLS, COMPARED_WALKS, COMPARED_FIRST_ORDERS, TRIPLES, GOLDEN),
    prepare=(leave_orders,),
)
