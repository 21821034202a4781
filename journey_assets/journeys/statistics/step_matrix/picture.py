"""The picture: where the persons of the two largest cohorts are at each of the first steps."""

from collections.abc import Sequence

from journey_assets.journeys.statistics.step_matrix.table import STEP_MATRIX
from journey_assets.pictures import figures
from journey_assets.pictures.card import cohort_colors, short
from journey_assets.pictures.day import Day, Row
from journey_assets.pictures.grid import Cell, Matrix, grid_picture, share_cell

_STEPS = 10
_STEP_EVENTS = 12
_COHORTS = 2
_ENDED = "(ended)"
_NAME = 24


def picture(day: Day) -> bytes | None:
    """Where the persons of the two largest cohorts are at each of the first steps."""
    rows = day.rows(
        STEP_MATRIX, "cohort, step, event_type, share, cohort_persons", f"AND step <= {_STEPS}"
    )
    if not rows:
        return None
    persons = {row["cohort"]: row["cohort_persons"] for row in rows}
    # Converters before non-converters: the names' order.
    shown = sorted(sorted(persons, key=lambda each: (-persons[each], each))[:_COHORTS])
    found = [row for row in rows if row["cohort"] in shown]
    events = _largest(found)
    listed = [*_in_order(found, events[:_STEP_EVENTS]), _ENDED]
    last = max(row["step"] for row in rows)
    others = len(events) - _STEP_EVENTS
    return grid_picture(
        "Where persons are at each step",
        f"Percent of all persons of the cohort, by step of the path, repeats kept; the first {last} "
        f"steps. {_ENDED}: the path was over before the step.",
        [*(short(event, _NAME) for event in listed), *([f"{others} others"] if others > 0 else [])],
        [
            Matrix(
                f"{short(figures.cohort(cohort), _NAME)}, {figures.count(persons[cohort])} persons",
                [str(step) for step in range(1, last + 1)],
                _steps([row for row in rows if row["cohort"] == cohort], listed, last, color),
            )
            for cohort, color in cohort_colors(shown).items()
        ],
        notes=figures.rest(shown, len(persons), "cohort"),
    )


def _largest(rows: Sequence[Row]) -> list[str]:
    """Events by the largest share that they have at any step."""
    largest: dict[str, float] = {}
    for row in rows:
        largest[row["event_type"]] = max(row["share"], largest.get(row["event_type"], 0.0))
    largest.pop(_ENDED, None)
    return sorted(largest, key=lambda each: (-largest[each], each))


def _in_order(rows: Sequence[Row], events: Sequence[str]) -> list[str]:
    """The events by the step at which persons have them, on average over the steps shown."""
    at: dict[str, tuple[float, float]] = dict.fromkeys(events, (0.0, 0.0))
    for row in rows:
        if row["event_type"] in at:
            weighted, share = at[row["event_type"]]
            at[row["event_type"]] = (weighted + row["step"] * row["share"], share + row["share"])
    return sorted(events, key=lambda event: (at[event][0] / at[event][1], event))


def _steps(rows: Sequence[Row], listed: Sequence[str], last: int, color: str) -> list[list[Cell]]:
    """A row of cells for each event listed, and one for the rest, which sums every step to 100 %."""
    shares = {(row["event_type"], row["step"]): row["share"] for row in rows}
    steps = range(1, last + 1)
    found = [[shares.get((event, step), 0.0) for step in steps] for event in listed]
    found.append([max(0.0, 1 - sum(row[place] for row in found)) for place in range(last)])
    return [[share_cell(share, color) for share in row] for row in found]
