"""The picture: how many come back to an event after another one."""

from journey_assets.journeys.statistics.loops.table import LOOPS
from journey_assets.pictures.by_event import by_event
from journey_assets.pictures.day import Day
from journey_assets.pictures.rows import Panel


def picture(day: Day) -> bytes | None:
    """How many come back to an event after another one."""
    rows = day.rows(
        LOOPS,
        "cohort, event_type, persons_returning AS n, persons_with AS whole, "
        "return_share AS share, return_low AS low, return_high AS high",
    )
    return by_event(
        "Which events people come back to",
        "Persons who come back to the event from another one, of those whose path has it",
        Panel("share who come back"),
        rows,
        day,
    )
