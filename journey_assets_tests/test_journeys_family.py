"""All claims of a report are one family, and a claim is new once."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import false_discovery_control

from journey_assets.journeys.family import LOOKS, leave_families
from journey_assets.journeys.statistic import Claims
from journey_assets.journeys.statistics import CLAIMING
from journey_assets.journeys.statistics.friction_signals.table import FRICTION_SIGNALS
from journey_assets_tests.journeys_store import AS_OF, Row, Store
from journey_assets_tests.journeys_walks import PAY, select, walked

LEVEL = 0.05

#: A signal beyond doubt among events that say nothing.
ERRORS = [
    *[["open", "view", PAY] if n % 2 else ["open", "error", "view", PAY] for n in range(4)],
    *[["open", "view", PAY]] * 56,
    *[["open", "error", "view"] if n % 6 else ["open", "view"] for n in range(60)],
]


@st.composite
def _tests(draw: st.DrawFn) -> list[tuple[str, date, int, float]]:
    """Tests of three tables at two as_ofs: name, as_of, number, p-value."""
    p = st.one_of(st.floats(0, 1), st.sampled_from([0.0, 0.01, 1.0]))
    each = st.tuples(st.sampled_from(["one", "two", "before"]), st.integers(0, 1), p)
    return [
        (name, AS_OF + timedelta(days=day), number, value)
        for number, (name, day, value) in enumerate(draw(st.lists(each, max_size=30)))
    ]


@given(_tests())
@settings(max_examples=50, deadline=None)
def test_the_family_is_the_procedure_over_the_tests_of_all_tables(
    tests: list[tuple[str, date, int, float]],
) -> None:
    with duckdb.connect() as con:
        for name in ("one_tests", "two_tests", "before_tests"):
            con.execute(f"CREATE TABLE {name} (as_of DATE, test BIGINT, p_value DOUBLE)")
        for name, *row in tests:
            con.execute(f"INSERT INTO {name}_tests VALUES (?, ?, ?)", row)
        leave_families(con, [Claims(name, "", ()) for name in ("one", "two")], "before_tests")
        found = dict(con.execute("FROM one_family UNION ALL FROM two_family").fetchall())
    for day in {day for _, day, _, _ in tests}:
        family = [test for test in tests if test[1] == day]
        expected = false_discovery_control([p for *_, p in family])
        for (name, _, number, _), q in zip(family, expected, strict=True):
            assert name == "before" or found[number] == pytest.approx(q)
    assert len(found) == sum(name != "before" for name, *_ in tests)


@pytest.fixture(scope="module")
def alike(tmp_path_factory: pytest.TempPathFactory) -> Store:
    rng = np.random.default_rng(1)
    people = [[*rng.choice(list("abcdef"), 6), *[PAY] * (n % 3 == 0)] for n in range(90)]
    directory = tmp_path_factory.mktemp("alike")
    return walked(directory, [[str(name) for name in one] for one in people], permutations=99)


@pytest.mark.parametrize("table", CLAIMING, ids=str)
def test_a_claim_does_not_depend_on_which_tables_are_asked_for(alike: Store, table: object) -> None:
    together = alike.all_figures(*CLAIMING)
    (asked,) = [each for each in CLAIMING if each == table]
    assert alike.figures(asked) == together[asked]


def test_a_verdict_follows_the_family_and_not_its_table(tmp_path: Path) -> None:
    rows = walked(tmp_path, ERRORS).all_figures(*CLAIMING)
    (error,) = select(rows[FRICTION_SIGNALS], event_type="error")
    tested = [
        row["p_value"] for each in rows.values() for row in each if row["p_value"] is not None
    ]
    assert len(tested) > len(rows[FRICTION_SIGNALS])
    assert error["q_value"] < error["family_q"] < LEVEL
    assert error["verdict"] == "friction"


def _reports(store: Store, *days: date) -> Iterator[Row]:
    """The row of the signal in the reports of ``days``, each stored before the next is made."""
    for day in days:
        rows = store.figures(FRICTION_SIGNALS, day)
        store.insert(FRICTION_SIGNALS, rows)
        yield select(rows, event_type="error")[0]


def test_a_claim_is_new_in_the_first_report_that_shares_its_days(tmp_path: Path) -> None:
    days = [AS_OF + timedelta(days=n) for n in range(3)]
    rows = list(_reports(walked(tmp_path, ERRORS), *days))
    assert all(row["family_q"] < LEVEL / LOOKS for row in rows)
    assert [row["is_new"] for row in rows] == [True, False, False]


def test_days_of_one_run_are_reports_before_each_other(tmp_path: Path) -> None:
    days = [AS_OF + timedelta(days=n) for n in range(3)]
    rows = walked(tmp_path, ERRORS).figures(FRICTION_SIGNALS, *days)
    assert [row["is_new"] for row in select(rows, event_type="error")] == [True, False, False]


def test_later_reports_say_nothing_of_whether_a_claim_is_new(tmp_path: Path) -> None:
    store = walked(tmp_path, ERRORS)
    list(_reports(store, AS_OF + timedelta(days=1)))
    assert [row["is_new"] for row in _reports(store, AS_OF)] == [True]


def test_a_claim_that_the_level_of_a_month_does_not_hold_is_not_new(tmp_path: Path) -> None:
    weaker = [
        *[["open", "error", "view", PAY]] * 8,
        *[["open", "view", "view", PAY]] * 40,
        *[["open", "error", "view", "view"]] * 30,
        *[["open", "view", "view", "view"]] * 40,
    ]
    (row,) = _reports(walked(tmp_path, weaker), AS_OF)
    assert LEVEL / LOOKS < row["family_q"] < LEVEL
    assert row["verdict"] == "friction"
    assert not row["is_new"]
