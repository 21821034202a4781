"""The events that end paths, how often each ends one and how, and the exit rate of its visits."""

from journey_assets.journeys.counts import CELLS
from journey_assets.journeys.statistic import Statistic
from journey_assets.journeys.statistics.last_events.table import LAST_EVENTS

STATISTIC = Statistic(LAST_EVENTS, __name__, counts=(CELLS,))
