"""Who comes to a stage, and how long after the path's start."""

from typing import TYPE_CHECKING

import numpy as np

from journey_assets.journeys.counting import Columns, Task
from journey_assets.journeys.kernels import compiled
from journey_assets.journeys.paths import Paths

if TYPE_CHECKING:
    from journey_assets.journeys.kernels import Codes, Integers


def count(paths: Paths, task: Task) -> dict[str, Columns]:
    """Relation ``reaches``: persons of ``cohort`` who come to the ``stage`` of the comparison with
    ``focus`` (an index of the cohorts), ``ms`` after their first event; 0 of those not in focus.
    """
    rows = np.empty((0, 4), dtype=np.int64)
    if task.asked is not None:
        focus, stage_of = task.asked
        rows = _reaches(
            paths.event, paths.at, paths.first, paths.length, paths.cohort, focus, stage_of
        )
    names = ("cohort", "focus", "stage", "ms")
    return {
        "reaches": dict(zip(names, rows.T.copy(), strict=True))
        | {"persons": np.ones(len(rows), dtype=np.int64)}
    }


@compiled
def _reaches(
    event: "Codes",
    at: "Integers",
    first: "Integers",
    length: "Integers",
    cohort: "Integers",
    focus: "Integers",
    stage_of: "Integers",
) -> "Integers":
    """stage_of: of each comparison, by its place in ``focus``, the stage of every step; 0 without."""
    stages = stage_of.max()
    found = np.empty((len(first) * len(focus) * stages, 4), dtype=np.int64)
    n = 0
    for path in range(len(first)):
        for place in range(len(focus)):
            begin = n
            seen = 0
            for row in range(first[path], first[path] + length[path]):
                stage = stage_of[place, event[row]]
                if stage > 0 and not seen >> stage & 1:
                    seen |= 1 << stage
                    mine = cohort[path] == focus[place]
                    found[n, 0] = cohort[path]
                    found[n, 1] = focus[place]
                    found[n, 2] = stage
                    found[n, 3] = at[row] // 1000 - at[first[path]] // 1000 if mine else 0
                    n += 1
                    if n - begin == stages:
                        break
    return found[:n]
