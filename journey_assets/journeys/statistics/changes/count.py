"""Sums over paths, and over the days on which their persons may still convert."""

from typing import TYPE_CHECKING

import numpy as np

from journey_assets.journeys.counting import Columns, Task
from journey_assets.journeys.kernels import NEVER, compiled
from journey_assets.journeys.paths import Paths

if TYPE_CHECKING:
    from journey_assets.journeys.kernels import Integers

_DAY = 86_400_000_000


def count(paths: Paths, task: Task) -> dict[str, Columns]:
    """Relation ``period_paths``: paths, those with a conversion, their events and the sum of squares.

    Relation ``period_days``: by day of the window, from 0, the persons who are active on it and had not
    converted before it (``at_risk``), and those of them whose first conversion is on it.
    """
    cohorts = len(task.rules.cohorts)
    sums = np.zeros((cohorts, 4), dtype=np.int64)
    each = (np.ones_like(paths.length), paths.converted != NEVER, paths.length, paths.length**2)
    for column, values in enumerate(each):
        np.add.at(sums[:, column], paths.cohort, values)
    days = (task.window.high - task.window.low) // _DAY
    of_days = _days(
        paths.at, paths.first, paths.length, paths.cohort, paths.converted, task.window.low,
        cohorts, days,
    )  # fmt: skip
    present, seen = np.flatnonzero(sums[:, 0]), np.flatnonzero(of_days[:, 0])
    return {
        "period_paths": {
            "cohort": present,
            **dict(
                zip(
                    ("paths", "converted", "events", "squares"), sums[present].T.copy(), strict=True
                )
            ),
        },
        "period_days": {
            "cohort": seen // days,
            "day": seen % days,
            **dict(zip(("at_risk", "conversions"), of_days[seen].T.copy(), strict=True)),
        },
    }


@compiled
def _days(
    at: "Integers",
    first: "Integers",
    length: "Integers",
    cohort: "Integers",
    converted: "Integers",
    low: int,
    cohorts: int,
    days: int,
) -> "Integers":
    found = np.zeros((cohorts * days, 2), dtype=np.int64)
    for path in range(len(first)):
        before = -1
        for row in range(first[path], first[path] + length[path]):
            converts = at[row] == converted[path]
            if converted[path] != NEVER and at[row] > converted[path]:
                break
            day = (at[row] - low) // _DAY
            place = cohort[path] * days + day
            if day != before:
                found[place, 0] += 1
                before = day
            if converts:
                found[place, 1] += 1
                break
    return found
