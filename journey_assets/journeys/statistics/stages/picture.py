"""The picture: the funnel: how many of each cohort reach each stage of the converters' way."""

from journey_assets.journeys.statistics.stages.table import STAGES
from journey_assets.pictures import figures
from journey_assets.pictures.card import short
from journey_assets.pictures.day import Day, Row
from journey_assets.pictures.rows import Panel, rows_picture
from journey_assets.pictures.rows import Row as Line
from journey_assets.pictures.sides import of_one_focus, sides, sides_legend

_NAME = 29


def picture(day: Day) -> bytes | None:
    """The funnel: how many of each cohort reach each stage of the converters' way."""
    rows = of_one_focus(day.rows(STAGES, rest="ORDER BY cohort, stage"))
    if not rows:
        return None
    return rows_picture(
        "How far each cohort comes along the converters' way",
        f"Persons whose path has an event of the stage, of all persons of the cohort with a path; "
        f"{figures.level(day.level)} intervals (Wilson).",
        [Panel("share of the cohort that reaches the stage")],
        [
            Line(
                f"{row['stage']}  {short(row['label'], _NAME - 3)}",
                [sides(row, "share", "persons")],
                _stage_detail(row),
            )
            for row in rows
        ],
        legend=sides_legend(rows[0]),
        notes=[
            "The time is the converters' median from a path's start to its first event of the stage."
        ],
    )


def _stage_detail(row: Row) -> str:
    more = len(row["events"]) - 1
    events = f"and {more} more · " if more > 0 else ""
    return f"{events}after {figures.seconds(row['median_seconds_from_start'])}"
