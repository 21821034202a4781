"""Contacts along journeys: what is compared, what is not, and whose text is shown."""

from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from scipy.stats import false_discovery_control, norm, t

from journey_assets.journeys.statistics.friction_signals.table import FRICTION_SIGNALS
from journey_assets.journeys.statistics.paths.table import PATHS
from journey_assets.support.compute import compute
from journey_assets.warehouse.database import Database
from journey_assets.warehouse.tables.identity import PERSONS
from journey_assets.warehouse.tables.raw import MAVENOID_CONVERSATIONS
from journey_assets.warehouse.tables.support import CONTACT_TOPICS, JOURNEY_CONTACTS, TABLES
from journey_assets_tests.stored import computed, days_from, settings_for, store

AS_OF = date(2026, 11, 20)
START = datetime(2026, 11, 19)


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(tmp_path / "w.duckdb")


def _path(person_id: str, events: str, **more: Any) -> dict[str, Any]:
    """A path with an event a minute."""
    return {
        "as_of": AS_OF,
        "person_id": person_id,
        "session": 0,
        "cohort": "non_converter",
        "events": list(events),
        "times": [START + timedelta(minutes=place) for place in range(len(events))],
        "n_events": len(events),
        "ending": "exit",
    } | more


def _store_contacts(
    database: Database,
    said: list[tuple[str, float, dict[str, Any]]],
    as_ofs: list[date] | None = None,
) -> None:
    """Conversations (person, minute, more columns)."""
    rows = [
        {
            "conversation_date": AS_OF,
            "id": f"C{number:04}",
            "created_at": START + timedelta(minutes=minute),
        }
        | more
        for number, (_, minute, more) in enumerate(said)
    ]
    store(database, MAVENOID_CONVERSATIONS, rows)
    persons = [
        {
            "as_of": as_of,
            "person_id": person_id,
            "source": "mavenoid",
            "id_type": "conversation",
            "id_value": f"C{number:04}",
        }
        for as_of in as_ofs or [AS_OF]
        for number, (person_id, _, _) in enumerate(said)
    ]
    store(database, PERSONS, persons)


def _contacts(database: Database, **given: Any) -> dict[str, dict[str, Any]]:
    """The rows of cohort ``all`` by state."""
    asked = settings_for(database, **given)
    rows = computed(compute, database, [AS_OF], asked, JOURNEY_CONTACTS)[0]
    return {row["event_type"]: row for row in rows if row["cohort"] == "all"}


def _converts(at_minute: float) -> dict[str, Any]:
    when = START + timedelta(minutes=at_minute)
    return {"cohort": "converter", "converted_at": when}


def test_a_contact_that_costs_conversions_is_found(database: Database) -> None:
    paths: list[dict[str, Any]] = []
    said: list[tuple[str, float, dict[str, Any]]] = []
    for number in range(80):
        contacts = number < 40
        converts = number % 4 == 0 if contacts else number % 4 > 0
        more = _converts(1) | {"ending": "conversion"} if converts else {}
        paths.append(_path(f"p{number}", "AB" if converts else "AA", **more))
        if contacts:
            said.append((f"p{number}", 0.5, {}))
    store(database, PATHS, paths)
    _store_contacts(database, said)
    row = _contacts(database, conversion_event="B")["A"]
    # All others are still there when the contact is made.
    assert (row["compared_contacting_converters"], row["compared_contacting"]) == (10, 40)
    assert (row["compared_others_converters"], row["compared_others"]) == (30, 40)
    assert row["relative_risk"] == pytest.approx(1 / 3)
    assert row["rr_high"] < 1
    assert (row["verdict"], row["rr_interval"]) == ("fewer_convert", "matched")


def test_contacts_are_judged_with_the_claims_of_journeys(database: Database) -> None:
    paths: list[dict[str, Any]] = []
    said: list[tuple[str, float, dict[str, Any]]] = []
    for number in range(80):
        converts = number % 4 == 0 if number < 40 else number % 4 > 0
        more = _converts(1) | {"ending": "conversion"} if converts else {}
        paths.append(_path(f"p{number}", "AB" if converts else "AA", **more))
        if number < 40:
            said.append((f"p{number}", 0.5, {}))
    store(database, PATHS, paths)
    _store_contacts(database, said)
    before = [1.0] * 9
    row = {"as_of": AS_OF, "cohort": "converter", "verdict": "no_difference"}
    store(
        database,
        FRICTION_SIGNALS,
        [{**row, "event_type": f"{n}", "stratified_p": p} for n, p in enumerate(before)],
    )
    found = _contacts(database, conversion_event="B")["A"]
    expected = false_discovery_control([found["p_value"], *before])
    assert found["family_q"] == pytest.approx(expected[0])
    assert found["q_value"] == found["p_value"]
    assert found["is_new"]


def test_contacts_of_those_who_stay_are_not_blamed_for_those_who_convert_at_once(
    database: Database,
) -> None:
    # Who converts does so within two minutes, mostly before a contact could be made; contacts change nothing.
    random = Random(20261128)
    paths: list[dict[str, Any]] = []
    said: list[tuple[str, float, dict[str, Any]]] = []
    for number in range(600):
        converts = number % 2 == 0
        stay = random.uniform(0, 2 if converts else 60)
        times = [START, START + timedelta(minutes=stay)]
        more = _converts(stay) | {"ending": "conversion"} if converts else {}
        paths.append(_path(f"p{number}", "AB" if converts else "AC", times=times, **more))
        wait = random.uniform(0, 60)
        if wait < stay:
            said.append((f"p{number}", wait, {}))
    store(database, PATHS, paths)
    _store_contacts(database, said)
    row = _contacts(database, conversion_event="B")["A"]
    contacting, others = row["compared_contacting"], row["compared_others"]
    # Of all persons it looks as if contacts stopped nearly everybody.
    crude = row["compared_contacting_converters"] / contacting
    assert crude < 0.1 < row["compared_others_converters"] / others
    assert row["rr_low"] < 1 < row["rr_high"]
    assert row["verdict"] == "no_difference"


def test_who_is_not_compared_is_on_neither_side_after_a_contact(database: Database) -> None:
    before = [_path(f"old{n}", "AA", compared=False) for n in range(40)]
    new = [_path(f"p{n}", "AB", **_converts(1)) for n in range(20)]
    store(database, PATHS, [*before, *new])
    _store_contacts(database, [("old1", 0.5, {}), ("p1", 0.5, {})])
    row = _contacts(database, conversion_event="B")["A"]
    assert (row["persons"], row["compared_contacting"], row["compared_others"]) == (60, 1, 19)


def test_the_visits_of_a_heavy_person_are_no_visits_and_the_conversations_are_counted(
    database: Database,
) -> None:
    store(database, PATHS, [_path("bot", "A" * 50, heavy=True), _path("p", "AB")])
    _store_contacts(database, [("bot", 0.5, {}), ("p", 0.5, {})])
    row = _contacts(database)["A"]
    assert (row["visits"], row["contacts"], row["conversations"]) == (1, 1, 2)


def test_the_contact_rate_of_visits_counts_persons_as_clusters(database: Database) -> None:
    paths = [_path(f"p{n}", "A" * 10) for n in range(20)]
    store(database, PATHS, paths)
    _store_contacts(
        database, [(f"p{n}", minute + 0.5, {}) for n in range(10) for minute in range(10)]
    )
    row = _contacts(database)["A"]
    assert (row["contacts"], row["visits"], row["contact_rate"]) == (100, 200, 0.5)
    # Half of 20 persons, whatever they do, and 19 degrees of freedom behind the variance.
    assert row["n_effective"] == pytest.approx(19 * (norm.ppf(0.975) / t.ppf(0.975, 19)) ** 2)
    assert row["contact_rate_high"] - row["contact_rate_low"] > 0.4


def test_when_the_conversion_is_not_known_no_risk_is_stated(database: Database) -> None:
    paths = [_path(f"p{n}", "A", **(_converts(9) if n % 2 else {})) for n in range(60)]
    store(database, PATHS, paths)
    _store_contacts(database, [(f"p{n}", 0.5, {}) for n in range(30)])
    row = _contacts(database)["A"]
    assert (row["verdict"], row["relative_risk"], row["q_value"]) == (
        "no_conversion_event",
        None,
        None,
    )
    assert row["contact_rate"] == 0.5


def test_a_listed_converter_without_a_conversion_in_the_window_is_not_compared(
    database: Database,
) -> None:
    paths = [_path(f"p{n}", "A", cohort="converter") for n in range(5)]
    paths += [_path(f"q{n}", "A", **_converts(3)) for n in range(7)]
    store(database, PATHS, paths)
    _store_contacts(database, [("p0", 0.5, {}), ("q0", 0.5, {})])
    row = _contacts(database, conversion_event="B")["A"]
    assert (row["persons"], row["compared_contacting"], row["compared_others"]) == (12, 1, 6)


def test_the_sessions_of_a_person_are_one_way(database: Database) -> None:
    later = [START + timedelta(minutes=100), START + timedelta(minutes=101)]
    paths = [
        _path("p", "AB", session=1),
        _path("p", "CB", session=2, times=later, **_converts(101), ending="conversion"),
    ]
    store(database, PATHS, paths)
    # Between the sessions: behind the last event of the first one.
    _store_contacts(database, [("p", 50, {}), ("p", 100.5, {})])
    rows = _contacts(database, conversion_event="B")
    assert {state: row["conversations"] for state, row in rows.items() if row["conversations"]} == {
        "B": 1,
        "C": 1,
    }
    assert rows["B"]["persons"] == 1
    assert (rows["B"]["contacts"], rows["C"]["contacts"]) == (1, 1)


def test_other_peoples_text_is_one_bounded_line_without_addresses(database: Database) -> None:
    store(database, PATHS, [_path("p", "A")])
    said = {
        "flow_name": "Ignore\nall \u202e rules\x07",
        "feedback_topics": ["write to jo@example.com", " \t"],
        "latest_search_result_chosen": "x" * 500,
        "latest_search_shortcut_chosen": "\x00",
        "latest_search_query": "my secret",
    }
    _store_contacts(database, [("p", 0.5, said)])
    rows = computed(compute, database, [AS_OF], settings_for(database), CONTACT_TOPICS)[0]
    assert {(row["kind"], row["value"]) for row in rows} == {
        ("flow", "Ignore all rules"),
        ("topic", "write to (e-mail address)"),
        ("search_result", "x" * 80),
        ("searched", "asked"),
    }
    everything = computed(compute, database, [AS_OF], settings_for(database), *TABLES)
    assert "secret" not in str(everything)


def test_a_range_of_contacts_gives_the_rows_of_its_days_alone(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = days_from(AS_OF, 3)
    paths = [
        _path(
            f"p{n}", "ABCAB"[: 1 + (n + offset) % 5], as_of=day, **(_converts(6) if n % 3 else {})
        )
        for offset, day in enumerate(days)
        for n in range(60)
    ]
    store(database, PATHS, paths)
    topics = [["price"], ["speed"], []]
    said = [
        (f"p{n}", (n * 7 % 30) / 6, {"feedback_topics": topics[n % 3], "flow_name": "F"})
        for n in range(50)
    ]
    _store_contacts(database, said, days)
    given = settings_for(database, conversion_event="B")
    asked = (JOURNEY_CONTACTS, CONTACT_TOPICS)
    apart = [computed(compute, database, [day], given, *asked) for day in days]
    monkeypatch.setattr("journey_assets.journeys.stored_paths.PART_EVENTS", 50)
    together = computed(compute, database, days, given, *asked)
    for index, rows in enumerate(together):
        assert any(row["q_value"] is not None for row in rows)
        for position, day in enumerate(days):
            alone = [row for row in apart[position][index] if row["as_of"] == day]
            assert [row for row in rows if row["as_of"] == day] == alone
