"""Arrivals at an event from another, and those that end with an exit."""

from typing import TYPE_CHECKING

import numpy as np

from journey_assets.journeys.counting import Columns, Task
from journey_assets.journeys.kernels import (
    CENSORED,
    EXIT,
    compiled,
    grown,
    slot_of,
    table_for,
    tally,
)
from journey_assets.journeys.paths import Paths

if TYPE_CHECKING:
    from journey_assets.journeys.kernels import Codes, Integers


def count(paths: Paths, task: Task) -> dict[str, Columns]:
    """Relation ``arrivals``: visits of ``next_event`` that come from ``event`` and whose end is known,
    persons with any, exits.
    """
    radix = task.rules.steps + 1
    keys, visits = tally(
        _arrivals(paths.event, paths.first, paths.length, paths.cohort, paths.ending, radix)
    )
    state, part = keys // 3, keys % 3
    pairs, place = np.unique(state, return_inverse=True)
    sums = np.zeros((3, len(pairs)), dtype=np.int64)
    sums[part, place] = visits
    return {
        "arrivals": {
            "cohort": pairs // radix // radix,
            "event": pairs // radix % radix,
            "next_event": pairs % radix,
            "visits": sums[0],
            "persons": sums[1],
            "exits": sums[2],
        }
    }


@compiled
def _arrivals(
    event: "Codes",
    first: "Integers",
    length: "Integers",
    cohort: "Integers",
    ending: "Integers",
    radix: int,
) -> "Integers":
    """A number for the pair and 0 of each arrival, 1 of each person's first, 2 of each exit."""
    found = np.empty(2 * length.sum(), dtype=np.int64)
    pairs, last_path = table_for(4096)
    n, distinct = 0, 0
    for path in range(len(first)):
        last = first[path] + length[path] - 1
        known = ending[path] < CENSORED
        for row in range(first[path] + 1, last + 1 if known else last):
            pair = (cohort[path] * radix + event[row - 1]) * radix + event[row]
            found[n] = 3 * pair
            n += 1
            slot = slot_of(pairs, pair)
            if pairs[slot] != pair:
                if 2 * (distinct + 1) > len(pairs):
                    pairs, last_path = grown(pairs, last_path)
                    slot = slot_of(pairs, pair)
                pairs[slot] = pair
                last_path[slot] = -1
                distinct += 1
            if last_path[slot] != path:
                last_path[slot] = path
                found[n] = 3 * pair + 1
                n += 1
            if row == last and ending[path] == EXIT:
                found[n] = 3 * pair + 2
                n += 1
    return found[:n]
