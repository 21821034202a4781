"""Stages: how events are ordered and cut, and who reaches the groups."""

from datetime import date, datetime, timedelta
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_assets.journeys.statistics.removal_effects.table import REMOVAL_EFFECTS
from journey_assets.journeys.statistics.stages.cuts import FEWEST, MOST, REACHED_BY, cuts
from journey_assets.journeys.statistics.stages.table import STAGES
from journey_assets.journeys.statistics.step_matrix.table import STEP_MATRIX
from journey_assets.journeys.statistics.variants.table import VARIANTS
from journey_assets_tests.journeys_store import Row, Store
from journey_assets_tests.journeys_walks import PAY, labelled, still_active, walked

Stages = list[tuple[int, int]]

#: Paths as the places (1 … n) of their events, in the order of places; and transitions.
ways = st.integers(5, 9).flatmap(
    lambda n: st.tuples(
        st.just(n),
        st.lists(st.lists(st.integers(0, 20), min_size=n, max_size=n), min_size=n, max_size=n),
        st.lists(st.sets(st.integers(1, n), min_size=1), min_size=1, max_size=12),
    )
)


def _worth(mass: list[list[int]], stages: Stages) -> float:
    """The sum over stages of the share of transitions at its events that stay."""
    total = 0.0
    for first, last in stages:
        inside = range(first - 1, last)
        stay = sum(mass[i][j] for i in inside for j in inside)
        touch = sum(mass[i][j] + mass[j][i] for i in inside for j in range(len(mass)))
        total += 2 * stay / touch if touch else 0.0
    return total


def _exhaustive(events: int, mass: list[list[int]], paths: list[set[int]]) -> float:
    """The best worth of all ways to cut, of those that half of the paths reach where there are any."""
    every: list[tuple[bool, float]] = []
    for number in range(FEWEST, min(MOST, events) + 1):
        for inner in combinations(range(1, events), number - 1):
            stages = [(a + 1, b) for a, b in pairwise((0, *inner, events))]
            reached = [sum(any(a <= p <= b for p in path) for path in paths) for a, b in stages]
            enough = min(reached) >= REACHED_BY * len(paths)
            every.append((enough, _worth(mass, stages)))
    return max(every)[1]


@settings(max_examples=60, deadline=None)
@given(way=ways)
def test_the_cuts_are_as_good_as_the_best_of_all(
    way: tuple[int, list[list[int]], list[set[int]]],
) -> None:
    import numpy as np

    events, mass, paths = way
    mass = [[0 if i == j else n for j, n in enumerate(row)] for i, row in enumerate(mass)]
    padded = np.zeros((events + 1, events + 1), dtype=np.int64)
    padded[1:, 1:] = mass
    skips = np.zeros_like(padded)
    for path in paths:
        for last, place in pairwise([0, *sorted(path)]):
            skips[last, place] += 1
    ends = cuts(padded, skips, len(paths))
    assert ends[-1] == events
    assert FEWEST <= len(ends) <= MOST
    stages = [(a + 1, b) for a, b in pairwise([0, *ends])]
    assert _worth(mass, stages) == pytest.approx(_exhaustive(events, mass, paths), abs=1e-9)


def _walk(person: int, *blocks: str) -> list[str]:
    """Around in each block of events before the next; who has odd numbers begins one later."""
    turned = [block[person % 2 :] + block[: person % 2] for block in blocks]
    return [name for block in turned for name in block * 3]


@pytest.mark.parametrize(
    "blocks",
    [
        ("ab", "cd", "ef", "gh"),
        ("ab", "cd", "ef", "gh", "ij"),
        ("ab", "cd", "ef", "gh", "ij", "kl"),
    ],
)
def test_there_are_as_many_stages_as_the_way_has_parts(
    tmp_path: Path, blocks: tuple[str, ...]
) -> None:
    people = [[*_walk(person, *blocks), PAY] for person in range(12)]
    found = walked(tmp_path, people).figures(STAGES)
    assert [set(row["events"]) - {PAY} for row in found] == [set(block) for block in blocks]
    assert [row["stage"] for row in found] == list(range(1, len(blocks) + 1))


def _stages(rows: list[Row]) -> list[list[str]]:
    return [row["events"] for row in rows]


@pytest.mark.parametrize("names", [["a"], ["a", "b", "c"]])
def test_fewer_than_four_events_are_a_stage_each(tmp_path: Path, names: list[str]) -> None:
    people = [[*names, PAY]] * 10
    found = walked(tmp_path, people).figures(STAGES)
    assert _stages(found) == [[name] for name in (*names, PAY)]
    assert [row["label"] for row in found] == [*names, PAY]


def test_an_event_stands_where_it_first_occurs_on_the_median_converters_way(
    tmp_path: Path,
) -> None:
    """m is at 1/4, 1/2 and 1/2 of three equal groups; a comes again later, which does not count."""
    ways = [["a", "m", "b", "a", PAY], ["a", "b", "m", "a", PAY], ["a", "b", "m", "a", PAY]]
    others = [["m"]] * 60
    found = walked(tmp_path, [*ways * 10, *others]).figures(STAGES)
    assert [(row["label"], row["median_position"]) for row in found] == [
        ("a", 0.0),
        ("b", 0.25),
        ("m", 0.5),
        (PAY, 1.0),
    ]


def test_a_converter_of_one_event_has_no_way_but_is_counted(tmp_path: Path) -> None:
    found = walked(tmp_path, [["a", PAY]] * 10 + [[PAY]] * 30).figures(STAGES)
    assert [(row["label"], row["median_position"]) for row in found] == [("a", 0.0), (PAY, 1.0)]
    assert [(row["persons_converters"], row["converters"]) for row in found] == [(10, 40), (40, 40)]


def test_who_reaches_a_stage_and_when_equals_a_plain_count(tmp_path: Path) -> None:
    blocks = ("ab", "cd", "ef", "gh")
    store = walked(tmp_path, [[*_walk(person, *blocks), PAY] for person in range(12)])
    store.events(still_active(100, "d", "x"))
    store.events(still_active(101, "x", "a", "b"))
    found = store.figures(STAGES)
    assert [row["persons_converters"] for row in found] == [12] * 4
    assert [row["persons_non_converters"] for row in found] == [1, 1, 0, 0]
    assert [row["share_non_converters"] for row in found] == [1 / 2, 1 / 2, 0, 0]
    assert [row["median_seconds_from_start"] for row in found] == [0, 6 * 60, 12 * 60, 18 * 60]
    assert {(row["converters"], row["non_converters"]) for row in found} == {(12, 2)}


def test_a_stage_is_labelled_by_the_event_that_most_converters_have(tmp_path: Path) -> None:
    """Half of them go straight to d; whoever has c has it before d."""
    walk = _walk(0, "ab", "cd", "ef", "gh")
    direct = [name for name in walk if name != "c"]
    found = walked(tmp_path, [[*names, PAY] for names in [walk, direct] * 10]).figures(STAGES)
    assert (found[1]["events"], found[1]["label"]) == (["c", "d"], "d")
    assert found[0]["label"] == "a"


def test_events_without_support_take_no_part(tmp_path: Path) -> None:
    people = [["a", "b", PAY]] * 30 + [["a", "rare", "b", PAY]] * 9 + [["rare"]] * 40
    assert _stages(walked(tmp_path, people).figures(STAGES)) == [["a"], ["b"], [PAY]]


@pytest.mark.parametrize(("converters", "stages"), [(9, 0), (10, 2)])
def test_too_few_converters_have_no_stages(tmp_path: Path, converters: int, stages: int) -> None:
    people = [["a", PAY]] * converters + [["a"]] * 50
    assert len(walked(tmp_path, people).figures(STAGES)) == stages


def test_each_label_has_stages_of_its_own_way(tmp_path: Path) -> None:
    people = [["a", "b"]] * 10 + [["b", "a"]] * 12 + [["a", "b"]] * 5
    store = labelled(walked(tmp_path, people), ["one"] * 10 + ["two"] * 12 + ["three"] * 5)
    columns = ("cohort", "events", "converters", "persons_non_converters", "non_converters")
    assert [tuple(row[column] for column in columns) for row in store.figures(STAGES)] == [
        ("one", ["a"], 10, 17, 17),
        ("one", ["b"], 10, 17, 17),
        ("two", ["b"], 12, 15, 15),
        ("two", ["a"], 12, 15, 15),
    ]


def test_a_run_over_days_gives_what_each_day_gives_alone(tmp_path: Path) -> None:
    store = Store(tmp_path, conversion_event=PAY, window_days=4, min_share=0.01)
    blocks = ("ab", "cd", "ef", "gh")
    for day in range(15, 25):
        start = datetime(2026, 3, day, 9)
        for person in range(12):
            names = [*_walk(person + day, *blocks[: 1 + (person + day) % 4]), PAY][: day + person]
            store.events(
                [
                    (100 * day + person, name, start + timedelta(minutes=minute))
                    for minute, name in enumerate(names)
                ]
            )
    days = [date(2026, 3, day) for day in (20, 21)]
    tables = (STAGES, REMOVAL_EFFECTS, VARIANTS, STEP_MATRIX)
    together = store.all_figures(*tables, days=days)
    alone = [store.all_figures(*tables, days=[day]) for day in days]
    for table in tables:
        assert together[table] == [row for figures in alone for row in figures[table]]
        assert {row["as_of"] for row in together[table]} == set(days)
