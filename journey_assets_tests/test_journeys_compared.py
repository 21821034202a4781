"""Who is compared: newcomers on one list; and what the summary says of all others."""

import math
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from journey_assets.journeys.compute import compute
from journey_assets.journeys.statistics import TABLES
from journey_assets.journeys.statistics.event_patterns.table import EVENT_PATTERNS
from journey_assets.journeys.statistics.friction_signals.table import FRICTION_SIGNALS
from journey_assets.journeys.statistics.lifecycle.table import LIFECYCLE
from journey_assets.journeys.statistics.paths.table import PATHS
from journey_assets.journeys.statistics.retention.table import RETENTION
from journey_assets.journeys.statistics.step_frequencies.table import STEP_FREQUENCIES
from journey_assets.journeys.statistics.summary import STATISTIC as SUMMARY_ENTRY
from journey_assets.journeys.statistics.summary.table import SUMMARY
from journey_assets.settings import Settings
from journey_assets.warehouse.database import CATALOG
from journey_assets.warehouse.guards import register_guards
from journey_assets.warehouse.intervals import register_wilson
from journey_assets.warehouse.tables.raw import AMPLITUDE_EVENTS
from journey_assets.warehouse.warnings import warnings
from journey_assets_tests.journeys_store import AS_OF, Row, Store

FIRST = AS_OF - timedelta(days=29)
BEFORE = datetime.combine(FIRST - timedelta(days=9), datetime.min.time()) + timedelta(hours=9)
MORNING = datetime.combine(AS_OF - timedelta(days=20), datetime.min.time()) + timedelta(hours=9)

Event = tuple[int, str, datetime]

_Z = 1.959963984540054


def _life(person: int, *names: str, begin: datetime = MORNING) -> Iterator[Event]:
    for minute, name in enumerate(names):
        yield person, name, begin + timedelta(minutes=minute)


def _store(directory: Path, **settings: Any) -> Store:
    return Store(directory, conversion_event="Buy", **settings)


def _summary(store: Store, *days: date) -> Row:
    return store.figures(SUMMARY, *days)[0]


def test_who_bought_before_the_window_is_no_non_converter(tmp_path: Path) -> None:
    store = _store(tmp_path)
    store.events(event for n in range(100) for event in _life(n, "Use", "Buy", begin=BEFORE))
    store.events(event for n in range(100) for event in _life(n, "Use", "Use"))
    store.events(event for n in range(100, 200) for event in _life(n, "Use", "Buy"))
    found = store.all_figures(SUMMARY, FRICTION_SIGNALS)
    persons = {row["cohort"]: (row["persons"], row["compared"]) for row in found[SUMMARY]}
    assert persons == {"converter": (100, 100), "earlier_converter": (100, 0)}
    row = found[SUMMARY][0]
    assert (row["newcomers"], row["earlier_converters"], row["rate_7d"]) == (100, 100, 1.0)
    assert "friction" not in {row["verdict"] for row in found[FRICTION_SIGNALS]}


def test_history_is_the_persons_under_any_id_and_heals_when_days_are_removed(
    tmp_path: Path,
) -> None:
    store = _store(tmp_path)
    store.persons({1: "one", 2: "one", 3: "three"})
    store.events([*_life(1, "Buy", begin=BEFORE), *_life(2, "Use"), *_life(3, "Use")])
    row = _summary(store)
    assert (row["newcomers"], row["earlier_converters"], row["population"]) == (1, 1, 2)
    with store.session() as session, session.writing() as con:
        con.execute(
            f"DELETE FROM {CATALOG}.{AMPLITUDE_EVENTS.full_name} WHERE event_date < ?", [FIRST]
        )
    row = _summary(store)
    assert (row["newcomers"], row["earlier_converters"]) == (2, 0)


def test_an_id_that_was_only_seen_before_counts_with_its_user(tmp_path: Path) -> None:
    store = _store(tmp_path)
    store.sightings([(1, "ann", "Buy", BEFORE), (2, "ann", "Use", MORNING)])
    row = _summary(store)
    assert (row["newcomers"], row["earlier_converters"]) == (0, 1)


def test_each_as_of_of_a_run_has_its_own_newcomers(tmp_path: Path) -> None:
    store = _store(tmp_path)
    days = (AS_OF - timedelta(days=9), AS_OF)
    edge = datetime.combine(FIRST - timedelta(days=1), datetime.min.time())
    store.events([*_life(1, "Buy", begin=edge), *_life(1, "Use")])
    rows = store.figures(SUMMARY, *days)
    told = [(row["as_of"], row["newcomers"], row["earlier_converters"]) for row in rows]
    assert told == [(days[0], 1, 0), *[(days[1], 0, 1)] * (len(rows) - 1)]


def test_a_conversion_before_the_window_is_found_by_its_new_name_and_its_property(
    tmp_path: Path,
) -> None:
    (tmp_path / "renamed").mkdir()
    renamed = Store(tmp_path / "renamed", conversion_event="Sale", event_names="Buy*=Sale")
    renamed.events([*_life(1, "Buy now", begin=BEFORE), *_life(1, "Use")])
    assert _summary(renamed)["earlier_converters"] == 1
    (tmp_path / "told").mkdir()
    told = Store(tmp_path / "told", conversion_event="Plan: pro", step_property="Plan=name")
    told.insert(
        AMPLITUDE_EVENTS,
        [
            {
                "event_date": at.date(),
                "amplitude_id": person,
                "event_type": name,
                "event_time": at,
                "source_order": 0,
                "event_properties": f'{{"name": "{value}"}}',
            }
            for person, value in ((1, "pro"), (2, "free"))
            for name, at in (("Plan", BEFORE), ("Use", MORNING))
        ],
    )
    assert _summary(told)["earlier_converters"] == 1


def test_with_fewer_newcomers_than_the_guard_nothing_is_claimed(tmp_path: Path) -> None:
    store = _store(tmp_path)
    people = range(200)
    store.events(event for n in people for event in _life(n, "Use", begin=BEFORE))
    store.events(
        event
        for n in range(209)
        for event in _life(n, *(("Look", "Buy") if n % 2 else ("Stop", "Look")))
    )
    found = store.all_figures(SUMMARY, FRICTION_SIGNALS)
    assert found[SUMMARY][0]["rate_status"] == "insufficient"
    verdicts = {row["verdict"] for row in found[FRICTION_SIGNALS]}
    assert verdicts == {"insufficient", "everyone", "outcome"}  # none is a claim


def test_a_person_on_both_lists_is_counted_told_and_left_out(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.persons({1: "one", 2: "one"})
    store.lists(converters=[1, 3], non_converters=[2, 4])
    store.events(event for n in (1, 2, 3, 4) for event in _life(n, "Use"))
    with store.session() as session:
        compute(session, [AS_OF], store.settings, [SUMMARY])
        rows = session.con.execute(
            f"SELECT cohort, persons, compared, both_lists FROM {SUMMARY.result} ORDER BY cohort"
        ).fetchall()
        assert rows == [
            ("both_lists", 1, 0, 1),
            ("converter", 1, 1, 1),
            ("non_converter", 1, 1, 1),
        ]
        assert [text for text in warnings(session.con) if "1 person is on several lists" in text]


def test_one_bot_moves_no_figure_and_is_counted(tmp_path: Path) -> None:
    def people(directory: Path, *, bot: bool) -> Store:
        directory.mkdir()
        store = _store(directory, event_limit=3)
        store.events(
            event
            for n in range(40)
            for event in _life(n, *("a", "b", "a", "c", "d")[: 2 + n % 4], *["Buy"][: n % 2])
        )
        if bot:
            store.events(_life(999, *["c", "d"] * 2000))
        return store

    # Those that count everyone, a bot as one person.
    counting = (EVENT_PATTERNS, PATHS, SUMMARY, RETENTION, LIFECYCLE)
    tables = [table for table in TABLES if table not in counting]
    without = people(tmp_path / "without", bot=False).all_figures(*tables)
    store = people(tmp_path / "with", bot=True)
    found = store.all_figures(*tables)
    for table in tables:
        assert sorted(map(repr, found[table])) == sorted(map(repr, without[table])), table.name
    summary = store.figures(SUMMARY)
    assert {row["heavy_persons"] for row in summary} == {1}
    assert sum(row["persons"] for row in summary) == 41
    assert [row["n_events"] for row in store.figures(PATHS) if row["heavy"]] == [4000]


def test_heavy_is_a_setting(tmp_path: Path) -> None:
    store = _store(tmp_path, heavy_ratio=0)
    store.events([*_life(1, "a"), *_life(2, *["a"] * 2000)])
    rows = store.all_figures(SUMMARY, STEP_FREQUENCIES)
    assert rows[SUMMARY][0]["heavy_persons"] == 0
    assert sum(row["occurrences"] for row in rows[STEP_FREQUENCIES]) == 2001


def test_platform_and_country_are_the_persons_first_known_ones(tmp_path: Path) -> None:
    store = _store(tmp_path)
    seen = ((1, None, "SE", 0), (1, "iOS", "DE", 1), (2, "Web", None, 0), (1, "Web", None, 2))
    store.persons({1: "one", 2: "two"})
    store.insert(
        AMPLITUDE_EVENTS,
        [
            {
                "event_date": MORNING.date(),
                "amplitude_id": person,
                "event_type": "Use",
                "event_time": MORNING + timedelta(minutes=minute),
                "source_order": 0,
                "platform": platform,
                "country": country,
            }
            for person, platform, country, minute in seen
        ],
    )
    rows = {row["person_id"]: (row["platform"], row["country"]) for row in store.figures(PATHS)}
    assert rows == {"one": ("iOS", "SE"), "two": ("Web", None)}


def _kaplan_meier(
    hours: np.ndarray, converted: np.ndarray, upto: float
) -> tuple[float, float, float]:
    """1 − S at ``upto`` with the log-log Greenwood interval, by the plain product."""
    survival, greenwood = 1.0, 0.0
    for at in np.unique(hours[converted & (hours <= upto)]):
        n, d = np.count_nonzero(hours >= at), np.count_nonzero(converted & (hours == at))
        survival *= 1 - d / n
        greenwood += d / (n * (n - d))
    width = _Z * math.sqrt(greenwood) / abs(math.log(survival))
    return (
        1 - survival,
        1 - survival ** math.exp(-width),
        1 - survival ** math.exp(width),
    )


def _population(
    rng: np.random.Generator, persons: int, first_id: int = 0
) -> tuple[list[Event], np.ndarray, np.ndarray]:
    """People who come over the window and convert at a constant hazard; hours lived, who converted."""
    window = datetime.combine(FIRST, datetime.min.time())
    came = rng.integers(0, 30 * 24 * 60, persons)
    waits = rng.exponential(30 * 24 * 60, persons).astype(int) + 1
    events: list[Event] = []
    for n in range(persons):
        at = window + timedelta(minutes=int(came[n]))
        events.append((first_id + n, "Use", at))
        if came[n] + waits[n] < 30 * 24 * 60:
            events.append((first_id + n, "Buy", at + timedelta(minutes=int(waits[n]))))
    converted = came + waits < 30 * 24 * 60
    return events, np.where(converted, waits, 30 * 24 * 60 - came) / 60, converted


@pytest.mark.parametrize(("days", "read"), [(7, 7), (14, 14), (30, 29)])
def test_the_rates_are_those_of_kaplan_and_meier(tmp_path: Path, days: int, read: int) -> None:
    events, hours, converted = _population(np.random.default_rng(5), 300)
    store = _store(tmp_path)
    store.events(events)
    row = _summary(store)
    told = tuple(row[f"rate_{days}d{bound}"] for bound in ("", "_low", "_high"))
    assert told == pytest.approx(_kaplan_meier(hours, converted, read * 24), abs=1e-12)


def test_nobody_converting_is_a_rate_of_none_with_an_upper_bound(tmp_path: Path) -> None:
    store = _store(tmp_path)
    store.events(event for n in range(30) for event in _life(n, "Use"))
    row = _summary(store)
    assert (row["rate_14d"], row["rate_14d_low"]) == (0, 0)
    assert row["rate_14d_high"] == pytest.approx(0.1135, abs=1e-4)
    assert (row["crude_rate"], row["crude_low"]) == (0, 0)
    assert row["crude_high"] == pytest.approx(0.1135, abs=1e-4)


def test_what_nobody_was_observed_for_has_no_rate(tmp_path: Path) -> None:
    store = _store(tmp_path, window_days=10)
    late = datetime.combine(AS_OF - timedelta(days=5), datetime.min.time())
    store.events(event for n in range(30) for event in _life(n, "Use", begin=late))
    row = _summary(store)
    assert row["rate_status"] == "known"
    assert [row[f"rate_{days}d"] for days in (7, 14, 30)] == [None, None, None]


def test_the_truth_is_inside_the_interval_where_the_crude_share_is_not(tmp_path: Path) -> None:
    populations, persons, minutes = 200, 400, 30 * 24 * 60
    rng = np.random.default_rng(13)
    came = rng.integers(0, minutes, (populations, persons))
    waits = rng.exponential(minutes, (populations, persons))
    converted = came + waits < minutes
    lives = pa.table(
        {
            "day": np.repeat(np.arange(populations), persons),
            "converted": converted.astype(np.int64).ravel(),
            "ms": (np.where(converted, waits, minutes - came) * 60_000).astype(np.int64).ravel(),
        }
    )
    with _store(tmp_path).session() as session:
        con = session.con
        register_wilson(con, 0.95)
        register_guards(con, Settings.checked({}))
        con.execute(f"SET VARIABLE journeys_z = {_Z}")
        con.register("lives", lives)
        con.execute(
            "CREATE TEMP TABLE journey_lives AS SELECT DATE '2026-01-01' + day::INTEGER AS as_of, "
            "'any' AS cohort, 1 AS newcomer, converted, ms, 1 AS persons FROM lives; "
            "CREATE TEMP TABLE journey_windows AS SELECT DISTINCT as_of, as_of - 29 AS first_day, "
            "(as_of + 1)::TIMESTAMP AS observed_until, false AS by_labels FROM journey_lives"
        )
        con.execute(SUMMARY_ENTRY.sql("rates"))
        bounds = con.execute("SELECT rates[14].low, rates[14].high FROM journey_rates").fetchall()
    truth = 1 - math.exp(-14 / 30)
    inside = sum(low <= truth <= high for low, high in bounds) / populations
    assert len(bounds) == populations
    assert inside >= 0.93
    crude = converted.mean(axis=1)
    error = _Z * np.sqrt(crude * (1 - crude) / persons)
    assert np.mean(np.abs(crude - (1 - math.exp(-1))) <= error) == 0
