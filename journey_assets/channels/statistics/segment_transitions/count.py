"""Departures from events by segment: to the next event, or out of the path."""

from typing import TYPE_CHECKING, Any

import numpy as np

from journey_assets.channels.counts.ways import Members
from journey_assets.journeys.counting import Columns, Task
from journey_assets.journeys.kernels import CONVERSION, EXIT, compiled, numbered
from journey_assets.journeys.paths import Paths

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from journey_assets.journeys.kernels import Codes, Integers


def count(paths: Paths, task: Task) -> dict[str, Columns]:
    """Relation ``segment_cells``: occurrences, and persons with any. Without a next event it is the
    end of a path; the last event of a censored or cut path is not seen to depart.
    """
    radix = task.rules.steps + 1
    segment = Members.of(paths, task).segment[paths.person]
    keys, owners = _departures(
        paths.event, paths.first, paths.length, paths.ending, paths.person, segment, radix
    )
    cells, places = numbered(keys)
    return {
        "segment_cells": {
            "segment": cells // radix // radix,
            "event": cells // radix % radix,
            "next_event": cells % radix,
            "occurrences": np.bincount(places, minlength=len(cells)),
            "persons": _persons(places, owners, len(cells)),
        }
    }


@compiled
def _departures(
    event: "Codes",
    first: "Integers",
    length: "Integers",
    ending: "Integers",
    person: "Integers",
    segment: "Integers",
    radix: int,
) -> "tuple[Integers, Integers]":
    """A number for segment, event and next event of every departure, and whose it is."""
    keys = np.empty(length.sum(), dtype=np.int64)
    owners = np.empty(len(keys), dtype=np.int64)
    n = 0
    for path in range(len(first)):
        last = first[path] + length[path] - 1
        for row in range(first[path], last + 1):
            target = np.int64(event[row + 1]) if row < last else 0
            if target == 0 and ending[path] not in (EXIT, CONVERSION):
                continue
            keys[n] = (segment[path] * radix + event[row]) * radix + target
            owners[n] = person[path]
            n += 1
    return keys[:n], owners[:n]


@compiled
def _persons(places: "NDArray[Any]", owners: "Integers", cells: int) -> "Integers":
    """Distinct owners of each cell; an owner's rows stand together."""
    found = np.zeros(cells, dtype=np.int64)
    last = np.full(cells, -1, dtype=np.int64)
    for row in range(len(places)):
        if last[places[row]] != owners[row]:
            last[places[row]] = owners[row]
            found[places[row]] += 1
    return found
