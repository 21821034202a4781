"""The step matrix: where the persons of a cohort are at each step of their full path."""

import tempfile
from collections import Counter
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from journey_assets.journeys.statistics.step_matrix.table import STEP_MATRIX
from journey_assets_tests.journeys_store import Row
from journey_assets_tests.journeys_walks import cohort, cohorts, examples, select, walked, walks


def _cells(rows: list[Row]) -> dict[tuple[int, str], int]:
    return {(row["step"], row["event_type"]): row["persons"] for row in rows}


def test_a_path_goes_on_behind_its_conversion(tmp_path: Path) -> None:
    rows = walked(tmp_path, [["a", "pay", "b", "b"]]).figures(STEP_MATRIX)
    assert _cells(rows) == {(1, "a"): 1, (2, "pay"): 1, (3, "b"): 1, (4, "b"): 1}


def test_a_limit_of_events_does_not_end_it_either(tmp_path: Path) -> None:
    rows = walked(tmp_path, [["a", "b", "c"]], max_events=1).figures(STEP_MATRIX)
    assert _cells(rows) == {(1, "a"): 1, (2, "b"): 1, (3, "c"): 1}


def test_who_has_ended_is_counted_at_every_step_of_the_longest_path(tmp_path: Path) -> None:
    rows = walked(tmp_path, [["a", "pay"], ["b", "b", "b"]]).figures(STEP_MATRIX)
    assert _cells(select(rows, cohort="converter")) == {
        (1, "a"): 1,
        (2, "pay"): 1,
        (3, "(ended)"): 1,
    }
    assert _cells(select(rows, cohort="non_converter")) == {(n, "b"): 1 for n in (1, 2, 3)}


def test_one_more_step_holds_what_lies_behind_the_limit(tmp_path: Path) -> None:
    rows = walked(
        tmp_path, [["a"], ["a", "b"], ["a", "b", "c"], ["a", "b", "c", "d"]], step_limit=2
    )
    assert _cells(rows.figures(STEP_MATRIX)) == {
        (1, "a"): 4,
        (2, "b"): 3,
        (2, "(ended)"): 1,
        (3, "(later)"): 2,
        (3, "(ended)"): 2,
    }


def test_there_is_no_step_behind_the_limit_when_nobody_goes_on(tmp_path: Path) -> None:
    rows = walked(tmp_path, [["a", "b"], ["a"]], step_limit=2).figures(STEP_MATRIX)
    assert _cells(rows) == {(1, "a"): 2, (2, "b"): 1, (2, "(ended)"): 1}


@examples
@given(people=walks, limit=st.integers(1, 15))
def test_the_matrix_equals_a_plain_count_and_every_step_sums_to_the_cohort(
    people: list[list[str]], limit: int
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        found = walked(directory, people, step_limit=limit).figures(STEP_MATRIX)
    steps = min(limit + 1, max(map(len, people)))
    for name, size in cohorts(people).items():
        members = [names for names in people if cohort(names) == name]
        expected: Counter[tuple[int, str]] = Counter()
        for step in range(1, steps + 1):
            for names in members:
                there = "(later)" if step > limit else (*names, *["-"] * step)[step - 1]
                expected[step, "(ended)" if step > len(names) else there] += 1
        rows = select(found, cohort=name)
        assert _cells(rows) == dict(expected)
        sums: Counter[int] = Counter()
        for row in rows:
            sums[row["step"]] += row["persons"]
            assert row["cohort_persons"] == size
            assert row["share"] == row["persons"] / size
            assert row["share_low"] <= row["share"] <= row["share_high"]
        assert dict(sums) == dict.fromkeys(range(1, steps + 1), size)
