"""The picture: how many of the paths that reach a step end there."""

from journey_assets.journeys.statistics.step_hazard.table import STEP_HAZARD
from journey_assets.pictures import figures
from journey_assets.pictures.card import CONVERTERS, OTHERS
from journey_assets.pictures.day import Day, Row
from journey_assets.pictures.rows import Mark, Panel, rows_picture, share_mark
from journey_assets.pictures.rows import Row as Line

_STEPS = 15


def picture(day: Day) -> bytes | None:
    """How many of the paths that reach a step end there."""
    rows = day.rows(STEP_HAZARD, rest=f"AND step <= {_STEPS} ORDER BY step")
    if not rows:
        return None
    return rows_picture(
        "At which step paths end",
        f"Of the paths of all cohorts that reach the step; {figures.level(day.level)} intervals "
        f"(Wilson). The first {rows[-1]['step']} steps.",
        [Panel("end with an exit"), Panel("end with a conversion")],
        [
            Line(
                f"step {row['step']}",
                [
                    [
                        share_mark(
                            row,
                            "hazard_exit",
                            "hazard_low",
                            "hazard_high",
                            figures.of(row["exits"], row["at_risk"]),
                            OTHERS,
                        )
                    ],
                    [_conversions(row)],
                ],
            )
            for row in rows
        ],
        names=60,
    )


def _conversions(row: Row) -> Mark:
    share = row["hazard_conversion"]
    stated = figures.INSUFFICIENT if share is None else figures.percent(share)
    text = f"{stated} · {figures.of(row['conversions'], row['at_risk'])}"
    return Mark(share, None, None, text, CONVERTERS)
