"""Visits with and without a contact, and what becomes of persons who are at a first visit alike long.

A contact made u after its visit is compared with the persons who are still at their visit of the same
state u after it and have not made contact by then: whoever has left by u could not have made contact
there, and who leaves soon and who stays differ in what they do next (Li, Propert & Rosenbaum, JASA 96,
2001). So the count is of persons by how long they stayed, or waited until the contact, in steps of a
:data:`STEPS_PER_DOUBLING`-th of a doubling.
"""

from typing import TYPE_CHECKING

import numpy as np

from journey_assets.journeys.counting import Columns, Task
from journey_assets.journeys.kernels import NEVER, compiled, tally
from journey_assets.journeys.paths import Paths
from journey_assets.support.counts.places import Places, states_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from journey_assets.journeys.kernels import Integers

    Flags = NDArray[np.bool_]

#: Of a person who did not convert.
_NEVER_LATER = np.iinfo(np.int64).max

#: How finely a stay is told: 2.2 % of its length.
STEPS_PER_DOUBLING = 32

_DAY_US = 86_400_000_000

#: The sums over persons, of the contacts x and the visits v of each: what a clustered interval takes.
_SUMS = ("visits", "contacts", "persons", "persons_contacting", "xx", "xv", "vv")


def count(paths: Paths, task: Task) -> dict[str, Columns]:
    """Relation ``contact_visits``: visits, contacts (visits with one), persons, those contacting, and
    over persons the sums of x², x·v and v² of contacts x and visits v. Relation ``contact_visitors``:
    the same of all cohorts together: with sessions as paths a person may be in several. Relation
    ``contact_stays``: persons who are compared and whose first visit was before any conversion, by how
    long they stayed at it or waited with the contact (``stay``), whether there was one, and whether
    they converted. Relation ``contact_population``: persons.
    """
    states, cohorts = task.rules.steps + 3, len(task.rules.cohorts)
    state, waited = states_of(paths, task), _waited(paths, task)
    visits, visitors = _visits(
        state, waited >= 0, paths.first, paths.length, paths.cohort, paths.person, states, cohorts
    )
    cells, known = np.flatnonzero(visits[:, 0]), np.flatnonzero(visitors[:, 0])
    firsts = np.flatnonzero(np.diff(paths.person, prepend=-1))
    population = np.bincount(paths.cohort[firsts], minlength=cohorts)
    return {
        "contact_visits": {
            "cohort": cells // states,
            "state": cells % states,
            **_named(visits[cells]),
        },
        "contact_visitors": {"state": known, **_named(visitors[known])},
        "contact_stays": _stays(paths, task, state, waited),
        "contact_population": {"cohort": np.arange(cohorts), "persons": population},
    }


def _named(sums: "Integers") -> Columns:
    return dict(zip(_SUMS, sums.T.copy(), strict=True))


def _waited(paths: Paths, task: Task) -> "Integers":
    """Of each row, the microseconds until the first conversation that is put to it; −1 without."""
    found = np.full(len(paths.event), -1, dtype=np.int64)
    places = Places.of(paths, task)
    visited = np.flatnonzero(places.row >= 0)[::-1]  # of several the earliest is kept
    row = places.row[visited]
    found[row] = places.at[visited] - paths.at[row]
    return found


def _stays(paths: Paths, task: Task, state: "Integers", waited: "Integers") -> Columns:
    converted, unseen = _conversions(paths, task)
    until = (np.datetime64(task.window.as_of, "D").astype(np.int64) + 1) * _DAY_US
    stayed, rows, changed = _first_visits(
        state, waited, paths.at, paths.first, paths.length, paths.person, paths.compared,
        converted, unseen, task.rules.steps, until,
    )  # fmt: skip
    bins = np.floor(STEPS_PER_DOUBLING * np.log2(1 + stayed // 1000)).astype(np.int64)
    contacted = (waited[rows] >= 0).astype(np.int64)
    keys, persons = tally(
        ((bins * 2 + contacted) * 2 + changed) * (task.rules.steps + 1) + state[rows]
    )
    kinds = keys // (task.rules.steps + 1)
    return {
        "state": keys % (task.rules.steps + 1),
        "stay": kinds // 4,
        "contacted": kinds // 2 % 2,
        "converted": kinds % 2,
        "persons": persons,
    }


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
    visits = np.zeros((cohorts * states, 7), dtype=np.int64)
    visitors = np.zeros((states, 7), dtype=np.int64)
    mine = np.zeros((cohorts * states, 2), dtype=np.int64)  # this person's visits and contacts
    in_all = np.zeros((states, 2), dtype=np.int64)
    begin = 0
    while begin < len(first):
        end = begin
        while end < len(first) and person[end] == person[begin]:
            for row in range(first[end], first[end] + length[end]):
                if state[row] < states - 1:
                    mine[cohort[end] * states + state[row], 0] += 1
                    mine[cohort[end] * states + state[row], 1] += contacted[row]
                    in_all[state[row], 0] += 1
                    in_all[state[row], 1] += contacted[row]
            end += 1
        for path in range(begin, end):
            for row in range(first[path], first[path] + length[path]):
                _add(visits, mine, cohort[path] * states + state[row])
                _add(visitors, in_all, state[row])
        begin = end
    return visits, visitors


@compiled
def _add(sums: "Integers", mine: "Integers", cell: int) -> None:
    """Add a person's visits and contacts of a cell to its sums, once."""
    v, x = mine[cell, 0], mine[cell, 1]
    if v > 0:
        sums[cell, 0] += v
        sums[cell, 1] += x
        sums[cell, 2] += 1
        sums[cell, 3] += x > 0
        sums[cell, 4] += x * x
        sums[cell, 5] += x * v
        sums[cell, 6] += v * v
        mine[cell, 0] = 0
        mine[cell, 1] = 0


@compiled
def _first_visits(
    state: "Integers",
    waited: "Integers",
    at: "Integers",
    first: "Integers",
    length: "Integers",
    person: "Integers",
    compared: "Flags",
    converted: "Integers",
    unseen: "Flags",
    steps: int,
    until: int,
) -> "tuple[Integers, Integers, Integers]":
    """Persons' first visits of states: how long they could still make contact, the row, converted.

    A stay ends with the contact, or with the person's next event, of whatever path; else with the
    observed time.
    """
    stayed = np.empty(len(state), dtype=np.int64)
    rows = np.empty(len(state), dtype=np.int64)
    changed = np.empty(len(state), dtype=np.int64)
    last = np.full(steps + 1, -1, dtype=np.int64)
    n = 0
    for path in range(len(first)):
        who = person[path]
        stop = first[path] + length[path]
        behind = until
        if path + 1 < len(first) and person[path + 1] == who:
            behind = at[first[path + 1]]
        for row in range(first[path], stop):
            here = state[row]
            if here > steps or last[here] == who:
                continue
            last[here] = who
            if not compared[path] or unseen[who] or at[row] >= converted[who]:
                continue
            ended = at[row + 1] if row + 1 < stop else behind
            stayed[n] = waited[row] if waited[row] >= 0 else max(ended - at[row], 0)
            rows[n] = row
            changed[n] = converted[who] != _NEVER_LATER
            n += 1
    return stayed[:n], rows[:n], changed[:n]
