"""Who is at risk of converting at which visit, and since when with what.

Belongs here: at which visits of a path its person may still convert, and adding such spans up. Does not
belong here: what the spans are of (an event, a step: the entries), tests
(:mod:`journey_assets.journeys.hazards`).

A visit is an event of a path before the first conversion; the k-th is a stratum. A person is at risk at
a visit when it is known whether the conversion follows right after it: not at the last visit of a path
that is censored or cut by a limit. Lists may say something else than the paths: whom they call a
converter and who is never seen to convert is at risk nowhere, since nobody knows until when; whom they
call a non-converter, before the conversion event that they have.
"""

from typing import TYPE_CHECKING

import numpy as np

from journey_assets.journeys.counting import Columns
from journey_assets.journeys.counts import STRATA
from journey_assets.journeys.kernels import EXIT, NEVER, compiled, numbered
from journey_assets.journeys.paths import Paths, Rules

if TYPE_CHECKING:
    from journey_assets.journeys.kernels import Codes, Integers


def at_risk(paths: Paths, rules: Rules) -> "tuple[Integers, Integers]":
    """Of each path the last visit (from 1) at which its person is at risk, 0 without; and whether the
    conversion follows right after it."""
    converter, non_converter = (_code(rules, label) for label in ("converter", "non_converter"))
    last, converts = _at_risk(
        paths.event, paths.first, paths.length, paths.cohort, paths.ending, paths.converted,
        rules.conversion, converter, non_converter,
    )  # fmt: skip
    return last, converts


def _code(rules: Rules, label: str) -> int:
    return rules.cohorts.index(label) if label in rules.cohorts else -1


@compiled
def _at_risk(
    event: "Codes",
    first: "Integers",
    length: "Integers",
    cohort: "Integers",
    ending: "Integers",
    converted: "Integers",
    conversion: int,
    converter: int,
    non_converter: int,
) -> "tuple[Integers, Integers]":
    last = np.zeros(len(first), dtype=np.int64)
    converts = np.zeros(len(first), dtype=np.int64)
    for path in range(len(first)):
        if conversion < 0:
            continue
        visits = 0
        while visits < length[path] and event[first[path] + visits] != conversion:
            visits += 1
        if visits < length[path]:
            converts[path] = cohort[path] != non_converter and visits > 0
            last[path] = visits if converts[path] else max(visits - 1, 0)
        elif cohort[path] != converter or converted[path] != NEVER:
            last[path] = visits if ending[path] == EXIT else visits - 1
    return last, converts


def added_up(
    paths: Paths,
    of: "Integers",
    exposure: "Integers",
    since: "Integers",
    last: "Integers",
    converts: "Integers",
) -> Columns:
    """The columns of a relation of risks, from spans: exposure, visit, entered, gone, converted.

    A span: its path (``of``), what it is of, and its first visit; it ends at the path's ``last``.
    """
    strata = (paths.cohort, paths.platform, paths.country)
    sizes = [int(each.max(initial=0)) + 1 for each in (*strata, exposure, last)]
    group = np.ravel_multi_index([each.astype(np.int64) for each in strata], sizes[:3])
    base = (group[of] * sizes[3] + exposure) * sizes[4]
    keys, places = numbered(np.concatenate([base + since, base + last[of]]))
    sums = _added_up(places, converts[of], len(keys))
    columns = np.unravel_index(keys, sizes)
    names = (*STRATA, "exposure", "visit")
    return dict(zip(names, columns, strict=True)) | dict(
        zip(("entered", "gone", "converted"), sums.T.copy(), strict=True)
    )


@compiled
def _added_up(places: "Integers", converts: "Integers", keys: int) -> "Integers":
    sums = np.zeros((keys, 3), dtype=np.int64)
    spans = len(converts)
    for span in range(spans):
        sums[places[span], 0] += 1
        sums[places[spans + span], 1] += 1
        sums[places[spans + span], 2] += converts[span]
    return sums
