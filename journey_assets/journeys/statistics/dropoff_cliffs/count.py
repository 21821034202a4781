"""Arrivals at an event from another, and those that end with an exit."""

from typing import TYPE_CHECKING

import numpy as np

from journey_assets.journeys.counting import Columns, Task
from journey_assets.journeys.kernels import CENSORED, EXIT, compiled, numbered
from journey_assets.journeys.paths import Paths

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from journey_assets.journeys.kernels import Codes, Integers

_SUMS = ("visits", "persons", "exits", "xv", "vv")


def count(paths: Paths, task: Task) -> dict[str, Columns]:
    """Relation ``arrivals``: visits of ``next_event`` that come from ``event`` and whose end is known,
    persons with any, exits, and of the persons' exits x and visits v the sums of x·v and v² (that of
    x² is that of x: nobody exits twice).
    """
    radix = task.rules.steps + 1
    pairs, places = numbered(_pairs(paths.event, paths.first, paths.length, paths.cohort, radix))
    sums = _count(places, paths.length, paths.ending, len(pairs))
    return {
        "arrivals": {
            "cohort": pairs // radix // radix,
            "event": pairs // radix % radix,
            "next_event": pairs % radix,
            **dict(zip(_SUMS, sums.T.copy(), strict=True)),
        }
    }


@compiled
def _pairs(
    event: "Codes", first: "Integers", length: "Integers", cohort: "Integers", radix: int
) -> "Integers":
    """A number for cohort, event and next event of every transition, path by path."""
    found = np.empty(length.sum() - len(length), dtype=np.int64)
    n = 0
    for path in range(len(first)):
        for row in range(first[path], first[path] + length[path] - 1):
            found[n] = (cohort[path] * radix + event[row]) * radix + event[row + 1]
            n += 1
    return found


@compiled
def _count(
    places: "NDArray[np.int32]", length: "Integers", ending: "Integers", pairs: int
) -> "Integers":
    sums = np.zeros((pairs, 5), dtype=np.int64)
    mine = np.zeros(pairs, dtype=np.int64)  # visits on this path
    begin = 0
    for path in range(len(length)):
        stop = begin + length[path] - 1
        known = stop if ending[path] < CENSORED else stop - 1
        for row in range(begin, known):
            mine[places[row]] += 1
        if stop > begin and ending[path] == EXIT:
            sums[places[stop - 1], 2] += 1
            sums[places[stop - 1], 3] += mine[places[stop - 1]]
        for row in range(begin, known):
            v = mine[places[row]]
            if v > 0:
                pair = sums[places[row]]
                pair[0] += v
                pair[1] += 1
                pair[4] += v * v
                mine[places[row]] = 0
        begin = stop
    return sums
