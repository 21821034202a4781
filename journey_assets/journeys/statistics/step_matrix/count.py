"""Events by step of the full path, which neither a conversion nor a limit ends."""

from typing import TYPE_CHECKING

import numpy as np

from journey_assets.journeys.counting import Columns, Task
from journey_assets.journeys.kernels import compiled, tally
from journey_assets.journeys.paths import Paths

if TYPE_CHECKING:
    from journey_assets.journeys.kernels import Codes, Integers


def count(paths: Paths, task: Task) -> dict[str, Columns]:
    """Relations ``places``, up to the step limit, and ``full_lengths``: persons."""
    radix, limit = task.rules.steps + 1, task.rules.settings.step_limit
    cohorts = len(task.rules.cohorts)
    places = _places(
        paths.event,
        paths.first,
        paths.full,
        paths.cohort,
        min(limit, _longest(paths)),
        radix,
        cohorts,
    )
    seen = np.flatnonzero(places)
    keys, persons = tally(paths.full * cohorts + paths.cohort)
    return {
        "places": {
            "cohort": seen % cohorts,
            "event": seen // cohorts % radix,
            "step": seen // cohorts // radix + 1,
            "persons": places[seen],
        },
        "full_lengths": {"cohort": keys % cohorts, "length": keys // cohorts, "persons": persons},
    }


def _longest(paths: Paths) -> int:
    return int(paths.full.max(initial=0))


@compiled
def _places(
    event: "Codes",
    first: "Integers",
    full: "Integers",
    cohort: "Integers",
    limit: int,
    radix: int,
    cohorts: int,
) -> "Integers":
    found = np.zeros(limit * radix * cohorts, dtype=np.int64)
    for path in range(len(first)):
        for step in range(min(full[path], limit)):
            found[(step * radix + event[first[path] + step]) * cohorts + cohort[path]] += 1
    return found
