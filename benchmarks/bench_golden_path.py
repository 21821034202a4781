"""The golden path: how long the search takes, and how often the planted one is found.

* the search for the longest common order of 50,000 converters' paths of the simulator, cut at the
  conversion as they are by default, and whole as they are with id lists; on walks built to be hard,
  where the limit of work may end it (then it says so);
* the whole of both tables over the 50,000 paths, from the events in a database file;
* repeated populations: how often the planted golden path is found, the planted transition is called
  the critical one, and its planted ratio lies in the interval.

Exits with 1 when a promise is broken: 10 seconds of CPU for the simulator's paths, every planted path
and 93 % of the ratios found.

    python benchmarks/bench_golden_path.py [--seed 20260101] [--paths 50000] [--populations 300]
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np

from journey_assets.journeys.statistics.golden_paths.common_subsequence import (
    FirstOrders,
    longest_common_subsequence,
)
from journey_assets.journeys.statistics.golden_paths.readings import fewest_of
from journey_assets.journeys.statistics.golden_paths.table import GOLDEN_PATHS
from journey_assets.journeys.statistics.golden_transitions.table import GOLDEN_TRANSITIONS
from journey_assets.simulator.truths import UPGRADE, planted_truths
from journey_assets_tests.planted_sessions import (
    MODEL,
    Sessions,
    population,
    store_populations,
)

MOST_SECONDS = 10.0
LEAST_COVERED = 0.93
SUPPORTS = (0.5, 0.2, 0.05)
PERSONS = 2_400
AT_ONCE = 20
TRUTHS = planted_truths(MODEL)


def flat(sessions: Sessions, *, whole: bool) -> list[str]:
    """A converter's path, up to the conversion or whole."""
    steps = [step for names in sessions for step in names]
    return steps if whole else steps[: steps.index(UPGRADE) + 1]


def search(name: str, paths: Sequence[Sequence[str | int]]) -> float:
    """Search at several supports; returns the seconds of CPU of the slowest."""
    events = [event for path in paths for event in path]
    codes = {event: code for code, event in enumerate(sorted(set(events), key=str), start=1)}
    first_orders = Counter(tuple(codes[event] for event in dict.fromkeys(path)) for path in paths)
    slowest = 0.0
    for support in SUPPORTS:
        started = time.process_time()
        found = longest_common_subsequence(
            FirstOrders.of(first_orders), fewest_of(len(paths), support)
        )
        seconds = time.process_time() - started
        slowest = max(slowest, seconds)
        print(
            f"{name:34}{len(events):11,} events {len(codes):4} types  at {support:4.0%}: "
            f"{len(found.events):3} long, {found.support / len(paths):5.1%}"
            f"{'' if found.exact else ', limit reached':16}{seconds:8.2f} s",
            flush=True,
        )
    return slowest


def hard(seed: int, paths: int) -> Iterator[tuple[str, list[list[int]]]]:
    """Paths that are hard to search: long loops over many events; one order with random gaps."""
    rng = np.random.default_rng(seed)
    yield "50 types in loops of 40 steps", rng.integers(0, 50, (paths, 40)).tolist()
    yield "200 types in loops of 60 steps", rng.integers(0, 200, (paths, 60)).tolist()
    for types in (20, 50):
        there = rng.random((paths, types)) < 0.9
        yield (
            f"{types} types in one order, each by 90 %",
            [np.flatnonzero(row).tolist() for row in there],
        )


def tables(directory: Path, seed: int, paths: int) -> float:
    """Both tables over one population; returns the seconds of CPU beyond a run that has neither."""
    store, days = store_populations(directory, [population(seed, paths)])
    store.all_figures(days=days)
    seconds = []
    for wanted in ((), (GOLDEN_PATHS, GOLDEN_TRANSITIONS)):
        started = time.process_time()
        store.all_figures(*wanted, days=days)
        seconds.append(time.process_time() - started)
    print(f"both tables over {paths:,} paths: {seconds[1] - seconds[0]:.2f} s of CPU", flush=True)
    return seconds[1] - seconds[0]


def planted_found(seed: int, populations: int) -> dict[str, float]:
    """The shares of populations in which each planted truth is found."""
    hits = {"golden path found": 0, "critical transition called": 0, "planted ratio covered": 0}
    for batch in range(0, populations, AT_ONCE):
        numbers = range(batch, min(batch + AT_ONCE, populations))
        with tempfile.TemporaryDirectory() as directory:
            store, days = store_populations(
                Path(directory), (population(seed + number, PERSONS) for number in numbers)
            )
            figures = store.all_figures(GOLDEN_PATHS, GOLDEN_TRANSITIONS, days=days)
        hits["golden path found"] += sum(
            row["reading"] == "common_subsequence" and tuple(row["path"]) == TRUTHS.golden_path
            for row in figures[GOLDEN_PATHS]
        )
        for row in figures[GOLDEN_TRANSITIONS]:
            if (row["from_event"], row["to_event"]) == TRUTHS.critical_transition:
                hits["critical transition called"] += row["critical"]
                hits["planted ratio covered"] += (
                    row["ratio_low"] <= TRUTHS.critical_ratio <= row["ratio_high"]
                )
    return {name: count / populations for name, count in hits.items()}


def main() -> int:
    """Run all; returns 1 when a promise is broken."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seed", type=int, default=20260101)
    arguments.add_argument("--paths", type=int, default=50_000)
    arguments.add_argument("--populations", type=int, default=300)
    given = arguments.parse_args()
    print(f"seed {given.seed}; seconds are of CPU")
    people = population(given.seed, 10 * given.paths)
    converting = (sessions for sessions in people if any(UPGRADE in steps for steps in sessions))
    converters = list(islice(converting, given.paths))
    promised = [
        search("simulator, to the conversion", [flat(one, whole=False) for one in converters]),
        search("simulator, whole", [flat(one, whole=True) for one in converters]),
    ]
    for name, paths in hard(given.seed, given.paths):
        search(name, paths)
    with tempfile.TemporaryDirectory() as directory:
        promised.append(tables(Path(directory), given.seed, given.paths))
    shares = planted_found(given.seed, given.populations)
    print(f"{given.populations} populations of {PERSONS:,} persons:")
    for name, share in shares.items():
        print(f"  {name:30}{share:8.1%}")
    kept = max(promised) < MOST_SECONDS and all(s >= LEAST_COVERED for s in shares.values())
    print("promises kept" if kept else "BROKEN: see the promises in the file's head")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
