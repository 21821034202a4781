"""How often the comparisons are wrong: claims where nothing differs, misses where much does.

Three experiments, every one through the whole computation (events in a database file, figures out):

* one population split at random into two lists, again and again: the share of events called
  different (``divergence_points``) or friction (``friction_signals``);
* populations on whose walks nothing depends on the state: the share of states and pairs called a
  cliff (``dropoff_cliffs``);
* populations with the simulator's planted journey: whether the planted event is found and ranked
  first, and how often the planted value lies in the interval.

And one of the formula alone: how often the interval of the divergence holds the true value, in small
and large cohorts. Exits with 1 when a promise is broken: more than 5 % called, or the planted event
first, or its value in the interval, less than 93 % of the time.

    python benchmarks/bench_error_rates.py [--seed 20260101] [--splits 400] [--populations 1000]

Takes nine minutes of CPU, nearly all of it for the populations.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from journey_assets.journeys.statistics.divergence_points.contingency import (
    interval_half_width,
    jensen_shannon,
    permutation_mean,
)
from journey_assets.journeys.statistics.divergence_points.table import DIVERGENCE_POINTS
from journey_assets.journeys.statistics.dropoff_cliffs.table import DROPOFF_CLIFFS
from journey_assets.journeys.statistics.friction_signals.table import FRICTION_SIGNALS
from journey_assets.simulator.truths import JourneyModel, planted_truths
from journey_assets_tests.planted_populations import (
    memoryless,
    planted,
    store_populations,
    store_splits,
)

#: About as many as come to the simulator's product in a month.
PERSONS = 2000
SPLIT = 0.3
MOST_CALLED = 0.05
LEAST_COVERED = 0.93
AT_ONCE = 20
#: Where only the planted event is looked at, which chi² judges.
FEW_PERMUTATIONS = 199
TRUTHS = planted_truths(JourneyModel())

Rows = list[dict[str, Any]]
CLAIMS = {"different", "friction", "with_conversion", "cliff"}


class Promises:
    """What was measured against what is promised."""

    def __init__(self) -> None:
        self.broken = 0

    def state(self, name: str, share: float, *, of: int, kept: bool, promise: str) -> None:
        """Print one measurement."""
        self.broken += not kept
        print(f"{name:60}{share:10.2%} of {of:7,}  {promise}{'' if kept else '  BROKEN'}")


def called(promises: Promises, name: str, rows: Iterable[dict[str, Any]]) -> None:
    """The share of tests with a claim, and of those that a plain p < 0.05 would have called."""
    tested = [row for row in rows if row["p_value"] is not None]
    share = sum(row["verdict"] in CLAIMS for row in tested) / len(tested)
    promises.state(
        f"{name}, q < 0.05", share, of=len(tested), kept=share <= MOST_CALLED, promise="at most 5 %"
    )
    plain = sum(row["p_value"] < 0.05 for row in tested) / len(tested)
    print(f"{'    without control, p < 0.05':60}{plain:10.2%}")


def random_splits(promises: Promises, seed: int, splits: int) -> None:
    """One population of the simulator, uncut, split at random."""
    with tempfile.TemporaryDirectory() as directory:
        store, days = store_splits(
            Path(directory), planted(seed, PERSONS), splits=splits, share=SPLIT, seed=seed
        )
        rows = store.all_figures(DIVERGENCE_POINTS, FRICTION_SIGNALS, days=days)
    print(f"\n{splits} random splits of {PERSONS} persons, {SPLIT:.0%} in one list")
    called(promises, "events called divergence points", rows[DIVERGENCE_POINTS])
    called(promises, "events called friction or the opposite", rows[FRICTION_SIGNALS])


def without_cliffs(promises: Promises, seed: int, populations: int) -> None:
    """Populations in which every state is left alike."""
    rows: Rows = []
    for seeds in _batches(seed, populations):
        with tempfile.TemporaryDirectory() as directory:
            walks = (memoryless(one, PERSONS // 5, states=20) for one in seeds)
            store, days = store_populations(Path(directory), walks, conversion_event="(none)")
            rows += store.all_figures(DROPOFF_CLIFFS, days=days)[DROPOFF_CLIFFS]
    print(
        f"\n{populations} populations of {PERSONS // 5} persons in which all states are left alike"
    )
    called(promises, "states called cliffs", (row for row in rows if row["to_event"] is None))
    # Pairs without an exit are not listed: the share called is even smaller than this.
    called(promises, "pairs called cliffs", (row for row in rows if row["to_event"] is not None))


def planted_journeys(promises: Promises, seed: int, populations: int) -> None:
    """Populations with the simulator's planted journey."""
    first: Counter[str] = Counter()
    inside: Counter[str] = Counter()
    for seeds in _batches(seed, populations):
        with tempfile.TemporaryDirectory() as directory:
            store, days = store_populations(
                Path(directory),
                (planted(one, PERSONS) for one in seeds),
                conversion_event=TRUTHS.conversion_event,
                permutations=FEW_PERMUTATIONS,
            )
            figures = store.all_figures(
                DIVERGENCE_POINTS, FRICTION_SIGNALS, DROPOFF_CLIFFS, days=days
            )
        for day in days:
            rows = [[row for row in table if row["as_of"] == day] for table in figures.values()]
            for found in (divergence(rows[0]), friction(rows[1]), cliffs(rows[2])):
                first[f"{found.name} claimed and ranked first"] += found.claimed and found.rank == 1
                for name, value, low, high in found.values:
                    inside[f"interval holds {name}"] += low <= value <= high
    print(f"\n{populations} populations of {PERSONS} persons with the planted journey")
    for name, count in (first | inside).items():
        share = count / populations
        kept = share >= LEAST_COVERED
        promises.state(name, share, of=populations, kept=kept, promise="at least 93 %")


@dataclass(frozen=True)
class Found:
    """The row of a planted event: its claim, and planted values with the bounds given for them."""

    name: str
    claimed: bool
    rank: int
    values: list[tuple[str, float, float, float]]


def divergence(rows: Rows) -> Found:
    """The planted divergence point: its divergence and all next steps."""
    row = next(row for row in rows if row["event_type"] == TRUTHS.divergence_event)
    shares = np.array([list(one.values()) for one in TRUTHS.next_after_divergence.values()])
    in_bits = float(jensen_shannon(*shares))
    values = [("the divergence in bits", in_bits, float(row["jsd_low"]), float(row["jsd_high"]))]
    for label, planted_shares in TRUTHS.next_after_divergence.items():
        top = {one["event_type"]: one for one in row[f"top_next_{label}s"]}
        values += [
            (f"the share of {label}s → {event}", share, top[event]["low"], top[event]["high"])
            for event, share in planted_shares.items()
        ]
    return Found(TRUTHS.divergence_event, row["verdict"] == "different", row["rank"], values)


def friction(rows: Rows) -> Found:
    """The planted friction and its relative risk."""
    row = next(row for row in rows if row["event_type"] == TRUTHS.friction_event)
    values = [("the relative risk", TRUTHS.friction_relative_risk, row["rr_low"], row["rr_high"])]
    return Found(TRUTHS.friction_event, row["verdict"] == "friction", row["rank"], values)


def cliffs(rows: Rows) -> Found:
    """The planted cliff, as a state and as a pair; ``rank`` is the worse one."""
    planted_ones = ((TRUTHS.cliff_state, None), TRUTHS.cliff_pair)
    found = [row for row in rows if (row["from_event"], row["to_event"]) in planted_ones]
    assert len(found) == len(planted_ones)
    return Found(
        TRUTHS.cliff_state,
        all(row["verdict"] == "cliff" for row in found),
        max(row["rank"] for row in found),
        [
            (
                f"the exit rate of the {'pair' if row['to_event'] else 'state'}",
                TRUTHS.cliff_exit_rate,
                row["exit_low"],
                row["exit_high"],
            )
            for row in found
        ],
    )


def divergence_intervals(promises: Promises, seed: int, samples: int) -> None:
    """Distributions drawn at random, a part of the way from each other, in cohorts of all sizes."""
    rng = np.random.default_rng(seed)
    print(f"\nintervals of the divergence, {samples} pairs of distributions each")
    for outcomes in (2, 4, 12):
        for sizes in ((10, 10), (10, 300), (50, 80), (400, 900)):
            hits = 0
            for _ in range(samples):
                one, other = rng.dirichlet(np.ones(outcomes), size=2)
                other = one + rng.uniform() * (other - one)
                table = np.array(
                    [rng.multinomial(n, p) for n, p in zip(sizes, (one, other), strict=True)]
                )
                table = table[:, table.sum(axis=0) > 0]
                jsd = float(jensen_shannon(*(row / row.sum() for row in table)))
                middle = jsd - permutation_mean(table.sum(axis=0), sizes[0])
                half = interval_half_width(table, 0.95)
                low, high = max(middle - half, 0.0), max(middle + half, 0.0)
                hits += low <= float(jensen_shannon(one, other)) <= high
            promises.state(
                f"{outcomes} next events, cohorts of {sizes[0]} and {sizes[1]}",
                hits / samples,
                of=samples,
                kept=hits / samples >= LEAST_COVERED,
                promise="at least 93 %",
            )


def _batches(seed: int, populations: int) -> Iterator[range]:
    """As many seeds from ``seed`` on as populations, in ranges."""
    end = seed + populations
    return (range(first, min(first + AT_ONCE, end)) for first in range(seed, end, AT_ONCE))


def main() -> int:
    """Read the command line and run all four."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seed", type=int, default=20260101)
    parser.add_argument("--splits", type=int, default=400)
    parser.add_argument("--populations", type=int, default=1000)
    given = parser.parse_args()
    cpu = time.process_time()
    print(f"seed {given.seed}")
    promises = Promises()
    random_splits(promises, given.seed, given.splits)
    without_cliffs(promises, given.seed, given.populations)
    planted_journeys(promises, given.seed, given.populations)
    divergence_intervals(promises, given.seed, given.populations)
    print(f"\n{time.process_time() - cpu:.0f} s of CPU")
    return 1 if promises.broken else 0


if __name__ == "__main__":
    sys.exit(main())
