"""Persons and visits with each event before the first conversion, and who may convert with it when."""

from typing import TYPE_CHECKING

import numpy as np

from journey_assets.journeys.counting import Columns, Task
from journey_assets.journeys.counts.risks import added_up, at_risk
from journey_assets.journeys.kernels import compiled
from journey_assets.journeys.paths import Paths

if TYPE_CHECKING:
    from journey_assets.journeys.kernels import Codes, Integers


def count(paths: Paths, task: Task) -> dict[str, Columns]:
    """Relation ``exposures``: persons with the event, and of their visits of it x and of all
    events v the sums of x, x² and x·v. Relation ``exposed``: persons, sums of v and v². Relation
    ``risks``: of every event (exposure, 0: of everybody) who is at risk of converting from which visit
    to which, see :class:`~journey_assets.journeys.hazards.Risks`.

    The conversion ends the visits and is none itself, although persons with it are counted.
    """
    radix, cohorts = task.rules.steps + 1, len(task.rules.cohorts)
    conversion = task.rules.conversion
    states, sums = _count(
        paths.event, paths.first, paths.length, paths.cohort, radix, cohorts, conversion
    )  # fmt: skip
    seen, present = np.flatnonzero(states[:, 0]), np.flatnonzero(sums[:, 0])
    last, converts = at_risk(paths, task.rules)
    of, exposure, since = _spans(paths.event, paths.first, last, radix)
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
        "risks": added_up(paths, of, exposure, since, last, converts),
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
        v, stop = 0, first[path]
        while stop < first[path] + length[path]:
            mine[event[stop]] += 1
            stop += 1
            if event[stop - 1] == conversion:
                break
            v += 1
        for row in range(first[path], stop):
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


@compiled
def _spans(
    event: "Codes", first: "Integers", last: "Integers", radix: int
) -> "tuple[Integers, Integers, Integers]":
    """Of every path at risk: everybody from the first visit on, and each event from its first on."""
    most = last.sum() + len(last)
    of = np.empty(most, dtype=np.int64)
    exposure = np.empty(most, dtype=np.int64)
    since = np.empty(most, dtype=np.int64)
    on_path = np.full(radix, -1, dtype=np.int64)
    n = 0
    for path in range(len(first)):
        if last[path] == 0:
            continue
        of[n], exposure[n], since[n] = path, 0, 1
        n += 1
        for visit in range(last[path]):
            step = event[first[path] + visit]
            if on_path[step] != path:
                on_path[step] = path
                of[n], exposure[n], since[n] = path, step, visit + 1
                n += 1
    return of[:n], exposure[:n], since[:n]
