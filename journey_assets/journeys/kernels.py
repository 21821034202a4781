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
    Booleans = NDArray[np.bool_]

#: No time: a path without a conversion.
NEVER = np.iinfo(np.int64).min

#: How a path ends, as the codes of ``journey_ending``.
EXIT, CONVERSION, CENSORED, CUT = 1, 2, 3, 4

_EMPTY = NEVER

#: The bits of a row's second number that hold the event; the vendor's order stands above them.
_EVENT = (1 << 32) - 1


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
    rows: "Integers",
) -> None:
    """Put a batch of events behind those of their ids; ``cursor`` is each id's next free place."""
    for each in range(len(owners)):
        id_ = id_of[owners[each]]
        place = cursor[id_]
        cursor[id_] = place + 1
        rows[place, 0] = times[each]
        rows[place, 1] = (np.int64(orders[each]) << 32) | step_of[codes[each]]


@compiled
def put_in_order(offset: "Integers", rows: "Integers") -> None:
    """Sort each id's events by time and the vendor's order, where they are not sorted already."""
    for id_ in range(len(offset) - 1):
        first, stop = offset[id_], offset[id_ + 1]
        for row in range(first + 1, stop):
            if rows[row, 0] < rows[row - 1, 0] or (
                rows[row, 0] == rows[row - 1, 0] and rows[row, 1] >> 32 < rows[row - 1, 1] >> 32
            ):
                sort_rows(rows[first:stop])
                break


@compiled
def sort_rows(rows: "Integers") -> None:
    """Sort events by time and the vendor's order; equal ones keep their places."""
    rows[:] = rows[np.argsort(rows[:, 0], kind="mergesort")]
    begin = 0
    while begin < len(rows):
        end = begin + 1
        in_order = True
        while end < len(rows) and rows[end, 0] == rows[begin, 0]:
            in_order = in_order and rows[end, 1] >> 32 >= rows[end - 1, 1] >> 32
            end += 1
        if not in_order:
            same = rows[begin:end]
            rows[begin:end] = same[np.argsort(same[:, 1] >> 32, kind="mergesort")]
        begin = end


@compiled
def _place_of(rows: "Integers", first: int, stop: int, time: int) -> int:
    """The first of the sorted ``rows`` from ``first`` on, before ``stop``, that is not before ``time``."""
    while first < stop:
        middle = (first + stop) // 2
        if rows[middle, 0] < time:
            first = middle + 1
        else:
            stop = middle
    return first


@compiled
def events_between(
    starts: "Integers", ids: "Integers", offset: "Integers", rows: "Integers", low: int, high: int
) -> "Integers":
    """How many events each person's ids have from ``low`` on, before ``high`` (microseconds)."""
    found = np.zeros(len(starts) - 1, dtype=np.int64)
    for person in range(len(found)):
        for place in range(starts[person], starts[person + 1]):
            first, stop = offset[ids[place]], offset[ids[place] + 1]
            begin = _place_of(rows, first, stop, low)
            found[person] += _place_of(rows, begin, stop, high) - begin
    return found


@compiled
def steps_between(
    starts: "Integers",
    ids: "Integers",
    left_out: "Booleans",
    offset: "Integers",
    rows: "Integers",
    low: int,
    high: int,
    steps: int,
) -> "Integers":
    """Occurrences of each step, by code, among the events of persons who are not left out."""
    found = np.zeros(steps + 1, dtype=np.int64)
    for person in range(len(starts) - 1):
        if left_out[person]:
            continue
        for place in range(starts[person], starts[person + 1]):
            first, stop = offset[ids[place]], offset[ids[place] + 1]
            for row in range(_place_of(rows, first, stop, low), stop):
                if rows[row, 0] >= high:
                    break
                found[rows[row, 1] & _EVENT] += 1
    return found


@compiled
def first_known(
    person_of: "Integers",
    persons: int,
    place: "Integers",
    day: "Integers",
    at: "Integers",
    code: "Integers",
    low: int,
    high: int,
) -> "Integers":
    """Each person's earliest code that is not 0, on the days from ``low`` on, before ``high``.

    person_of: the person of a place, −1 without. Of equal times the smaller code.
    """
    found = np.zeros(persons, dtype=np.int64)
    since = np.zeros(persons, dtype=np.int64)
    for row in range(len(place)):
        person = person_of[place[row]]
        if person < 0 or code[row] == 0 or not low <= day[row] < high:
            continue
        if found[person] == 0 or (at[row], code[row]) < (since[person], found[person]):
            found[person] = code[row]
            since[person] = at[row]
    return found


@compiled
def arrange(
    starts: "Integers",
    ids: "Integers",
    listed: "Integers",
    offset: "Integers",
    rows: "Integers",
    fold: "Codes",
    rules: "Integers",
) -> "tuple[Codes, Integers, Integers]":
    """The paths of persons: their events, the events' times, and a row of facts for each path.

    starts, ids: the ids of person p are ``ids[starts[p]:starts[p + 1]]``, ascending. listed: the
    cohort of each person whatever the path holds, −1 without; their paths end with no conversion.
    offset, rows: see :class:`~.paths.Events`. fold: the step that stands for a step. rules: see
    :meth:`~.paths.Rules.of`.
    Facts of a path: first row, events, events had nothing but its end cut it, cohort, ending, time of
    conversion, place of the person, session (0: not by session).
    """
    low, high, by_session, gap = rules[0], rules[1], rules[8], rules[12]
    sizes = events_between(starts, ids, offset, rows, low, high)
    total = sizes.sum()
    event = np.empty(total, dtype=np.uint32)
    at = np.empty(total, dtype=np.int64)
    facts = np.empty((total if by_session else len(sizes), 8), dtype=np.int64)
    his = np.empty((sizes.max() if len(sizes) else 0, 2), dtype=np.int64)
    used, paths = 0, 0
    for person in range(len(sizes)):
        if sizes[person] == 0:
            continue
        n = _gather(starts[person], starts[person + 1], ids, offset, rows, low, high, his)
        begin, session = 0, 0
        while begin < n:
            stop = n
            if by_session:
                session += 1
                stop = begin + 1
                while stop < n and his[stop, 0] // 1000 - his[stop - 1, 0] // 1000 <= gap:
                    stop += 1
            if _lay_out(
                his[begin:stop], fold, listed[person], rules, event, at, used, facts[paths]
            ):
                facts[paths, 6] = person
                facts[paths, 7] = session
                used += facts[paths, 2]
                paths += 1
            begin = stop
    return event[:used], at[:used], facts[:paths]


@compiled
def _gather(
    first_id: int,
    stop_id: int,
    ids: "Integers",
    offset: "Integers",
    rows: "Integers",
    low: int,
    high: int,
    his: "Integers",
) -> int:
    """Put one person's events of the window into ``his``, in order; how many they are."""
    n = 0
    for place in range(first_id, stop_id):
        first, stop = offset[ids[place]], offset[ids[place] + 1]
        for row in range(_place_of(rows, first, stop, low), stop):
            if rows[row, 0] >= high:
                break
            his[n, 0] = rows[row, 0]
            his[n, 1] = rows[row, 1]
            n += 1
    if stop_id - first_id > 1:
        sort_rows(his[:n])
    return n


@compiled
def _lay_out(
    his: "Integers",
    fold: "Codes",
    listed: int,
    rules: "Integers",
    event: "Codes",
    at: "Integers",
    used: int,
    facts: "Integers",
) -> bool:
    """Write one path behind the ``used`` rows and its facts; False when it has no beginning."""
    observed_until, conversion, start, end, start_last, end_last = rules[2:8]
    collapse, by_lists, most, gap, unconverted = rules[9:14]
    begin = _beginning(his, fold, start, start_last)
    if begin == len(his):
        return False
    full = _keep(his[begin:], fold, collapse, event[used:], at[used:])
    path = event[used : used + full]
    end_row = _ending_row(path, end, end_last, start >= 0)
    converts, converts_last = _first_and_last(path, conversion)
    final = end_row if end_row >= 0 else full - 1
    natural = final if by_lists or listed >= 0 or converts < 0 else min(final, converts)
    last = min(natural, most - 1)
    cohort = listed if listed >= 0 else unconverted if converts < 0 else 0
    ending = EXIT
    if last < natural:
        ending = CUT
    elif cohort == 0 and last in (converts, converts_last):
        ending = CONVERSION
    elif end_row >= 0:
        ending = CUT
    elif observed_until // 1000 - his[-1, 0] // 1000 <= gap:
        ending = CENSORED
    facts[0], facts[1], facts[2], facts[3], facts[4] = used, last + 1, final + 1, cohort, ending
    facts[5] = NEVER if converts < 0 else at[used + converts]
    return True


@compiled
def _beginning(his: "Integers", fold: "Codes", start: int, last: int) -> int:
    """The row of the event that paths begin with; behind the last where there is none."""
    if start < 0:
        return 0
    found = len(his)
    for row in range(len(his)):
        if fold[his[row, 1] & _EVENT] == start:
            found = row
            if not last:
                break
    return found


@compiled
def _keep(his: "Integers", fold: "Codes", collapse: int, event: "Codes", at: "Integers") -> int:
    """Write the events, repeats once when they collapse; how many are written."""
    n = 0
    for row in range(len(his)):
        step = fold[his[row, 1] & _EVENT]
        if collapse and n > 0 and step == event[n - 1]:
            continue
        event[n] = step
        at[n] = his[row, 0]
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
    return int(place)


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
    """The distinct values, in no order, and how often each occurs.

    Values have a place each where they are not much more than they are many, else a hash table's.
    """
    if len(values) and values.min() >= 0 and values.max() < 2 * len(values):
        found = np.zeros(values.max() + 1, dtype=np.int64)
        for value in values:
            found[value] += 1
        kept = np.flatnonzero(found)
        return kept, found[kept]
    keys, counts = table_for(1024)
    row, distinct = 0, 0
    while row < len(values):
        row, distinct = _tally_from(values, row, keys, counts, distinct)
        if row < len(values):
            keys, counts = grown(keys, counts)
    kept = np.flatnonzero(keys != _EMPTY)
    return keys[kept], counts[kept]


@compiled
def _tally_from(
    values: "Integers", begin: int, keys: "Integers", counts: "Integers", distinct: int
) -> "tuple[int, int]":
    """Count the values from ``begin`` on until the table is half full; where it stopped.

    (A loop in which the table could change would look its place up at every step.)
    """
    for row in range(begin, len(values)):
        slot = slot_of(keys, values[row])
        if keys[slot] == _EMPTY:
            if 2 * (distinct + 1) > len(keys):
                return row, distinct
            keys[slot] = values[row]
            counts[slot] = 0
            distinct += 1
        counts[slot] += 1
    return len(values), distinct


@compiled
def numbered(values: "Integers") -> "tuple[Integers, NDArray[np.int32]]":
    """The distinct values in the order in which they come, and the place of each value among them."""
    keys, numbers = table_for(1024)
    places = np.empty(len(values), dtype=np.int32)
    row, distinct = 0, 0
    while row < len(values):
        row, distinct = _number_from(values, row, keys, numbers, distinct, places)
        if row < len(values):
            keys, numbers = grown(keys, numbers)
    found = np.empty(distinct, dtype=np.int64)
    for slot in range(len(keys)):
        if keys[slot] != _EMPTY:
            found[numbers[slot]] = keys[slot]
    return found, places


@compiled
def _number_from(
    values: "Integers",
    begin: int,
    keys: "Integers",
    numbers: "Integers",
    distinct: int,
    places: "NDArray[np.int32]",
) -> "tuple[int, int]":
    """As :func:`_tally_from`, numbering instead of counting."""
    for row in range(begin, len(values)):
        slot = slot_of(keys, values[row])
        if keys[slot] == _EMPTY:
            if 2 * (distinct + 1) > len(keys):
                return row, distinct
            keys[slot] = values[row]
            numbers[slot] = distinct
            distinct += 1
        places[row] = numbers[slot]
    return len(values), distinct
