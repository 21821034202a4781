"""Conversations put to the visits of paths: to the person's last event at or before each."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from journey_assets.journeys.counting import Columns, Task
from journey_assets.journeys.kernels import CONVERSION, CUT, compiled
from journey_assets.journeys.paths import Paths

if TYPE_CHECKING:
    from journey_assets.journeys.kernels import Integers


def count(paths: Paths, task: Task) -> dict[str, Columns]:
    """Relation ``placed``: a row per conversation of somebody with a path: its state, 0 before the
    first event, the cohort of the path, and the milliseconds since the visit.
    """
    places = Places.of(paths, task)
    visited = places.row >= 0
    row = np.maximum(places.row, 0)
    waited = places.at // 1000 - paths.at[row] // 1000
    return {
        "placed": {
            "contact": places.contact,
            "state": np.where(visited, states_of(paths, task)[row], 0),
            "cohort": paths.cohort[places.path],
            "waited_ms": np.where(visited, waited, 0),
        }
    }


def states_of(paths: Paths, task: Task) -> "Integers":
    """The state that each row of the paths is: its event, or one of two codes behind the steps'.

    The first of them is of the conversion that ends a path, which is left with it; the second of the
    last event of a path that a limit cut, behind which the true state is not known.
    """
    states: Integers = paths.event.astype(np.int64)
    last = paths.first + paths.length - 1
    states[last[paths.ending == CONVERSION]] = task.rules.steps + 1
    states[last[paths.ending == CUT]] = task.rules.steps + 2
    return states


@dataclass(frozen=True)
class Places:
    """Conversations of persons with paths. row: that of the visit, −1 before the first event. path: of
    the visit, else the person's first. contact, at: as asked.
    """

    contact: "Integers"
    at: "Integers"
    path: "Integers"
    row: "Integers"

    @classmethod
    def of(cls, paths: Paths, task: Task) -> "Places":
        """The conversations of the persons whose paths these are."""
        if task.asked is None:
            nothing = np.empty(0, dtype=np.int64)
            return cls(nothing, nothing, nothing, nothing)
        asked = task.asked
        found, path, row = _place(
            paths.at, paths.first, paths.length, paths.person, task.persons.code,
            asked.starts, asked.at,
        )  # fmt: skip
        return cls(asked.contact[found], asked.at[found], path, row)


@compiled
def _place(
    at: "Integers",
    first: "Integers",
    length: "Integers",
    person: "Integers",
    code: "Integers",
    starts: "Integers",
    created: "Integers",
) -> "tuple[Integers, Integers, Integers]":
    """The places of the conversations in what was asked, and the path and row of each."""
    most = 0
    for who in code:
        most += starts[who + 1] - starts[who]
    found = np.empty(most, dtype=np.int64)
    on_path = np.empty(most, dtype=np.int64)
    on_row = np.empty(most, dtype=np.int64)
    n, last_person = 0, -1
    next_, stop = 0, 0  # the person's conversations that are still to be placed
    for path in range(len(first)):
        if person[path] != last_person:
            last_person = person[path]
            next_, stop = starts[code[last_person]], starts[code[last_person] + 1]
            before_path, before_row = path, -1
        for row in range(first[path], first[path] + length[path]):
            while next_ < stop and created[next_] < at[row]:
                found[n], on_path[n], on_row[n] = next_, before_path, before_row
                n, next_ = n + 1, next_ + 1
            if next_ == stop:
                break
            before_path, before_row = path, row
        if path + 1 == len(first) or person[path + 1] != last_person:
            while next_ < stop:
                found[n], on_path[n], on_row[n] = next_, before_path, before_row
                n, next_ = n + 1, next_ + 1
    # The conversations of persons whose paths are not among these have no place.
    return found[:n], on_path[:n], on_row[:n]
