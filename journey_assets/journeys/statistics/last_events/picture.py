"""The picture: how likely a visit of each event is the last one."""

from journey_assets.journeys.statistics.last_events.table import LAST_EVENTS
from journey_assets.pictures.by_event import by_event
from journey_assets.pictures.day import Day
from journey_assets.pictures.rows import Panel


def picture(day: Day) -> bytes | None:
    """How likely a visit of each event is the last one."""
    rows = day.rows(
        LAST_EVENTS,
        "cohort, event_type, exits AS n, visits - censored - cut AS whole, "
        "exit_rate AS share, exit_low AS low, exit_high AS high",
        "AND exits > 0",
    )
    return by_event(
        "Which events paths end with",
        "Exits of the visits whose end is known, most exits first",
        Panel("exit rate"),
        rows,
        day,
        method="Wilson, persons as clusters",
    )
