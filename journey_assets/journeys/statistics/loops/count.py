"""Repeats of an event on a path, and the steps between two visits."""

from typing import TYPE_CHECKING

import numpy as np

from journey_assets.journeys.counting import Columns, Task
from journey_assets.journeys.kernels import compiled, tally
from journey_assets.journeys.paths import Paths

if TYPE_CHECKING:
    from journey_assets.journeys.kernels import Codes, Integers


def count(paths: Paths, task: Task) -> dict[str, Columns]:
    """Relation ``repeats``: persons with the event, with it again, occurrences beyond the first, persons
    who come back from another event. Relation ``returns``: how often they come back after how many
    other events.
    """
    radix = task.rules.steps + 1
    longest = int(paths.length.max(initial=1))
    states, away = _count(
        paths.event,
        paths.first,
        paths.length,
        paths.cohort,
        radix,
        len(task.rules.cohorts),
        longest,
    )
    seen = np.flatnonzero(states[:, 0])
    keys, number = tally(away)
    names = ("persons_with", "persons_repeating", "repeats", "persons_returning")
    return {
        "repeats": {
            "cohort": seen // radix,
            "event": seen % radix,
            **dict(zip(names, states[seen].T.copy(), strict=True)),
        },
        "returns": {
            "cohort": keys // longest // radix,
            "event": keys // longest % radix,
            "steps_away": keys % longest,
            "returns": number,
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
    longest: int,
) -> "tuple[Integers, Integers]":
    """The sums by state, and a number for the state and the steps away of each return."""
    states = np.zeros((cohorts * radix, 4), dtype=np.int64)
    on_path = np.full(radix, -1, dtype=np.int64)
    last_row = np.zeros(radix, dtype=np.int64)
    repeated = np.full(radix, -1, dtype=np.int64)
    returned = np.full(radix, -1, dtype=np.int64)
    away = np.empty(length.sum(), dtype=np.int64)
    returns = 0
    for path in range(len(first)):
        for row in range(first[path], first[path] + length[path]):
            step = event[row]
            state = cohort[path] * radix + step
            if on_path[step] != path:
                on_path[step] = path
                states[state, 0] += 1
            else:
                states[state, 2] += 1
                if repeated[step] != path:
                    repeated[step] = path
                    states[state, 1] += 1
                between = row - last_row[step] - 1
                if between > 0:
                    away[returns] = state * longest + between
                    returns += 1
                    if returned[step] != path:
                        returned[step] = path
                        states[state, 3] += 1
            last_row[step] = row
    return states, away[:returns]
