"""Two periods that share no day: which days, what differs, and what is not compared."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import CensoredData, ecdf, fisher_exact, logrank, ttest_ind

from journey_assets.journeys.statistics.changes.counted_periods import SETTLING_DAYS
from journey_assets.journeys.statistics.changes.differences import (
    Lives,
    Sums,
    converted_by,
    of_lives,
    of_means,
    of_shares,
)
from journey_assets.journeys.statistics.changes.periods import Periods
from journey_assets.journeys.statistics.changes.table import CHANGES
from journey_assets.journeys.statistics.changes.tests import HORIZONS
from journey_assets.settings import Settings, SettingsError
from journey_assets.warehouse.tables.ledger import LEDGER
from journey_assets_tests.journeys_store import AS_OF, Row, Store
from journey_assets_tests.journeys_walks import PAY, select

LEVEL = 0.95
WINDOW = 5


def _compare(to: str, as_of: date = AS_OF, window: int = 30) -> Periods:
    return Periods.of(as_of, Settings.checked({"compare_to": to, "window_days": window}))


@pytest.mark.parametrize(
    ("to", "then", "now"),
    [
        ("previous_window", ("2026-01-31", "2026-03-01"), ("2026-03-02", "2026-03-31")),
        ("previous_week", ("2026-03-18", "2026-03-24"), ("2026-03-25", "2026-03-31")),
        ("2026-02-01...2026-02-10", ("2026-02-01", "2026-02-10"), ("2026-03-22", "2026-03-31")),
        ("2025-11-01...2026-01-31", ("2026-01-02", "2026-01-31"), ("2026-03-02", "2026-03-31")),
        ("2026-04-01...2026-04-01", ("2026-04-01", "2026-04-01"), ("2026-03-31", "2026-03-31")),
    ],
)
def test_periods_are_equally_long_and_share_no_day(
    to: str, then: tuple[str, str], now: tuple[str, str]
) -> None:
    found = _compare(to)
    assert (f"{found.then_first}", f"{found.then}") == then
    assert (f"{found.now_first}", f"{found.now}") == now
    assert found.then < found.now_first or found.then_first > found.now


@pytest.mark.parametrize("to", ["2026-03-01...2026-03-02", "2026-03-31...2026-04-10"])
def test_days_of_the_window_are_refused_in_one_line(to: str) -> None:
    with pytest.raises(
        SettingsError, match=r"JOURNEY_COMPARE_TO=.*shares days.*2026-03-02"
    ) as told:
        _compare(to)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("to", ["last_week", "2026-03-02", "2026-03-02...2026-03-01", "a...b"])
def test_what_is_no_comparison_is_no_setting(to: str) -> None:
    with pytest.raises(SettingsError, match="JOURNEY_COMPARE_TO"):
        Settings.checked({"compare_to": to})


def _sums(x: "np.ndarray[tuple[int, ...], np.dtype[np.int64]]", v: object) -> Sums:
    """The sums over persons, the last axis."""
    visits = np.broadcast_to(np.asarray(v), x.shape)
    n = np.full(x.shape[:-1], x.shape[-1], dtype=float)
    return Sums(
        n,
        *(each.sum(-1).astype(float) for each in (x, visits, x * x, x * visits, visits * visits)),
    )


def test_of_one_visit_a_person_the_test_is_fishers() -> None:
    then, now = np.repeat([1, 0], [30, 70]), np.repeat([1, 0], [12, 88])
    found = of_shares(_sums(then[None], 1), _sums(now[None], 1), LEVEL)
    assert found.p[0] == pytest.approx(fisher_exact([[12, 88], [30, 70]]).pvalue, rel=0.1)
    # Newcombe's own formula, by hand: −0.288 to −0.068.
    assert (found.low[0], found.high[0]) == pytest.approx((-0.288, -0.068), abs=0.002)


def test_the_interval_of_a_difference_holds_it_where_visits_of_persons_are_alike() -> None:
    rng = np.random.default_rng(5)
    sums, true = [], (0.2, 0.3)
    for share in true:
        own = rng.beta(share * 4, (1 - share) * 4, (2000, 60))  # ρ = 0.2
        sums.append(_sums(rng.binomial(8, own), 8))
    found = of_shares(sums[0], sums[1], LEVEL)
    covered = (found.low <= true[1] - true[0]) & (true[1] - true[0] <= found.high)
    assert 0.93 <= covered.mean() <= 0.97


def test_means_are_compared_as_welch_does() -> None:
    rng = np.random.default_rng(6)
    then, now = rng.poisson(3, 40), rng.poisson(5, 90)
    found = of_means(_sums(then[None], 1), _sums(now[None], 1), LEVEL)
    welch = ttest_ind(now, then, equal_var=False)
    assert found.p[0] == pytest.approx(welch.pvalue)
    assert (found.low[0], found.high[0]) == pytest.approx(welch.confidence_interval(LEVEL))


def test_lives_are_compared_by_the_log_rank_test_and_read_off_kaplan_meier() -> None:
    rng = np.random.default_rng(7)
    lives, samples = [], []
    for persons, mean in ((80, 60), (120, 90)):
        life, seen = rng.exponential(mean, persons).astype(int), rng.integers(0, 200, persons)
        hours, converts = np.minimum(np.minimum(life, seen), 168), (life <= seen) & (life < 168)
        lives.append(
            Lives(
                *(np.bincount(hours[kind], minlength=169) for kind in (converts, ~converts)),
            )
        )
        samples.append(CensoredData(hours[converts], right=hours[~converts]))
    _, _, p = of_lives(lives[0], lives[1], 168, LEVEL)
    assert p == pytest.approx(logrank(samples[0], samples[1]).pvalue)
    assert converted_by(lives[0], 168, LEVEL).rate == pytest.approx(
        float(ecdf(samples[0]).cdf.evaluate(167))
    )


def _days(last: date, days: int) -> list[date]:
    return [last - timedelta(days=n) for n in reversed(range(days))]


def _store(
    directory: Path, walks: Mapping[date, Iterable[list[str]]], *missing: date, **given: Any
) -> Store:
    """A store in which new persons walk every day, all days of which are stored but ``missing``."""
    store = Store(directory, conversion_event=PAY, window_days=WINDOW, permutations=99, **given)
    persons = count()
    store.events(
        [
            (person, name, datetime(day.year, day.month, day.day, 9, minute))
            for day, people in walks.items()
            for person, names in zip(persons, people, strict=False)
            for minute, name in enumerate(names)
        ]
    )
    store.materialized(*(day for day in walks if day not in missing))
    return store


def _people(rng: np.random.Generator, leave_at_b: float, pay: float = 0.1) -> list[list[str]]:
    """40 newcomers who leave at each event with 0.1, but at ``b`` as often as said."""
    found = []
    for _ in range(40):
        names = [str(rng.choice(list("abc")))]
        while rng.random() >= (leave_at_b if names[-1] == "b" else 0.1):
            names.append(PAY if rng.random() < pay else str(rng.choice(list("abc"))))
            if names[-1] == PAY:
                break
        found.append(names)
    return found


def _changed(directory: Path, *missing: date) -> list[Row]:
    rng = np.random.default_rng(8)
    days = _days(AS_OF, 3 * WINDOW)
    walks = {day: _people(rng, 0.1 if day <= days[2 * WINDOW - 1] else 0.5) for day in days}
    return _store(directory, walks, *missing).figures(CHANGES)


def test_where_people_leave_since_the_release_is_found_and_nothing_else(tmp_path: Path) -> None:
    rows = _changed(tmp_path)
    (leaving,) = select(rows, figure="exit_rate", event_type="b")
    assert leaving["verdict"] == "higher"
    assert leaving["low"] < 0.4 < leaving["high"]
    assert leaving["difference"] == leaving["now_value"] - leaving["then_value"]
    assert (leaving["then_first"], leaving["now_first"]) == tuple(
        _days(AS_OF, 2 * WINDOW)[::WINDOW]
    )
    assert not [
        row
        for row in select(rows, figure="exit_rate")
        if row["event_type"] != "b" and row["verdict"] not in {"no_difference", "insufficient"}
    ]


def test_a_missing_day_is_said_and_nothing_is_compared_with_the_rest(tmp_path: Path) -> None:
    rows = _changed(tmp_path, AS_OF - timedelta(days=WINDOW))
    inside = select(rows, figure="conversion_last_day")
    assert {row["verdict"] for row in rows if row not in inside} == {"days_missing"}
    assert {(row["then_days"], row["now_days"]) for row in rows if row not in inside} == {(4, 5)}
    assert [row["verdict"] for row in inside] == ["no_difference"]
    assert select(rows, figure="exit_rate", event_type="b")[0]["now_value"] is not None


def test_periods_whose_events_were_fetched_with_different_settings_are_not_compared(
    tmp_path: Path,
) -> None:
    rng = np.random.default_rng(13)
    days = _days(AS_OF, 2 * WINDOW)
    store = _store(tmp_path, {day: _people(rng, 0.1) for day in days}, *days)
    sources = ["export"] * WINDOW + ["user_activity"] * WINDOW
    store.insert(
        LEDGER,
        [
            {
                "partition": day,
                "table_name": "raw.amplitude_events",
                "settings": f'{{"AMPLITUDE_SOURCE": "{source}"}}',
            }
            for day, source in zip(days, sources, strict=True)
        ],
    )
    rows = store.figures(CHANGES)
    compared = [row for row in rows if row["figure"] != "conversion_last_day"]
    assert {row["verdict"] for row in compared} == {"unlike_settings"}
    assert all(row["then_value"] is None for row in compared)


def test_a_week_is_compared_with_the_week_before_of_the_same_window(tmp_path: Path) -> None:
    rng = np.random.default_rng(9)
    days = _days(AS_OF, 14)
    walks = {day: _people(rng, 0.1 if day <= days[6] else 0.5) for day in days}
    store = _store(tmp_path, walks, compare_to="previous_week")
    store.settings = store.settings.model_copy(update={"window_days": 14})
    (row,) = select(store.figures(CHANGES), figure="exit_rate", event_type="b")
    assert row["verdict"] == "higher"
    assert (row["then_last"], row["now_first"]) == (days[6], days[7])


def test_a_day_on_which_nobody_converts_is_found(tmp_path: Path) -> None:
    rng = np.random.default_rng(10)
    days = _days(AS_OF, WINDOW + SETTLING_DAYS)
    walks = {day: _people(rng, 0.1, pay=0.1 if day < AS_OF else 0.0) for day in days}
    rows = _store(tmp_path, walks).figures(CHANGES)
    (row,) = select(rows, figure="conversion_last_day")
    assert row["now_value"] == 0
    assert row["p_value"] < 1 - LEVEL
    assert row["then_persons"] == 40 * (WINDOW - 1)


def test_the_last_day_is_not_compared_with_the_first_days_of_a_store(tmp_path: Path) -> None:
    rng = np.random.default_rng(12)
    walks = {day: _people(rng, 0.1) for day in _days(AS_OF, SETTLING_DAYS + 2)}
    store = _store(tmp_path, walks)
    store.settings = store.settings.model_copy(update={"window_days": 30})
    (row,) = select(store.figures(CHANGES), figure="conversion_last_day")
    assert (row["then_days"], row["then_persons"], row["now_persons"]) == (1, 40, 40)


def test_sessions_are_no_lives(tmp_path: Path) -> None:
    rng = np.random.default_rng(14)
    walks = {day: _people(rng, 0.1) for day in _days(AS_OF, 3 * WINDOW)}
    rows = _store(tmp_path, walks, path_unit="session").figures(CHANGES)
    assert {row["figure"] for row in rows} >= {"conversion_rate", "exit_rate"}
    assert not [row for row in rows if row["figure"] in HORIZONS]


def test_newcomers_are_compared_where_enough_is_stored_before_them(tmp_path: Path) -> None:
    rng = np.random.default_rng(11)
    days = _days(AS_OF, 3 * WINDOW)
    walks = {day: _people(rng, 0.1, pay=0.1 if day <= days[-WINDOW - 1] else 0.4) for day in days}
    store = _store(tmp_path, walks)
    (found,) = select(store.figures(CHANGES), figure="conversion_1d")
    assert found["verdict"] == "higher"
    assert found["now_persons"] == 40 * WINDOW
    fewer = {day: walks[day] for day in days[WINDOW:]}
    (row,) = select(_store(tmp_path / "fewer", fewer).figures(CHANGES), figure="conversion_1d")
    assert row["verdict"] == "insufficient"
