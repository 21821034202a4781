"""Step hazard: of the paths that reach a step, those that end there, and how."""

import tempfile
from itertools import pairwise
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from journey_assets.journeys.statistics.step_hazard.table import STEP_HAZARD
from journey_assets_tests.journeys_walks import (
    PAY,
    cut,
    examples,
    still_active,
    walked,
    walks,
)

KINDS = ("exits", "conversions", "censored", "cut")


def test_all_cohorts_stand_together_and_steps_without_an_end_are_there(tmp_path: Path) -> None:
    rows = walked(tmp_path, [["a"], ["a", "b", "pay", "c"], ["a", "b", "c"]]).figures(STEP_HAZARD)
    columns = ("step", "at_risk", "exits", "conversions", "hazard_exit", "hazard_conversion")
    assert [tuple(row[column] for column in columns) for row in rows] == [
        (1, 3, 1, 0, 1 / 3, 0),
        (2, 2, 0, 0, 0, 0),
        (3, 2, 1, 1, 1 / 2, 1 / 2),
    ]


def test_who_is_still_active_is_at_risk_but_no_exit(tmp_path: Path) -> None:
    store = walked(tmp_path, [["a", "b"]])
    store.events(still_active(9, "a", "b"))
    rows = store.figures(STEP_HAZARD)
    assert [[row[kind] for kind in KINDS] for row in rows] == [[0, 0, 0, 0], [1, 0, 1, 0]]


def test_a_path_that_a_limit_ends_is_cut_there(tmp_path: Path) -> None:
    rows = walked(tmp_path, [["a", "b", "c"], ["a", "b"]], max_events=2).figures(STEP_HAZARD)
    assert [[row[kind] for kind in KINDS] for row in rows] == [[0, 0, 0, 0], [1, 0, 0, 1]]


@examples
@given(people=walks, limit=st.none() | st.integers(1, 8), active=st.booleans())
def test_at_risk_telescopes_and_ends_equal_a_plain_count(
    people: list[list[str]], limit: int | None, active: bool
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        store = walked(directory, people, max_events=limit, step_limit=10)
        if active:
            store.events(still_active(999, "a", "b", "c"))
        rows = store.figures(STEP_HAZARD)
    ends = {kind: [0] * 14 for kind in KINDS}
    for number, names in enumerate([*people, *([["a", "b", "c"]] if active else [])]):
        path = cut(names)[:limit]
        kind = (
            "conversions" if path[-1] == PAY else "censored" if number == len(people) else "exits"
        )
        ends["cut" if len(path) < len(cut(names)) else kind][len(path)] += 1
    assert rows[0]["at_risk"] == len(people) + active
    assert [row["step"] for row in rows] == list(range(1, len(rows) + 1))
    for row in rows:
        assert {kind: row[kind] for kind in KINDS} == {k: n[row["step"]] for k, n in ends.items()}
    for row, following in pairwise(rows):
        assert following["at_risk"] == row["at_risk"] - sum(row[kind] for kind in KINDS)
    longest = max(len(cut(names)[:limit]) for names in [*people, *([["a"] * 3] if active else [])])
    assert len(rows) == min(10, longest)
