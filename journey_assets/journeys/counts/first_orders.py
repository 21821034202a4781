"""The events of paths in the order of their first occurrences."""

from typing import TYPE_CHECKING

import numpy as np

from journey_assets.journeys.counting import Columns, Task
from journey_assets.journeys.counts.walks import binaries
from journey_assets.journeys.kernels import compiled
from journey_assets.journeys.paths import Paths

if TYPE_CHECKING:
    from journey_assets.journeys.kernels import Codes, Integers


def count(paths: Paths, task: Task) -> dict[str, Columns]:
    """Relation ``first_orders``: persons whose path has these events for the first time in this order."""
    event, ends = _firsts(paths.event, paths.first, paths.length, task.rules.steps + 1)
    return {
        "first_orders": {
            "cohort": paths.cohort,
            "events": binaries(event, ends),
            "persons": np.ones_like(ends),
        }
    }


@compiled
def _firsts(
    event: "Codes", first: "Integers", length: "Integers", radix: int
) -> "tuple[Codes, Integers]":
    """The first occurrences of all paths, and the end of each path's."""
    kept = np.empty(length.sum(), dtype=np.uint32)
    ends = np.empty(len(first), dtype=np.int64)
    on_path = np.full(radix, -1, dtype=np.int64)
    n = 0
    for path in range(len(first)):
        for row in range(first[path], first[path] + length[path]):
            if on_path[event[row]] != path:
                on_path[event[row]] = path
                kept[n] = event[row]
                n += 1
        ends[path] = n
    return kept[:n], ends
