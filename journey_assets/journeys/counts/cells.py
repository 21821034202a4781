"""States of paths and what follows each: transitions, and the endings of paths."""

from typing import TYPE_CHECKING, Any

import numpy as np

from journey_assets.journeys.counting import Columns, Task
from journey_assets.journeys.kernels import CONVERSION, compiled, numbered
from journey_assets.journeys.paths import ENDINGS, Paths

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from journey_assets.journeys.kernels import Codes, Integers

#: Most cells that have a place each, whether they occur or not.
_DIRECT = 1 << 20


def count(paths: Paths, task: Task) -> dict[str, Columns]:
    """Relation ``cells``: occurrences, persons, and of the persons' occurrences x and departures v
    of the state the sums of x² and x·v. Relation ``states``: visits, persons, departures v (what
    follows is known), persons with any, and the sum of v². Relation ``starts``: paths by their first
    event.
    """
    radix = task.rules.steps + 1
    width, states = radix + len(ENDINGS) + 1, len(task.rules.cohorts) * radix
    keys = _keys(paths.event, paths.first, paths.length, paths.cohort, paths.ending, radix, width)
    # Few cells have a place each, many are numbered as they come.
    places, key_of = keys, np.arange(states * width)
    if states * width > _DIRECT:
        key_of, places = numbered(keys)
    sums, of_states = _count(
        places, keys // width, keys % width, paths.length, len(key_of), states, radix
    )
    present = np.flatnonzero(sums[:, 0])
    state, target = key_of[present] // width, key_of[present] % width
    inner = target < radix
    seen = np.flatnonzero(of_states[:, 0])
    starts = np.bincount(paths.cohort * radix + paths.event[paths.first])
    begun = np.flatnonzero(starts)
    cells = ("occurrences", "persons", "xx", "xv")
    visits = ("visits", "persons", "departures", "departing", "vv")
    return {
        "cells": {
            "cohort": state // radix,
            "event": state % radix,
            "next_event": np.where(inner, target, 0),
            "ending": np.where(inner, 0, target - radix),
            **dict(zip(cells, sums[present].T.copy(), strict=True)),
        },
        "states": {
            "cohort": seen // radix,
            "event": seen % radix,
            **dict(zip(visits, of_states[seen].T.copy(), strict=True)),
        },
        "starts": {
            "cohort": begun // radix,
            "event": begun % radix,
            "paths": starts[begun],
        },
    }


@compiled
def _keys(
    event: "Codes",
    first: "Integers",
    length: "Integers",
    cohort: "Integers",
    ending: "Integers",
    radix: int,
    width: int,
) -> "Integers":
    """A number for cohort, event and what follows of every event, path by path."""
    found = np.empty(length.sum(), dtype=np.int64)
    n = 0
    for path in range(len(first)):
        last = first[path] + length[path] - 1
        for row in range(first[path], last + 1):
            target = np.int64(event[row + 1]) if row < last else radix + ending[path]
            found[n] = (cohort[path] * radix + event[row]) * width + target
            n += 1
    return found


@compiled
def _count(
    places: "NDArray[Any]",
    state_of: "Integers",
    target_of: "Integers",
    length: "Integers",
    cells: int,
    states: int,
    radix: int,
) -> "tuple[Integers, Integers]":
    sums = np.zeros((cells, 4), dtype=np.int64)
    of_states = np.zeros((states, 5), dtype=np.int64)
    mine = np.zeros(cells, dtype=np.int64)  # occurrences on this path
    visits = np.zeros((states, 2), dtype=np.int64)  # on this path: all, and departures
    begin = 0
    for path in range(len(length)):
        stop = begin + length[path]
        for row in range(begin, stop):
            mine[places[row]] += 1
            visits[state_of[row], 0] += 1
            # An exit or a conversion is seen to depart, the end of a censored or cut path is not.
            visits[state_of[row], 1] += target_of[row] <= radix + CONVERSION
        for row in range(begin, stop):
            x, v = mine[places[row]], visits[state_of[row], 1]
            if x > 0:
                cell = sums[places[row]]
                cell[0] += x
                cell[1] += 1
                cell[2] += x * x
                cell[3] += x * v
                mine[places[row]] = 0
        for row in range(begin, stop):
            v = visits[state_of[row], 1]
            if visits[state_of[row], 0] > 0:
                state = of_states[state_of[row]]
                state[0] += visits[state_of[row], 0]
                state[1] += 1
                state[2] += v
                state[3] += v > 0
                state[4] += v * v
                visits[state_of[row], 0] = 0
                visits[state_of[row], 1] = 0
        begin = stop
    return sums, of_states
