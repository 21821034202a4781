"""The paths themselves, as lists of codes and times."""

from typing import TYPE_CHECKING

import numpy as np

from journey_assets.journeys.counting import Columns, Task
from journey_assets.journeys.counts.lengths import pauses
from journey_assets.journeys.counts.walks import collapsed
from journey_assets.journeys.kernels import NEVER, compiled
from journey_assets.journeys.paths import Paths
from journey_assets.warehouse.arrow import in_arrow

if TYPE_CHECKING:
    import pyarrow as pa

    from journey_assets.journeys.kernels import Integers


def count(paths: Paths, task: Task) -> dict[str, Columns]:
    """Relation ``walked``: a row per path."""
    known = task.persons
    places = _places(paths.first, paths.length)
    ends = np.cumsum(paths.length)
    walk, walk_ends = collapsed(paths.event, paths.first, paths.length)
    converted = np.where(paths.converted == NEVER, 0, paths.converted)
    return {
        "walked": {
            "cohort": paths.cohort,
            "ending": paths.ending,
            "person": known.code[paths.person],
            "session": paths.session,
            "events": _lists(ends, in_arrow(paths.event[places])),
            "collapsed": _lists(walk_ends, in_arrow(walk)),
            "times": _lists(ends, _times(paths.at[places])),
            "started_at": _times(paths.at[paths.first]),
            "ended_at": _times(paths.at[paths.first + paths.length - 1]),
            "converted_at": _times(converted, paths.converted == NEVER),
            "newcomer": in_arrow(known.newcomer[paths.person]),
            "compared": in_arrow(paths.compared),
            "heavy": in_arrow(paths.heavy),
            "platform": paths.platform,
            "country": paths.country,
            "sessions": pauses(paths.at, paths.first, paths.length, task.rules.gap_ms) + 1,
        }
    }


def _lists(ends: "Integers", values: "pa.Array") -> "pa.Array":
    import pyarrow as pa

    return pa.LargeListArray.from_arrays(in_arrow(np.append(0, ends)), values)


def _times(microseconds: "Integers", missing: "np.ndarray | None" = None) -> "pa.Array":
    times = microseconds.view("datetime64[us]")
    return in_arrow(times if missing is None else np.ma.array(times, mask=missing))


@compiled
def _places(first: "Integers", length: "Integers") -> "Integers":
    """The rows of all paths, path by path."""
    found = np.empty(length.sum(), dtype=np.int64)
    n = 0
    for path in range(len(first)):
        for row in range(first[path], first[path] + length[path]):
            found[n] = row
            n += 1
    return found
