"""The steps of the golden path: who takes them in the first session, and which step is critical."""

from collections.abc import Sequence
from datetime import timedelta
from math import exp, log, sqrt
from pathlib import Path
from statistics import NormalDist
from typing import Any

import pytest

from journey_assets.journeys.statistics.golden_paths.table import GOLDEN_PATHS
from journey_assets.journeys.statistics.golden_transitions.table import GOLDEN_TRANSITIONS
from journey_assets.simulator.truths import planted_truths
from journey_assets_tests.journeys_store import Row, Store
from journey_assets_tests.journeys_walks import NOON, PAY, walked
from journey_assets_tests.planted_sessions import MODEL, population, store_populations

A, B, C = "a", "b", "c"
Z = NormalDist().inv_cdf(0.975)


def _steps(store: Store) -> dict[tuple[str, str], Row]:
    return {(r["from_event"], r["to_event"]): r for r in store.figures(GOLDEN_TRANSITIONS)}


def _store(directory: Path, people: Sequence[Sequence[str]], **given: Any) -> Store:
    return walked(directory, people, **({"min_persons": 1, "min_cohort_persons": 1} | given))


def test_every_pair_of_the_golden_path_is_a_step(tmp_path: Path) -> None:
    rows = _store(tmp_path, [[A, B, PAY]] * 3 + [[A]]).figures(GOLDEN_TRANSITIONS)
    assert [(r["step"], r["from_event"], r["to_event"]) for r in rows] == [(1, A, B), (2, B, PAY)]


def test_conversion_with_the_step_is_held_against_that_without_it(tmp_path: Path) -> None:
    converters = [[A, C, B, PAY]] * 3 + [[A, B, PAY]] * 3 + [[A, PAY]] * 2
    people = converters + [[A, B]] * 3 + [[B, A]] * 4 + [[C]] * 5
    row = _steps(_store(tmp_path, people))[A, B]
    assert (row["persons_with"], row["converters_with"]) == (9, 6)
    assert (row["persons_without"], row["converters_without"]) == (11, 2)
    ratio, error = (6 / 9) / (2 / 11), sqrt(1 / 6 - 1 / 9 + 1 / 2 - 1 / 11)
    assert row["conversion_ratio"] == pytest.approx(ratio)
    assert row["ratio_low"] == pytest.approx(exp(log(ratio) - Z * error))
    assert row["ratio_high"] == pytest.approx(exp(log(ratio) + Z * error))
    assert (row["interval"], row["verdict"]) == ("katz", "measured")


def test_where_nobody_converts_without_the_step_half_a_person_is_added(tmp_path: Path) -> None:
    row = _steps(_store(tmp_path, [[A, B, PAY]] * 4 + [[A, B]] * 2 + [[A]] * 10))[A, B]
    assert row["converters_without"] == 0
    assert row["conversion_ratio"] == pytest.approx((4.5 / 7) / (0.5 / 11))
    assert row["interval"] == "haldane"


def test_a_step_after_a_pause_is_not_of_the_first_session(tmp_path: Path) -> None:
    store = Store(tmp_path, conversion_event=PAY, min_persons=1, min_cohort_persons=1)
    for person, pause in enumerate((30, 30, 31, 600)):
        moments = (NOON, NOON + timedelta(minutes=pause), NOON + timedelta(minutes=pause + 1))
        store.events((person, name, at) for name, at in zip((A, B, PAY), moments, strict=True))
    store.events([(9, C, NOON)])
    row = _steps(store)[A, B]
    assert (row["persons_with"], row["persons_without"]) == (2, 3)


def test_the_step_to_the_conversion_itself_is_no_evidence(tmp_path: Path) -> None:
    row = _steps(_store(tmp_path, [[A, B, PAY]] * 4 + [[A]] * 4))[B, PAY]
    assert (row["verdict"], row["conversion_ratio"], row["critical"]) == ("outcome", None, False)
    assert (row["persons_with"], row["converters_with"]) == (4, 4)


def test_a_step_that_few_take_or_few_leave_out_is_insufficient(tmp_path: Path) -> None:
    people = [[A, B, C, PAY]] * 30 + [[A, B]] * 3
    rows = _steps(_store(tmp_path, people, min_persons=5, min_share=0.5))
    assert rows[A, B]["verdict"] == "insufficient"
    assert (rows[A, B]["conversion_ratio"], rows[A, B]["ratio_low"]) == (None, None)
    assert rows[A, B]["persons_with"] == 33
    assert not rows[A, B]["critical"]


def test_the_critical_step_has_the_largest_ratio_of_those_measured(tmp_path: Path) -> None:
    people = [[A, B, C, PAY]] * 10 + [[B, C, PAY]] * 2 + [[A, B]] * 8 + [[A]] * 5 + [[C]] * 5
    rows = _steps(_store(tmp_path, people))
    assert rows[B, C]["conversion_ratio"] > rows[A, B]["conversion_ratio"]
    assert {step for step, row in rows.items() if row["critical"]} == {(B, C)}


def test_a_golden_path_of_one_event_has_no_steps(tmp_path: Path) -> None:
    store = _store(tmp_path, [[A, PAY], [B, PAY], [C, PAY], [A]])
    figures = store.all_figures(GOLDEN_PATHS, GOLDEN_TRANSITIONS)
    headline = [r["path"] for r in figures[GOLDEN_PATHS] if r["reading"] == "common_subsequence"]
    assert headline == [[PAY]]
    assert figures[GOLDEN_TRANSITIONS] == []


def test_without_enough_converters_there_are_no_steps(tmp_path: Path) -> None:
    assert _steps(_store(tmp_path, [[A, B, PAY]] * 9, min_cohort_persons=10)) == {}


def test_a_simulated_population_shows_what_is_planted(tmp_path: Path) -> None:
    """``benchmarks/bench_golden_path.py`` does this with hundreds of populations."""
    truths = planted_truths(MODEL)
    store, days = store_populations(tmp_path, [population(seed=3, persons=2000)])
    figures = store.all_figures(GOLDEN_PATHS, GOLDEN_TRANSITIONS, days=days)
    headlines = [r for r in figures[GOLDEN_PATHS] if r["reading"] == "common_subsequence"]
    critical = [r for r in figures[GOLDEN_TRANSITIONS] if r["critical"]]
    assert [tuple(row["path"]) for row in headlines] == [truths.golden_path]
    for row in headlines:
        share = truths.golden_share_of_converters
        assert row["share_converters_low"] <= share <= row["share_converters_high"]
        assert row["support_non_converters"] == 0
    for row in critical:
        assert (row["from_event"], row["to_event"]) == truths.critical_transition
        assert row["ratio_low"] <= truths.critical_ratio <= row["ratio_high"]
    assert len(critical) == 1
