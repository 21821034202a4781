"""Conversation statistics and topics equal a plain re-derivation from the stored rows."""

import tempfile
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from journey_assets.support.compute import compute
from journey_assets.warehouse.database import Database
from journey_assets.warehouse.tables.identity import PERSONS
from journey_assets.warehouse.tables.raw import MAVENOID_CONVERSATIONS, MAVENOID_SESSIONS
from journey_assets.warehouse.tables.support import CONVERSATION_STATISTICS, TOPICS
from journey_assets_tests.stored import computed, days_from, settings_for, store

FIRST = date(2026, 10, 1)
WINDOW = 12

conversation = st.fixed_dictionaries(
    {
        "minute": st.integers(0, 20 * 24 * 60 - 1),
        "flow_name": st.sampled_from(["Scooter", "Washer", None]),
        "lang_code": st.sampled_from(["en", "de"]),
        "status": st.sampled_from(["OPEN", "RESOLVED", "RESOLVED", "ESCALATED", "NEW_NAME", None]),
        "latest_live_support_session_status": st.sampled_from([None, None, "RESOLVED"]),
        "feedback_rating": st.sampled_from([None, 1, 2, 3, 4]),
        "latest_search_query": st.sampled_from([None, "", "where is my ride"]),
        "latest_search_result_chosen": st.sampled_from([None, "End a ride", "Refunds"]),
        "feedback_topics": st.lists(st.sampled_from(["price", "speed", "tone"]), max_size=3),
        "person": st.sampled_from([None, "person_a", "person_b", "person_c"]),
        "session_after_days": st.sampled_from([None, None, 0, 1]),
    }
)


def _stored(database: Database, drawn: list[dict[str, Any]]) -> list[dict[str, Any]]:
    rows = []
    for number, each in enumerate(drawn):
        created = datetime.combine(FIRST, datetime.min.time()) + timedelta(minutes=each["minute"])
        rows.append(
            {**each, "id": f"C{number}", "created_at": created, "conversation_date": created.date()}
        )
    store(database, MAVENOID_CONVERSATIONS, rows)
    sessions = [
        {
            "session_date": row["conversation_date"] + timedelta(days=row["session_after_days"]),
            "assistant_conversation_id": row["id"],
            "created_at": row["created_at"] + timedelta(days=row["session_after_days"]),
        }
        for row in rows
        if row["session_after_days"] is not None
    ]
    if sessions:
        store(database, MAVENOID_SESSIONS, sessions)
    store(
        database,
        PERSONS,
        [
            {
                "as_of": as_of,
                "person_id": row["person"],
                "source": "mavenoid",
                "id_type": "conversation",
                "id_value": row["id"],
            }
            for as_of in days_from(FIRST, 21)
            for row in rows
        ],
    )
    return rows


def _windowed(rows: list[dict[str, Any]], as_of: date) -> list[dict[str, Any]]:
    first = as_of - timedelta(days=WINDOW - 1)
    return [row for row in rows if first <= row["conversation_date"] <= as_of]


def _is_self_service(row: dict[str, Any], as_of: date) -> bool:
    later = row["session_after_days"]
    has_session = later is not None and row["conversation_date"] + timedelta(days=later) <= as_of
    return (
        row["status"] == "RESOLVED"
        and row["latest_live_support_session_status"] is None
        and not has_session
    )


def _returns(row: dict[str, Any], window: list[dict[str, Any]]) -> bool:
    return any(
        other["id"] != row["id"]
        and other["person"] == row["person"]
        and other["flow_name"] == row["flow_name"]
        and (other["created_at"], other["id"]) > (row["created_at"], row["id"])
        and other["created_at"] <= row["created_at"] + timedelta(days=7)
        for other in window
    )


def _expected(window: list[dict[str, Any]], as_of: date) -> dict[Any, dict[str, int]]:
    end = datetime.combine(as_of, datetime.min.time()) + timedelta(days=1)
    groups: dict[Any, Counter[str]] = defaultdict(Counter)
    for row in window:
        known = row["status"] in ("RESOLVED", "ESCALATED", "OPEN")
        followed = row["person"] is not None and row["created_at"] + timedelta(days=7) <= end
        groups[row["flow_name"], row["lang_code"]].update(
            {
                "conversations": 1,
                "resolved": row["status"] == "RESOLVED",
                "escalated": row["status"] == "ESCALATED",
                "open": row["status"] == "OPEN",
                "other_status": not known,
                "self_service": _is_self_service(row, as_of),
                "rated": row["feedback_rating"] is not None,
                "satisfied": row["feedback_rating"] in (3, 4),
                "searched": bool(row["latest_search_query"]),
                "identified": row["person"] is not None,
                "followed": followed,
                "repeated": followed and _returns(row, window),
            }
        )
    return {group: dict(counts) for group, counts in groups.items()}


def _expected_topics(window: list[dict[str, Any]]) -> dict[Any, dict[str, int]]:
    groups: dict[Any, Counter[str]] = defaultdict(Counter)
    for row in window:
        named = [("feedback_topic", topic) for topic in set(row["feedback_topics"])]
        if row["latest_search_result_chosen"]:
            named.append(("search_result", row["latest_search_result_chosen"]))
        named.append(("search", "asked" if row["latest_search_query"] else "not asked"))
        for name in named:
            groups[name].update(
                {
                    "conversations": 1,
                    "resolved": row["status"] == "RESOLVED",
                    "escalated": row["status"] == "ESCALATED",
                    "rated": row["feedback_rating"] is not None,
                    "satisfied": row["feedback_rating"] in (3, 4),
                }
            )
    return {name: dict(counts) for name, counts in groups.items()}


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(conversation, min_size=60, max_size=120))
def test_conversations_and_topics_equal_a_count_by_hand(drawn: list[dict[str, Any]]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        database = Database(Path(directory) / "w.duckdb")
        rows = _stored(database, drawn)
        days = days_from(FIRST + timedelta(days=10), 11)
        statistics, topics = computed(
            compute,
            database,
            days,
            settings_for(database, window_days=WINDOW),
            CONVERSATION_STATISTICS,
            TOPICS,
        )
    for as_of in days:
        window = _windowed(rows, as_of)
        expected = _expected(window, as_of)
        found = {
            (row["flow_name"], row["lang_code"]): row for row in statistics if row["as_of"] == as_of
        }
        assert set(found) == set(expected)
        for group, counts in expected.items():
            assert {name: found[group][name] for name in counts} == counts
        expected_topics = _expected_topics(window)
        named = {(row["kind"], row["topic"]): row for row in topics if row["as_of"] == as_of}
        assert set(named) == set(expected_topics)
        for name, counts in expected_topics.items():
            assert {figure: named[name][figure] for figure in counts} == counts
            assert named[name]["all_conversations"] == len(window)


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(tmp_path / "w.duckdb")


def _conversations(count: int, **more: Any) -> list[dict[str, Any]]:
    return [
        {
            "conversation_date": FIRST,
            "id": f"C{number}",
            "created_at": f"{FIRST} 10:00:00",
            "flow_name": "Scooter",
            "lang_code": "en",
            "status": "RESOLVED" if number % 4 else "ESCALATED",
        }
        | {name: value(number) for name, value in more.items()}
        for number in range(count)
    ]


def test_rates_carry_wilson_intervals_of_their_own_denominators(database: Database) -> None:
    store(
        database,
        MAVENOID_CONVERSATIONS,
        _conversations(40, feedback_rating=lambda n: n % 4 + 1 if n < 20 else None),
    )
    row = computed(compute, database, [FIRST], settings_for(database), CONVERSATION_STATISTICS)[0][
        0
    ]
    expectations = {
        "resolution_rate": (30, 40),
        "escalation_rate": (10, 40),
        "self_service_rate": (30, 40),
        "response_rate": (20, 40),
        "csat": (10, 20),
    }
    for name, (part, whole) in expectations.items():
        interval = binomtest(part, whole).proportion_ci(method="wilson")
        assert row[name] == part / whole
        assert row[f"{name}_low"] == pytest.approx(interval.low)
        assert row[f"{name}_high"] == pytest.approx(interval.high)
    assert row["verdict"] == "ok"


def test_rates_of_fewer_than_ten_are_insufficient_and_the_counts_stay(database: Database) -> None:
    store(database, MAVENOID_CONVERSATIONS, _conversations(9, feedback_rating=lambda _: 4))
    row = computed(compute, database, [FIRST], settings_for(database), CONVERSATION_STATISTICS)[0][
        0
    ]
    assert (row["conversations"], row["resolved"], row["satisfied"]) == (9, 6, 9)
    assert row["verdict"] == "insufficient"
    assert (row["resolution_rate"], row["csat"], row["csat_low"]) == (None, None, None)


def test_a_return_to_the_flow_within_seven_days_is_a_repeat_once_the_days_are_over(
    database: Database,
) -> None:
    noon = datetime.combine(FIRST, datetime.min.time()) + timedelta(hours=12)
    week = timedelta(days=7)
    contacts = [
        ("back after exactly a week", noon, "Scooter"),
        ("back after exactly a week", noon + week, "Scooter"),
        ("back a minute too late", noon, "Scooter"),
        ("back a minute too late", noon + week + timedelta(minutes=1), "Scooter"),
        ("back for something else", noon, "Scooter"),
        ("back for something else", noon + timedelta(days=1), "Washer"),
    ]
    rows = [
        {
            "conversation_date": when.date(),
            "id": f"C{number}",
            "created_at": when,
            "flow_name": flow,
            "lang_code": "en",
            "status": "OPEN",
        }
        for number, (_, when, flow) in enumerate(contacts)
    ]
    store(database, MAVENOID_CONVERSATIONS, rows)
    days = [FIRST + timedelta(days=6), FIRST + timedelta(days=7)]
    persons = [
        {
            "as_of": day,
            "person_id": person,
            "source": "mavenoid",
            "id_type": "conversation",
            "id_value": f"C{number}",
        }
        for day in days
        for number, (person, _, _) in enumerate(contacts)
    ]
    store(database, PERSONS, persons)
    found = computed(compute, database, days, settings_for(database), CONVERSATION_STATISTICS)[0]
    scooter = [row for row in found if row["flow_name"] == "Scooter"]
    assert [(row["followed"], row["repeated"]) for row in scooter] == [(0, 0), (3, 1)]


def test_a_topic_names_the_flow_that_it_comes_from_most(database: Database) -> None:
    flows = ["Washer", "Scooter", "Washer", "Scooter", "Kettle"]
    store(
        database,
        MAVENOID_CONVERSATIONS,
        _conversations(5, flow_name=lambda n: flows[n], feedback_topics=lambda _: ["price"]),
    )
    rows = computed(compute, database, [FIRST], settings_for(database), TOPICS)[0]
    row = next(row for row in rows if row["topic"] == "price")
    assert (row["main_flow"], row["main_flow_conversations"], row["flows"]) == ("Scooter", 2, 3)


def test_what_people_typed_is_in_no_table(database: Database) -> None:
    store(
        database,
        MAVENOID_CONVERSATIONS,
        _conversations(
            3, latest_search_query=lambda _: "my secret", feedback_comments=lambda _: "my secret"
        ),
    )
    results = computed(
        compute, database, [FIRST], settings_for(database), CONVERSATION_STATISTICS, TOPICS
    )
    assert results[0][0]["searched"] == 3
    assert "my secret" not in str(results)
