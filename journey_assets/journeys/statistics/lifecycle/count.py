"""Persons by day: new, there the day before too, back after a pause, and gone since the day before."""

from typing import TYPE_CHECKING

import numpy as np

from journey_assets.journeys.counting import Columns, Task
from journey_assets.journeys.counts.active_days import DAY_US, active_days
from journey_assets.journeys.kernels import compiled
from journey_assets.journeys.paths import Paths

if TYPE_CHECKING:
    from journey_assets.journeys.paths import Booleans, Integers

_KINDS = ("new", "retained", "resurrected", "dormant")


def count(paths: Paths, task: Task) -> dict[str, Columns]:
    """Relation ``lifecycle``: persons of each kind, by day, counted from the window's first.

    On the first day nothing is known of the day before: whoever is there and not new is resurrected.
    """
    window = task.window
    days = (window.high - window.low) // DAY_US
    whose, active = active_days(paths, window.low)
    found = _kinds(whose, active, task.persons.newcomer, days)
    return {
        "lifecycle": {
            "day": np.arange(days),
            **dict(zip(_KINDS, found.T.copy(), strict=True)),
        }
    }


@compiled
def _kinds(whose: "Integers", active: "Integers", new: "Booleans", days: int) -> "Integers":
    found = np.zeros((days, 4), dtype=np.int64)
    for row in range(len(whose)):
        who, day = whose[row], active[row]
        begins = row == 0 or whose[row - 1] != who
        if begins and new[who]:
            found[day, 0] += 1
        elif not begins and active[row - 1] == day - 1:
            found[day, 1] += 1
        else:
            found[day, 2] += 1
        goes_on = row + 1 < len(whose) and whose[row + 1] == who and active[row + 1] == day + 1
        if not goes_on and day + 1 < days:
            found[day + 1, 3] += 1
    return found
