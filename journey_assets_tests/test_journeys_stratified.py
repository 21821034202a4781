"""Comparisons within strata: the generalised test of Cochran, Mantel and Haenszel against its formula."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from journey_assets.journeys.statistics.divergence_points.table import DIVERGENCE_POINTS
from journey_assets.journeys.statistics.dropoff_cliffs.table import DROPOFF_CLIFFS
from journey_assets.journeys.stratified import least_told, more_in_the_part, same_outcomes
from journey_assets.warehouse.schema import Table
from journey_assets.warehouse.tables.raw import AMPLITUDE_EVENTS
from journey_assets_tests.journeys_store import Row, Store
from journey_assets_tests.journeys_walks import NOON, PAY, select

Tables = NDArray[np.int64]


def _by_formula(ours: Tables, others: Tables) -> float:
    """Stratum by stratum as the textbook writes it (A. Agresti, Categorical Data Analysis, 8.4.3)."""
    outcomes = ours.shape[1]
    difference = np.zeros(outcomes - 1)
    covariance = np.zeros((outcomes - 1, outcomes - 1))
    for one, other in zip(ours, others, strict=True):
        columns, first, second = one + other, one.sum(), other.sum()
        n = first + second
        for i in range(outcomes - 1):
            difference[i] += one[i] - first * columns[i] / n
            for j in range(outcomes - 1):
                same = n * columns[i] * (i == j)
                covariance[i, j] += (
                    first * second * (same - columns[i] * columns[j]) / (n**2 * (n - 1))
                )
    statistic = difference @ np.linalg.solve(covariance, difference)
    return float(stats.chi2.sf(statistic, outcomes - 1))


@given(st.integers(1, 4), st.integers(2, 5), st.integers(0, 2**32))
@settings(max_examples=40, deadline=None)
def test_the_generalised_test_equals_its_formula(strata: int, outcomes: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    ours, others = rng.integers(10, 60, (2, strata, outcomes))
    assert same_outcomes(ours, others) == pytest.approx(_by_formula(ours, others), rel=1e-8)


def test_with_two_outcomes_it_is_the_test_of_mantel_and_haenszel() -> None:
    ours, others = np.array([[20, 30], [40, 10]]), np.array([[30, 20], [45, 25]])
    n1, n0, d = ours.sum(axis=1), others.sum(axis=1), (ours + others)[:, 0]
    n = n1 + n0
    variance = (n1 * n0 * d * (n - d) / (n**2 * (n - 1))).sum()
    chi2 = (ours[:, 0].sum() - (n1 * d / n).sum()) ** 2 / variance
    assert same_outcomes(ours, others) == pytest.approx(stats.chi2.sf(chi2, 1))


def test_a_difference_between_strata_alone_is_none_within_them() -> None:
    ours, others = np.array([[80, 0], [0, 20]]), np.array([[20, 0], [0, 80]])
    pooled = stats.chi2_contingency([ours.sum(axis=0), others.sum(axis=0)]).pvalue
    assert pooled < 1e-10
    assert np.isnan(same_outcomes(ours, others))
    ours, others = np.array([[72, 8], [2, 18]]), np.array([[18, 2], [8, 72]])
    assert same_outcomes(ours, others) == pytest.approx(1)


def test_rare_outcomes_are_put_together_by_their_margins() -> None:
    ours = np.array([[30, 20, 1, 0, 2, 1, 1], [30, 30, 1, 1, 0, 2, 1]])
    others = np.array([[20, 30, 0, 1, 1, 2, 1], [35, 25, 1, 0, 1, 1, 2]])
    together = [np.c_[one[:, :2], one[:, 2:].sum(axis=1)] for one in (ours, others)]
    assert same_outcomes(ours, others) == pytest.approx(_by_formula(*together))


def test_strata_with_one_group_alone_say_nothing() -> None:
    ours, others = np.array([[20, 30], [9, 0]]), np.array([[30, 20], [0, 0]])
    assert same_outcomes(ours, others) == pytest.approx(same_outcomes(ours[:1], others[:1]))


def test_where_nothing_differs_within_strata_one_in_twenty_is_below_the_level() -> None:
    rng = np.random.default_rng(5)
    ways = rng.dirichlet(np.ones(5), 3)
    mine, theirs = [150, 60, 10], [30, 60, 120]
    p = [
        same_outcomes(
            np.array([rng.multinomial(n, way) for n, way in zip(mine, ways, strict=True)]),
            np.array([rng.multinomial(n, way) for n, way in zip(theirs, ways, strict=True)]),
        )
        for _ in range(1000)
    ]
    assert 0.035 < np.mean(np.array(p) < 0.05) < 0.065


def test_the_stratification_that_says_least_makes_the_claim() -> None:
    p = np.array([[0.01, 0.2, np.nan, 0.3], [0.02, 0.1, 0.5, np.nan]])
    assert least_told(p).tolist() == [1, 0, 0, 1]


def _figures(directory: Path, table: Table, people: Sequence[tuple[str, list[str]]]) -> list[Row]:
    """The rows of a store in which each of ``people``, with a platform, makes these events."""
    store = Store(directory, conversion_event=PAY)
    store.insert(
        AMPLITUDE_EVENTS,
        [
            {
                "amplitude_id": person,
                "event_type": name,
                "event_time": NOON + timedelta(minutes=minute),
                "event_date": NOON.date(),
                "source_order": minute,
                "platform": platform,
                "country": "here",
            }
            for person, (platform, names) in enumerate(people)
            for minute, name in enumerate(names)
        ],
    )
    return store.figures(table)


def test_ways_that_differ_by_platform_alone_are_no_divergence(tmp_path: Path) -> None:
    """On the phone nearly all go on to `b` and pay, on the web to `c` and do not."""
    people = []
    for platform, payers, others, b in (("iOS", 80, 20, 0.9), ("Web", 20, 80, 0.1)):
        for number, end in ((payers, [PAY]), (others, [])):
            ways = round(b * number)
            people += [(platform, ["a", "b", "x", *end])] * ways
            people += [(platform, ["a", "c", "x", *end])] * (number - ways)
    (row,) = select(_figures(tmp_path, DIVERGENCE_POINTS, people), event_type="a")
    assert row["p_value"] < 1e-6
    assert (row["stratified_by"], row["stratified_p"]) == ("platform", pytest.approx(1))
    assert (row["verdict"], row["stratified_verdict"]) == ("not_different", "not_different")
    assert row["strata_differ"]


def test_ways_that_differ_within_each_platform_are_a_divergence(tmp_path: Path) -> None:
    people = []
    for platform, number in (("iOS", 40), ("Web", 20)):
        people += [(platform, ["a", "b", "x", PAY])] * number + [
            (platform, ["a", "c", "x"])
        ] * number
    (row,) = select(_figures(tmp_path, DIVERGENCE_POINTS, people), event_type="a")
    table = np.array([[40, 0], [20, 0]])
    assert row["stratified_p"] == pytest.approx(_by_formula(table, table[:, ::-1]))
    assert (row["verdict"], row["strata_differ"]) == ("different", False)


def test_where_everybody_is_in_one_stratum_the_pooled_answer_is_the_claim(tmp_path: Path) -> None:
    people = [("iOS", ["a", way, PAY]) for way in "bcdefgbcdefg"]
    people += [("iOS", ["a", way]) for way in "hijklmhijklm"]
    (row,) = select(_figures(tmp_path, DIVERGENCE_POINTS, people), event_type="a")
    assert (row["method"], row["stratified_p"]) == ("permutation", row["p_value"])


def test_a_state_that_one_platform_visits_more_is_no_cliff_of_its_own(tmp_path: Path) -> None:
    """On the web people leave after every second visit, wherever they are, and most visits of `b` are
    there; on the phone after every eighth."""
    people = [("Web", ["b"])] * 80 + [("Web", ["b", "b"])] * 80
    people += [("Web", ["a"])] * 20 + [("Web", ["a", "a"])] * 20
    people += [("iOS", ["a"] * 8)] * 80 + [("iOS", ["b"] * 8)] * 5
    (row,) = select(_figures(tmp_path, DROPOFF_CLIFFS, people), from_event="b", to_event=None)
    assert row["p_value"] < 1e-6
    assert (row["stratified_by"], row["stratified_ratio"]) == ("platform", pytest.approx(1))
    assert row["stratified_p"] > 0.3
    assert (row["verdict"], row["strata_differ"]) == ("no_cliff", True)


def test_a_cliff_within_each_platform_is_one_with_the_ratio_of_mantel_and_haenszel(
    tmp_path: Path,
) -> None:
    people = [("Web", ["a", "a", "b"])] * 40 + [("Web", ["a", "a", "c"])] * 10
    people += [("iOS", ["a", "b"])] * 30 + [("iOS", ["a", "a", "a"])] * 10
    (row,) = select(_figures(tmp_path, DROPOFF_CLIFFS, people), from_event="b", to_event=None)
    # Web: 40 of 40 visits of b, 10 of 110 others; iOS: 30 of 30, 10 of 60 others.
    ratio = (40 * 110 / 150 + 30 * 60 / 90) / (10 * 40 / 150 + 10 * 30 / 90)
    assert row["stratified_ratio"] == pytest.approx(ratio)
    assert (row["verdict"], row["strata_differ"]) == ("cliff", False)


@pytest.mark.parametrize(("exits", "visits"), [(3, 10), (7, 12), (20, 60)])
def test_of_one_stratum_the_tail_is_that_of_fishers_test(exits: int, visits: int) -> None:
    m, d = 400, 80
    expected = d * visits / m
    variance = stats.hypergeom(m, d, visits).var()
    seen, mean, spread = (np.array([float(each)]) for each in (exits, expected, variance))
    p = more_in_the_part(seen, mean, spread, np.ones(1))
    exact = stats.hypergeom(m, d, visits).sf(exits - 1)
    assert p[0] == pytest.approx(exact, rel=0.1)


def test_a_design_effect_divides_what_is_seen_and_what_is_expected() -> None:
    seen, expected, variance = (np.array([value]) for value in (30.0, 15.0, 10.0))
    p = more_in_the_part(seen, expected, variance, np.array([3.0]))
    # Mean 5 and variance 10/3 are those of 15 trials of 1/3.
    assert p[0] == pytest.approx(stats.binom(15, 1 / 3).sf(9))
