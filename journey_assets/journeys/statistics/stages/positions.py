"""The position of the first occurrence of each event on its path."""

from typing import TYPE_CHECKING

import numpy as np

from journey_assets.journeys.counting import Columns, Task
from journey_assets.journeys.kernels import compiled, tally
from journey_assets.journeys.paths import Paths

if TYPE_CHECKING:
    from journey_assets.journeys.kernels import Codes, Integers

#: Longest path whose positions are told apart; of a longer one they are counted in millionths of it.
_LONGEST = 1 << 20


def count(paths: Paths, task: Task) -> dict[str, Columns]:
    """Relation ``positions``: persons whose first ``event`` comes after ``steps_before`` steps of the
    ``steps`` behind a path's first event. Paths of one event have no way and no position.
    """
    radix = task.rules.steps + 1
    longest = min(int(paths.length.max(initial=1)), _LONGEST)
    keys, persons = tally(
        _positions(paths.event, paths.first, paths.length, paths.cohort, radix, longest)
    )
    state = keys // longest // longest
    return {
        "positions": {
            "cohort": state // radix,
            "event": state % radix,
            "steps_before": keys // longest % longest,
            "steps": keys % longest,
            "persons": persons,
        }
    }


@compiled
def _positions(
    event: "Codes",
    first: "Integers",
    length: "Integers",
    cohort: "Integers",
    radix: int,
    longest: int,
) -> "Integers":
    found = np.empty(length.sum(), dtype=np.int64)
    on_path = np.full(radix, -1, dtype=np.int64)
    n = 0
    for path in range(len(first)):
        steps = length[path] - 1
        if steps == 0:
            continue
        for step in range(length[path]):
            code = event[first[path] + step]
            if on_path[code] != path:
                on_path[code] = path
                before, all_ = step, steps
                if steps >= longest:
                    before, all_ = step * (longest - 1) // steps, longest - 1
                state = cohort[path] * radix + code
                found[n] = (state * longest + before) * longest + all_
                n += 1
    return found[:n]
