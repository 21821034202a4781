"""Which events persons have had in which order, since which visit."""

from typing import TYPE_CHECKING

import numpy as np

from journey_assets.journeys.counting import Columns, Task
from journey_assets.journeys.counts.risks import added_up, at_risk
from journey_assets.journeys.kernels import compiled, tally
from journey_assets.journeys.paths import Paths
from journey_assets.journeys.statistics.discriminating_subsequences.tests import MOST_EVENTS

if TYPE_CHECKING:
    from journey_assets.journeys.kernels import Codes, Integers

_BASE = MOST_EVENTS + 1


def count(paths: Paths, task: Task) -> dict[str, Columns]:
    """Relation ``subsequences``: persons who have had the common events of a subsequence in its order
    before they converted, other events between them or not. Relation ``subsequence_risks``: who is at
    risk of converting with each from which visit to which (exposure 0: everybody).

    A subsequence of events is a number of so many digits, each the place of its event among the common
    ones from 1 (:data:`~.tests.MOST_EVENTS` + 1 is the base).
    """
    place_of = np.zeros(task.rules.steps + 1, dtype=np.int64)
    if task.asked is not None:
        place_of[task.asked] = np.arange(1, len(task.asked) + 1)
    last, converts = at_risk(paths, task.rules)
    of, exposure, since = _spans(paths.event, paths.first, last, place_of)
    inner = exposure > 0
    cohorts = len(task.rules.cohorts)
    keys, persons = tally(exposure[inner] * cohorts + paths.cohort[of[inner]])
    return {
        "subsequences": {
            "cohort": keys % cohorts,
            "exposure": keys // cohorts,
            "persons": persons,
        },
        "subsequence_risks": added_up(paths, of, exposure, since, last, converts),
    }


@compiled
def _spans(
    event: "Codes", first: "Integers", last: "Integers", place_of: "Integers"
) -> "tuple[Integers, Integers, Integers]":
    """Of every path at risk: everybody, and each subsequence from the visit that completes it on.

    Twice, since there are far fewer than there could be: to count them, and to write them down.
    """
    nothing = np.empty(0, dtype=np.int64)
    n = _write_spans(event, first, last, place_of, nothing, nothing, nothing)
    of, exposure, since = np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.int64)
    _write_spans(event, first, last, place_of, of, exposure, since)
    return of, exposure, since


@compiled
def _write_spans(
    event: "Codes",
    first: "Integers",
    last: "Integers",
    place_of: "Integers",
    of: "Integers",
    exposure: "Integers",
    since: "Integers",
) -> int:
    n = 0
    has = np.zeros(_BASE**3, dtype=np.bool_)
    begun = np.zeros(_BASE**2, dtype=np.int64)  # what is had so far and may go on: up to two events
    seen_at = np.zeros(_BASE, dtype=np.int64)  # how much was begun at the event's last visit
    for path in range(len(first)):
        if last[path] == 0:
            continue
        has[:], seen_at[:] = False, -1
        n, known = _write(n, path, 0, 1, of, exposure, since), 0
        for visit in range(last[path]):
            place = place_of[event[first[path] + visit]]
            if place == 0 or seen_at[place] == known:
                continue
            for number in range(known):
                longer = begun[number] * _BASE + place
                if place in (begun[number] // _BASE, begun[number] % _BASE) or has[longer]:
                    continue
                has[longer] = True
                n = _write(n, path, longer, visit + 1, of, exposure, since)
                if longer < _BASE**2:
                    begun[known] = longer
                    known += 1
            if not has[place]:
                has[place] = True
                begun[known] = place
                known += 1
            seen_at[place] = known
    return n


@compiled
def _write(
    n: int,
    path: int,
    what: int,
    visit: int,
    of: "Integers",
    exposure: "Integers",
    since: "Integers",
) -> int:
    """Write the n-th span, where there is room; how many there are with it."""
    if len(of):
        of[n], exposure[n], since[n] = path, what, visit
    return n + 1
