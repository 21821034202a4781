"""Visits of one person are not independent: intervals and tests over visits count persons as clusters."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, fisher_exact, norm, t

from journey_assets.journeys.error_control import effective_counts, more_than_elsewhere
from journey_assets.journeys.statistics.dropoff_cliffs.table import DROPOFF_CLIFFS
from journey_assets.journeys.statistics.transitions.table import TRANSITIONS
from journey_assets_tests.clusters import design_effect, effective_number, wilson
from journey_assets_tests.journeys_walks import select, walked


def test_twenty_persons_of_one_habit_each_are_twenty_not_four_hundred(tmp_path: Path) -> None:
    store = walked(tmp_path, [["a", "b"] * 20] * 10 + [["a", "c"] * 20] * 10)
    [row] = select(store.figures(TRANSITIONS), from_event="a", to_event="b")
    assert (row["p_out"], row["departures"]) == (0.5, 400)
    # Student's t of 20 persons: (0.29, 0.71) would be Wilson's of 19 independent ones.
    assert row["n_effective"] == pytest.approx(19 * (norm.ppf(0.975) / t.ppf(0.975, 19)) ** 2)
    assert (row["p_low"], row["p_high"]) == pytest.approx((0.29, 0.71), abs=0.01)


def test_where_everybody_departs_once_the_interval_is_wilsons(tmp_path: Path) -> None:
    store = walked(tmp_path, [["a", "b"]] * 12 + [["a", "c"]] * 18)
    [row] = select(store.figures(TRANSITIONS), from_event="a", to_event="b")
    plain = binomtest(12, 30).proportion_ci(method="wilson")
    assert (row["deff"], row["n_effective"]) == (1, 30)
    assert (row["p_low"], row["p_high"]) == pytest.approx((plain.low, plain.high))


def test_where_all_visits_are_alike_the_visits_of_a_person_count_as_one(tmp_path: Path) -> None:
    store = walked(tmp_path, [["a", "b"] * 20] * 10)
    [row] = select(store.figures(TRANSITIONS), from_event="a", to_event="b")
    assert (row["deff"], row["n_effective"]) == (20, 10)
    assert (row["p_low"], row["p_high"]) == pytest.approx(wilson(1, 10))


def test_an_arrival_has_the_design_effect_of_its_exits(tmp_path: Path) -> None:
    people = [["a", "b"] * n for n in (1, 1, 2, 3, 5, 8)] + [["a", "b"] * 4 + ["c"]] * 4
    store = walked(tmp_path, people, min_persons=1)
    exits, visits = np.array([1] * 6 + [0] * 4), np.array([1, 1, 2, 3, 5, 8] + [4] * 4)
    for place in ({"from_event": "a", "to_event": "b"}, {"from_event": "b", "to_event": None}):
        [row] = select(store.figures(DROPOFF_CLIFFS), **place)
        assert (row["exits"], row["visits"]) == (6, 36)
        assert row["deff"] == pytest.approx(design_effect(exits, visits))
        assert row["n_effective"] == pytest.approx(effective_number(exits, visits), rel=1e-3)
        assert (row["exit_low"], row["exit_high"]) == pytest.approx(
            wilson(row["exit_rate"], row["n_effective"])
        )


def _p(deff: float, *table: int) -> float:
    counts = (np.array([count]) for count in table)
    return float(more_than_elsewhere(*effective_counts(np.array([deff]), *counts))[0])


def test_a_design_effect_of_two_makes_the_test_that_of_half_the_counts() -> None:
    assert _p(2.0, 20, 60, 40, 300) == pytest.approx(
        fisher_exact([[10, 20], [10, 110]], "greater")[1]
    )


tables = st.tuples(*[st.integers(0, 200)] * 4)


@settings(max_examples=50)
@given(tables, st.floats(0.1, 30))
def test_what_is_not_whole_is_rounded_against_the_claim(
    table: tuple[int, int, int, int], deff: float
) -> None:
    a, b, c, d = table
    counts = [np.array([n]) for n in (a, a + b, a + c, a + b + c + d)]
    k, n, all_k, all_n = (int(part[0]) for part in effective_counts(np.array([deff]), *counts))
    divisor = max(deff, 1)
    assert k <= a / divisor + 1e-6
    assert n - k >= b / divisor - 1e-6
    assert all_k - k >= c / divisor - 1e-6
    assert (all_n - n) - (all_k - k) <= d / divisor + 1e-6
