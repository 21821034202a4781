"""Arrivals at an event from another, and those that end with an exit."""

from typing import TYPE_CHECKING

import numpy as np

from journey_assets.journeys.counting import Columns, Task
from journey_assets.journeys.counts import STRATA
from journey_assets.journeys.kernels import CENSORED, EXIT, compiled, numbered, tally
from journey_assets.journeys.paths import Paths

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from journey_assets.journeys.kernels import Codes, Integers

_SUMS = ("visits", "persons", "exits", "xv", "vv")


def count(paths: Paths, task: Task) -> dict[str, Columns]:
    """Relation ``arrivals``: visits of ``next_event`` that come from ``event`` and whose end is known,
    persons with any, exits, and of the persons' exits x and visits v the sums of x·v and v² (that of
    x² is that of x: nobody exits twice). ``leavings_within``: such visits of ``event`` and exits by
    the event before, 0 without, and by strata.
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
        },
        "leavings_within": _within(paths, radix),
    }


def _within(paths: Paths, radix: int) -> Columns:
    sizes = [int(getattr(paths, name).max(initial=0)) + 1 for name in STRATA]
    stratum = np.ravel_multi_index([getattr(paths, name) for name in STRATA], sizes)
    keys, times = tally(
        _visits(paths.event, paths.first, paths.length, paths.ending, stratum, radix)
    )
    places, exits = keys // 2, keys % 2
    return {
        **dict(zip(STRATA, np.unravel_index(places // radix // radix, sizes), strict=True)),
        "origin": places // radix % radix,
        "event": places % radix,
        "visits": times,
        "exits": times * exits,
    }


@compiled
def _visits(
    event: "Codes",
    first: "Integers",
    length: "Integers",
    ending: "Integers",
    stratum: "Integers",
    radix: int,
) -> "Integers":
    """A number for stratum, event before, event and exit of every visit whose end is known."""
    found = np.empty(length.sum(), dtype=np.int64)
    n = 0
    for path in range(len(first)):
        last = first[path] + length[path] - 1
        known = last + 1 if ending[path] < CENSORED else last
        before = np.int64(0)
        for row in range(first[path], known):
            step = np.int64(event[row])
            left = row == last and ending[path] == EXIT
            found[n] = ((stratum[path] * radix + before) * radix + step) * 2 + left
            before = step
            n += 1
    return found[:n]


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
