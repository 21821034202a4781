"""The yardstick: the counts of six tables in NumPy, of arrays that are in memory already.

What nobody can leave out who counts the same. Belongs here: these counts, and comparing them with ours.
Does not belong here: what they are measured against (``bench_statistics.py``).
"""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from measuring import Measured, since

FIRST_EVENTS = 30

#: Bits of a packed key: (owner, millisecond from the first, event).
_MS, _EVENT = 33, 8


def count_in_numpy(store: Path, *, ordered: bool) -> Measured:
    """Count; the clock starts when the arrays are there, in order by owner and time or by time alone."""
    by = "owner, event_time, source_order" if ordered else "event_time, source_order"
    with duckdb.connect(str(store), read_only=True) as con:
        rows = con.execute(
            f"SELECT owner, event, epoch_ms(event_time) AS ms FROM raw.coded_events ORDER BY {by}"
        ).fetchnumpy()
        owners = con.execute(
            "SELECT owner, cohort = 'converter' AS converter FROM raw.event_owners "
            "JOIN raw.amplitude_users USING (amplitude_id)"
        ).fetchnumpy()
        names = dict(con.execute("SELECT event, event_type FROM raw.event_names").fetchall())
    # Codes of owners may be any numbers: the arrays hold their places.
    known, owner = np.unique(np.asarray(rows["owner"]), return_inverse=True)
    event, ms = (np.asarray(rows[each]).astype(np.int64) for each in ("event", "ms"))
    cohort = np.zeros(len(known), dtype=np.int64)
    of_known = np.isin(owners["owner"], known)
    cohort[np.searchsorted(known, owners["owner"][of_known])] = owners["converter"][of_known]
    began, cpu = time.monotonic(), time.process_time()
    if not ordered:
        owner, event, ms = _in_order(owner, event, ms)
    counts = _count(owner, event, ms, cohort)
    found = {**since(began, cpu), "events": len(owner)}
    if ordered:  # equal times have no order of their own in a packed key
        found["transitions"] = _named(counts, names)
    return found


def _in_order(owner: Any, event: Any, ms: Any) -> Any:
    """By owner and time: one sort of 64-bit keys."""
    key = (owner << _MS | ms - ms.min()) << _EVENT | event
    key.sort()
    return key >> _MS + _EVENT, key & (1 << _EVENT) - 1, key >> _EVENT & (1 << _MS) - 1


def _count(owner: Any, event: Any, ms: Any, cohort: Any) -> Mapping[str, Any]:
    """The counts behind the six tables, of each person's first events.

    owner, event, ms: int64[events], by owner and time. cohort: int64[owners], 0 or 1.
    """
    begins = np.flatnonzero(np.diff(owner, prepend=-1))
    place = np.arange(len(owner)) - np.repeat(begins, np.diff(begins, append=len(owner)))
    kept = place < FIRST_EVENTS
    owner, event, ms, place = owner[kept], event[kept], ms[kept], place[kept]
    types = int(event.max()) + 1
    step = cohort[owner] * types + event
    same = owner[1:] == owner[:-1]
    cell = (step[:-1] * types + event[1:])[same]
    cells = 2 * types * types
    last = np.append(~same, True)
    begins = np.flatnonzero(np.diff(owner, prepend=-1))
    lengths = np.diff(begins, append=len(owner))
    # Persons of a pair, of an event: what differs from its neighbour among sorted (what, owner).
    pairs = np.sort(cell << 32 | owner[:-1][same])
    steps = np.sort(step << 32 | owner)
    gaps = np.sort(cell << 32 | (ms[1:] - ms[:-1])[same])
    occurrences = np.bincount(cell, minlength=cells)
    ends = np.cumsum(occurrences)
    low, high = ends - occurrences + (occurrences - 1) // 2, ends - occurrences + occurrences // 2
    there = occurrences > 0
    median = (gaps[low[there]] + gaps[high[there]] & (1 << 33) - 1) if len(gaps) else gaps
    weights = np.random.default_rng(1).integers(1, 2**62, (FIRST_EVENTS, types), dtype=np.uint64)
    variants = np.add.reduceat(weights[place, event], begins) << np.uint64(1)
    return {
        "cells": np.flatnonzero(there),
        "types": types,
        "occurrences": occurrences[there],
        "persons": np.bincount(_first_of_each(pairs) >> 32, minlength=cells)[there],
        "median": median,
        "frequencies": np.bincount(step, minlength=2 * types),
        "frequency_persons": np.bincount(_first_of_each(steps) >> 32, minlength=2 * types),
        "last": np.bincount(step[last], minlength=2 * types),
        "matrix": np.bincount(place * 2 * types + step, minlength=FIRST_EVENTS * 2 * types),
        "variants": np.unique(
            variants | cohort[owner[begins]].astype(np.uint64), return_counts=True
        ),
        "lengths": [
            (part.size, part.mean(), part.std(), np.quantile(part, [0.5, 0.75, 0.9, 0.95]))
            for part in (lengths[cohort[owner[begins]] == each] for each in (0, 1))
            if part.size
        ],
    }


def _first_of_each(ordered: Any) -> Any:
    return ordered[np.diff(ordered, prepend=-1) != 0]


def _named(counts: Mapping[str, Any], names: Mapping[int, str]) -> Sequence[Sequence[Any]]:
    """The transitions as ours gives them, the medians in seconds."""
    types, rows = counts["types"], []
    for cell, occurrences, persons, median in zip(
        *(counts[each].tolist() for each in ("cells", "occurrences", "persons", "median")),
        strict=True,
    ):
        step, to = divmod(cell, types)
        converter, start = divmod(step, types)
        cohort = "converter" if converter else "non_converter"
        rows.append([cohort, names[start], names[to], occurrences, persons, median / 2000])
    return rows


def require_the_same(ours: Measured, yardstick: Measured) -> None:
    """Raise unless both found the same pairs, occurrences, persons, and medians to the millisecond."""

    def by_pair(found: Measured) -> dict[tuple[str, ...], list[float]]:
        return {tuple(row[:3]): row[3:] for row in found["transitions"]}

    left, right = by_pair(ours), by_pair(yardstick)
    if left.keys() != right.keys():
        raise SystemExit("ours and the yardstick find other pairs of events")
    for pair, (occurrences, persons, seconds) in left.items():
        if [occurrences, persons] != right[pair][:2] or abs(seconds - right[pair][2]) > 0.0011:
            raise SystemExit(f"{pair}: {left[pair]} of ours, {right[pair]} of the yardstick")
