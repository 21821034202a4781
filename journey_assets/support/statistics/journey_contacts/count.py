"""Visits with and without a contact, and who converts after a first visit with and without one."""

from typing import TYPE_CHECKING

import numpy as np

from journey_assets.journeys.counting import Columns, Task
from journey_assets.journeys.kernels import NEVER, compiled
from journey_assets.journeys.paths import Paths
from journey_assets.support.counts.places import Places, states_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from journey_assets.journeys.kernels import Integers

    Flags = NDArray[np.bool_]

#: Of a person who did not convert.
_NEVER_LATER = np.iinfo(np.int64).max


def count(paths: Paths, task: Task) -> dict[str, Columns]:
    """Relation ``contact_visits``: visits, contacts (visits with one), persons, and those contacting.
    Relation ``contact_visitors``: persons of all cohorts, and those contacting: with sessions as paths
    a person may be in several. Relation ``contact_compared``: persons whose first visit was before any
    conversion, with a contact there and without, and how many of each converted. Relation
    ``contact_population``: persons.
    """
    states, cohorts = task.rules.steps + 3, len(task.rules.cohorts)
    state, contacted = states_of(paths, task), _contacted(paths, task)
    visits, visitors = _visits(
        state, contacted, paths.first, paths.length, paths.cohort, paths.person, states, cohorts
    )
    converted, unseen = _conversions(paths, task)
    compared = _compared(
        state, contacted, paths.at, paths.first, paths.length, paths.person, converted, unseen,
        task.rules.steps,
    )  # fmt: skip
    cells, known = np.flatnonzero(visits[:, 0]), np.flatnonzero(visitors[:, 0])
    seen = np.flatnonzero(compared[:, 0] + compared[:, 2])
    firsts = np.flatnonzero(np.diff(paths.person, prepend=-1))
    population = np.bincount(paths.cohort[firsts], minlength=cohorts)
    return {
        "contact_visits": {
            "cohort": cells // states,
            "state": cells % states,
            **_named(visits[cells], "visits", "contacts", "persons", "persons_contacting"),
        },
        "contact_visitors": {
            "state": known,
            **_named(visitors[known], "persons", "persons_contacting"),
        },
        "contact_compared": {
            "state": seen,
            **_named(
                compared[seen], "contacting", "contacting_converters", "others", "others_converters"
            ),
        },
        "contact_population": {"cohort": np.arange(cohorts), "persons": population},
    }


def _named(sums: "Integers", *names: str) -> Columns:
    return dict(zip(names, sums.T.copy(), strict=True))


def _contacted(paths: Paths, task: Task) -> "Flags":
    """Of each row, whether a conversation is put to it."""
    found = np.zeros(len(paths.event), dtype=np.bool_)
    row = Places.of(paths, task).row
    found[row[row >= 0]] = True
    return found


def _conversions(paths: Paths, task: Task) -> "tuple[Integers, Flags]":
    """When each person first converted, and who converted at a time that is not known.

    Of the person: with sessions as paths a path is a part of what a person did.
    """
    persons = len(task.persons)
    at = np.full(persons, _NEVER_LATER, dtype=np.int64)
    np.minimum.at(
        at, paths.person, np.where(paths.converted == NEVER, _NEVER_LATER, paths.converted)
    )
    converter = np.zeros(persons, dtype=np.bool_)
    converter[paths.person[paths.cohort == task.rules.cohorts.index("converter")]] = True
    return at, converter & (at == _NEVER_LATER)


@compiled
def _visits(
    state: "Integers",
    contacted: "Flags",
    first: "Integers",
    length: "Integers",
    cohort: "Integers",
    person: "Integers",
    states: int,
    cohorts: int,
) -> "tuple[Integers, Integers]":
    """Sums by cohort and state, and by state. Behind a cut path nothing is known to be visited."""
    visits = np.zeros((cohorts * states, 4), dtype=np.int64)
    visitors = np.zeros((states, 2), dtype=np.int64)
    # Who was last seen there, and with a contact.
    last = np.full((cohorts * states, 2), -1, dtype=np.int64)
    last_of_all = np.full((states, 2), -1, dtype=np.int64)
    for path in range(len(first)):
        who = person[path]
        for row in range(first[path], first[path] + length[path]):
            here = state[row]
            if here == states - 1:
                continue
            cell = cohort[path] * states + here
            visits[cell, 0] += 1
            visits[cell, 1] += contacted[row]
            for which in range(1 + contacted[row]):
                if last[cell, which] != who:
                    last[cell, which] = who
                    visits[cell, 2 + which] += 1
                if last_of_all[here, which] != who:
                    last_of_all[here, which] = who
                    visitors[here, which] += 1
    return visits, visitors


@compiled
def _compared(
    state: "Integers",
    contacted: "Flags",
    at: "Integers",
    first: "Integers",
    length: "Integers",
    person: "Integers",
    converted: "Integers",
    unseen: "Flags",
    steps: int,
) -> "Integers":
    """By state: persons with a contact at the first visit, converters of them, and of those without."""
    found = np.zeros((steps + 1, 4), dtype=np.int64)
    last = np.full(steps + 1, -1, dtype=np.int64)
    for path in range(len(first)):
        who = person[path]
        for row in range(first[path], first[path] + length[path]):
            here = state[row]
            if here > steps or last[here] == who:
                continue
            last[here] = who
            if unseen[who] or at[row] >= converted[who]:
                continue
            side = 0 if contacted[row] else 2
            found[here, side] += 1
            found[here, side + 1] += converted[who] != _NEVER_LATER
    return found
