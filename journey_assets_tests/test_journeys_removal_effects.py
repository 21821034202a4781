"""Removal effects: the absorbing chain, its base, its gates and its guards."""

import tempfile
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey_assets.journeys.statistics.removal_effects.table import REMOVAL_EFFECTS
from journey_assets_tests.journeys_walks import (
    PAY,
    cohort,
    cut,
    examples,
    labelled,
    still_active,
    walked,
    walks,
)

UNGUARDED = {"min_persons": 1, "min_cohort_persons": 1}


def _conversion_rate(
    paths: Sequence[Sequence[str]], converted: Collection[int], without: str | None = None
) -> Fraction:
    """P(conversion) of the chain of ``paths``, exactly, by eliminating state after state.

    converted: the paths that end in conversion. What would go to ``without`` is lost.
    """
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for number, path in enumerate(paths):
        end = "(converted)" if number in converted else "(not)"
        for origin, target in pairwise(["(start)", *path, end]):
            counts[origin][target] += 1
    chances = {
        origin: {t: Fraction(n, targets.total()) for t, n in targets.items() if t != without}
        for origin, targets in counts.items()
        if origin != without
    }
    for state in [state for state in chances if state != "(start)"]:
        onward = chances.pop(state)
        stay = onward.pop(state, Fraction(0))
        for others in chances.values():
            arriving = others.pop(state, Fraction(0))
            for target, chance in onward.items():
                others[target] = others.get(target, Fraction(0)) + arriving * chance / (1 - stay)
    return chances["(start)"].get("(converted)", Fraction(0))


@examples
@given(people=walks, active=st.booleans(), limit=st.none() | st.integers(1, 8))
def test_effects_equal_the_chain_solved_anew_without_each_event(
    people: list[list[str]], active: bool, limit: int | None
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        store = walked(directory, people, max_events=limit, **UNGUARDED)
        if active:
            store.events(still_active(999, "a", "b", "c"))
        rows = store.figures(REMOVAL_EFFECTS)
    everyone = [*people, *([["a", "b", "c"]] if active else [])]
    paths = [cut(names)[:limit] for names in everyone]
    converted = {number for number, names in enumerate(everyone) if PAY in names}
    base = _conversion_rate(paths, converted)
    assert base == Fraction(len(converted), len(paths))
    expected = {
        event: 1 - _conversion_rate(paths, converted, without=event) / base
        for event in ({name for path in paths for name in path} if converted else ())
    }
    assert {row["event_type"]: row["effect"] for row in rows} == pytest.approx(
        {event: float(effect) for event, effect in expected.items()}, abs=1e-9
    )
    for row in rows:
        event = row["event_type"]
        having = [number for number, path in enumerate(paths) if event in path]
        assert row["conversion_rate"] == pytest.approx(float(base), abs=1e-12)
        assert row["conversion_rate_removed"] == pytest.approx(
            float(base * (1 - expected[event])), abs=1e-9
        )
        assert (row["persons"], row["converters_with"]) == (
            len(having),
            len(converted.intersection(having)),
        )
        assert row["gate"] == (row["converters_with"] == len(converted))


def test_without_conversions_there_is_nothing_to_lose(tmp_path: Path) -> None:
    assert walked(tmp_path, [["a"], ["b"]] * 20).figures(REMOVAL_EFFECTS) == []


def test_who_is_still_active_or_cut_counts_by_what_is_known_of_them(tmp_path: Path) -> None:
    """Two of four converted: one within the limit, one behind it; two did not, one still active."""
    store = walked(tmp_path, [["a", PAY], ["a", "b", PAY], ["a"]], max_events=2, **UNGUARDED)
    store.events(still_active(9, "a"))
    rows = {row["event_type"]: row for row in store.figures(REMOVAL_EFFECTS)}
    assert rows["a"]["conversion_rate"] == pytest.approx(2 / 4)
    assert rows["b"]["effect"] == pytest.approx(1 / 2)
    assert (rows[PAY]["effect"], rows[PAY]["gate"]) == (pytest.approx(1 / 2), False)


def test_of_lists_everyone_on_the_list_of_converters_has_converted(tmp_path: Path) -> None:
    store = walked(tmp_path, [["a"], ["a", "b"], ["b"], ["b"]], **UNGUARDED)
    store.lists(converters=[0, 1], non_converters=[2, 3])
    rows = {row["event_type"]: row for row in store.figures(REMOVAL_EFFECTS)}
    assert rows["a"]["conversion_rate"] == pytest.approx(2 / 4)
    assert (rows["a"]["effect"], rows["a"]["gate"]) == (pytest.approx(2 / 3), True)


def test_each_label_is_what_paths_may_end_in(tmp_path: Path) -> None:
    people = [["a", "x"], ["b", "x"], ["c"], ["a"]]
    store = labelled(walked(tmp_path, people, **UNGUARDED), ["one", "one", "two", "three"])
    found = {
        (row["cohort"], row["event_type"]): (row["conversion_rate"], row["effect"], row["gate"])
        for row in store.figures(REMOVAL_EFFECTS)
        if row["event_type"] in {"a", "x"}
    }
    assert found == {
        ("one", "a"): (1 / 2, 1 / 2, False),
        ("one", "x"): (1 / 2, 1.0, True),
        ("two", "a"): (1 / 4, 0.0, False),
        ("two", "x"): (1 / 4, 0.0, False),
        ("three", "a"): (1 / 4, 1.0, True),
        ("three", "x"): (1 / 4, 0.0, False),
    }


def test_a_gate_around_which_only_the_chain_knows_a_way_has_an_effect_below_one(
    tmp_path: Path,
) -> None:
    """Every converter passes g, but whoever comes to b otherwise could go on as they did."""
    people = [["g", "b", PAY]] * 15 + [["c", "b"]] * 15
    rows = {row["event_type"]: row for row in walked(tmp_path, people).figures(REMOVAL_EFFECTS)}
    assert (rows["g"]["gate"], rows["g"]["verdict"]) == (True, "gate")
    assert rows["g"]["effect"] == pytest.approx(1 / 2)
    assert rows["b"]["effect"] == pytest.approx(1)
    assert (rows["c"]["gate"], rows["c"]["verdict"]) == (False, "effect")


def test_below_the_support_the_effect_is_not_stated(tmp_path: Path) -> None:
    people = [["a", PAY]] * 30 + [["b"]] * 30 + [["rare", PAY]] * 3
    rows = {
        row["event_type"]: row
        for row in walked(tmp_path, people, min_share=0.1).figures(REMOVAL_EFFECTS)
    }
    assert [rows["rare"][k] for k in ("verdict", "effect", "conversion_rate_removed")] == [
        "insufficient",
        None,
        None,
    ]
    assert (rows["rare"]["persons"], rows["rare"]["converters_with"]) == (3, 3)
    assert rows["a"]["verdict"] == "effect"
    assert rows["a"]["conversion_rate"] == pytest.approx(33 / 63)


def test_too_few_converters_state_no_effect_at_all(tmp_path: Path) -> None:
    people = [["a", PAY]] * 9 + [["a"]] * 90
    rows = walked(tmp_path, people).figures(REMOVAL_EFFECTS)
    assert {row["verdict"] for row in rows} == {"insufficient"}
    assert {row["effect"] for row in rows} == {None}


def test_the_largest_effects_come_first(tmp_path: Path) -> None:
    people = [["a", "b", PAY]] * 20 + [["b", PAY]] * 10 + [["c"]] * 30
    rows = walked(tmp_path, people).figures(REMOVAL_EFFECTS)
    assert [row["event_type"] for row in rows] == ["b", PAY, "a", "c"]
    assert {row["cohort"] for row in rows} == {cohort([PAY])}
