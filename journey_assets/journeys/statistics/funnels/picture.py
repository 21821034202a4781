"""The picture: the share of each funnel's persons who come to its steps."""

from journey_assets.journeys.statistics.funnels.table import FUNNELS
from journey_assets.pictures import figures
from journey_assets.pictures.card import PLAIN, short
from journey_assets.pictures.day import Day
from journey_assets.pictures.rows import Panel, rows_picture, share_mark
from journey_assets.pictures.rows import Row as Line

_SHOWN = 16
_NAME = 29


def picture(day: Day) -> bytes | None:
    """The share of each funnel's persons who come to its steps, and how long a step takes."""
    rows = day.rows(FUNNELS, rest="AND cohort = 'all' ORDER BY funnel, step")
    if not rows:
        return None
    entered = {row["funnel"]: row["persons"] for row in rows if row["step"] == 1}
    lines = [
        Line(
            short(f"{row['funnel']} {row['step']}: {row['event']}", _NAME),
            [
                [
                    share_mark(
                        row,
                        "conversion",
                        "low",
                        "high",
                        figures.of(row["persons"], entered[row["funnel"]]),
                        PLAIN,
                    )
                ]
            ],
        )
        for row in rows[:_SHOWN]
    ]
    return rows_picture(
        "How far persons come in the declared funnels",
        f"Share of the persons of the first step who come to a step; {figures.level(day.level)} "
        "intervals (Wilson).",
        [Panel("share of the first step")],
        lines,
        notes=figures.rest(lines, len(rows), "step"),
    )
