"""States of paths and what follows each: transitions, and the endings of paths."""

from typing import TYPE_CHECKING

import numpy as np

from journey_assets.journeys.counting import Columns, Task
from journey_assets.journeys.kernels import CONVERSION, compiled, grown, slot_of, table_for
from journey_assets.journeys.paths import ENDINGS, Paths

if TYPE_CHECKING:
    from journey_assets.journeys.kernels import Codes, Integers

_TARGETS_BEHIND = len(ENDINGS) + 1

#: Largest table of all cells.
_DIRECT = 1 << 20


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
    # Few states have a table of all their cells; many a hash table of those that occur.
    direct = cohorts * radix * width <= _DIRECT
    if direct:
        keys, numbers = table_for(cohorts * radix * width)
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
            slot = key if direct else slot_of(keys, key)
            if keys[slot] != key:
                if distinct == len(cells):
                    cells, key_of, mine = _longer(cells, key_of, mine)
                if not direct and 2 * (distinct + 1) > len(keys):
                    keys, numbers = grown(keys, numbers)
                    slot = slot_of(keys, key)
                keys[slot], numbers[slot], key_of[distinct] = key, distinct, key
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
            # An exit or a conversion is seen to depart, the end of a censored or cut path is not.
            visits[state, 1] += target <= radix + CONVERSION
        _add_cells(touched[:cells_touched], mine, cells, key_of, visits, width)
        _add_states(entered[:states_touched], visits, states)
    return key_of[:distinct], cells[:distinct], states


@compiled
def _add_cells(
    touched: "Integers",
    mine: "Integers",
    cells: "Integers",
    key_of: "Integers",
    visits: "Integers",
    width: int,
) -> None:
    """Add one path's cells to the sums, and forget them."""
    for cell in touched:
        x = mine[cell]
        cells[cell, 0] += x
        cells[cell, 1] += 1
        cells[cell, 2] += x * x
        cells[cell, 3] += x * visits[key_of[cell] // width, 1]
        mine[cell] = 0


@compiled
def _add_states(entered: "Integers", visits: "Integers", states: "Integers") -> None:
    """Add one path's states to the sums, and forget them."""
    for state in entered:
        v = visits[state, 1]
        states[state, 0] += visits[state, 0]
        states[state, 1] += 1
        states[state, 2] += v
        states[state, 3] += v > 0
        states[state, 4] += v * v
        visits[state, 0] = 0
        visits[state, 1] = 0


@compiled
def _longer(
    cells: "Integers", key_of: "Integers", mine: "Integers"
) -> "tuple[Integers, Integers, Integers]":
    """The arrays with twice the room."""
    size = len(cells)
    more_cells = np.zeros((2 * size, 4), dtype=np.int64)
    more_keys, more_mine = np.zeros(2 * size, np.int64), np.zeros(2 * size, np.int64)
    more_cells[:size], more_keys[:size], more_mine[:size] = cells, key_of, mine
    return more_cells, more_keys, more_mine
