"""Declared funnels: how far persons come, in which order, in which time, and what a file may not say."""

import tempfile
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey_assets.journeys.statistics.funnels.table import FUNNELS
from journey_assets.settings import SettingsError
from journey_assets_tests.journeys_store import AS_OF, Row, Store
from journey_assets_tests.journeys_walks import NOON, examples, walked, walks

THREE = """
[[funnel]]
name = "three"
steps = ["a", ["b", "b?"], "c*"]
within = "{within}"
order = "{order}"
"""


def _declared(directory: str | Path, text: str) -> str:
    path = Path(directory) / "funnels.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def _three(directory: str | Path, order: str = "in order", within: str = "30 minutes") -> str:
    return _declared(directory, THREE.format(order=order, within=within))


def _all(rows: list[Row], cohort: str = "all") -> dict[int, Row]:
    return {row["step"]: row for row in rows if row["cohort"] == cohort}


def _persons(rows: list[Row]) -> list[int]:
    return [row["persons"] for row in _all(rows).values()]


def test_other_events_come_between_unless_the_order_is_strict(tmp_path: Path) -> None:
    people = [["a", "x", "b", "c"], ["a", "b1", "cc"], ["b", "a", "c"], ["x"]]
    loose = walked(tmp_path / "1", people, funnels=_three(tmp_path)).figures(FUNNELS)
    strict = walked(tmp_path / "2", people, funnels=_three(tmp_path, "strict")).figures(FUNNELS)
    mixed = walked(tmp_path / "3", people, funnels=_three(tmp_path, "any order")).figures(FUNNELS)
    assert [_persons(rows) for rows in (loose, strict, mixed)] == [[3, 2, 2], [3, 1, 1], [3, 3, 3]]
    assert [row["dropped"] for row in _all(loose).values()] == [1, 0, 0]
    assert (_all(loose)[1]["event"], _all(loose)[2]["event"]) == ("a", "b | b?")


def test_a_later_attempt_counts_where_it_comes_further(tmp_path: Path) -> None:
    funnels = _three(tmp_path, within="2 minutes")
    rows = walked(tmp_path, [["a", "x", "x", "x", "a", "b", "c"]], funnels=funnels).figures(FUNNELS)
    assert _persons(rows) == [1, 1, 1]
    assert [row["median_seconds"] for row in _all(rows).values()] == [None, 60, 60]


def test_what_comes_behind_the_conversion_still_counts(tmp_path: Path) -> None:
    rows = walked(tmp_path, [["a", "pay", "b", "c"]], funnels=_three(tmp_path)).figures(FUNNELS)
    assert _persons(rows) == [1, 1, 1]


def test_an_attempt_whose_time_is_not_over_is_open_and_not_dropped_for_good(tmp_path: Path) -> None:
    store = Store(tmp_path, conversion_event="pay", funnels=_three(tmp_path, within="2 days"))
    late = datetime.combine(AS_OF, datetime.min.time()) + timedelta(hours=12)
    for person in range(10):
        store.events([(person, "a", NOON)])
        if person < 5:
            store.events([(person, "b", NOON + timedelta(hours=6))])
    store.events([(100 + person, "a", late) for person in range(10)])
    second = _all(store.figures(FUNNELS))[2]
    assert (second["persons"], second["conversion"]) == (5, 0.25)
    first = _all(store.figures(FUNNELS))[1]
    assert (first["dropped"], first["still_open"]) == (15, 10)
    # Half of those whose time is over; of the others 12 hours are known, in which nobody came later.
    assert second["reached_within"] == pytest.approx(5 / 20)


def test_a_step_that_nobody_reaches_is_a_row(tmp_path: Path) -> None:
    rows = _all(walked(tmp_path, [["a"], ["a"]], funnels=_three(tmp_path)).figures(FUNNELS))
    assert [(row["persons"], row["conversion"]) for row in rows.values()] == [
        (2, 1),
        (0, 0),
        (0, 0),
    ]
    assert rows[3]["step_conversion"] is None


def test_without_a_file_there_are_no_funnels(tmp_path: Path) -> None:
    assert walked(tmp_path, [["a", "b"]]).figures(FUNNELS) == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[funnel]\n", "is no TOML"),
        ('[[funnel]]\nsteps = ["a", "b"]\n', "funnel 1 has no name"),
        ('[[funnel]]\nname = "x"\nsteps = ["a"]\n', "a list of 2 to 20"),
        ('[[funnel]]\nname = "x"\nsteps = ["a", 3]\n', "a step must be"),
        ('[[funnel]]\nname = "x"\nsteps = ["a", "b"]\nwithin = "soon"\n', "within must be like"),
        ('[[funnel]]\nname = "x"\nsteps = ["a", "b"]\norder = "mixed"\n', "order must be one of"),
        ('[[funnel]]\nname = "x"\nsteps = ["a", "b"]\nwindow = "x"\n', "only name, steps"),
        ('funnels = "x"\n', "[[funnel]]"),
        (2 * '[[funnel]]\nname = "x"\nsteps = ["a", "b"]\n', "declares the funnel 'x' twice"),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused_by_name(
    tmp_path: Path, text: str, says: str
) -> None:
    store = walked(tmp_path, [["a", "b"]], funnels=_declared(tmp_path, text))
    with pytest.raises(SettingsError, match=r"JOURNEY_FUNNELS") as refused:
        store.figures(FUNNELS)
    assert says in str(refused.value)


def test_a_file_that_is_not_there_is_refused_by_name(tmp_path: Path) -> None:
    store = walked(tmp_path, [["a", "b"]], funnels=str(tmp_path / "none.toml"))
    with pytest.raises(SettingsError, match=r"JOURNEY_FUNNELS .* cannot be read"):
        store.figures(FUNNELS)


def _came(names: list[str], minutes: int, order: str) -> int:
    """How far a person comes whose events are a minute apart."""
    wanted, best = ["a", "b", "c"], 0
    for start, name in enumerate(names):
        in_time = names[start : start + minutes + 1]
        if order == "any order":
            came = len(set(in_time) & set(wanted)) if name in wanted else 0
        elif order == "strict":
            came = 0
            while came < 3 and in_time[came : came + 1] == [wanted[came]]:
                came += 1
        else:
            came = 0
            if name == "a":
                for each in in_time:
                    came += came < 3 and each == wanted[came]
        best = max(best, came)
    return best


@examples
@given(
    people=walks,
    order=st.sampled_from(["in order", "strict", "any order"]),
    minutes=st.integers(1, 6),
)
def test_funnels_equal_a_plain_count(people: list[list[str]], order: str, minutes: int) -> None:
    with tempfile.TemporaryDirectory() as directory:
        funnels = _three(directory, order, f"{minutes} minutes")
        rows = _all(walked(directory, people, funnels=funnels).figures(FUNNELS))
    came = [_came(names, minutes, order) for names in people]
    entered = sum(each > 0 for each in came)
    if not entered:
        assert rows == {}
        return
    for step, row in rows.items():
        assert row["persons"] == sum(each >= step for each in came)
        assert row["conversion"] == pytest.approx(row["persons"] / entered)
        assert row["dropped"] == (sum(each == step for each in came) if step < 3 else 0)
