"""How long paths last until the conversion, or until the end of the observed time."""

from journey_assets.journeys.counting import Columns, Task
from journey_assets.journeys.kernels import NEVER, tally
from journey_assets.journeys.paths import Paths


def count(paths: Paths, task: Task) -> dict[str, Columns]:
    """Relation ``lives``: persons, by milliseconds from the path's first event to the conversion event
    (``converted`` 1), or to the end of the observed time (0).
    """
    import numpy as np

    converted = paths.converted != NEVER
    until = np.where(converted, paths.converted, task.window.observed_until)
    ms = until // 1000 - paths.at[paths.first] // 1000
    keys, persons = tally(2 * ms + converted)
    return {"lives": {"converted": keys % 2, "ms": keys // 2, "persons": persons}}
