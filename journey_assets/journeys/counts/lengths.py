"""Paths by length and ending, and sums over the paths of a cohort."""

from typing import TYPE_CHECKING

import numpy as np

from journey_assets.journeys.counting import Columns, Task
from journey_assets.journeys.kernels import compiled, tally
from journey_assets.journeys.paths import ENDINGS, Paths

if TYPE_CHECKING:
    from journey_assets.journeys.kernels import Integers


def count(paths: Paths, task: Task) -> dict[str, Columns]:
    """Relation ``lengths``: paths. Relation ``cohorts``: persons (paths), their sessions, and those of
    them who are compared.
    """
    cohorts, endings = len(task.rules.cohorts), len(ENDINGS) + 1
    keys, number = tally((paths.length * endings + paths.ending) * cohorts + paths.cohort)

    def by_cohort(values: "Integers") -> "Integers":
        sums: Integers = np.zeros(cohorts, dtype=np.int64)
        np.add.at(sums, paths.cohort, values)
        return sums

    paused = pauses(paths.at, paths.first, paths.length, task.rules.gap_ms)
    persons = by_cohort(np.ones_like(paths.length))
    present = np.flatnonzero(persons)
    return {
        "lengths": {
            "cohort": keys % cohorts,
            "ending": keys // cohorts % endings,
            "length": keys // cohorts // endings,
            "paths": number,
        },
        "cohorts": {
            "cohort": present,
            "persons": persons[present],
            "sessions": by_cohort(paused + 1)[present],
            "compared": by_cohort(paths.compared.astype(np.int64))[present],
        },
    }


@compiled
def pauses(at: "Integers", first: "Integers", length: "Integers", gap_ms: int) -> "Integers":
    """Of each path, the pauses longer than the session gap."""
    found = np.zeros(len(first), dtype=np.int64)
    for path in range(len(first)):
        for row in range(first[path] + 1, first[path] + length[path]):
            found[path] += at[row] // 1000 - at[row - 1] // 1000 > gap_ms
    return found
