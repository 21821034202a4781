"""The golden path in three readings: which sequence each is, and whom it is counted among."""

import itertools
import tempfile
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_assets.journeys.statistics.golden_paths import readings
from journey_assets.journeys.statistics.golden_paths.common_subsequence import (
    longest_common_subsequence,
)
from journey_assets.journeys.statistics.golden_paths.most_probable_path import (
    MostProbablePath,
    most_probable_path,
)
from journey_assets.journeys.statistics.golden_paths.readings import fewest_of
from journey_assets.journeys.statistics.golden_paths.table import GOLDEN_PATHS
from journey_assets.journeys.statistics.variants.table import VARIANTS
from journey_assets.warehouse.tables.raw import AMPLITUDE_USERS
from journey_assets_tests.journeys_store import AS_OF, Row, Store
from journey_assets_tests.journeys_walks import (
    NOON,
    PAY,
    chain,
    collapsed,
    cut,
    examples,
    walked,
    walks,
)

A, B, C = "a", "b", "c"


def _rows(directory: Path, people: Sequence[Sequence[str]], **given_: Any) -> dict[str, Row]:
    """The rows by reading; cohorts of one person are enough unless said otherwise."""
    store = walked(directory, people, **({"min_cohort_persons": 1} | given_))
    return {row["reading"]: row for row in store.figures(GOLDEN_PATHS)}


def contains(path: Sequence[str], wanted: Sequence[str]) -> bool:
    steps = iter(path)
    return all(step in steps for step in wanted)


# ---- the modal reading


def test_the_modal_reading_is_the_collapsed_path_of_most_converters(tmp_path: Path) -> None:
    people = [[B, B, C, PAY], [B, C, C, PAY], [A, C, PAY], [B, PAY], [C], [C], [C]]
    row = _rows(tmp_path, people)["modal"]
    assert row["path"] == [B, C, PAY]
    assert (row["exact_converters"], row["converters"], row["non_converters"]) == (2, 4, 3)


def test_of_equally_many_the_first_by_names_is_modal_as_in_variants(tmp_path: Path) -> None:
    store = walked(tmp_path, [[B, PAY], [A, C, PAY], [A, B, PAY]], min_cohort_persons=1)
    figures = store.all_figures(GOLDEN_PATHS, VARIANTS)
    modal = next(row for row in figures[GOLDEN_PATHS] if row["reading"] == "modal")
    first = next(row for row in figures[VARIANTS] if row["rank"] == 1)
    assert modal["path"] == first["path"] == [A, B, PAY]


# ---- the most probable reading


def _chains(paths: Sequence[Sequence[int]]) -> MostProbablePath:
    """The most probable path by looking at every path without repeats."""
    pairs = Counter(p for path in paths for p in itertools.pairwise([-1, *path, 99]))
    leaving = Counter(p[0] for p in pairs.elements())
    states = sorted({event for path in paths for event in path})
    ways = (
        way
        for length in range(1, len(states) + 1)
        for way in itertools.permutations(states, length)
    )
    likely = min(
        (
            -_product(
                Fraction(pairs[p], leaving[p[0]]) for p in itertools.pairwise([-1, *way, 99])
            ),
            way,
        )
        for way in ways
    )
    return MostProbablePath(likely[1], float(-likely[0]))


def _product(shares: Any) -> Fraction:
    product = Fraction(1)
    for share in shares:
        product *= share
    return product


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 4), min_size=1, max_size=6), min_size=1, max_size=8),
)
def test_the_most_probable_path_equals_looking_at_every_way(paths: list[list[int]]) -> None:
    paths = [[event + 1 for event in path] for path in paths]
    found = most_probable_path(chain(paths))
    wanted = _chains(paths)
    assert found is not None
    assert found.events == wanted.events
    assert found.probability == pytest.approx(wanted.probability, abs=1e-12)


def test_its_probability_counts_start_repeats_and_end(tmp_path: Path) -> None:
    people = [[A, A, PAY], [A, PAY], [A, PAY], [B, B, B, PAY]]
    row = _rows(tmp_path, people)["most_probable"]
    assert row["path"] == [A, PAY]
    assert row["probability"] == pytest.approx(3 / 4 * 3 / 4)
    assert (row["exact_converters"], row["support_converters"]) == (3, 3)


def test_a_most_probable_path_that_nobody_walked_is_left_out(tmp_path: Path) -> None:
    # Half start with a; half of its departures go to the end; nobody does only that.
    people = [[A, B, A, PAY], [A, C, A, PAY], [B, A, C, PAY], [C, A, B, A, PAY]]
    rows = _rows(tmp_path, people)
    assert "most_probable" not in rows
    assert "common_subsequence" in rows


def test_nothing_has_no_most_probable_path() -> None:
    assert most_probable_path({}) is None


# ---- the headline


def test_the_headline_goes_by_first_times_and_its_support_by_containment(tmp_path: Path) -> None:
    people = [[A, B, PAY], [A, B, PAY], [B, A, B, PAY], [B, PAY], [A, B], [B, A]]
    row = _rows(tmp_path, people)["common_subsequence"]
    assert row["path"] == [A, B, PAY]
    assert row["first_order_converters"] == 2
    assert (row["support_converters"], row["share_converters"]) == (3, 0.75)
    assert row["support_non_converters"] == 0
    assert row["verdict"] == "found"


def test_the_share_asked_for_is_a_setting(tmp_path: Path) -> None:
    people = [[A, B, PAY]] * 6 + [[A, PAY]] * 4
    assert _rows(tmp_path, people, golden_support=0.61)["common_subsequence"]["path"] == [A, PAY]


def test_where_no_event_is_common_enough_there_is_no_path(tmp_path: Path) -> None:
    given_ = {"conversion_event": "", "min_cohort_persons": 1, "golden_support": 0.6}
    store = walked(tmp_path, [[A], [B], [C]], **given_)
    store.lists(converters=[0, 1], non_converters=[2])
    row = next(r for r in store.figures(GOLDEN_PATHS) if r["reading"] == "common_subsequence")
    assert (row["verdict"], row["path"], row["support_converters"]) == ("none", None, None)


def test_a_search_that_reached_its_limit_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hurried = partial(longest_common_subsequence, work_limit=0)
    monkeypatch.setattr(readings, "longest_common_subsequence", hurried)
    row = _rows(tmp_path, [[A, B, PAY]] * 3)["common_subsequence"]
    assert row["verdict"] == "limit"
    assert row["support_converters"] == 3


@given(st.integers(1, 400), st.integers(1, 400), st.integers(2, 50))
def test_the_fewest_persons_are_the_smallest_number_with_the_share(
    persons: int, numerator: int, denominator: int
) -> None:
    share = min(numerator / denominator, 1.0)
    fewest = fewest_of(persons, share)
    assert fewest / persons >= share
    assert fewest == 1 or (fewest - 1) / persons < share


# ---- all readings


@examples
@given(walks)
def test_every_reading_is_counted_among_all_paths(people: list[list[str]]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        rows = _rows(Path(directory), people)
    converters = [cut(names) for names in people if PAY in names]
    others = [names for names in people if PAY not in names]
    for row in rows.values():
        assert (row["converters"], row["non_converters"]) == (len(converters), len(others))
        if row["verdict"] == "insufficient":
            assert not converters
            continue
        path = row["path"]
        support = sum(contains(names, path) for names in converters)
        assert row["support_converters"] == support
        assert row["share_converters"] == support / len(converters)
        assert row["share_converters_low"] <= support / len(converters)
        assert row["support_non_converters"] == sum(contains(names, path) for names in others)
        assert row["exact_converters"] == sum(collapsed(n) == tuple(path) for n in converters)
        assert row["reading"] != "most_probable" or row["exact_converters"] > 0
        assert (row["share_non_converters"] is None) == (not others)


def test_fewer_converters_than_the_guard_asks_for_state_no_path(tmp_path: Path) -> None:
    rows = _rows(tmp_path, [[A, PAY]] * 9 + [[A]], min_cohort_persons=10)
    assert set(rows) == {"modal", "most_probable", "common_subsequence"}
    for row in rows.values():
        assert (row["verdict"], row["path"], row["converters"]) == ("insufficient", None, 9)
        assert row["share_converters"] is None
        assert row["share_non_converters"] is None


def test_the_time_goes_from_the_earliest_first_to_the_earliest_last_event(tmp_path: Path) -> None:
    store = Store(tmp_path, conversion_event=PAY, min_cohort_persons=1)
    moments = {1: (0, 30, 50, 90), 2: (5, 20, 40, 100), 3: (0, 1, 2, 3.5)}
    for person, seconds in moments.items():
        names = (A, A, B, PAY)
        store.events(
            (person, name, NOON + timedelta(seconds=second))
            for name, second in zip(names, seconds, strict=True)
        )
    row = next(r for r in store.figures(GOLDEN_PATHS) if r["reading"] == "common_subsequence")
    assert row["path"] == [A, B, PAY]
    assert row["median_seconds"] == 90


def test_a_median_of_few_is_not_stated(tmp_path: Path) -> None:
    people = [[A, B, PAY]] * 5 + [[A, C, PAY]] * 4 + [[B, PAY]]
    rows = _rows(tmp_path, people, min_cohort_persons=10)
    assert rows["modal"]["median_seconds"] is None
    assert rows["common_subsequence"]["path"] == [A, B, PAY]


def test_each_label_has_its_own_golden_paths(tmp_path: Path) -> None:
    ways = {"one": [A, B], "two": [B, A], "three": [C]}
    store = walked(tmp_path, list(ways.values()), min_cohort_persons=1, conversion_event="")
    store.insert(
        AMPLITUDE_USERS,
        [
            {
                "event_date": AS_OF,
                "requested_id": label,
                "amplitude_id": person,
                "cohort": label,
                "status": "ok",
            }
            for person, label in enumerate(ways)
        ],
    )
    rows = store.figures(GOLDEN_PATHS)
    headline = {r["cohort"]: r for r in rows if r["reading"] == "common_subsequence"}
    assert {label: row["path"] for label, row in headline.items()} == ways
    assert all(row["non_converters"] == 2 for row in headline.values())


def test_a_range_gives_the_rows_of_its_days(tmp_path: Path) -> None:
    store = Store(tmp_path, conversion_event=PAY, min_cohort_persons=1, window_days=2)
    for person in range(12):
        names = [A, B, C, PAY][person % 3 :] if person % 2 else [C, A]
        start = datetime(2026, 3, 28 + person % 4, 9)
        store.events(
            (person, name, start + timedelta(minutes=minute)) for minute, name in enumerate(names)
        )
    days = [date(2026, 3, 30), date(2026, 3, 31)]
    together = store.all_figures(GOLDEN_PATHS, days=days)[GOLDEN_PATHS]
    apart = [row for day in days for row in store.figures(GOLDEN_PATHS, day)]
    assert together == apart
    assert {row["as_of"] for row in together} == set(days)


# ---- what comes before the conversion


def test_of_a_path_to_the_conversion_the_others_are_counted_up_to_it(tmp_path: Path) -> None:
    people = [[A, B, PAY], [A, B, PAY], [A, B], [A, C, B, C], [B, A], [C]]
    row = _rows(tmp_path, people)["common_subsequence"]
    assert row["path"] == [A, B, PAY]
    assert (row["support_converters"], row["support_non_converters"]) == (2, 0)
    assert (row["before_converters"], row["before_non_converters"]) == (2, 2)
    assert row["before_share_non_converters"] == 2 / 4
    assert row["before_share_non_converters_low"] < 2 / 4 < row["before_share_non_converters_high"]


def test_the_conversion_alone_has_nothing_before_it(tmp_path: Path) -> None:
    row = _rows(tmp_path, [[PAY], [PAY], [A]])["common_subsequence"]
    assert row["path"] == [PAY]
    assert (row["before_converters"], row["before_non_converters"]) == (None, None)
