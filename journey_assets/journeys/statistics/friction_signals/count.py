"""Persons and visits with each event, up to the first conversion."""

from typing import TYPE_CHECKING

import numpy as np

from journey_assets.journeys.counting import Columns, Task
from journey_assets.journeys.kernels import compiled
from journey_assets.journeys.paths import Paths

if TYPE_CHECKING:
    from journey_assets.journeys.kernels import Codes, Integers


def count(paths: Paths, task: Task) -> dict[str, Columns]:
    """Relation ``exposures``: persons with the event, and of their visits of it x and of all events v
    the sums of x, x² and x·v. Relation ``exposed``: persons, sums of v and v².
    """
    radix, cohorts = task.rules.steps + 1, len(task.rules.cohorts)
    states, sums = _count(
        paths.event, paths.first, paths.length, paths.cohort, radix, cohorts, task.rules.conversion
    )
    seen, present = np.flatnonzero(states[:, 0]), np.flatnonzero(sums[:, 0])
    return {
        "exposures": {
            "cohort": seen // radix,
            "event": seen % radix,
            **dict(zip(("persons", "x", "xx", "xv"), states[seen].T.copy(), strict=True)),
        },
        "exposed": {
            "cohort": present,
            **dict(zip(("persons", "v", "vv"), sums[present].T.copy(), strict=True)),
        },
    }


@compiled
def _count(
    event: "Codes",
    first: "Integers",
    length: "Integers",
    cohort: "Integers",
    radix: int,
    cohorts: int,
    conversion: int,
) -> "tuple[Integers, Integers]":
    states = np.zeros((cohorts * radix, 4), dtype=np.int64)
    sums = np.zeros((cohorts, 3), dtype=np.int64)
    mine = np.zeros(radix, dtype=np.int64)
    for path in range(len(first)):
        v = 0
        for row in range(first[path], first[path] + length[path]):
            v += 1
            mine[event[row]] += 1
            if event[row] == conversion:
                break
        for row in range(first[path], first[path] + v):
            x = mine[event[row]]
            if x > 0:
                state = cohort[path] * radix + event[row]
                states[state, 0] += 1
                states[state, 1] += x
                states[state, 2] += x * x
                states[state, 3] += x * v
                mine[event[row]] = 0
        sums[cohort[path], 0] += 1
        sums[cohort[path], 1] += v
        sums[cohort[path], 2] += v * v
    return states, sums
