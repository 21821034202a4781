"""How far the persons of each channel segment come along the golden path."""

from journey_assets.channels.counts import WAYS
from journey_assets.channels.statistics.segment_golden_steps.golden import asked
from journey_assets.journeys.counting import Count
from journey_assets.journeys.statistic import Statistic
from journey_assets.warehouse.tables.channels import SEGMENT_GOLDEN_STEPS

REACHED = Count(
    f"{__name__}.count", {"segment_reached": ("segment", "reached")}, of="everyone", ask=asked
)

STATISTIC = Statistic(SEGMENT_GOLDEN_STEPS, __name__, counts=(WAYS, REACHED))
