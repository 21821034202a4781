"""The picture: the ratio of hazards of those who have done events in an order."""

from journey_assets.journeys.statistics.discriminating_subsequences.table import (
    DISCRIMINATING_SUBSEQUENCES,
)
from journey_assets.pictures import figures
from journey_assets.pictures.card import CONVERTERS, OTHERS, short, word
from journey_assets.pictures.day import Day
from journey_assets.pictures.rows import Legend, Panel, ratio_mark, rows_picture
from journey_assets.pictures.rows import Row as Line
from journey_assets.pictures.sides import of_one_focus

_SHOWN = 12
_NAME = 44


def picture(day: Day) -> bytes | None:
    """The ratio of hazards of those who have done events in an order, claims first."""
    found = of_one_focus(day.rows(DISCRIMINATING_SUBSEQUENCES, rest="ORDER BY rank"))
    rows = [row for row in found if row["hazard_ratio"] is not None][:_SHOWN]
    if not rows:
        return None
    return rows_picture(
        "What people do in order before they convert more, or less",
        "Hazard of conversion at a visit after the events in this order, over that of others at the "
        f"same visit; {figures.level(day.level)} intervals.",
        [Panel("ratio of hazards", "ratio")],
        [
            Line(
                short(" → ".join(row["subsequence"]), _NAME),
                [
                    [
                        ratio_mark(
                            row,
                            "stratified_ratio",
                            "stratified_low",
                            "stratified_high",
                            word(row["verdict"]),
                            CONVERTERS if row["verdict"] == "converts_more" else OTHERS,
                            faint=row["verdict"] not in {"converts_more", "converts_less"},
                        )
                    ]
                ],
            )
            for row in rows
        ],
        legend=[Legend(CONVERTERS, "convert more"), Legend(OTHERS, "convert less")],
        notes=["Grey: no difference can be told.", *figures.rest(rows, len(found), "subsequence")],
    )
