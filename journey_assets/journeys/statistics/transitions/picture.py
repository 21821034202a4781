"""The picture: shares of departures, converters' minus all others', as a heat map."""

from collections.abc import Mapping

from journey_assets.journeys.statistics.transitions.table import TRANSITIONS
from journey_assets.pictures import figures
from journey_assets.pictures.card import short
from journey_assets.pictures.day import Day, Row
from journey_assets.pictures.grid import EMPTY, Cell, Matrix, difference_cell, grid_picture
from journey_assets.warehouse.intervals import FEWEST_CASES, register_wilson
from journey_assets.warehouse.sql import sql_of

_TRANSITION_EVENTS = 10
_NAME = 24


def picture(day: Day) -> bytes | None:
    """Shares of departures, converters' minus all others', as a heat map."""
    cohorts = {
        row["cohort"]: row["transitions"]
        for row in day.rows(TRANSITIONS, "cohort, sum(occurrences) AS transitions", "GROUP BY ALL")
    }
    if not cohorts:
        return None
    focus = "converter" if "converter" in cohorts else max(cohorts, key=lambda c: (cohorts[c], c))
    register_wilson(day.con, day.level)
    rows = day.query(
        sql_of(__package__, "picture"),
        focus=focus,
        events=_TRANSITION_EVENTS,
    )
    by_event: dict[str, list[Row]] = {}
    for row in rows:
        by_event.setdefault(row["from_event"], []).append(row)
    mine = short(figures.cohort(focus), _NAME)
    return grid_picture(
        f"Where {'converters' if focus == 'converter' else 'one cohort and the others'} go differently",
        f"Share of the departures from an event, {mine} minus all others, in percentage points; "
        f"departures of both in brackets. The {len(by_event)} events left most often.",
        [_departures(event, cells[0]) for event, cells in by_event.items()],
        [
            Matrix(
                "to",
                [*(short(event, 15) for event in by_event), "other, or end"],
                [[_difference(cell) for cell in cells] for cells in by_event.values()],
            )
        ],
        slanted=True,
        notes=[
            f"Blue: {mine} more often; orange: the others. Bold on full colour: the "
            f"{figures.level(day.level)} interval of the difference (Newcombe, persons as clusters) "
            f"leaves out 0. –: under {FEWEST_CASES} departures on a side, insufficient."
        ],
    )


def _departures(event: str, row: Mapping[str, float]) -> str:
    sides = (figures.count(row[side]) for side in ("focus_departures", "other_departures"))
    return f"{short(event, 19)} ({' | '.join(sides)})"


def _difference(row: Row) -> Cell:
    if min(row["focus_departures"], row["other_departures"]) < FEWEST_CASES:
        return EMPTY
    return difference_cell(row["difference"], certain=row["low"] > 0 or row["high"] < 0)
