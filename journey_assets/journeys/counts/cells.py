"""States of paths and what follows each: transitions, and the endings of paths."""

from typing import TYPE_CHECKING

import numpy as np

from journey_assets.journeys.counting import Columns, Task
from journey_assets.journeys.kernels import compiled, grown, slot_of, table_for
from journey_assets.journeys.paths import ENDINGS, Paths

if TYPE_CHECKING:
    from journey_assets.journeys.kernels import Codes, Integers

_TARGETS_BEHIND = len(ENDINGS) + 1


def count(paths: Paths, task: Task) -> dict[str, Columns]:
    """Relation ``cells``: occurrences, persons, and of the persons' occurrences x and departures v
    of the state the sums of x² and x·v. Relation ``states``: visits, persons, departures v (what
    follows is known), persons with any, and the sum of v². Relation ``starts``: paths by their first
    event.
    """
    radix = task.rules.steps + 1
    width = radix + _TARGETS_BEHIND
    keys, cells, states = _count(
        paths.event, paths.first, paths.length, paths.cohort, paths.ending, radix, width,
        len(task.rules.cohorts),
    )  # fmt: skip
    state, target = keys // width, keys % width
    inner = target < radix
    seen = np.flatnonzero(states[:, 0])
    starts = np.bincount(paths.cohort * radix + paths.event[paths.first])
    begun = np.flatnonzero(starts)
    return {
        "cells": {
            "cohort": state // radix,
            "event": state % radix,
            "next_event": np.where(inner, target, 0),
            "ending": np.where(inner, 0, target - radix),
            **dict(zip(("occurrences", "persons", "xx", "xv"), cells.T.copy(), strict=True)),
        },
        "states": {
            "cohort": seen // radix,
            "event": seen % radix,
            **dict(
                zip(
                    ("visits", "persons", "departures", "departing", "vv"),
                    states[seen].T.copy(),
                    strict=True,
                )
            ),
        },
        "starts": {
            "cohort": begun // radix,
            "event": begun % radix,
            "paths": starts[begun],
        },
    }


@compiled
def _count(
    event: "Codes",
    first: "Integers",
    length: "Integers",
    cohort: "Integers",
    ending: "Integers",
    radix: int,
    width: int,
    cohorts: int,
) -> "tuple[Integers, Integers, Integers]":
    keys, numbers = table_for(4096)
    cells = np.zeros((4096, 4), dtype=np.int64)
    key_of = np.empty(4096, dtype=np.int64)
    mine = np.zeros(4096, dtype=np.int64)  # occurrences on this path, by cell
    states = np.zeros((cohorts * radix, 5), dtype=np.int64)
    visits = np.zeros((cohorts * radix, 2), dtype=np.int64)  # on this path: all, and departures
    longest = length.max() if len(length) else 0
    touched = np.empty(longest, dtype=np.int64)
    entered = np.empty(longest, dtype=np.int64)
    distinct = 0
    for path in range(len(first)):
        cells_touched, states_touched = 0, 0
        last = first[path] + length[path] - 1
        for row in range(first[path], last + 1):
            state = cohort[path] * radix + event[row]
            target = event[row + 1] if row < last else radix + ending[path]
            key = state * width + target
            slot = slot_of(keys, key)
            if keys[slot] != key:
                if 2 * (distinct + 1) > len(keys):
                    keys, numbers = grown(keys, numbers)
                    slot = slot_of(keys, key)
                if distinct == len(cells):
                    cells = _longer(cells)
                    key_of, mine = _longer1(key_of), _longer1(mine)
                keys[slot] = key
                numbers[slot] = distinct
                key_of[distinct] = key
                distinct += 1
            cell = numbers[slot]
            if mine[cell] == 0:
                touched[cells_touched] = cell
                cells_touched += 1
            mine[cell] += 1
            if visits[state, 0] == 0:
                entered[states_touched] = state
                states_touched += 1
            visits[state, 0] += 1
            if target < radix or target <= radix + 2:  # an exit or a conversion is seen to depart
                visits[state, 1] += 1
        for place in range(cells_touched):
            cell = touched[place]
            x = mine[cell]
            cells[cell, 0] += x
            cells[cell, 1] += 1
            cells[cell, 2] += x * x
            cells[cell, 3] += x * visits[key_of[cell] // width, 1]
            mine[cell] = 0
        for place in range(states_touched):
            state = entered[place]
            v = visits[state, 1]
            states[state, 0] += visits[state, 0]
            states[state, 1] += 1
            states[state, 2] += v
            states[state, 3] += v > 0
            states[state, 4] += v * v
            visits[state, 0] = 0
            visits[state, 1] = 0
    return key_of[:distinct], cells[:distinct], states


@compiled
def _longer(rows: "Integers") -> "Integers":
    new = np.zeros((2 * len(rows), rows.shape[1]), dtype=np.int64)
    new[: len(rows)] = rows
    return new


@compiled
def _longer1(values: "Integers") -> "Integers":
    new = np.zeros(2 * len(values), dtype=np.int64)
    new[: len(values)] = values
    return new
