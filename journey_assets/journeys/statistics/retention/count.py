"""Persons by the day of their first event, and on which days and weeks after it they are back."""

from typing import TYPE_CHECKING

import numpy as np

from journey_assets.journeys.counting import Columns, Task
from journey_assets.journeys.counts.active_days import DAY_US, active_days
from journey_assets.journeys.kernels import compiled
from journey_assets.journeys.paths import Paths

if TYPE_CHECKING:
    from journey_assets.journeys.paths import Booleans, Codes, Integers


def count(paths: Paths, task: Task) -> dict[str, Columns]:
    """Relation ``signups``: newcomers by the day of their first event, counted from the window's first.
    Relation ``signup_returns``: those of them active on the n-th day after it, or in the n-th week
    (``weekly``), with any event, and with the very event that they began with.
    """
    window = task.window
    days = (window.high - window.low) // DAY_US
    whose, active = active_days(paths, window.low)
    new = task.persons.newcomer
    signed, back = _returns(whose, active, new, days)
    own, own_days = _days_of_first_event(
        paths.event, paths.at, paths.first, paths.full, paths.person, window.low
    )
    _, back_with_first = _returns(own, own_days, new, days)
    day, weekly, n = np.nonzero(back)
    begun = np.flatnonzero(signed)
    return {
        "signups": {"day": begun, "persons": signed[begun]},
        "signup_returns": {
            "day": day,
            "weekly": weekly,
            "n": n,
            "returned": back[day, weekly, n],
            "first_event_returned": back_with_first[day, weekly, n],
        },
    }


@compiled
def _returns(
    whose: "Integers", active: "Integers", new: "Booleans", days: int
) -> "tuple[Integers, Integers]":
    """Newcomers by their first day; and by it, day or week (0, 1) and number those who are active."""
    signed = np.zeros(days, dtype=np.int64)
    back = np.zeros((days, 2, days), dtype=np.int64)
    begin = 0
    while begin < len(whose):
        end, first, week = begin, active[begin], -1
        while end < len(whose) and whose[end] == whose[begin]:
            if new[whose[end]]:
                after = active[end] - first
                back[first, 0, after] += 1
                if after // 7 != week:
                    week = after // 7
                    back[first, 1, week] += 1
            end += 1
        signed[first] += new[whose[begin]]
        begin = end
    return signed, back


@compiled
def _days_of_first_event(
    event: "Codes",
    at: "Integers",
    first: "Integers",
    full: "Integers",
    person: "Integers",
    low: int,
) -> "tuple[Integers, Integers]":
    """The person and the day of every day on which it has the event that it began with."""
    whose = np.empty(full.sum(), dtype=np.int64)
    days = np.empty(len(whose), dtype=np.int64)
    n, who, began = 0, -1, 0
    for path in range(len(first)):
        if person[path] != who:
            who, began = person[path], event[first[path]]
        for row in range(first[path], first[path] + full[path]):
            day = (at[row] - low) // DAY_US
            if event[row] == began and (n == 0 or whose[n - 1] != who or days[n - 1] != day):
                whose[n], days[n] = who, day
                n += 1
    return whose[:n], days[:n]
