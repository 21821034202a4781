"""Mavenoid as the simulator plays it."""

from collections import Counter, defaultdict
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from journey_assets.simulator import Limits, MavenoidOptions, Options, Population
from journey_assets.simulator.mavenoid import PRINTED_TOKEN
from journey_assets.simulator.people import epoch_day
from journey_assets_tests.simulated import NOON, Client, simulation

ENDPOINTS = ("assistant-conversations", "live-support-sessions", "agent-availabilities")
_STATUSES = {
    ("RESOLVED", False): "self_service_resolution",
    ("RESOLVED", True): "live_support_resolution",
    ("ESCALATED", False): "escalated",
    ("ESCALATED", True): "escalated",
    ("OPEN", False): "open",
    ("OPEN", True): "open",
}


def plain() -> Options:
    """Rows without the slips of the documentation's samples."""
    mavenoid = MavenoidOptions(sample_slips=0, sample_statuses=False)
    return Options(limits=Limits.none(), mavenoid=mavenoid)


def an_open_conversation(client: Client) -> str:
    return next(str(r["id"]) for r in client.simulator.conversations(30) if r["status"] == "OPEN")


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_a_wrong_token_is_refused(endpoint: str) -> None:
    with simulation() as client:
        url = f"{client.simulator.url('mavenoid')}/v1/{endpoint}.json?days=1"
        answer = requests.get(url, headers={"Authorization": "Bearer wrong"}, timeout=5)
    assert answer.status_code == 401
    assert "token" in answer.json()["error"]


def test_the_token_of_the_documentation_is_served_dummy_data() -> None:
    with simulation() as client:
        url = f"{client.simulator.url('mavenoid')}/v1/{ENDPOINTS[0]}.json?days=120"
        headers = {"Authorization": f"Bearer {PRINTED_TOKEN}"}
        assert len(requests.get(url, headers=headers, timeout=5).json()) == 2


@pytest.mark.parametrize("days", [0, 121])
def test_days_outside_the_documented_range_are_refused(days: int) -> None:
    with simulation() as client:
        assert client.mavenoid(ENDPOINTS[0], days=days).status_code == 400


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_days_are_periods_of_24_hours_back_from_now(endpoint: str) -> None:
    with simulation(plain()) as client:
        longer = client.mavenoid(endpoint, days=30).json()
        rows = client.mavenoid(endpoint, days=12).json()
    begun = [row.get("created_at") or row["start_timestamp"] for row in longer]
    assert rows == [r for r, at in zip(longer, begun, strict=True) if at >= "2026-11-08T12:00"]
    assert 0 < len(rows) < len(longer)
    assert max(begun) <= "2026-11-20T12:00"


def test_conversations_have_the_documented_fields_and_values() -> None:
    with simulation() as client:
        rows = client.mavenoid(ENDPOINTS[0], days=30).json()
    assert {row["status"] for row in rows} == {"OPEN", "RESOLVED", "ESCALATED"}
    assert {row["feedback_rating"] for row in rows} == {None, 1, 2, 3, 4}
    assert all(len(row) == 17 for row in rows)
    assert all("$created-on-page-url" in row["form_data"] for row in rows)
    with_email = sum("$customer-email" in row["form_data"] for row in rows)
    assert 0.6 < with_email / len(rows) < 0.95
    for row in rows:
        assert row["updated_at"] >= row["created_at"]


def test_every_contact_of_the_population_becomes_a_conversation() -> None:
    with simulation() as client:
        rows = client.mavenoid(ENDPOINTS[0], days=30).json()
        population = client.simulator.population
        today = epoch_day(NOON.date())
        contacts = [
            contact.time for back in range(5, 15) for contact in population.contacts(today - back)
        ]
        begun = {datetime.fromisoformat(row["created_at"]).timestamp() for row in rows}
    assert contacts
    assert all(any(abs(one - other) < 0.01 for other in begun) for one in contacts)


def test_live_sessions_belong_to_conversations_and_tell_how_they_ended() -> None:
    with simulation(plain()) as client:
        conversations = {row["id"]: row for row in client.mavenoid(ENDPOINTS[0], days=40).json()}
        sessions = client.mavenoid(ENDPOINTS[1], days=30).json()
    latest: dict[str, dict[str, Any]] = {}
    for session in sessions:
        latest[session["assistant_conversation_id"]] = session
    assert sessions
    for name, session in latest.items():
        row = conversations[name]
        assert row["latest_live_support_session_status"] == session["status"]
        label = row["latest_live_support_session_resolution_label"]
        assert label == session["resolution_label"]
        assert row["created_at"] == session["assistant_conversation_created_at"]


def test_durations_of_a_session_come_in_their_order() -> None:
    with simulation() as client:
        sessions = client.mavenoid(ENDPOINTS[1], days=30).json()
    accepted = [one for one in sessions if one["agent_email"]]
    never = [one for one in sessions if not one["agent_email"]]
    assert accepted
    assert never
    for one in accepted:
        assert 0 < one["queue_duration_ms"] <= one["first_response_ms"] <= one["chat_duration_ms"]
    assert not any("first_response_ms" in one for one in never)


@pytest.mark.parametrize("field", ["status", "agent_group_name", "agent_email", "date"])
def test_the_summary_of_sessions_agrees_with_the_rows(field: str) -> None:
    with simulation(plain()) as client:
        rows = client.mavenoid(ENDPOINTS[1], days=30).json()
        groups = client.mavenoid(ENDPOINTS[1], days=30, group_by=field).json()
    own: defaultdict[Any, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        own[row["created_at"][:10] if field == "date" else row[field]].append(row)
    assert {group[field] for group in groups} == set(own)
    for group in groups:
        members = own[group[field]]
        assert group["count"] == len(members)
        for name in ("queue_duration_ms", "first_response_ms", "chat_duration_ms"):
            values = [row[name] for row in members if name in row]
            assert group[f"{name}_sum"] == sum(values)
            assert group[f"{name}_max"] == max(values, default=None)
            if values:
                assert abs(group[f"{name}_mean"] - sum(values) / len(values)) <= 0.5


@pytest.mark.parametrize("quirk", [True, False])
def test_the_summary_of_conversations_agrees_with_the_rows(quirk: bool) -> None:
    mavenoid = MavenoidOptions(sample_statuses=quirk)
    with simulation(Options(limits=Limits.none(), mavenoid=mavenoid)) as client:
        rows = client.mavenoid(ENDPOINTS[0], days=30).json()
        groups = client.mavenoid(ENDPOINTS[0], days=30, group_by="flow_name,status").json()
    own = Counter(
        (
            row["flow_name"],
            _STATUSES[row["status"], row["latest_live_support_session_status"] is not None]
            if quirk
            else row["status"],
        )
        for row in rows
    )
    assert {(g["flow_name"], g["status"]): g["count"] for g in groups} == own


@pytest.mark.parametrize("spelling", ["agent_email", "agent-email"])
def test_the_summary_of_availabilities_agrees_with_the_rows(spelling: str) -> None:
    with simulation(plain()) as client:
        rows = client.mavenoid(ENDPOINTS[2], days=7).json()
        by_agent = client.mavenoid(ENDPOINTS[2], days=7, group_by=spelling).json()
        by_day = client.mavenoid(ENDPOINTS[2], days=7, group_by="date").json()
    sums: Counter[str] = Counter()
    agents: defaultdict[str, set[str]] = defaultdict(set)
    for row in rows:
        sums[row["agent_email"]] += row["duration_ms"]
        agents[row["start_timestamp"][:10]].add(row["agent_email"])
    assert {one["agent_email"]: one["duration_ms_sum"] for one in by_agent} == sums
    assert all("agent_count" not in one for one in by_agent)
    assert {one["date"]: one["agent_count"] for one in by_day} == {
        day: len(names) for day, names in agents.items()
    }


def test_weeks_begin_on_monday_and_months_on_the_first() -> None:
    with simulation() as client:
        weeks = client.mavenoid(ENDPOINTS[0], days=30, group_by="week").json()
        months = client.mavenoid(ENDPOINTS[0], days=60, group_by="month").json()
    assert {datetime.fromisoformat(one["date"]).weekday() for one in weeks} == {0}
    assert {one["date"][-2:] for one in months} == {"01"}


def test_grouping_by_an_unknown_field_is_refused() -> None:
    with simulation() as client:
        answer = client.mavenoid(ENDPOINTS[0], days=1, group_by="colour")
    assert answer.status_code == 400


def test_somebody_is_always_available() -> None:
    with simulation(plain()) as client:
        for _ in range(6):
            rows = client.mavenoid(ENDPOINTS[2], days=1).json()
            assert any(row["end_timestamp"] is None for row in rows)
            assert all(0 <= row["active_duration_ms"] <= row["duration_ms"] for row in rows)
            client.clock.advance(4.4 * 3600)


def test_some_rows_look_like_the_samples_of_the_documentation() -> None:
    mavenoid = MavenoidOptions(sample_slips=0.3)
    with simulation(Options(limits=Limits.none(), mavenoid=mavenoid)) as client:
        periods = client.mavenoid(ENDPOINTS[2], days=30).json()
        sessions = client.mavenoid(ENDPOINTS[1], days=30).json()
    assert any("T6:00" in one["start_timestamp"] for one in periods)
    assert any("resolution" in one for one in sessions)
    assert any("feedback_rating" not in one for one in sessions)
    assert any("resolution_label" in one for one in sessions)


def test_a_conversation_unfolds_as_time_goes_on() -> None:
    with simulation() as client:
        population: Population = client.simulator.population
        day = epoch_day(NOON.date())
        upcoming = min(c.time for c in population.contacts(day) if c.time > NOON.timestamp())
        client.clock.advance(upcoming - NOON.timestamp() + 1)
        young = {row["id"]: row for row in client.simulator.conversations(1)}
        client.clock.advance(6 * 3600)
        old = {row["id"]: row for row in client.simulator.conversations(1)}
    begun = datetime.fromtimestamp(upcoming, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    fresh = next(row for row in young.values() if row["created_at"].startswith(begun))
    later = old[fresh["id"]]
    assert fresh["status"] == "OPEN"
    assert fresh["updated_at"] == fresh["created_at"]
    assert later["updated_at"] > fresh["updated_at"]


def test_a_conversation_can_be_changed() -> None:
    with simulation() as client:
        name = an_open_conversation(client)
        client.clock.advance(60)
        client.simulator.change_conversation(name, status="RESOLVED", feedback_rating=4)
        rows = {row["id"]: row for row in client.mavenoid(ENDPOINTS[0], days=31).json()}
    changed = rows[name]
    assert (changed["status"], changed["feedback_rating"]) == ("RESOLVED", 4)
    assert changed["updated_at"] == "2026-11-20T12:01:00.000Z"


def test_changing_an_unknown_conversation_is_an_error() -> None:
    with simulation() as client, pytest.raises(KeyError):
        client.simulator.change_conversation("F0", status="OPEN")
