"""Paths that contain a reading of the golden path."""

from typing import TYPE_CHECKING

import numpy as np

from journey_assets.journeys.counting import Columns, Task
from journey_assets.journeys.counts import STRATA
from journey_assets.journeys.counts.risks import added_up, at_risk
from journey_assets.journeys.kernels import compiled
from journey_assets.journeys.paths import Paths

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from journey_assets.journeys.kernels import Codes, Integers

_SUPPORT = ("cohort", "focus", "reading", "persons", "before")
_TIMES = ("focus", "reading", "us", "persons")
_TAKERS = ("cohort", "focus", "step", "persons")
_RISKS = ("focus", *STRATA, "exposure", "visit", "entered", "gone", "converted")


def count(paths: Paths, task: Task) -> dict[str, Columns]:
    """Relation ``golden_support``: persons who have the events in order, and, of a reading that ends
    with the conversion, those who have what comes before it. ``golden_times``: persons of the focus by
    microseconds from its first event to its last, each at its earliest. ``golden_takers``: persons
    whose first session has the two events of a step in order. ``golden_risks``: of everybody (exposure
    0) and of those who take a step (its number), who is at risk of converting at which visits after
    their first session.
    """
    support, times, takers = (
        np.empty((0, len(names)), np.int64) for names in (_SUPPORT, _TIMES, _TAKERS)
    )
    risks: list[Columns] = []
    if task.asked is not None:
        focus, reading, sequences, lengths, has_steps = task.asked
        cohorts = len(task.rules.cohorts)
        sums, times = _support(
            paths.event, paths.at, paths.first, paths.length, paths.cohort,
            focus, reading, sequences, lengths, task.rules.conversion, cohorts,
        )  # fmt: skip
        support = _flat(sums, focus, reading)
        last, converts = at_risk(paths, task.rules)
        for place in np.flatnonzero(has_steps):
            taken, session = _taken(
                paths.event, paths.at, paths.first, paths.length,
                sequences[place, : lengths[place]], task.rules.steps + 1, task.rules.gap_ms,
            )  # fmt: skip
            rows = _takers(taken, paths.cohort, cohorts)
            rows = np.insert(rows, 1, focus[place], axis=1)
            takers = np.concatenate([takers, rows])
            later = np.flatnonzero(last > session)
            among, exposure = np.nonzero(taken[later])
            spans = added_up(
                paths, later[among], exposure, session[later[among]] + 1, last, converts
            )
            risks.append({"focus": np.full(len(spans["visit"]), focus[place]), **spans})
    return {
        "golden_support": dict(zip(_SUPPORT, support.T.copy(), strict=True)),
        "golden_times": dict(zip(_TIMES, times.T.copy(), strict=True)),
        "golden_takers": dict(zip(_TAKERS, takers.T.copy(), strict=True)),
        "golden_risks": {
            name: np.concatenate([np.empty(0, np.int64), *(each[name] for each in risks)])
            for name in _RISKS
        },
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


def _takers(taken: "NDArray[np.bool_]", cohort: "Integers", cohorts: int) -> "Integers":
    """Rows of cohort, step, persons."""
    number = np.zeros((cohorts, taken.shape[1]), dtype=np.int64)
    np.add.at(number, cohort, taken)
    of, step = np.nonzero(number[:, 1:])
    found: Integers = np.column_stack([of, step + 1, number[of, step + 1]])
    return found


@compiled
def _taken(
    event: "Codes",
    at: "Integers",
    first: "Integers",
    length: "Integers",
    sequence: "Integers",
    radix: int,
    gap_ms: int,
) -> "tuple[NDArray[np.bool_], Integers]":
    """[path, step]: whether the first session, up to the first pause above the gap, takes the step, step
    0 being that there is one; and the visits of each first session."""
    found = np.zeros((len(first), len(sequence)), dtype=np.bool_)
    session = np.zeros(len(first), dtype=np.int64)
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
            session[path] += 1
        found[path, 0] = True
        for step in range(1, len(sequence)):
            origin, target = sequence[step - 1], sequence[step]
            both = on_path[origin] == path and on_path[target] == path
            found[path, step] = both and earliest[origin] < latest[target]
    return found, session
