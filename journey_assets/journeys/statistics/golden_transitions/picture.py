"""The picture: what each step of the golden path says of conversion."""

from journey_assets.journeys.statistics.golden_transitions.table import GOLDEN_TRANSITIONS
from journey_assets.pictures import figures
from journey_assets.pictures.card import CONVERTERS, short
from journey_assets.pictures.day import Day, Row
from journey_assets.pictures.rows import Mark, Panel, ratio_mark, rows_picture
from journey_assets.pictures.rows import Row as Line
from journey_assets.pictures.sides import of_one_focus

_NAME = 29


def picture(day: Day) -> bytes | None:
    """What each step of the golden path says of conversion."""
    rows = of_one_focus(day.rows(GOLDEN_TRANSITIONS, rest="ORDER BY cohort, step"))
    if not rows:
        return None
    return rows_picture(
        "Conversion after a step of the golden path over that without it",
        "Persons who may still convert after their first session, at the same visits: who took the step in "
        f"it over who did not; {figures.level(day.level)} intervals. Beside it: converters of those with "
        "the step / without.",
        [Panel("hazard ratio", "ratio")],
        [
            Line(
                f"{row['step']}  {short(row['to_event'], _NAME - 3)}",
                [[_golden_mark(row)]],
                f"after {short(row['from_event'], _NAME)}",
            )
            for row in rows
        ],
        notes=[] if any(row["critical"] for row in rows) else ["No step stands out."],
    )


def _golden_mark(row: Row) -> Mark:
    with_step = figures.of(row["converters_with"], row["persons_with"])
    without = figures.of(row["converters_without"], row["persons_without"])
    detail = f"{with_step} / {without}"
    if row["verdict"] == "outcome":
        return Mark(None, None, None, "it is the outcome itself")
    if row["critical"]:
        detail += ", the critical one"
    return ratio_mark(
        row, "stratified_ratio", "stratified_low", "stratified_high", detail, CONVERTERS
    )
