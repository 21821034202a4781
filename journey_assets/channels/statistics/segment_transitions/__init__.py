"""Consecutive events of each channel segment's persons."""

from journey_assets.channels.counts import WAYS, segments_of_persons
from journey_assets.journeys.counting import Count
from journey_assets.journeys.statistic import Statistic
from journey_assets.warehouse.tables.channels import SEGMENT_TRANSITIONS

CELLS = Count(
    f"{__name__}.count",
    {"segment_cells": ("segment", "event", "next_event"), "segment_states": ("segment", "event")},
    ask=segments_of_persons,
)

STATISTIC = Statistic(SEGMENT_TRANSITIONS, __name__, counts=(WAYS, CELLS))
