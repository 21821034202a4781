"""The gaps in the buckets that hold a wanted quantile."""

from typing import TYPE_CHECKING

import numpy as np

from journey_assets.journeys.counting import Columns, Task
from journey_assets.journeys.kernels import compiled, slot_of, table_for
from journey_assets.journeys.paths import Paths
from journey_assets.journeys.statistics.transitions.buckets import bucket_of
from journey_assets.journeys.statistics.transitions.keys import BUCKETS

if TYPE_CHECKING:
    from journey_assets.journeys.kernels import Codes, Integers


def count(paths: Paths, task: Task) -> dict[str, Columns]:
    """Relation ``gaps``: a row per gap in a wanted bucket, whose place among them it names."""
    wanted = task.asked if task.asked is not None else np.empty(0, dtype=np.int64)
    places, ms = _wanted(
        paths.event,
        paths.at,
        paths.first,
        paths.length,
        paths.cohort,
        task.rules.steps + 1,
        wanted,
    )
    return {"gaps": {"place": places, "ms": ms}}


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
    table, place_of = table_for(len(wanted) + 1)
    for place in range(len(wanted)):
        slot = slot_of(table, wanted[place])
        table[slot] = wanted[place]
        place_of[slot] = place
    places = np.empty(max(length.sum() - len(length), 0), dtype=np.int64)
    gaps = np.empty_like(places)
    found = 0
    for path in range(len(first)):
        for row in range(first[path], first[path] + length[path] - 1):
            ms = at[row + 1] // 1000 - at[row] // 1000
            pair = (cohort[path] * radix + event[row]) * radix + event[row + 1]
            key = pair * BUCKETS + bucket_of(ms)
            slot = slot_of(table, key)
            if table[slot] == key:
                places[found] = place_of[slot]
                gaps[found] = ms
                found += 1
    return places[:found], gaps[:found]
