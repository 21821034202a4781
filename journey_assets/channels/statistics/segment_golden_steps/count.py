"""Persons by how many steps of the golden path they have in order."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from journey_assets.channels.counts.ways import Members
from journey_assets.journeys.counting import Columns, Task
from journey_assets.journeys.kernels import compiled
from journey_assets.journeys.paths import Paths

if TYPE_CHECKING:
    from journey_assets.journeys.kernels import Codes, Integers


def count(paths: Paths, task: Task) -> dict[str, Columns]:
    """Relation ``segment_reached``: persons, and converters of them; none where there is no such path."""
    reached = np.zeros(len(task.persons), dtype=np.int64)
    segment, converted = np.zeros_like(reached)[:0], np.zeros_like(reached)[:0]
    if task.asked is not None:
        members = Members.of(paths, replace(task, asked=task.asked.segments))
        segment, converted = members.segment, members.converted
        golden = task.asked.golden
        np.maximum.at(
            reached, paths.person, _reached(paths.event, paths.first, paths.length, golden)
        )
    return {
        "segment_reached": {
            "segment": segment,
            "reached": reached[: len(segment)],
            "persons": np.ones_like(segment),
            "converters": (converted > 0).astype(np.int64),
        }
    }


@compiled
def _reached(
    event: "Codes", first: "Integers", length: "Integers", golden: "Integers"
) -> "Integers":
    """Of each path, the longest beginning of the golden path that it contains.

    Taking each event at its earliest place finds it.
    """
    found = np.zeros(len(first), dtype=np.int64)
    for path in range(len(first)):
        for row in range(first[path], first[path] + length[path]):
            if found[path] < len(golden) and event[row] == golden[found[path]]:
                found[path] += 1
    return found
