"""Honest error rates, in small: ``benchmarks/bench_error_rates.py`` measures them in full.

Seeds are fixed, so these are repeatable; bounds leave the room that chance needs at this size.
"""

from pathlib import Path

import numpy as np
import pytest

from journey_assets.journeys.statistics.divergence_points.contingency import (
    interval_half_width,
    jensen_shannon,
    permutation_mean,
)
from journey_assets.journeys.statistics.divergence_points.table import DIVERGENCE_POINTS
from journey_assets.journeys.statistics.dropoff_cliffs.table import DROPOFF_CLIFFS
from journey_assets.journeys.statistics.friction_signals.table import FRICTION_SIGNALS
from journey_assets.simulator.truths import JourneyModel, planted_truths
from journey_assets.warehouse.schema import Table
from journey_assets_tests.journeys_store import Row
from journey_assets_tests.journeys_walks import PAY, select
from journey_assets_tests.planted_populations import (
    converting,
    memoryless,
    planted,
    store_populations,
    store_splits,
)

TRUTHS = planted_truths(JourneyModel())


def _tested(rows: list[Row]) -> list[Row]:
    return [row for row in rows if row["q_value"] is not None]


def test_random_splits_are_hardly_ever_called_different(tmp_path: Path) -> None:
    store, days = store_splits(
        tmp_path, planted(11, 300), splits=30, share=0.4, seed=12, permutations=199
    )
    tested = _tested(store.figures(DIVERGENCE_POINTS, *days))
    assert len(tested) > 300
    assert np.mean([row["verdict"] == "different" for row in tested]) <= 0.05
    # The p-values are what error control stands on: few below 0.05, but some.
    assert 0.002 < np.mean([row["p_value"] < 0.05 for row in tested]) < 0.08


def test_events_of_people_who_are_alike_are_hardly_ever_called_friction(tmp_path: Path) -> None:
    """Whoever does not convert stays longer, and has more of everything."""
    store, days = store_populations(
        tmp_path, [converting(seed, persons=300) for seed in range(24)], conversion_event=PAY
    )
    tested = _tested(store.figures(FRICTION_SIGNALS, *days))
    assert len(tested) > 150
    called = {row["as_of"] for row in tested if row["verdict"] in {"friction", "with_conversion"}}
    assert len(called) <= 2
    assert 0.002 < np.mean([row["p_value"] < 0.05 for row in tested]) < 0.08
    assert np.mean([row["rr_low"] > 1 for row in tested]) > 0.3


def test_states_that_are_left_alike_are_hardly_ever_called_cliffs(tmp_path: Path) -> None:
    populations = [memoryless(seed, persons=300, states=12) for seed in range(20)]
    store, days = store_populations(tmp_path, populations, conversion_event="(none)")
    rows = _tested(store.all_figures(DROPOFF_CLIFFS, days=days)[DROPOFF_CLIFFS])
    states = select(rows, to_event=None)
    assert len(states) > 200
    assert np.mean([row["verdict"] == "cliff" for row in states]) <= 0.05
    # An interval above the average, which claims nothing here, happens more often than that.
    assert np.mean([row["exit_low"] > row["cohort_exit_rate"] for row in states]) > 0
    assert 0.002 < np.mean([row["p_value"] < 0.05 for row in states]) < 0.08


@pytest.fixture(scope="module")
def population(tmp_path_factory: pytest.TempPathFactory) -> dict[Table, list[Row]]:
    """A month's newcomers of the simulator, their whole lives."""
    store, days = store_populations(
        tmp_path_factory.mktemp("planted"),
        [planted(5, 2000)],
        conversion_event=TRUTHS.conversion_event,
        permutations=199,
    )
    return store.all_figures(DIVERGENCE_POINTS, FRICTION_SIGNALS, DROPOFF_CLIFFS, days=days)


def test_the_planted_divergence_is_found_first(population: dict[Table, list[Row]]) -> None:
    (row,) = select(population[DIVERGENCE_POINTS], rank=1)
    assert (row["event_type"], row["verdict"]) == (TRUTHS.divergence_event, "different")
    shares = np.array([list(one.values()) for one in TRUTHS.next_after_divergence.values()])
    assert row["jsd_low"] <= float(jensen_shannon(*shares)) <= row["jsd_high"]
    for label, planted_shares in TRUTHS.next_after_divergence.items():
        top = {one["event_type"]: one for one in row[f"top_next_{label}s"]}
        for event, share in planted_shares.items():
            assert top[event]["low"] <= share <= top[event]["high"], (label, event)


def test_the_planted_friction_is_found_first(population: dict[Table, list[Row]]) -> None:
    (row,) = select(population[FRICTION_SIGNALS], rank=1)
    assert (row["event_type"], row["verdict"]) == (TRUTHS.friction_event, "friction")
    assert row["rr_low"] <= TRUTHS.friction_relative_risk <= row["rr_high"]


def test_the_planted_cliff_is_found_first(population: dict[Table, list[Row]]) -> None:
    rows = {(r["from_event"], r["to_event"]): r for r in select(population[DROPOFF_CLIFFS], rank=1)}
    assert set(rows) == {(TRUTHS.cliff_state, None), TRUTHS.cliff_pair}
    for row in rows.values():
        assert row["verdict"] == "cliff"
        assert row["exit_low"] <= TRUTHS.cliff_exit_rate <= row["exit_high"]


@pytest.mark.parametrize("sizes", [(10, 12), (40, 200)])
def test_the_interval_of_the_divergence_holds_the_true_value(sizes: tuple[int, int]) -> None:
    truth = np.array([list(one.values()) for one in TRUTHS.next_after_divergence.values()])
    rng = np.random.default_rng(6)
    hits = []
    for _ in range(300):
        table = np.array([rng.multinomial(n, p) for n, p in zip(sizes, truth, strict=True)])
        table = table[:, table.sum(axis=0) > 0]
        seen = float(jensen_shannon(*(row / row.sum() for row in table)))
        middle = seen - permutation_mean(table.sum(axis=0), sizes[0])
        half = interval_half_width(table, 0.95)
        hits.append(abs(middle - float(jensen_shannon(*truth))) <= half)
    assert 0.9 <= np.mean(hits) <= 1
