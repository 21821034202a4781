"""Persons of all kinds: new, heavy, on both lists, converted before."""

from typing import TYPE_CHECKING

import numpy as np

from journey_assets.journeys.counting import Columns, Task
from journey_assets.journeys.kernels import NEVER
from journey_assets.journeys.paths import Paths

if TYPE_CHECKING:
    from journey_assets.journeys.paths import Integers


def count(paths: Paths, task: Task) -> dict[str, Columns]:
    """Relation ``members``: of each cohort the persons (paths), those of them who are compared, those
    with a conversion and those known by one id alone.

    Relation ``population``: of all cohorts the persons who are newcomers, who converted before the
    window, who are on both lists, and who are heavy. A person of several sessions counts once.
    """
    known, cohorts = task.persons, task.rules.cohorts

    def by_cohort(chosen: "np.ndarray") -> "Integers":
        sums: Integers = np.bincount(paths.cohort[chosen], minlength=len(cohorts))
        return sums

    members = np.bincount(paths.cohort, minlength=len(cohorts))
    present = np.flatnonzero(members)
    person = paths.person[np.flatnonzero(np.diff(paths.person, prepend=-1))]
    both = known.listed[person] == cohorts.index("both_lists")
    return {
        "members": {
            "cohort": present,
            "persons": members[present],
            "compared": by_cohort(paths.compared & ~paths.heavy)[present],
            "converted": by_cohort(paths.converted != NEVER)[present],
            "unidentified": by_cohort(known.unidentified[paths.person])[present],
        },
        "population": {
            "newcomers": _number(known.newcomer[person]),
            "earlier_converters": _number(known.earlier[person]),
            "both_lists": _number(both),
            "heavy_persons": _number(known.heavy[person]),
        },
    }


def _number(chosen: "np.ndarray") -> "Integers":
    return np.array([np.count_nonzero(chosen)], dtype=np.int64)
