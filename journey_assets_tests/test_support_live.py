"""Live sessions and agents: durations from rows, availability merged and clipped."""

import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journey_assets.support.compute import compute
from journey_assets.warehouse.database import Database
from journey_assets.warehouse.pseudonyms import pseudonym
from journey_assets.warehouse.tables.raw import MAVENOID_AVAILABILITIES, MAVENOID_SESSIONS
from journey_assets.warehouse.tables.support import (
    AGENT_STATISTICS,
    LIVE_SUPPORT_STATISTICS,
    TABLES,
)
from journey_assets_tests.stored import computed, days_from, settings_for, store

FIRST = date(2026, 10, 1)
MIDNIGHT = datetime.combine(FIRST, datetime.min.time())
HOUR = 3_600_000
NEVER_ACCEPTED = {
    "WAITING_FOR_AGENT",
    "CUSTOMER_SKIPPED",
    "DECLINED_BY_AGENT",
    "NO_AGENT_CAPACITY",
}

duration = st.one_of(st.none(), st.integers(0, 10_000_000))
live_session = st.fixed_dictionaries(
    {
        "day": st.integers(0, 9),
        "agent_email": st.sampled_from([None, "ann@example.com", "bob@example.com"]),
        "agent_group_name": st.sampled_from([None, "Europe", "Asia"]),
        "queue_duration_ms": duration,
        "first_response_ms": duration,
        "chat_duration_ms": duration,
        "status": st.sampled_from(
            ["RESOLVED", "ACTIVE", "AGENT_TIMEOUT", "TRANSFERRED", *sorted(NEVER_ACCEPTED)]
        ),
    }
)


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(live_session, min_size=40, max_size=80))
def test_durations_equal_numpys_figures_over_the_rows(drawn: list[dict[str, Any]]) -> None:
    rows = [
        {
            **each,
            "session_date": FIRST + timedelta(days=each["day"]),
            "assistant_conversation_id": f"C{number}",
            "created_at": MIDNIGHT + timedelta(days=each["day"], minutes=number),
        }
        for number, each in enumerate(drawn)
    ]
    with tempfile.TemporaryDirectory() as directory:
        database = Database(Path(directory) / "w.duckdb")
        store(database, MAVENOID_SESSIONS, rows)
        given_settings = settings_for(database, window_days=4)
        found = computed(
            compute, database, days_from(FIRST, 10), given_settings, LIVE_SUPPORT_STATISTICS
        )[0]
    for row in found:
        members = [
            each
            for each in rows
            if (each["agent_group_name"], each["status"])
            == (row["agent_group_name"], row["status"])
            and timedelta(0) <= row["as_of"] - each["session_date"] < timedelta(days=4)
        ]
        _assert_durations(row, members)
    groups = {(each["agent_group_name"], each["status"]) for each in rows}
    assert {(row["agent_group_name"], row["status"]) for row in found} == groups


def _assert_durations(row: dict[str, Any], members: list[dict[str, Any]]) -> None:
    assert row["sessions"] == len(members) > 0
    accepted = [
        each
        for each in members
        if each["status"] not in NEVER_ACCEPTED
        and (each["agent_email"] is not None or each["first_response_ms"] is not None)
    ]
    ended = [] if row["status"] == "ACTIVE" else accepted
    assert row["accepted"] == len(accepted)
    for name, field, meant in (
        ("queue", "queue_duration_ms", accepted),
        ("first_response", "first_response_ms", accepted),
        ("chat", "chat_duration_ms", ended),
    ):
        stated = [each[field] for each in members if each[field] is not None]
        assert row[f"{name}_ms_count"] == len(stated)
        assert row[f"{name}_ms_sum"] == (sum(stated) if stated else None)
        assert row[f"{name}_ms_max"] == max(stated, default=None)
        mean = row[f"{name}_ms_mean"]
        assert mean == (pytest.approx(sum(stated) / len(stated)) if stated else None)
        timed = [each[field] for each in meant if each[field] is not None]
        assert row[f"{name}_ms_timed"] == len(timed)
        for quantile in (50, 90, 95):
            value = row[f"{name}_ms_p{quantile}"]
            assert value == (pytest.approx(np.percentile(timed, quantile)) if timed else None)


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(tmp_path / "w.duckdb")


def test_quantiles_leave_out_durations_without_a_meaning_and_sums_keep_them(
    database: Database,
) -> None:
    statuses = ["ACTIVE", "NO_AGENT_CAPACITY", "RESOLVED"]
    sessions = [
        {
            "session_date": FIRST,
            "assistant_conversation_id": status,
            "created_at": MIDNIGHT,
            "agent_email": "ann@example.com",
            "queue_duration_ms": 1000,
            "chat_duration_ms": 5000,
            "status": status,
        }
        for status in statuses
    ]
    store(database, MAVENOID_SESSIONS, sessions)
    rows = computed(compute, database, [FIRST], settings_for(database), LIVE_SUPPORT_STATISTICS)[0]
    assert [row["status"] for row in rows] == statuses
    assert [row["chat_ms_sum"] for row in rows] == [5000, 5000, 5000]
    assert [row["queue_ms_p50"] for row in rows] == [1000, None, 1000]
    assert [row["chat_ms_p50"] for row in rows] == [None, None, 5000]


def _period(start: float, end: float | None, active: float = 0, **more: Any) -> dict[str, Any]:
    """A period in hours from the first day's midnight; active hours."""
    started = MIDNIGHT + timedelta(hours=start)
    return {
        "availability_date": started.date(),
        "agent_email": "ann@example.com",
        "start_timestamp": started,
        "end_timestamp": None if end is None else MIDNIGHT + timedelta(hours=end),
        "duration_ms": None if end is None else round((end - start) * HOUR),
        "active_duration_ms": round(active * HOUR),
    } | more


def _agents(database: Database, *days: date, **given: Any) -> list[dict[str, Any]]:
    return computed(compute, database, days, settings_for(database, **given), AGENT_STATISTICS)[0]


def test_overlapping_periods_are_merged_and_activity_never_exceeds_them(database: Database) -> None:
    store(
        database,
        MAVENOID_AVAILABILITIES,
        [_period(8, 12, 3), _period(9, 10, 1), _period(11, 13, 2), _period(14, 16, 0.5)],
    )
    row = _agents(database, FIRST)[0]
    assert row["available_ms"] == 7 * HOUR
    assert row["active_ms"] == 5.5 * HOUR
    assert row["utilisation"] == pytest.approx(5.5 / 7)
    assert (row["periods"], row["overlap_ms"]) == (4, 2 * HOUR)


def test_periods_are_clipped_to_the_window_with_their_share_of_activity(database: Database) -> None:
    store(database, MAVENOID_AVAILABILITIES, [_period(-4, 4, 4), _period(44, 52, 8)])
    days = days_from(FIRST, 2)
    row = _agents(database, days[1], window_days=2)[0]
    assert row["available_ms"] == 8 * HOUR
    assert row["active_ms"] == 6 * HOUR


def test_an_open_period_lasts_until_the_end_of_the_as_of_day(database: Database) -> None:
    store(database, MAVENOID_AVAILABILITIES, [_period(20, None)])
    rows = _agents(database, *days_from(FIRST, 2))
    assert [row["available_ms"] for row in rows] == [4 * HOUR, 28 * HOUR]
    assert rows[0]["open_periods"] == 1


def test_an_open_period_of_today_lasts_until_it_was_read(database: Database) -> None:
    now = datetime.now(UTC).replace(tzinfo=None)
    started = now - timedelta(hours=2)
    period = _period(0, None, availability_date=started.date(), start_timestamp=started)
    store(database, MAVENOID_AVAILABILITIES, [period])
    tomorrow = now.date() + timedelta(days=1)
    row = _agents(database, tomorrow)[0]
    assert 2 * HOUR <= row["available_ms"] < 3 * HOUR


def test_agents_appear_by_pseudonym_with_sessions_or_availability(database: Database) -> None:
    store(database, MAVENOID_AVAILABILITIES, [_period(8, 9, agent_email="Ann@Example.com ")])
    sessions = [
        {
            "session_date": FIRST,
            "assistant_conversation_id": f"C{number}",
            "created_at": MIDNIGHT,
            "agent_email": email,
        }
        for number, email in enumerate(["ann@example.com", "bob@example.com", None])
    ]
    store(database, MAVENOID_SESSIONS, sessions)
    rows = {row["agent"]: row for row in _agents(database, FIRST)}
    ann, bob = (pseudonym("a test's key", "agent", f"{n}@example.com") for n in ("ann", "bob"))
    assert set(rows) == {ann, bob}
    assert (rows[ann]["sessions"], rows[ann]["available_ms"]) == (1, HOUR)
    assert (rows[bob]["sessions"], rows[bob]["utilisation"]) == (1, None)


period = st.tuples(st.integers(-600, 3000), st.integers(1, 1500), st.sampled_from("ab"))


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(period, min_size=8, max_size=25, unique_by=lambda p: (p[0], p[2])))
def test_available_time_equals_the_minutes_covered(drawn: list[tuple[int, int, str]]) -> None:
    days = days_from(FIRST, 3)
    with tempfile.TemporaryDirectory() as directory:
        database = Database(Path(directory) / "w.duckdb")
        store(
            database,
            MAVENOID_AVAILABILITIES,
            [
                _period(start / 60, (start + length) / 60, agent_email=f"{agent}@example.com")
                for start, length, agent in drawn
            ],
        )
        rows = _agents(database, *days, window_days=2)
    found = {(row["as_of"], row["agent"]): row["available_ms"] for row in rows}
    expected = {}
    for index, as_of in enumerate(days):
        window = range((index - 1) * 1440, (index + 1) * 1440)
        for agent in "ab":
            minutes = {
                minute
                for start, length, whose in drawn
                if whose == agent
                for minute in range(start, start + length)
                if minute in window
            }
            if minutes:
                name = pseudonym("a test's key", "agent", f"{agent}@example.com")
                expected[as_of, name] = len(minutes) * 60_000
    assert found == expected


def test_without_mavenoid_every_table_is_empty(database: Database) -> None:
    found = computed(compute, database, [FIRST], settings_for(database), *TABLES)
    assert found == [[] for _ in TABLES]
