"""What each pattern of the settings that name events hits, so that one that hits nothing is seen."""

from journey_assets.journeys.counts import LENGTHS
from journey_assets.journeys.statistic import Statistic
from journey_assets.journeys.statistics.event_patterns.hits import leave_hits
from journey_assets.journeys.statistics.event_patterns.table import EVENT_PATTERNS

STATISTIC = Statistic(EVENT_PATTERNS, __name__, counts=(LENGTHS,), prepare=(leave_hits,))
