"""What follows a state by what came before it."""

from typing import TYPE_CHECKING, Any

import numpy as np

from journey_assets.journeys.counting import Columns, Task
from journey_assets.journeys.kernels import CONVERSION, compiled
from journey_assets.journeys.paths import ENDINGS, Paths
from journey_assets.journeys.statistics.removal_effects.order import STATES

if TYPE_CHECKING:
    from journey_assets.journeys.kernels import Codes, Integers


def count(paths: Paths, task: Task) -> dict[str, Columns]:
    """Relation ``triples``: visits of ``state`` by what comes ``before`` (0: it is the first) and
    ``after`` it, a state or, behind all states, an ending; where nothing is known to follow, none."""
    names = ("cohort", "state", "before", "after")
    if task.asked is None:
        return {"triples": {name: np.empty(0, dtype=np.int64) for name in (*names, "visits")}}
    shape = (len(task.rules.cohorts), STATES + 1, STATES + 2, STATES + 2 + len(ENDINGS))
    visits = np.zeros(shape, dtype=np.int64)
    _count(paths.event, paths.first, paths.length, paths.cohort, paths.ending, task.asked, visits)
    keys = np.nonzero(visits)
    return {"triples": dict(zip(names, keys, strict=True)) | {"visits": visits[keys]}}


@compiled
def _count(
    event: "Codes",
    first: "Integers",
    length: "Integers",
    cohort: "Integers",
    ending: "Integers",
    places: "Integers",
    visits: Any,
) -> None:
    states = visits.shape[1]
    for path in range(len(first)):
        before = 0
        for row in range(first[path], first[path] + length[path]):
            state = places[event[row]]
            if row + 1 < first[path] + length[path]:
                after = places[event[row + 1]]
            elif ending[path] <= CONVERSION:
                after = states + ending[path]
            else:
                break
            if state < states:
                visits[cohort[path], state, before, after] += 1
            before = state
