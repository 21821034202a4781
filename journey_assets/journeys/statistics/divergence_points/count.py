"""What comes after the first visit of each event."""

from typing import TYPE_CHECKING

import numpy as np

from journey_assets.journeys.counting import Columns, Task
from journey_assets.journeys.counts import STRATA
from journey_assets.journeys.kernels import compiled, tally
from journey_assets.journeys.paths import Paths

if TYPE_CHECKING:
    from journey_assets.journeys.kernels import Codes, Integers


def count(paths: Paths, task: Task) -> dict[str, Columns]:
    """Relation ``next_events``: persons by the event after their first visit of ``event``, none where
    they go on to the conversion or not at all; the conversion is no state. Kept apart by strata.
    """
    radix = task.rules.steps + 1
    sizes = [int(getattr(paths, name).max(initial=0)) + 1 for name in STRATA]
    stratum = np.ravel_multi_index([getattr(paths, name) for name in STRATA], sizes)
    keys, persons = tally(
        _first_visits(paths.event, paths.first, paths.length, stratum, radix, task.rules.conversion)
    )
    return {
        "next_events": {
            **dict(zip(STRATA, np.unravel_index(keys // radix // radix, sizes), strict=True)),
            "event": keys // radix % radix,
            "next_event": keys % radix,
            "persons": persons,
        }
    }


@compiled
def _first_visits(
    event: "Codes",
    first: "Integers",
    length: "Integers",
    stratum: "Integers",
    radix: int,
    conversion: int,
) -> "Integers":
    found = np.empty(length.sum(), dtype=np.int64)
    on_path = np.full(radix, -1, dtype=np.int64)
    n = 0
    for path in range(len(first)):
        last = first[path] + length[path] - 1
        for row in range(first[path], last + 1):
            step = event[row]
            if on_path[step] == path or step == conversion:
                continue
            on_path[step] = path
            next_event = event[row + 1] if row < last else 0
            if next_event == conversion:
                next_event = 0
            found[n] = (stratum[path] * radix + step) * radix + next_event
            n += 1
    return found[:n]
