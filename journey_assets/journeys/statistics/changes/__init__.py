"""What changed between two periods that share no day."""

from journey_assets.journeys.statistic import Claims, Statistic
from journey_assets.journeys.statistics.changes.counted_periods import (
    COUNTS,
    leave_own_window,
    leave_periods,
)
from journey_assets.journeys.statistics.changes.table import CHANGES
from journey_assets.journeys.statistics.changes.tests import leave_tests

STATISTIC = Statistic(
    CHANGES,
    __name__,
    counts=COUNTS,
    prepare=(leave_own_window, "compared", leave_tests),
    claims=Claims(
        "change",
        "verdict IN ('higher', 'lower')",
        same=("figure", "event_type", "to_event", "verdict"),
    ),
    before=leave_periods,
)
