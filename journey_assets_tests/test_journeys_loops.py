"""Loops: events that come again, and returns to them from another event."""

import statistics
import tempfile
from collections import Counter
from itertools import pairwise
from pathlib import Path

from hypothesis import given

from journey_assets.journeys.statistics.loops.table import LOOPS
from journey_assets_tests.journeys_store import Row
from journey_assets_tests.journeys_walks import (
    cohort,
    cohorts,
    cut,
    examples,
    select,
    walked,
    walks,
)

COUNTS = ("persons_with", "persons_repeating", "repeats", "persons_returning", "returns")


def _only(rows: list[Row]) -> Row:
    (row,) = rows
    return row


def test_an_event_in_a_row_repeats_but_is_no_return(tmp_path: Path) -> None:
    row = _only(walked(tmp_path, [["a", "b", "b", "b"], ["b"]]).figures(LOOPS))
    assert row["event_type"] == "b"
    assert [row[column] for column in COUNTS] == [2, 1, 2, 0, 0]
    assert row["return_share"] == 0
    assert row["median_steps_away"] is None


def test_a_return_is_counted_each_time_with_the_events_between(tmp_path: Path) -> None:
    people = [["a", "b", "a", "a", "c", "d", "b", "a"], ["a"]]
    row = _only(select(walked(tmp_path, people).figures(LOOPS), event_type="a"))
    assert [row[column] for column in COUNTS] == [2, 1, 3, 1, 2]
    assert row["return_share"] == 1 / 2
    assert row["median_steps_away"] == (1 + 3) / 2


def test_who_has_an_event_once_makes_no_row(tmp_path: Path) -> None:
    assert walked(tmp_path, [["a", "b"], ["a"]]).figures(LOOPS) == []


def test_what_a_converter_does_behind_the_conversion_is_no_loop(tmp_path: Path) -> None:
    assert walked(tmp_path, [["a", "pay", "a", "pay"]]).figures(LOOPS) == []


@examples
@given(people=walks)
def test_loops_equal_a_plain_count(people: list[list[str]]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        found = walked(directory, people).figures(LOOPS)
    expected: dict[tuple[str, str], tuple[object, ...]] = {}
    for group in cohorts(people):
        paths = [cut(names) for names in people if cohort(names) == group]
        for event in {name for path in paths for name in path}:
            places = [[i for i, name in enumerate(path) if name == event] for path in paths]
            away = [[b - a - 1 for a, b in pairwise(at) if b > a + 1] for at in places]
            counts = Counter(len(at) for at in places if at)
            every = [steps for each in away for steps in each]
            if max(counts) > 1:
                expected[group, event] = (
                    counts.total(),
                    counts.total() - counts[1],
                    sum((times - 1) * persons for times, persons in counts.items()),
                    sum(map(bool, away)),
                    len(every),
                    statistics.median(every) if every else None,
                )
    assert {
        (row["cohort"], row["event_type"]): tuple(
            row[column] for column in (*COUNTS, "median_steps_away")
        )
        for row in found
    } == expected
