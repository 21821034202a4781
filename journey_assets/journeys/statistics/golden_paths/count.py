"""Paths that contain a reading of the golden path."""

from typing import TYPE_CHECKING

import numpy as np

from journey_assets.journeys.counting import Columns, Task
from journey_assets.journeys.kernels import compiled
from journey_assets.journeys.paths import Paths

if TYPE_CHECKING:
    from journey_assets.journeys.kernels import Codes, Integers

_SUPPORT = ("cohort", "focus", "reading", "persons", "before")
_TIMES = ("focus", "reading", "us", "persons")
_TAKERS = ("cohort", "focus", "step", "persons")


def count(paths: Paths, task: Task) -> dict[str, Columns]:
    """Relation ``golden_support``: persons who have the events in order, and, of a reading that ends
    with the conversion, those who have what comes before it. ``golden_times``: persons of the focus by
    microseconds from its first event to its last, each at its earliest. ``golden_takers``: persons
    whose first session has the two events of a step in order.
    """
    support, times, takers = (
        np.empty((0, len(names)), np.int64) for names in (_SUPPORT, _TIMES, _TAKERS)
    )
    if task.asked is not None:
        focus, reading, sequences, lengths, has_steps = task.asked
        cohorts = len(task.rules.cohorts)
        sums, times = _support(
            paths.event, paths.at, paths.first, paths.length, paths.cohort,
            focus, reading, sequences, lengths, task.rules.conversion, cohorts,
        )  # fmt: skip
        support = _flat(sums, focus, reading)
        for place in np.flatnonzero(has_steps):
            taken = _takers(
                paths.event, paths.at, paths.first, paths.length, paths.cohort,
                sequences[place, : lengths[place]], task.rules.steps + 1, task.rules.gap_ms, cohorts,
            )  # fmt: skip
            cohort, step = np.nonzero(taken)
            rows = (cohort, np.full_like(cohort, focus[place]), step + 1, taken[cohort, step])
            takers = np.concatenate([takers, np.column_stack(rows)])
    return {
        "golden_support": dict(zip(_SUPPORT, support.T.copy(), strict=True)),
        "golden_times": dict(zip(_TIMES, times.T.copy(), strict=True)),
        "golden_takers": dict(zip(_TAKERS, takers.T.copy(), strict=True)),
    }


def _flat(sums: "Integers", focus: "Integers", reading: "Integers") -> "Integers":
    """Rows of :data:`_SUPPORT` from [cohort, place, (persons, before)]."""
    cohort, place = np.nonzero(sums.sum(axis=2))
    found: Integers = np.column_stack(
        [cohort, focus[place], reading[place], *sums[cohort, place].T]
    )
    return found


@compiled
def _support(
    event: "Codes",
    at: "Integers",
    first: "Integers",
    length: "Integers",
    cohort: "Integers",
    focus: "Integers",
    reading: "Integers",
    sequences: "Integers",
    lengths: "Integers",
    conversion: int,
    cohorts: int,
) -> "tuple[Integers, Integers]":
    sums = np.zeros((cohorts, len(focus), 2), dtype=np.int64)
    times = np.empty((len(first) * len(focus), 4), dtype=np.int64)
    n = 0
    for path in range(len(first)):
        for place in range(len(focus)):
            found, began = 0, at[first[path]]
            wanted = lengths[place]
            for row in range(first[path], first[path] + length[path]):
                if event[row] == sequences[place, found]:
                    if found == 0:
                        began = at[row]
                    found += 1
                    if found == wanted:
                        sums[cohort[path], place, 0] += 1
                        if cohort[path] == focus[place]:
                            times[n, 0] = focus[place]
                            times[n, 1] = reading[place]
                            times[n, 2] = at[row] - began
                            times[n, 3] = 1
                            n += 1
                        break
            ends_there = sequences[place, wanted - 1] == conversion and wanted > 1
            if ends_there and found >= wanted - 1:
                sums[cohort[path], place, 1] += 1
    return sums, times[:n]


@compiled
def _takers(
    event: "Codes",
    at: "Integers",
    first: "Integers",
    length: "Integers",
    cohort: "Integers",
    sequence: "Integers",
    radix: int,
    gap_ms: int,
    cohorts: int,
) -> "Integers":
    """[cohort, step]: paths whose first session, up to the first pause above the gap, takes the step."""
    found = np.zeros((cohorts, len(sequence) - 1), dtype=np.int64)
    on_path = np.full(radix, -1, dtype=np.int64)
    earliest = np.zeros(radix, dtype=np.int64)
    latest = np.zeros(radix, dtype=np.int64)
    for path in range(len(first)):
        for row in range(first[path], first[path] + length[path]):
            if row > first[path] and at[row] // 1000 - at[row - 1] // 1000 > gap_ms:
                break
            step = event[row]
            if on_path[step] != path:
                on_path[step] = path
                earliest[step] = row
            latest[step] = row
        for step in range(len(sequence) - 1):
            origin, target = sequence[step], sequence[step + 1]
            both = on_path[origin] == path and on_path[target] == path
            if both and earliest[origin] < latest[target]:
                found[cohort[path], step] += 1
    return found
