"""The compiled loops that lay out events and paths, and the counting hash that counts share.

Belongs here: what is done to every event before anything is counted. Does not belong here: what a
statistic counts (the ``count.py`` of its entry), reading the store (:mod:`journey_assets.journeys.events`).

Importing this module loads Numba, half a second: only what is about to count imports it. Functions are
compiled once a machine (``cache``) and leave the interpreter to other threads (``nogil``).
"""

from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Integers = NDArray[np.int64]
    Codes = NDArray[np.uint32]

#: No time: a path without a conversion.
NEVER = np.iinfo(np.int64).min

#: How a path ends, as the codes of ``journey_ending``.
EXIT, CONVERSION, CENSORED, CUT = 1, 2, 3, 4

_EMPTY = NEVER


def compiled(function: "Callable[..., Any]") -> "Callable[..., Any]":
    """The function compiled; at its first call, or from the cache of an earlier process."""
    decorated: Callable[..., Any] = njit(cache=True, nogil=True)(function)
    return decorated


@compiled
def scatter(
    owners: "Codes",
    codes: "Codes",
    times: "Integers",
    orders: "Codes",
    id_of: "Integers",
    step_of: "Codes",
    cursor: "Integers",
    event: "Codes",
    at: "Integers",
    order: "Codes",
) -> None:
    """Put a batch of events behind those of their ids; ``cursor`` is each id's next free place."""
    for row in range(len(owners)):
        id_ = id_of[owners[row]]
        place = cursor[id_]
        cursor[id_] = place + 1
        event[place] = step_of[codes[row]]
        at[place] = times[row]
        order[place] = orders[row]


@compiled
def put_in_order(offset: "Integers", event: "Codes", at: "Integers", order: "Codes") -> None:
    """Sort each id's events by time and the vendor's order, where they are not sorted already."""
    for id_ in range(len(offset) - 1):
        first, stop = offset[id_], offset[id_ + 1]
        for row in range(first + 1, stop):
            if at[row] < at[row - 1] or (at[row] == at[row - 1] and order[row] < order[row - 1]):
                sort_slice(event, at, order, first, stop)
                break


@compiled
def sort_slice(event: "Codes", at: "Integers", order: "Codes", first: int, stop: int) -> None:
    """Sort the rows from ``first`` on, before ``stop``, by (at, order); equal ones keep their places."""
    _permute(event, at, order, first, stop, np.argsort(at[first:stop], kind="mergesort"))
    begin = first
    while begin < stop:
        end = begin + 1
        sorted_ = True
        while end < stop and at[end] == at[begin]:
            sorted_ = sorted_ and order[end] >= order[end - 1]
            end += 1
        if not sorted_:
            _permute(event, at, order, begin, end, np.argsort(order[begin:end], kind="mergesort"))
        begin = end


@compiled
def _permute(
    event: "Codes", at: "Integers", order: "Codes", first: int, stop: int, places: "Integers"
) -> None:
    event[first:stop] = event[first:stop][places]
    at[first:stop] = at[first:stop][places]
    order[first:stop] = order[first:stop][places]


@compiled
def events_between(
    starts: "Integers", ids: "Integers", offset: "Integers", at: "Integers", low: int, high: int
) -> "Integers":
    """How many events each person's ids have from ``low`` on, before ``high`` (microseconds)."""
    found = np.zeros(len(starts) - 1, dtype=np.int64)
    for person in range(len(found)):
        for place in range(starts[person], starts[person + 1]):
            first, stop = offset[ids[place]], offset[ids[place] + 1]
            found[person] += np.searchsorted(at[first:stop], high) - np.searchsorted(
                at[first:stop], low
            )
    return found


@compiled
def steps_between(
    starts: "Integers",
    ids: "Integers",
    offset: "Integers",
    event: "Codes",
    at: "Integers",
    low: int,
    high: int,
    steps: int,
) -> "Integers":
    """Occurrences of each step, by code, among the events of :func:`events_between`."""
    found = np.zeros(steps + 1, dtype=np.int64)
    for place in range(starts[0], starts[-1]):
        first, stop = offset[ids[place]], offset[ids[place] + 1]
        begin = first + np.searchsorted(at[first:stop], low)
        end = first + np.searchsorted(at[first:stop], high)
        for row in range(begin, end):
            found[event[row]] += 1
    return found


@compiled
def arrange(
    starts: "Integers",
    ids: "Integers",
    listed: "Integers",
    offset: "Integers",
    event: "Codes",
    at: "Integers",
    order: "Codes",
    fold: "Codes",
    rules: "Integers",
) -> "tuple[Codes, Integers, Integers]":
    """The paths of persons: their events, the events' times, and a row of facts for each path.

    starts, ids: the ids of person p are ``ids[starts[p]:starts[p + 1]]``, ascending. listed: the
    cohort of each person by lists, −1 without. offset, event, at, order: the events of every id in
    order. fold: the step that stands for a step. rules: see :class:`~.paths.Rules`.
    Facts of a path: first row, events, events had nothing but its end cut it, cohort, ending, time of
    conversion, place of the person, session (0: not by session).
    """
    low, high, observed_until, conversion, start, end, start_last, end_last = rules[:8]
    by_session, collapse, by_lists, most, gap, unconverted = rules[8:14]
    sizes = events_between(starts, ids, offset, at, low, high)
    total = sizes.sum()
    out_event = np.empty(total, dtype=np.uint32)
    out_at = np.empty(total, dtype=np.int64)
    facts = np.empty((total if by_session else len(sizes), 8), dtype=np.int64)
    most_rows = sizes.max() if len(sizes) else 0
    his_event = np.empty(most_rows, dtype=np.uint32)
    his_at = np.empty(most_rows, dtype=np.int64)
    his_order = np.empty(most_rows, dtype=np.uint32)
    rows, paths = 0, 0
    for person in range(len(sizes)):
        if sizes[person] == 0:
            continue
        n = 0
        for place in range(starts[person], starts[person + 1]):
            first, stop = offset[ids[place]], offset[ids[place] + 1]
            begin = first + np.searchsorted(at[first:stop], low)
            finish = first + np.searchsorted(at[first:stop], high)
            for row in range(begin, finish):
                his_event[n] = fold[event[row]]
                his_at[n] = at[row]
                his_order[n] = order[row]
                n += 1
        if starts[person + 1] - starts[person] > 1:
            sort_slice(his_event, his_at, his_order, 0, n)
        begin, session = 0, 0
        while begin < n:
            stop = begin + 1
            if by_session:
                session += 1
                while stop < n and his_at[stop] // 1000 - his_at[stop - 1] // 1000 <= gap:
                    stop += 1
            else:
                stop = n
            from_row = _beginning(his_event, begin, stop, start, start_last)
            if from_row < stop:
                full = _keep(his_event, his_at, from_row, stop, collapse, out_event, out_at, rows)
                path = out_event[rows : rows + full]
                end_row = _ending_row(path, end, end_last, start >= 0)
                converts, converts_last = _first_and_last(path, conversion)
                facts[paths, 5] = NEVER if converts < 0 else out_at[rows + converts]
                cohort = listed[person]
                if cohort < 0:
                    cohort = unconverted if converts < 0 else 0
                final = end_row if end_row >= 0 else full - 1
                natural = final if by_lists or converts < 0 else min(final, converts)
                last = min(natural, most - 1)
                facts[paths, 0] = rows
                facts[paths, 1] = last + 1
                facts[paths, 2] = final + 1
                facts[paths, 3] = cohort
                active_until = his_at[stop - 1]
                if last < natural:
                    ending = CUT
                elif cohort == 0 and last >= 0 and last in (converts, converts_last):
                    ending = CONVERSION
                elif end_row >= 0:
                    ending = CUT
                elif observed_until // 1000 - active_until // 1000 <= gap:
                    ending = CENSORED
                else:
                    ending = EXIT
                facts[paths, 4] = ending
                facts[paths, 6] = person
                facts[paths, 7] = session
                paths += 1
                rows += final + 1
            begin = stop
    return out_event[:rows], out_at[:rows], facts[:paths]


@compiled
def _beginning(event: "Codes", begin: int, stop: int, start: int, last: int) -> int:
    """The row of the event that paths begin with; ``stop`` where there is none."""
    if start < 0:
        return begin
    found = stop
    for row in range(begin, stop):
        if event[row] == start:
            found = row
            if not last:
                break
    return found


@compiled
def _keep(
    event: "Codes",
    at: "Integers",
    begin: int,
    stop: int,
    collapse: int,
    out_event: "Codes",
    out_at: "Integers",
    rows: int,
) -> int:
    """Write the rows behind the ``rows`` there are, repeats once when they collapse; how many."""
    n = 0
    for row in range(begin, stop):
        if collapse and row > begin and event[row] == event[row - 1]:
            continue
        out_event[rows + n] = event[row]
        out_at[rows + n] = at[row]
        n += 1
    return n


@compiled
def _ending_row(path: "Codes", end: int, last: int, begins_too: bool) -> int:
    """The row of the event that ends paths, −1 without; the event that begins one does not end it."""
    found = -1
    if end < 0:
        return found
    for row in range(1 if begins_too else 0, len(path)):
        if path[row] == end:
            found = row
            if not last:
                break
    return found


@compiled
def _first_and_last(path: "Codes", wanted: int) -> "tuple[int, int]":
    first, last = -1, -1
    for row in range(len(path)):
        if path[row] == wanted:
            if first < 0:
                first = row
            last = row
    return first, last


@compiled
def table_for(keys: int) -> "tuple[Integers, Integers]":
    """An empty hash table with room for ``keys``: the keys, and the number that each was given."""
    size = 16
    while size < 2 * keys:
        size *= 2
    return np.full(size, _EMPTY, dtype=np.int64), np.zeros(size, dtype=np.int64)


@compiled
def slot_of(keys: "Integers", key: int) -> int:
    """The slot where ``key`` stands, or where it would be put."""
    mask = len(keys) - 1
    # Fibonacci hashing: neighbouring keys, which are common, go far apart.
    slot = (np.uint64(key) * np.uint64(11400714819323198485)) >> np.uint64(20)
    place = np.int64(slot & np.uint64(mask))
    while keys[place] not in (_EMPTY, key):
        place = (place + 1) & mask
    return place


@compiled
def grown(keys: "Integers", numbers: "Integers") -> "tuple[Integers, Integers]":
    """The table with twice the room."""
    new_keys, new_numbers = table_for(len(keys))
    for slot in range(len(keys)):
        if keys[slot] != _EMPTY:
            place = slot_of(new_keys, keys[slot])
            new_keys[place] = keys[slot]
            new_numbers[place] = numbers[slot]
    return new_keys, new_numbers


@compiled
def tally(values: "Integers") -> "tuple[Integers, Integers]":
    """The distinct values, in no order, and how often each occurs."""
    keys, counts = table_for(1024)
    distinct = 0
    for value in values:
        place = slot_of(keys, value)
        if keys[place] == _EMPTY:
            if 2 * (distinct + 1) > len(keys):
                keys, counts = grown(keys, counts)
                place = slot_of(keys, value)
            keys[place] = value
            counts[place] = 0
            distinct += 1
        counts[place] += 1
    kept = np.flatnonzero(keys != _EMPTY)
    return keys[kept], counts[kept]
