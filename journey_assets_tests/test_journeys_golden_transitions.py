"""The steps of the golden path: who takes them in the first session, and which step is critical."""

from collections.abc import Sequence
from datetime import timedelta
from math import exp, log, sqrt
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest

from journey_assets.journeys.statistics.golden_paths.table import GOLDEN_PATHS
from journey_assets.journeys.statistics.golden_transitions.table import GOLDEN_TRANSITIONS
from journey_assets.simulator.truths import planted_truths
from journey_assets_tests.hazards_oracle import Person, mantel_byar_of
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
    assert row["interval"] == "katz"
    # All of them came once: nobody can be watched after the first session.
    assert (row["verdict"], row["critical"], row["variance"]) == ("insufficient", False, 0)


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


def _returning(directory: Path, hazard: dict[tuple[str, ...], float], each: int = 300) -> Store:
    """Persons who come back for up to eight visits, and pay after one with the chance of what their
    first session held."""
    rng = np.random.default_rng(5)
    store = Store(directory, conversion_event=PAY, golden_support=0.2)
    rows, later = [], timedelta(hours=2)
    for person, first in enumerate(list(hazard) * each):
        rows += [(person, name, NOON + timedelta(minutes=m)) for m, name in enumerate(first)]
        for visit in range(rng.integers(1, 9)):
            at = NOON + (visit + 1) * later
            rows.append((person, "d", at))
            if rng.random() < hazard[first]:
                rows.append((person, PAY, at + timedelta(minutes=1)))
                break
    store.events(rows)
    return store


def test_the_critical_step_has_the_largest_ratio_of_hazards_after_the_first_session(
    tmp_path: Path,
) -> None:
    hazard = {(A, B): 0.3, (B, C): 0.15, (A,): 0.1, (C, A): 0.1}
    rows = _steps(_returning(tmp_path, hazard))
    row = rows[A, B]
    assert {step for step, each in rows.items() if each["critical"]} == {(A, B)}
    assert (row["verdict"], row["hr_low"] > 1) == ("converts_more", True)
    assert row["p_value"] == pytest.approx(2 * NormalDist().cdf(-row["z"]))
    assert (row["stratified_ratio"], row["strata_differ"]) == (row["hazard_ratio"], False)


def test_the_test_of_a_step_is_mantel_and_byars_from_the_landmark_on(tmp_path: Path) -> None:
    people = [
        Person((A, B, "d", "d"), "conversion", landmark=2),
        Person((A, B, "d"), "conversion", landmark=2),
        Person((A, "d"), "conversion", landmark=1),
        Person((A, "d", "d"), "exit", landmark=1),
        Person((A, "d", "d", "d"), "conversion", landmark=1),
    ] * 30
    store = Store(tmp_path, conversion_event=PAY, min_persons=1)
    rows = []
    for number, person in enumerate(people):
        for visit, name in enumerate(person.visits):
            later = timedelta(hours=2 * max(visit + 1 - person.landmark, 0), minutes=visit)
            rows.append((number, name, NOON + later))
        if person.then == "conversion":
            rows.append((number, PAY, rows[-1][2] + timedelta(seconds=1)))
    store.events(rows)
    row = _steps(store)[A, B]
    theirs = mantel_byar_of(people, lambda person, _: B in person.visits[: person.landmark])
    assert (row["observed"], row["expected"], row["variance"]) == pytest.approx(
        (theirs.observed, theirs.expected, theirs.variance)
    )


def test_where_all_steps_are_worth_the_same_none_stands_out(tmp_path: Path) -> None:
    hazard = {(A, B): 0.1, (B, C): 0.1, (A,): 0.1, (C, A): 0.1}
    rows = _steps(_returning(tmp_path, hazard))
    assert not any(row["critical"] for row in rows.values())
    assert "no_difference" in {row["verdict"] for row in rows.values()}


def test_who_has_taken_a_step_and_half_of_everybody_converts_makes_it_not_critical(
    tmp_path: Path,
) -> None:
    people = [[*walk, *([PAY] if n % 2 else [])] for walk in (["a", "b", "c"],) for n in range(150)]
    people += [["a", "c", *([PAY] if n % 2 else [])] for n in range(50)]
    rows = _steps(walked(tmp_path, people))
    assert not any(row["critical"] for row in rows.values())


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
