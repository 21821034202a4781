"""Divergence points: what is compared, how sure it is, and the mathematics against other ways to it."""

from datetime import timedelta
from itertools import combinations
from math import comb
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.spatial.distance import jensenshannon

from journey_assets.journeys.statistics.divergence_points.contingency import (
    compare,
    exceedances,
    jensen_shannon,
    pearson,
    permutation_mean,
)
from journey_assets.journeys.statistics.divergence_points.table import DIVERGENCE_POINTS
from journey_assets.warehouse.tables.raw import AMPLITUDE_USERS
from journey_assets_tests.journeys_store import AS_OF, Row
from journey_assets_tests.journeys_walks import PAY, of_itself, select, still_active, walked

#: Twelve who pay go from `a` to `b`, twelve who do not to `c`.
APART = [["a", "b", PAY]] * 12 + [["a", "c", "x"]] * 12


def _points(directory: Path, people: list[list[str]], **given_settings: Any) -> dict[str, Row]:
    store = walked(directory, people, **given_settings)
    return {row["event_type"]: row for row in store.figures(DIVERGENCE_POINTS)}


def _next(row: Row, cohort: str) -> dict[str, int]:
    return {one["event_type"]: one["persons"] for one in row[f"top_next_{cohort}"] or []}


def test_cohorts_that_go_different_ways_are_found(tmp_path: Path) -> None:
    row = _points(tmp_path, APART)["a"]
    assert (row["verdict"], row["rank"], row["jsd_bits"]) == ("different", 1, 1.0)
    assert (_next(row, "converters"), _next(row, "non_converters")) == ({"b": 12}, {"c": 12})


def test_only_the_first_visit_of_a_person_counts(tmp_path: Path) -> None:
    people = [["a", "b", "a", "c", PAY]] * 12 + [["a", "c", "a", "b"]] * 12
    row = _points(tmp_path, people)["a"]
    assert (row["n_converters"], row["n_non_converters"]) == (12, 12)
    assert (_next(row, "converters"), _next(row, "non_converters")) == ({"b": 12}, {"c": 12})


def test_who_leaves_or_converts_next_is_left_out(tmp_path: Path) -> None:
    people = [["a", PAY]] * 5 + [["a", "b", PAY]] * 11 + [["a"]] * 5 + [["a", "b"]] * 13
    points = _points(tmp_path, people)
    row = points["a"]
    assert (row["n_converters"], row["n_non_converters"]) == (11, 13)
    assert (row["jsd_bits"], row["p_value"], row["verdict"]) == (0, 1, "not_different")
    assert set(points) == {"a", "b"}
    assert (points["b"]["n_converters"], points["b"]["n_non_converters"]) == (0, 0)


def test_whose_next_event_is_not_known_yet_is_left_out(tmp_path: Path) -> None:
    store = walked(tmp_path, APART)
    store.events(still_active(99, "x", "a"))
    rows = {row["event_type"]: row for row in store.figures(DIVERGENCE_POINTS)}
    assert rows["a"]["n_non_converters"] == 12
    assert rows["x"]["n_non_converters"] == 1


def test_the_goal_is_left_out_with_lists_too_where_it_is_known(tmp_path: Path) -> None:
    people = [["a", PAY, "c"]] * 12 + [["a", "c"]] * 12
    for event, expected in ((PAY, 0), ("", 12)):
        directory = tmp_path / f"goal {event}"
        directory.mkdir()
        store = walked(directory, people, conversion_event=event)
        store.lists(converters=range(12), non_converters=range(12, 24))
        rows = {row["event_type"]: row for row in store.figures(DIVERGENCE_POINTS)}
        assert rows["a"]["n_converters"] == expected
        assert (PAY in rows) is (not event)


def test_too_few_persons_of_a_cohort_say_nothing(tmp_path: Path) -> None:
    row = _points(tmp_path, APART, min_cohort_persons=13)["a"]
    assert (row["verdict"], row["n_converters"], row["n_non_converters"]) == (
        "insufficient",
        12,
        12,
    )
    claims = {"jsd_bits", "jsd_corrected", "p_value", "q_value", "rank", "top_next_converters"}
    assert {row[name] for name in claims} == {None}


def test_the_three_most_frequent_next_events_are_shown_ties_by_name(tmp_path: Path) -> None:
    ways = ["e"] * 4 + ["d"] * 3 + ["c"] * 3 + ["b"] * 3
    row = _points(tmp_path, [["a", way, PAY] for way in ways] + [["a", way] for way in ways])["a"]
    assert _next(row, "converters") == {"e": 4, "b": 3, "c": 3}
    one = row["top_next_converters"][0]
    wilson = stats.binomtest(4, 13).proportion_ci(0.95, method="wilson")
    assert one["share"] == 4 / 13
    assert (one["low"], one["high"]) == pytest.approx((wilson.low, wilson.high))


def test_every_label_is_compared_with_all_others(tmp_path: Path) -> None:
    store = walked(tmp_path, [["a", way] for way in "bcd" for _ in range(12)], conversion_event="")
    store.insert(
        AMPLITUDE_USERS,
        [
            {
                "event_date": AS_OF,
                "requested_id": str(person),
                "amplitude_id": person,
                "cohort": ("large", "medium", "small")[person // 12],
                "status": "ok",
            }
            for person in range(36)
        ],
    )
    rows = select(store.figures(DIVERGENCE_POINTS), event_type="a")
    assert {(r["cohort"], r["n_converters"], r["n_non_converters"]) for r in rows} == {
        (label, 12, 24) for label in ("large", "medium", "small")
    }
    (small,) = select(rows, cohort="small")
    assert (_next(small, "converters"), _next(small, "non_converters")) == (
        {"d": 12},
        {"b": 12, "c": 12},
    )
    assert {row["verdict"] for row in rows} == {"different"}


def test_a_day_of_a_range_is_the_day_alone_and_a_seed_says_what_is_drawn(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    people = [[*rng.choice(list("abcd"), 5), *["pay"] * (n % 2)] for n in range(60)]
    store = walked(tmp_path, [[str(name) for name in one] for one in people])
    store.events([(999, "0 new", still_active(0, "x")[0][2] + timedelta(days=1))])
    days = [AS_OF + timedelta(days=n) for n in range(-1, 2)]
    together = store.figures(DIVERGENCE_POINTS, *days)
    alone = [row for day in days for row in store.figures(DIVERGENCE_POINTS, day)]
    assert of_itself(together) == of_itself(alone)
    assert {row["method"] for row in alone} == {"permutation", None}
    other = walked(tmp_path, [], seed=1).figures(DIVERGENCE_POINTS, AS_OF)
    mine = select(alone, as_of=AS_OF)
    assert [row["jsd_corrected"] for row in select(other, event_type="a")] == [
        row["jsd_corrected"] for row in select(mine, event_type="a")
    ]
    assert [row["p_value"] for row in other] != [row["p_value"] for row in mine]


def test_one_difference_among_many_events_can_be_found_with_few_permutations(
    tmp_path: Path,
) -> None:
    # 40 tests need p below 0.05/40; 99 permutations could only give 1/100. Twelve next events keep
    # expected counts below 5.
    same = [
        [f"s{number}", f"t{person % 12}"]
        for number in range(39)
        for person in range(24)
    ]  # fmt: skip
    people = [way + [PAY] * (n % 24 < 12) for n, way in enumerate(same)]
    people += [["apart", f"u{n}", PAY] for n in range(12)]
    people += [["apart", "v"]] * 12
    points = _points(tmp_path, people, permutations=99, min_cohort_persons=12)
    tested = [row for row in points.values() if row["p_value"] is not None]
    assert len(tested) == 40
    assert [row["event_type"] for row in tested if row["verdict"] == "different"] == ["apart"]


tables = st.integers(2, 6).flatmap(
    lambda k: st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), min_size=k, max_size=k)
)


def _table(cells: list[tuple[int, int]]) -> np.ndarray[Any, np.dtype[np.int64]] | None:
    """The table without empty columns; None when a row is empty."""
    table = np.array([cell for cell in cells if sum(cell)], dtype=np.int64).reshape(-1, 2).T
    return table if table.size and table.sum(axis=1).all() else None


def _all_labellings(
    table: np.ndarray[Any, np.dtype[np.int64]],
) -> list[np.ndarray[Any, np.dtype[np.int64]]]:
    """A table for every way to give the labels to the persons."""
    outcomes = np.repeat(np.arange(table.shape[1]), table.sum(axis=0))
    persons = range(len(outcomes))
    found = []
    for chosen in combinations(persons, int(table[0].sum())):
        first = np.bincount(outcomes[list(chosen)], minlength=table.shape[1])
        found.append(np.array([first, table.sum(axis=0) - first]))
    return found


@given(tables)
@settings(max_examples=60, deadline=None)
def test_divergence_and_chi2_equal_scipy(cells: list[tuple[int, int]]) -> None:
    table = _table(cells)
    if table is None:
        return
    one, other = (row / row.sum() for row in table)
    assert jensen_shannon(one, other) == pytest.approx(jensenshannon(one, other, 2) ** 2, abs=1e-12)
    theirs = stats.chi2_contingency(table, correction=False)
    assert pearson(table) == pytest.approx((theirs.statistic, theirs.expected_freq.min()), abs=1e-9)


@pytest.mark.parametrize(
    "table", [[[3, 1, 2], [0, 4, 1]], [[1, 1, 1, 1], [2, 0, 3, 1]], [[2], [5]], [[6, 1], [2, 2]]]
)
def test_the_permutation_mean_is_the_mean_over_all_labellings(table: list[list[int]]) -> None:
    counts = np.array(table)
    size = counts.sum(axis=1)
    divergences = [jensen_shannon(*(one / size[:, None])) for one in _all_labellings(counts)]
    assert permutation_mean(counts.sum(axis=0), int(size[0])) == pytest.approx(np.mean(divergences))


@pytest.mark.parametrize(
    "table", [[[3, 1, 2], [0, 4, 1]], [[1, 1, 1, 1], [2, 0, 3, 1]], [[4, 3, 0], [0, 2, 6]]]
)
def test_the_permutation_p_is_the_share_of_labellings_as_extreme(table: list[list[int]]) -> None:
    counts = np.array(table)
    seen = pearson(counts)[0]
    labellings = _all_labellings(counts)
    share = np.mean([pearson(one)[0] >= seen * (1 - 1e-9) for one in labellings])
    assert len(labellings) == comb(int(counts.sum()), int(counts[0].sum()))
    drawn = 20_000
    found, _ = exceedances(counts, drawn, drawn + 1, np.random.default_rng(1))
    assert found / drawn == pytest.approx(share, abs=4 * float(share * (1 - share) / drawn) ** 0.5)


def test_under_the_null_the_permutation_p_is_no_smaller_than_chance_makes_it() -> None:
    """Every labelling of a tiny table is equally likely: P(p ≤ t) must not exceed t."""
    labellings = _all_labellings(np.array([[3, 2, 1], [1, 2, 3]]))
    rng = np.random.default_rng(2)
    p = [
        compare(one, permutations=199, most_exceedances=10, confidence_level=0.95, rng=rng).p_value
        for one in labellings
    ]
    for level in (0.01, 0.05, 0.1, 0.25, 0.5):
        error = (level * (1 - level) / len(p)) ** 0.5
        assert np.mean(np.array(p) <= level) <= level + 4 * error


def test_drawing_ends_with_the_exceedance_that_makes_the_answer_clear() -> None:
    table = np.array([[5, 5, 5], [5, 5, 5]])
    found, drawn = exceedances(table, 2000, 100, np.random.default_rng(3))
    assert found == 100
    assert drawn < 200
    apart = np.array([[9, 0, 1], [0, 9, 1]])
    found, drawn = exceedances(apart, 2000, 100, np.random.default_rng(3))
    assert (drawn, found < 5) == (2000, True)


def test_large_counts_follow_chi2_and_small_ones_are_permuted() -> None:
    def method(table: list[list[int]]) -> tuple[str, int]:
        found = compare(
            np.array(table),
            permutations=199,
            most_exceedances=10,
            confidence_level=0.95,
            rng=np.random.default_rng(0),
        )
        return found.method, found.permutations

    assert method([[10, 10], [10, 10]]) == ("chi2", 0)
    assert method([[16, 4], [15, 5]])[0] == "permutation"
