"""How far each person comes in each declared funnel, and when."""

from typing import TYPE_CHECKING

import numpy as np

from journey_assets.journeys.counting import Columns, Task
from journey_assets.journeys.kernels import compiled
from journey_assets.journeys.paths import Paths

if TYPE_CHECKING:
    from journey_assets.journeys.paths import Booleans, Codes, Integers

#: Places in :data:`~.declared.ORDERS`.
_STRICT, _ANY = 1, 2


def count(paths: Paths, task: Task) -> dict[str, Columns]:
    """Relation ``funnel_steps``: persons who come to a step in their furthest attempt, and those of
    them who come no further yet, their time not being over (``open``). Relation ``funnel_lives``:
    persons by the seconds from the attempt's first step until they reach a step (``reached`` 1), or are
    not observed any longer. Relation ``funnel_waits``: persons by the milliseconds since the step before.

    An attempt begins with every event that is the first step (in any order: any step) and lasts as long
    as the funnel says; of several that come equally far the first counts.
    """
    steps, lives, waits = [], [], []
    until = min(task.window.observed_until, task.window.high)
    for funnel, masks in enumerate(task.asked or ()):
        path, reached, at = _attempts(
            paths.event, paths.at, paths.first, paths.full, paths.person,
            masks.steps, masks.within_us, masks.order,
        )  # fmt: skip
        cohort, left = paths.cohort[path], until - at[:, 0]
        is_open = (reached < len(masks.steps)) & (left < masks.within_us)
        for step in range(len(masks.steps)):
            here, stopped = reached > step, is_open & (reached == step + 1)
            keys = (funnel, cohort, step + 1)
            steps.append(_rows(here, *keys, stopped))
            if step > 0:
                seconds = np.where(here, at[:, step] - at[:, 0], left) // 1_000_000
                lives.append(_rows(here | is_open, *keys, seconds, here))
                waits.append(_rows(here, *keys, (at[:, step] - at[:, step - 1]) // 1000))
    return {
        "funnel_steps": _counted(steps, ("funnel", "cohort", "step", "open")),
        "funnel_lives": _counted(lives, ("funnel", "cohort", "step", "seconds", "reached")),
        "funnel_waits": _counted(waits, ("funnel", "cohort", "step", "milliseconds")),
    }


def _rows(kept: "Booleans", *columns: "Integers | Booleans | int") -> "Integers":
    """The columns beside each other, of the persons that are kept."""
    found = np.empty((len(kept), len(columns)), dtype=np.int64)
    for place, column in enumerate(columns):
        found[:, place] = column
    rows: Integers = found[kept]
    return rows


def _counted(rows: "list[Integers]", names: tuple[str, ...]) -> Columns:
    """The distinct rows by column, and how many persons have each."""
    every = np.concatenate(rows) if rows else np.empty((0, len(names)), dtype=np.int64)
    distinct, persons = np.unique(every, axis=0, return_counts=True)
    return {**dict(zip(names, distinct.T.copy(), strict=True)), "persons": persons}


@compiled
def _attempts(
    event: "Codes",
    at: "Integers",
    first: "Integers",
    full: "Integers",
    person: "Integers",
    steps: "Booleans",
    within: int,
    order: int,
) -> "tuple[Integers, Integers, Integers]":
    """Of each person who makes an attempt: a path, the steps of the furthest one, and their times."""
    whose = np.empty(len(first), dtype=np.int64)
    reached = np.zeros(len(first), dtype=np.int64)
    times = np.zeros((len(first), len(steps)), dtype=np.int64)
    trial = np.zeros(len(steps), dtype=np.int64)
    n, begin = 0, 0
    while begin < len(first):
        end, events = begin, 0
        while end < len(first) and person[end] == person[begin]:
            events += full[end]
            end += 1
        rows = np.empty(events, dtype=np.int64)
        events = 0
        for path in range(begin, end):
            for row in range(first[path], first[path] + full[path]):
                rows[events] = row
                events += 1
        best = 0
        for start in range(len(rows)):
            came = _attempt(event, at, rows[start:], steps, within, order, trial)
            if came > best:
                best = came
                times[n] = trial
                if best == len(steps):
                    break
        if best > 0:
            whose[n], reached[n] = begin, best
            n += 1
        begin = end
    return whose[:n], reached[:n], times[:n]


@compiled
def _attempt(
    event: "Codes",
    at: "Integers",
    rows: "Integers",
    steps: "Booleans",
    within: int,
    order: int,
    times: "Integers",
) -> int:
    """How many steps are made from the first row on; ``times`` gets theirs."""
    done = np.zeros(len(steps), dtype=np.bool_)
    came, begun = 0, at[rows[0]]
    for row in rows:
        if at[row] - begun > within:
            break
        step = _next_step(event[row], steps, done, came, order)
        if step >= 0:
            done[step] = True
            times[came] = at[row]
            came += 1
            if came == len(steps):
                break
        elif came == 0 or order == _STRICT:
            break
    return came


@compiled
def _next_step(code: int, steps: "Booleans", done: "Booleans", came: int, order: int) -> int:
    """The step that the event is, of those that may come next; −1 where it is none."""
    if order != _ANY:
        return came if steps[came, code] else -1
    for step in range(len(steps)):
        if not done[step] and steps[step, code]:
            return step
    return -1
