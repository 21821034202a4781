"""The gaps in the buckets that hold a wanted quantile."""

from typing import TYPE_CHECKING

import numpy as np

from journey_assets.journeys.counting import Columns, Task
from journey_assets.journeys.kernels import compiled, slot_of, table_for
from journey_assets.journeys.paths import Paths
from journey_assets.journeys.statistics.transitions.buckets import BUCKETS, bucket_of, columns

if TYPE_CHECKING:
    from journey_assets.journeys.kernels import Codes, Integers


def count(paths: Paths, task: Task) -> dict[str, Columns]:
    """Relation ``gaps``: gaps of ``ms`` milliseconds, n."""
    radix = task.rules.steps + 1
    wanted = task.asked if task.asked is not None else np.empty(0, dtype=np.int64)
    keys, ms = _wanted(
        paths.event, paths.at, paths.first, paths.length, paths.cohort, radix, wanted
    )
    return {"gaps": columns(keys, radix) | {"ms": ms, "n": np.ones_like(ms)}}


@compiled
def _wanted(
    event: "Codes",
    at: "Integers",
    first: "Integers",
    length: "Integers",
    cohort: "Integers",
    radix: int,
    wanted: "Integers",
) -> "tuple[Integers, Integers]":
    table, _ = table_for(len(wanted) + 1)
    for key in wanted:
        table[slot_of(table, key)] = key
    keys = np.empty(max(length.sum() - len(length), 0), dtype=np.int64)
    gaps = np.empty_like(keys)
    found = 0
    for path in range(len(first)):
        for row in range(first[path], first[path] + length[path] - 1):
            ms = at[row + 1] // 1000 - at[row] // 1000
            pair = (cohort[path] * radix + event[row]) * radix + event[row + 1]
            key = pair * BUCKETS + bucket_of(ms)
            if table[slot_of(table, key)] == key:
                keys[found] = key
                gaps[found] = ms
                found += 1
    return keys[:found], gaps[:found]
