"""The picture: how many persons of each cohort have each event."""

from journey_assets.journeys.statistics.step_frequencies.table import STEP_FREQUENCIES
from journey_assets.pictures.by_event import by_event
from journey_assets.pictures.day import Day
from journey_assets.pictures.rows import Panel


def picture(day: Day) -> bytes | None:
    """How many persons of each cohort have each event."""
    panel = Panel("share of the cohort")
    rows = day.rows(
        STEP_FREQUENCIES,
        "cohort, event_type, persons AS n, cohort_persons AS whole, "
        "share_of_persons AS share, share_low AS low, share_high AS high",
    )
    return by_event(
        "Who has which event",
        "Persons whose path has the event, of all persons of the cohort with a path",
        panel,
        rows,
        day,
    )
