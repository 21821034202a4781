"""Retention and lifecycle: who comes back when, what is not yet known, and who went dormant."""

import tempfile
from collections import defaultdict
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey_assets.journeys.statistics.lifecycle.table import LIFECYCLE
from journey_assets.journeys.statistics.retention.table import RETENTION
from journey_assets_tests.journeys_store import AS_OF, Row, Store
from journey_assets_tests.journeys_walks import examples

#: The window's first day, a Monday.
FIRST = date(2026, 3, 2)
EARLIER = FIRST - timedelta(days=9)

#: By person: the event of each day on which it is active, by the days since FIRST (before it: below 0).
lives = st.lists(
    st.dictionaries(st.integers(-3, 29), st.sampled_from("ab"), min_size=1, max_size=12),
    min_size=1,
    max_size=25,
)


def _stored(directory: str | Path, people: list[dict[int, str]], until: date = AS_OF) -> Store:
    store = Store(Path(directory), conversion_event="pay")
    store.materialized(*(EARLIER + timedelta(days=n) for n in range((until - EARLIER).days + 1)))
    store.events(
        [
            (
                person,
                name,
                datetime.combine(FIRST, datetime.min.time()) + timedelta(days=n, hours=1),
            )
            for person, days in enumerate(people)
            for n, name in days.items()
            if FIRST + timedelta(days=n) <= until
        ]
    )
    return store


def _cells(rows: list[Row], unit: str) -> dict[tuple[date, int], int | None]:
    return {(r["cohort_week"], r["n"]): r["returned"] for r in rows if r["unit"] == unit}


def test_a_week_of_sign_up_is_followed_week_by_week_and_day_by_day(tmp_path: Path) -> None:
    rows = _stored(tmp_path, [{0: "a", 1: "b", 9: "a"}, {6: "a"}, {7: "a"}]).figures(RETENTION)
    weeks, days = _cells(rows, "week"), _cells(rows, "day")
    monday = FIRST
    assert {n: weeks[monday, n] for n in range(3)} == {0: 2, 1: 1, 2: 0}
    assert (days[monday, 1], days[monday, 9]) == (1, 1)
    row = next(r for r in rows if (r["cohort_week"], r["unit"], r["n"]) == (monday, "week", 1))
    assert (row["persons"], row["share"], row["first_event_returned"]) == (2, 0.5, 1)
    assert row["low"] < 0.5 < row["high"]


def test_what_is_not_over_for_everybody_of_the_week_is_empty_not_low(tmp_path: Path) -> None:
    # Signed up on 24 March: the first week after it is over on 6 April, beyond the as_of.
    rows = _stored(tmp_path, [{22: "a"}]).figures(RETENTION)
    weeks, days = _cells(rows, "week"), _cells(rows, "day")
    week = date(2026, 3, 23)
    assert (weeks[week, 0], weeks[week, 1]) == (1, None)
    assert (days[week, 7], (week, 8) in days) == (0, False)


def test_who_was_there_before_the_window_has_not_signed_up_in_it(tmp_path: Path) -> None:
    store = _stored(tmp_path, [{-2: "a", 1: "a"}, {1: "a"}])
    (row,) = (r for r in store.figures(RETENTION) if (r["unit"], r["n"]) == ("week", 0))
    assert row["persons"] == 1


def test_a_converter_who_goes_on_comes_back(tmp_path: Path) -> None:
    rows = _stored(tmp_path, [{0: "pay", 8: "a"}]).figures(RETENTION)
    assert _cells(rows, "week")[FIRST, 1] == 1


def test_a_day_that_was_never_materialized_makes_nobody_dormant(tmp_path: Path) -> None:
    store = Store(tmp_path, conversion_event="pay")
    known = [FIRST + timedelta(days=n) for n in range(30) if n != 5]
    store.materialized(*known)
    noon = datetime(2026, 3, 2, 12)
    store.events([(1, "a", noon + timedelta(days=n)) for n in (4, 6)])
    rows = {r["day"]: r for r in store.figures(LIFECYCLE)}
    unknown = [rows[FIRST + timedelta(days=n)] for n in (5, 6)]
    assert [row["dormant"] for row in unknown] == [None, None]
    assert [row["active"] for row in unknown] == [None, 1]
    assert rows[FIRST + timedelta(days=7)]["dormant"] == 1


def _expected_retention(people: list[dict[int, str]]) -> dict[tuple[date, str, int], int]:
    found: defaultdict[tuple[date, str, int], int] = defaultdict(int)
    for days in people:
        signed = min(days)
        if signed < 0:
            continue
        week = FIRST + timedelta(days=signed - signed % 7)
        for n in {day - signed for day in days}:
            found[week, "day", n] += 1
        for n in {(day - signed) // 7 for day in days}:
            found[week, "week", n] += 1
    return found


@examples
@given(people=lives)
def test_retention_and_lifecycle_equal_a_plain_count(people: list[dict[int, str]]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        found = _stored(directory, people).all_figures(RETENTION, LIFECYCLE)
    expected = _expected_retention(people)
    for row in found[RETENTION]:
        if row["returned"] is not None:
            assert row["returned"] == expected[row["cohort_week"], row["unit"], row["n"]]
            assert row["share"] == pytest.approx(row["returned"] / row["persons"])
    for row in found[LIFECYCLE]:
        day = (row["day"] - FIRST).days
        active = {who for who, days in enumerate(people) if day in days}
        before = {who for who, days in enumerate(people) if day - 1 in days}
        new = {who for who in active if min(people[who]) == day}
        assert (row["new"], row["active"]) == (len(new), len(active))
        if day:
            assert row["retained"] == len(active & before)
            assert row["resurrected"] == len(active - new - before)
            assert row["dormant"] == len(before - active)
