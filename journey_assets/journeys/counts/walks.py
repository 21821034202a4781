"""Collapsed paths and how long they took."""

from typing import TYPE_CHECKING

import numpy as np

from journey_assets.journeys.counting import Columns, Task
from journey_assets.journeys.counts import CODE
from journey_assets.journeys.kernels import compiled
from journey_assets.journeys.paths import Paths

if TYPE_CHECKING:
    import pyarrow as pa

    from journey_assets.journeys.kernels import Codes, Integers


def count(paths: Paths, task: Task) -> dict[str, Columns]:  # noqa: ARG001 — a count takes both
    """Relation ``walks``: a row per person with the collapsed path and the time it took."""
    event, ends = collapsed(paths.event, paths.first, paths.length)
    last = paths.first + paths.length - 1
    ms = paths.at[last] // 1000 - paths.at[paths.first] // 1000
    return {
        "walks": {
            "cohort": paths.cohort,
            "walk": binaries(event, ends),
            "ms": ms,
        }
    }


def binaries(event: "Codes", ends: "Integers") -> "pa.Array":
    """One binary value for each sequence of codes; ``ends``: where in ``event`` each ends."""
    import pyarrow as pa

    offsets = np.zeros(len(ends) + 1, dtype=np.int64)
    offsets[1:] = 4 * ends
    data = event.astype(CODE)
    return pa.Array.from_buffers(
        pa.large_binary(), len(ends), [None, pa.py_buffer(offsets), pa.py_buffer(data)]
    )


@compiled
def collapsed(event: "Codes", first: "Integers", length: "Integers") -> "tuple[Codes, Integers]":
    """The events of all paths, consecutive repeats once, and the end of each path's."""
    kept = np.empty(length.sum(), dtype=np.uint32)
    ends = np.empty(len(first), dtype=np.int64)
    n = 0
    for path in range(len(first)):
        for row in range(first[path], first[path] + length[path]):
            if row == first[path] or event[row] != event[row - 1]:
                kept[n] = event[row]
                n += 1
        ends[path] = n
    return kept[:n], ends
