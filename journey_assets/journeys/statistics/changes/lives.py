"""How long newcomers are observed until they convert, or are not observed any longer."""

import numpy as np

from journey_assets.journeys.counting import Columns, Task
from journey_assets.journeys.kernels import NEVER
from journey_assets.journeys.paths import Paths
from journey_assets.journeys.statistics.changes.differences import HOURS

_HOUR = 3_600_000_000


def count(paths: Paths, task: Task) -> dict[str, Columns]:
    """Relation ``period_lives``: persons by the hours from their first event to the conversion
    (``converted`` 1), or to the end of the observed time (0); longer ones are ended at :data:`HOURS`.
    """
    until = min(task.window.observed_until, task.window.high)
    converts = paths.converted != NEVER
    ended = np.where(converts, paths.converted, until)
    hours = np.minimum((ended - paths.at[paths.first]) // _HOUR, HOURS)
    keys = hours * 2 + (converts & (hours < HOURS))
    found = np.bincount(keys)
    present = np.flatnonzero(found)
    return {
        "period_lives": {
            "hours": present // 2,
            "converted": present % 2,
            "persons": found[present],
        }
    }
