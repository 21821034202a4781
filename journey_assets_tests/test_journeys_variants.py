"""Variants: distinct collapsed paths, ranked, with the rest summed exactly."""

import statistics
import tempfile
from collections import Counter
from datetime import timedelta
from itertools import accumulate
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey_assets.journeys.statistics.variants.table import VARIANTS
from journey_assets_tests.journeys_store import Store
from journey_assets_tests.journeys_walks import (
    NOON,
    cohort,
    cohorts,
    collapsed,
    cut,
    examples,
    select,
    walked,
    walks,
)


def test_repeats_in_a_row_make_no_other_variant(tmp_path: Path) -> None:
    rows = walked(tmp_path, [["a", "b", "b"], ["a", "a", "b"], ["a", "b", "a"]]).figures(VARIANTS)
    assert [(row["rank"], row["path"], row["persons"]) for row in rows] == [
        (1, ["a", "b"], 2),
        (2, ["a", "b", "a"], 1),
    ]


def test_ties_are_in_the_order_of_the_names(tmp_path: Path) -> None:
    people = [["b"], ["a", "c"], ["Z"], ["a", "c", "a"], ["a", "b", "c"], ["é"]]
    rows = walked(tmp_path, people).figures(VARIANTS)
    assert [row["path"] for row in rows] == sorted(people)


def test_those_beyond_the_limit_are_one_row_without_a_path(tmp_path: Path) -> None:
    people = [["a"], ["a"], ["b"], ["c"], ["d"], ["d", "c"]]
    rows = walked(tmp_path, people, variant_limit=2).figures(VARIANTS)
    assert [
        (row["rank"], row["path"], row["persons"], row["variants"], row["cumulative_share"])
        for row in rows
    ] == [(1, ["a"], 2, 1, 2 / 6), (2, ["b"], 1, 1, 3 / 6), (3, None, 3, 3, 1.0)]


def test_no_row_of_others_stands_where_every_variant_is_listed(tmp_path: Path) -> None:
    rows = walked(tmp_path, [["a"], ["b"]], variant_limit=2).figures(VARIANTS)
    assert [row["path"] for row in rows] == [["a"], ["b"]]


def test_the_time_is_from_the_first_event_to_the_last_also_of_all_others(tmp_path: Path) -> None:
    store = Store(tmp_path, conversion_event="pay", variant_limit=1)
    lasting = {"a": [10, 20, 40], "b": [7, 9]}
    for person, (name, minutes) in enumerate((n, m) for n, ms in lasting.items() for m in ms):
        store.events([(person, name, NOON), (person, name, NOON + timedelta(minutes=minutes))])
    store.events([(99, "c", NOON)])
    rows = store.figures(VARIANTS)
    assert [row["median_seconds"] for row in rows] == [20 * 60.0, 7 * 60.0]


@examples
@given(people=walks, limit=st.integers(1, 12))
def test_variants_equal_a_plain_count_and_their_persons_sum_to_the_cohorts(
    people: list[list[str]], limit: int
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        found = walked(directory, people, variant_limit=limit).figures(VARIANTS)
    for name, size in cohorts(people).items():
        rows = select(found, cohort=name)
        lengths: dict[tuple[str, ...], list[int]] = {}
        for names in people:
            if cohort(names) == name:
                lengths.setdefault(collapsed(cut(names)), []).append(60 * (len(cut(names)) - 1))
        ranked = sorted(lengths, key=lambda path: (-len(lengths[path]), path))
        expected = [
            (list(path), len(lengths[path]), 1, statistics.median(lengths[path]))
            for path in ranked[:limit]
        ]
        if others := ranked[limit:]:
            seconds = [each for path in others for each in lengths[path]]
            expected.append((None, len(seconds), len(others), statistics.median(seconds)))  # type: ignore[arg-type]
        columns = ("path", "persons", "variants", "median_seconds")
        assert [tuple(row[column] for column in columns) for row in rows] == expected
        persons = [row["persons"] for row in rows]
        assert sum(persons) == size
        assert {row["cohort_persons"] for row in rows} == {size}
        shares = [total / size for total in accumulate(persons)]
        assert [row["cumulative_share"] for row in rows] == pytest.approx(shares)
        assert Counter(row["rank"] for row in rows) == Counter(range(1, len(rows) + 1))
