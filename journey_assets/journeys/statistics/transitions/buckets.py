"""The gaps of transitions by buckets of duration.

Exact quantiles without keeping every gap: buckets first, eight to a doubling; of those that hold a
wanted rank the gaps themselves are then counted (:mod:`~.gaps`).
"""

from typing import TYPE_CHECKING

import numpy as np

from journey_assets.journeys.counting import Columns, Task
from journey_assets.journeys.kernels import compiled, tally
from journey_assets.journeys.paths import Paths
from journey_assets.journeys.statistics.transitions.keys import BUCKETS

if TYPE_CHECKING:
    from journey_assets.journeys.kernels import Codes, Integers


def count(paths: Paths, task: Task) -> dict[str, Columns]:
    """Relation ``gap_buckets``: gaps by key (:mod:`~.keys`), n."""
    radix = task.rules.steps + 1
    keys, number = tally(
        gap_keys(paths.event, paths.at, paths.first, paths.length, paths.cohort, radix)
    )
    return {"gap_buckets": {"key": keys, "n": number}}


@compiled
def bucket_of(ms: int) -> int:
    """The bucket of a duration of 0 or more milliseconds: its highest four bits and their place."""
    if ms < 8:
        return ms
    bits = 0
    while ms >> (bits + 4) > 0:
        bits += 1
    return 8 * bits + (ms >> bits)


@compiled
def gap_keys(
    event: "Codes",
    at: "Integers",
    first: "Integers",
    length: "Integers",
    cohort: "Integers",
    radix: int,
) -> "Integers":
    """One number for cohort, pair and bucket of every transition."""
    keys = np.empty(max(length.sum() - len(length), 0), dtype=np.int64)
    place = 0
    for path in range(len(first)):
        for row in range(first[path], first[path] + length[path] - 1):
            pair = (cohort[path] * radix + event[row]) * radix + event[row + 1]
            keys[place] = pair * BUCKETS + bucket_of(at[row + 1] // 1000 - at[row] // 1000)
            place += 1
    return keys
