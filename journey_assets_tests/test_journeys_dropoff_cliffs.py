"""Drop-off cliffs: visits and exits, verdicts with error control, ranks."""

import tempfile
from collections import Counter
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from scipy import stats

from journey_assets.journeys.statistics.dropoff_cliffs.table import DROPOFF_CLIFFS
from journey_assets_tests.journeys_store import AS_OF, Row
from journey_assets_tests.journeys_walks import (
    PAY,
    examples,
    of_itself,
    select,
    still_active,
    walked,
    walks,
)

#: Thirty leave at `form` after `b`, thirty go on to work a while.
FORM = [["a", "b", "form"]] * 30 + [["a", "b", "c", "c", "c", "d"]] * 30 + [["a", "form", PAY]] * 5

Place = tuple[str, str | None]


def _cliffs(directory: Path, people: list[list[str]], **given_settings: Any) -> dict[Place, Row]:
    store = walked(directory, people, **given_settings)
    return {(row["from_event"], row["to_event"]): row for row in store.figures(DROPOFF_CLIFFS)}


def test_a_state_where_people_leave_more_than_elsewhere_is_a_cliff(tmp_path: Path) -> None:
    row = _cliffs(tmp_path, FORM)["form", None]
    assert (row["exits"], row["visits"], row["persons"]) == (30, 30, 30)
    assert (row["exit_rate"], row["share_of_exits"], row["cohort_exits"]) == (1, 0.5, 60)
    assert row["cohort_exit_rate"] == 60 / 270
    wilson = stats.binomtest(30, 30).proportion_ci(0.95, method="wilson")
    assert (row["exit_low"], row["exit_high"]) == pytest.approx((wilson.low, wilson.high))
    table = [[30, 0], [30, 210]]
    assert row["p_value"] == pytest.approx(stats.fisher_exact(table, "greater")[1])
    assert (row["verdict"], row["cohort"]) == ("cliff", "non_converter")


def test_a_pair_is_an_arrival_and_its_exit(tmp_path: Path) -> None:
    cliffs = _cliffs(tmp_path, FORM)
    pair = cliffs["b", "form"]
    assert (pair["exits"], pair["visits"], pair["rank"], pair["verdict"]) == (30, 30, 1, "cliff")
    assert {place for place in cliffs if place[1]} == {("b", "form"), ("c", "d")}


def test_states_without_exits_are_listed_and_pairs_without_are_not(tmp_path: Path) -> None:
    cliffs = _cliffs(tmp_path, FORM)
    assert (cliffs["a", None]["exits"], cliffs["a", None]["verdict"]) == (0, "no_cliff")
    assert ("a", "b") not in cliffs


def test_a_cohort_without_exits_has_no_rows(tmp_path: Path) -> None:
    assert {row["cohort"] for row in _cliffs(tmp_path, FORM).values()} == {"non_converter"}


def test_with_lists_converters_leave_too(tmp_path: Path) -> None:
    store = walked(tmp_path, [["a", "b"]] * 30, conversion_event="")
    store.lists(converters=range(15), non_converters=range(15, 30))
    rows = select(store.figures(DROPOFF_CLIFFS), from_event="b", to_event=None)
    assert {row["cohort"]: row["exits"] for row in rows} == {"converter": 15, "non_converter": 15}


def test_visits_whose_end_is_not_known_are_left_out(tmp_path: Path) -> None:
    store = walked(tmp_path, FORM)
    store.events(still_active(99, "b", "form"))
    cliffs = {(row["from_event"], row["to_event"]): row for row in store.figures(DROPOFF_CLIFFS)}
    assert (cliffs["form", None]["visits"], cliffs["b", "form"]["visits"]) == (30, 30)
    assert (cliffs["form", None]["persons"], cliffs["b", None]["visits"]) == (30, 61)
    (directory := tmp_path / "cut").mkdir()
    limited = _cliffs(directory, FORM, max_events=3)
    assert "c" not in {state for state, _ in limited}
    assert limited["b", None]["visits"] == 60


def test_too_few_persons_say_nothing(tmp_path: Path) -> None:
    row = _cliffs(tmp_path, FORM, min_persons=31, min_share=0.5)["form", None]
    assert (row["verdict"], row["exits"], row["visits"]) == ("insufficient", 30, 30)
    assert {row[name] for name in ("exit_rate", "exit_low", "rank", "p_value", "q_value")} == {None}


def test_ranks_go_by_share_of_exits_times_exit_rate(tmp_path: Path) -> None:
    # Many leave at `a` at a low rate, few at `b` at a high one.
    people = [["a", "a", "a", "a"]] * 40 + [["a", "b"]] * 26
    cliffs = _cliffs(tmp_path, people)
    states = {state: row for (state, to), row in cliffs.items() if to is None}
    worth = {s: row["share_of_exits"] * row["exit_rate"] for s, row in states.items()}
    assert worth["b"] > worth["a"]
    assert {s: row["rank"] for s, row in states.items()} == {"b": 1, "a": 2}
    assert states["a"]["exits"] > states["b"]["exits"]


@given(walks)
@examples
def test_visits_and_exits_equal_a_plain_count(people: list[list[str]]) -> None:
    exits: Counter[Place] = Counter()
    visits: Counter[Place] = Counter()
    for names in people:
        if PAY in names:
            continue
        visits.update((name, None) for name in names)
        visits.update(pairwise(names))
        exits[names[-1], None] += 1
        exits.update(list(pairwise(names))[-1:])
    with tempfile.TemporaryDirectory() as directory:
        found = _cliffs(Path(directory), people)
    listed = {place for place in visits if place[1] is None or exits[place]} if exits else set()
    assert {p: (row["exits"], row["visits"]) for p, row in found.items()} == {
        place: (exits[place], visits[place]) for place in listed
    }


def test_a_day_of_a_range_is_the_day_alone(tmp_path: Path) -> None:
    store = walked(tmp_path, FORM)
    days = [AS_OF, AS_OF + timedelta(days=1)]
    together = store.figures(DROPOFF_CLIFFS, *days)
    alone = [row for day in days for row in store.figures(DROPOFF_CLIFFS, day)]
    assert of_itself(together) == of_itself(alone)
