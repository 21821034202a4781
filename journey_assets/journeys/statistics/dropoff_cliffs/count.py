"""Arrivals at an event from another, and those that end with an exit."""

from typing import TYPE_CHECKING

import numpy as np

from journey_assets.journeys.counting import Columns, Task
from journey_assets.journeys.kernels import CENSORED, EXIT, compiled, numbered
from journey_assets.journeys.paths import Paths

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from journey_assets.journeys.kernels import Codes, Integers


def count(paths: Paths, task: Task) -> dict[str, Columns]:
    """Relation ``arrivals``: visits of ``next_event`` that come from ``event`` and whose end is known,
    persons with any, exits.
    """
    radix = task.rules.steps + 1
    pairs, places = numbered(_pairs(paths.event, paths.first, paths.length, paths.cohort, radix))
    sums = _count(places, paths.length, paths.ending, len(pairs))
    return {
        "arrivals": {
            "cohort": pairs // radix // radix,
            "event": pairs // radix % radix,
            "next_event": pairs % radix,
            **dict(zip(("visits", "persons", "exits"), sums.T.copy(), strict=True)),
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
    sums = np.zeros((pairs, 3), dtype=np.int64)
    on_path = np.full(pairs, -1, dtype=np.int64)
    begin = 0
    for path in range(len(length)):
        stop = begin + length[path] - 1
        known = stop if ending[path] < CENSORED else stop - 1
        for row in range(begin, known):
            pair = places[row]
            sums[pair, 0] += 1
            if on_path[pair] != path:
                on_path[pair] = path
                sums[pair, 1] += 1
        if stop > begin and ending[path] == EXIT:
            sums[places[stop - 1], 2] += 1
        begin = stop
    return sums
