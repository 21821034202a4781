"""How long paths last until the conversion, or until the end of the observed time."""

from journey_assets.journeys.counting import Columns, Task
from journey_assets.journeys.kernels import NEVER, tally
from journey_assets.journeys.paths import Paths


def count(paths: Paths, task: Task) -> dict[str, Columns]:
    """Relation ``lives``: persons, by milliseconds from the path's first event to the conversion event
    (``converted`` 1), or to the end of the observed time (0). Whoever converted before the window has
    nothing left to wait for and is not among them.
    """
    import numpy as np

    waiting = ~task.persons.earlier[paths.person]
    converted = paths.converted != NEVER
    until = np.where(converted, paths.converted, task.window.observed_until)
    ms = until // 1000 - paths.at[paths.first] // 1000
    newcomer, cohorts = task.persons.newcomer[paths.person], len(task.rules.cohorts)
    kinds = (paths.cohort * 2 + newcomer) * 2 + converted
    keys, persons = tally((ms * 4 * cohorts + kinds)[waiting])
    return {
        "lives": {
            "cohort": keys // 4 % cohorts,
            "newcomer": keys // 2 % 2,
            "converted": keys % 2,
            "ms": keys // (4 * cohorts),
            "persons": persons,
        }
    }
