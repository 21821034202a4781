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
    """Relation ``segment_cells``: occurrences, persons with any, and of the persons' occurrences x and
    departures v of the event the sums of x² and x·v. Relation ``segment_states``: persons who depart,
    and the sum of v². Without a next event it is the end of a path; the last event of a censored or cut
    path is not seen to depart.
    """
    radix = task.rules.steps + 1
    segment = Members.of(paths, task).segment[paths.person]
    keys, owners = _departures(
        paths.event, paths.first, paths.length, paths.ending, paths.person, segment, radix
    )
    cells, places = numbered(keys)
    states, origins = numbered(keys // radix)
    sums, of_states = _sums(places, origins, owners, len(cells), len(states))
    return {
        "segment_cells": {
            "segment": cells // radix // radix,
            "event": cells // radix % radix,
            "next_event": cells % radix,
            **dict(zip(("occurrences", "persons", "xx", "xv"), sums.T.copy(), strict=True)),
        },
        "segment_states": {
            "segment": states // radix,
            "event": states % radix,
            **dict(zip(("departing", "vv"), of_states.T.copy(), strict=True)),
        },
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
def _sums(
    places: "NDArray[Any]", origins: "NDArray[Any]", owners: "Integers", cells: int, states: int
) -> "tuple[Integers, Integers]":
    """The sums over owners, whose rows stand together."""
    sums = np.zeros((cells, 4), dtype=np.int64)
    of_states = np.zeros((states, 2), dtype=np.int64)
    mine = np.zeros(cells, dtype=np.int64)
    visits = np.zeros(states, dtype=np.int64)
    begin = 0
    while begin < len(places):
        end = begin
        while end < len(places) and owners[end] == owners[begin]:
            mine[places[end]] += 1
            visits[origins[end]] += 1
            end += 1
        for row in range(begin, end):
            x, v = mine[places[row]], visits[origins[row]]
            if x > 0:
                sums[places[row], 0] += x
                sums[places[row], 1] += 1
                sums[places[row], 2] += x * x
                sums[places[row], 3] += x * v
                mine[places[row]] = 0
        for row in range(begin, end):
            v = visits[origins[row]]
            if v > 0:
                of_states[origins[row], 0] += 1
                of_states[origins[row], 1] += v * v
                visits[origins[row]] = 0
        begin = end
    return sums, of_states
