"""On which days persons are active, as days since the window's first."""

from typing import TYPE_CHECKING

import numpy as np

from journey_assets.journeys.kernels import compiled

if TYPE_CHECKING:
    from journey_assets.journeys.kernels import Integers
    from journey_assets.journeys.paths import Paths

DAY_US = 86_400_000_000


def active_days(paths: "Paths", low: int) -> "tuple[Integers, Integers]":
    """The person (its place) and the day of every day on which it is active, ascending by both.

    low: the midnight that day 0 begins with, in microseconds. What a person does after a conversion or
    behind a limit counts too: somebody is there.
    """
    found: tuple[Integers, Integers] = _active_days(
        paths.at, paths.first, paths.full, paths.person, low
    )
    return found


@compiled
def _active_days(
    at: "Integers", first: "Integers", full: "Integers", person: "Integers", low: int
) -> "tuple[Integers, Integers]":
    whose = np.empty(full.sum(), dtype=np.int64)
    days = np.empty(len(whose), dtype=np.int64)
    n = 0
    for path in range(len(first)):
        for row in range(first[path], first[path] + full[path]):
            day = (at[row] - low) // DAY_US
            if n == 0 or whose[n - 1] != person[path] or days[n - 1] != day:
                whose[n], days[n] = person[path], day
                n += 1
    return whose[:n], days[:n]
