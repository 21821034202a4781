"""The longest common order of events: equal to looking at every sequence, bounded, and honest."""

import itertools
from collections import Counter
from collections.abc import Sequence
from random import Random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_assets.journeys.statistics.golden_paths.common_subsequence import (
    CommonSubsequence,
    FirstOrders,
    longest_common_subsequence,
)

Paths = Sequence[Sequence[int]]

few_events = st.lists(st.lists(st.integers(0, 5), min_size=1, max_size=10), max_size=12)
#: One order from which events are missing, so that long sequences and many ties are common.
one_order = st.lists(st.sets(st.integers(0, 6), min_size=1).map(sorted), max_size=12)
few = settings(max_examples=40, deadline=None)


def search(paths: Paths, fewest: int, **limit: int) -> CommonSubsequence:
    first_orders = Counter(tuple(dict.fromkeys(path)) for path in paths)
    return longest_common_subsequence(FirstOrders.of(first_orders), fewest, **limit)


def supports(paths: Paths) -> Counter[tuple[int, ...]]:
    """How many paths do its events for the first time in this order, of every sequence there is."""
    found: Counter[tuple[int, ...]] = Counter()
    for path in paths:
        first_times = tuple(dict.fromkeys(path))
        for length in range(1, len(first_times) + 1):
            found.update(itertools.combinations(first_times, length))
    return found


def exhaustive(paths: Paths, fewest: int) -> CommonSubsequence:
    ranked = [
        (-len(one), -support, one) for one, support in supports(paths).items() if support >= fewest
    ]
    if not ranked:
        return CommonSubsequence((), 0, True)
    _, support, events = min(ranked)
    return CommonSubsequence(events, -support, True)


@settings(max_examples=200, deadline=None)
@given(few_events | one_order, st.integers(1, 6))
def test_the_search_equals_looking_at_every_sequence(paths: Paths, fewest: int) -> None:
    assert search(paths, fewest) == exhaustive(paths, fewest)


@few
@given(one_order, st.integers(1, 6))
def test_no_longer_sequence_has_the_same_support(paths: Paths, fewest: int) -> None:
    found = search(paths, fewest)
    for longer, support in supports(paths).items():
        assert len(longer) <= len(found.events) or support < fewest <= max(found.support, fewest)


@few
@given(few_events, st.integers(1, 6), st.randoms(use_true_random=False))
def test_the_order_of_the_paths_does_not_matter(paths: Paths, fewest: int, random: Random) -> None:
    shuffled = sorted(paths, key=lambda _: random.random())
    assert search(shuffled, fewest) == search(paths, fewest)


@few
@given(one_order, st.integers(1, 6), st.integers(0, 300_000))
def test_a_search_that_stops_early_says_so_and_what_it_has_is_true(
    paths: Paths, fewest: int, limit: int
) -> None:
    found = search(paths, fewest, work_limit=limit)
    if found.exact:
        assert found == exhaustive(paths, fewest)
    else:
        assert found.support == supports(paths)[found.events] >= fewest


def test_a_loop_does_not_lengthen_the_sequence() -> None:
    work = [3, 4] * 20
    assert search([[1, *work, 2]] * 5, 5).events == (1, 3, 4, 2)


def test_what_was_begun_again_counts_where_it_was_done_first() -> None:
    assert search([[1, 2, 1], [1, 2, 1], [2, 1]], 2).events == (1, 2)


def test_among_the_longest_the_one_of_most_paths_comes_first_then_the_first_by_codes() -> None:
    assert search([[1, 2], [1, 3], [3, 1], [3, 1]], 1).events == (3, 1)
    assert search([[3, 4], [2, 9], [2, 5]], 1).events == (2, 5)


def test_opposite_orders_of_half_of_the_paths_each_are_told_apart() -> None:
    found = search([[1, 2, 3]] * 5 + [[3, 2, 1]] * 5, 5)
    assert (found.events, found.support) == ((1, 2, 3), 5)


def test_a_hundred_paths_fill_more_than_one_word() -> None:
    found = search([[7, 8, 9]] * 70 + [[9, 8, 7]] * 63, 66)
    assert (found.events, found.support) == ((7, 8, 9), 70)


def test_paths_in_which_two_hundred_events_loop_are_searched_to_the_end() -> None:
    random = np.random.default_rng(5)
    paths = random.integers(0, 200, (400, 300)).tolist()
    assert search(paths, 200).exact
