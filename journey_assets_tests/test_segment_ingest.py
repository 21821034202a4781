"""Segment's snapshot in the database, from loopback servers."""

import hashlib
import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from journey_assets.raw.ingested import Ingested
from journey_assets.raw.segment import ingest_profiles
from journey_assets.settings import Settings
from journey_assets.vendors.errors import VendorError
from journey_assets.vendors.segment import segment_client
from journey_assets.warehouse.database import Database
from journey_assets_tests.loopback import Answer, Loopback, Received, answer, html
from journey_assets_tests.stored import settings_for

DAY = date(2026, 11, 20)
NOT_FOUND = answer({"error": {"code": "not_found", "message": "Profile was not found."}}, 404)
SEED = {
    "traits": {
        "email": "j.doe@example.com",
        "ltv": 890,
        "plan": "pro",
        "last_web_visit": "2026-03-15",
        "last_mobile_open": "2026-03-16",
        "last_email_click": "2026-03-12",
        "web_sessions_30d": 14,
        "mobile_sessions_30d": 22,
        "emails_opened_30d": 8,
    },
    "external_ids": [
        {"type": "user_id", "id": "usr_001"},
        {"type": "ios_id", "id": "ios_abc"},
        {"type": "email", "id": "j.doe@example.com"},
    ],
}


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(tmp_path / "db.duckdb")


def settings_of(database: Database, server: Loopback, **more: object) -> Settings:
    return settings_for(
        database,
        segment_base_url=server.url,
        segment_token="token",
        segment_space_id="spa_1",
        **more,
    )


def ingest(database: Database, settings: Settings, first: date = DAY, last: date = DAY) -> Ingested:
    client = segment_client(settings, lambda _: None)
    with database.session() as session:
        return ingest_profiles(session, client, settings, first, last, lambda _: None)


def ingest_listed(
    database: Database, profiles: Sequence[Any], first: date = DAY, last: date = DAY
) -> Ingested:
    with Loopback([answer({"data": {"profiles": profiles}})]) as server:
        return ingest(database, settings_of(database, server), first, last)


def rows(database: Database, select: str, table: str) -> list[Any]:
    with database.session() as session, session.reading() as con:
        return con.execute(f"SELECT {select} FROM store.raw.{table} ORDER BY ALL").fetchall()


def profile(user: str | None, traits: dict[str, Any], *others: tuple[str, str]) -> dict[str, Any]:
    pairs = ([("user_id", user)] if user else []) + list(others)
    return {"traits": traits, "external_ids": [{"type": t, "id": v} for t, v in pairs]}


def rejects(database: Database) -> list[Any]:
    return rows(database, "table_name, field, reason, kept", "rejects")


def test_the_seeds_profile_is_stored_with_its_traits_and_identifiers(database: Database) -> None:
    done = ingest_listed(database, [SEED])
    stored = rows(
        database,
        "snapshot_date, profile_key, email, plan, ltv, web_sessions_30d, mobile_sessions_30d, "
        "emails_opened_30d, last_web_visit, last_mobile_open, last_email_click, traits_source, "
        "traits_window_days, extra",
        "segment_profiles",
    )
    days = (date(2026, 3, 15), date(2026, 3, 16), date(2026, 3, 12))
    key = "user_id:usr_001"
    assert stored == [
        (DAY, key, "j.doe@example.com", "pro", 890.0, 14, 22, 8, *days, "vendor", 30, None)
    ]
    ((traits,),) = rows(database, "traits", "segment_profiles")
    assert json.loads(traits) == SEED["traits"]
    assert rows(database, "profile_key, id_type, id_value", "segment_external_ids") == [
        (key, "email", "j.doe@example.com"),
        (key, "ios_id", "ios_abc"),
        (key, "user_id", "usr_001"),
    ]
    assert done.rows == {
        "raw.segment_profiles": {DAY: 1},
        "raw.segment_external_ids": {DAY: 3},
    }
    assert done.notes == ()


def test_storing_the_same_listing_twice_changes_nothing(database: Database) -> None:
    ingest_listed(database, [SEED, profile("u2", {"plan": "free"})])
    before = [rows(database, "*", table) for table in ("segment_profiles", "segment_external_ids")]
    ingest_listed(database, [SEED, profile("u2", {"plan": "free"})])
    after = [rows(database, "*", table) for table in ("segment_profiles", "segment_external_ids")]
    assert after == before


def test_a_snapshot_belongs_to_the_newest_partition_and_older_ones_keep_theirs(
    database: Database,
) -> None:
    first, middle = date(2026, 11, 18), date(2026, 11, 19)
    ingest_listed(database, [profile("old", {})], last=first, first=first)
    done = ingest_listed(database, [profile("new", {})], first=first, last=DAY)
    assert rows(database, "snapshot_date, profile_key", "segment_profiles") == [
        (first, "user_id:old"),
        (DAY, "user_id:new"),
    ]
    assert done.rows["raw.segment_profiles"] == {first: 1, middle: 0, DAY: 1}
    assert "of the 2 older partitions 1 keep the snapshot they have, 1 have none" in done.notes[0]


def test_numbers_as_text_are_numbers(database: Database) -> None:
    ingest_listed(database, [profile("u", {"web_sessions_30d": "14", "ltv": "89.5"})])
    assert rows(database, "web_sessions_30d, ltv", "segment_profiles") == [(14, 89.5)]
    assert rejects(database) == []


def test_mistyped_traits_are_noted_and_left_empty(database: Database) -> None:
    traits = {"web_sessions_30d": "many", "ltv": {"amount": 1}, "last_web_visit": "soon"}
    done = ingest_listed(database, [profile("u", traits)])
    assert rows(database, "web_sessions_30d, ltv, last_web_visit", "segment_profiles") == [
        (None, None, None)
    ]
    assert rejects(database) == [
        ("raw.segment_profiles", "last_web_visit", "not a DATE", True),
        ("raw.segment_profiles", "ltv", "not a DOUBLE", True),
        ("raw.segment_profiles", "web_sessions_30d", "not a BIGINT", True),
    ]
    assert done.rejects["raw.segment_profiles"] == 3
    assert done.fields_read["raw.segment_profiles"] >= 9


def test_missing_counts_are_empty_and_not_zero_under_the_listing(database: Database) -> None:
    done = ingest_listed(
        database, [profile("lacking", {}), profile("some", {"web_sessions_30d": 0})]
    )
    columns = "profile_key, web_sessions_30d, mobile_sessions_30d, traits_source"
    assert rows(database, columns, "segment_profiles") == [
        ("user_id:lacking", None, None, None),
        ("user_id:some", 0, None, "vendor"),
    ]
    assert any(note.startswith("1 profiles have none of") for note in done.notes)


def test_what_names_nobody_is_noted_whole(database: Database) -> None:
    nameless = profile(None, {"plan": "pro"}, ("user_id", "anonymous"))
    done = ingest_listed(database, [nameless, "text", SEED])
    assert rows(database, "profile_key", "segment_profiles") == [("user_id:usr_001",)]
    assert rejects(database) == [
        ("raw.segment_profiles", "external_ids", "no identifier and no e-mail", False),
        ("raw.segment_profiles", None, "not a JSON object", False),
    ]
    text = json.dumps(nameless, ensure_ascii=False).encode()
    hashed = hashlib.sha256(text).hexdigest()
    assert ("profiles", 1, hashed) in rows(database, "file, line, hash", "rejects")
    assert done.facts["profiles_read"] == 3


def test_fields_of_another_type_are_noted_and_the_profile_is_kept(database: Database) -> None:
    odd = {"traits": "none", "external_ids": [{"type": "user_id", "id": "u"}, 7, {"type": "x"}]}
    ingest_listed(database, [odd])
    assert rows(database, "profile_key", "segment_profiles") == [("user_id:u",)]
    assert rows(database, "id_value", "segment_external_ids") == [("u",)]
    assert rejects(database) == [
        ("raw.segment_external_ids", "id", "missing", False),
        ("raw.segment_external_ids", None, "not a JSON object", False),
        ("raw.segment_profiles", "traits", "not a dict", True),
    ]


def test_unknown_fields_of_profiles_and_identifiers_are_kept(database: Database) -> None:
    extended = {
        "traits": {},
        "external_ids": [{"type": "user_id", "id": "u", "encoding": "none"}],
        "merged": True,
    }
    ingest_listed(database, [extended])
    ((of_profile,),) = rows(database, "extra", "segment_profiles")
    ((of_id,),) = rows(database, "extra", "segment_external_ids")
    assert json.loads(of_profile) == {"merged": True}
    assert json.loads(of_id) == {"encoding": "none"}


def test_two_readings_of_one_profile_are_one_row_as_last_read(database: Database) -> None:
    ingest_listed(
        database,
        [profile("u", {"plan": "old"}, ("ios.id", "i")), profile("u", {"plan": "new"})],
    )
    assert rows(database, "profile_key, plan", "segment_profiles") == [("user_id:u", "new")]
    assert rows(database, "id_type", "segment_external_ids") == [("ios.id",), ("user_id",)]
    assert rejects(database) == []


def test_of_two_profiles_with_only_one_email_the_second_is_noted(database: Database) -> None:
    mail = {"email": "a@example.com"}
    ingest_listed(
        database,
        [
            profile(None, mail | {"plan": "x"}),
            profile(None, mail),
            profile(None, mail | {"plan": "x"}),
        ],
    )
    assert rows(database, "profile_key, plan", "segment_profiles") == [("email:a@example.com", "x")]
    reason = "another profile has this e-mail, and no identifier tells them apart"
    assert rejects(database) == [("raw.segment_profiles", "external_ids", reason, False)]


def test_text_that_no_utf8_can_hold_does_not_stop_the_run(database: Database) -> None:
    body = b'{"data": {"profiles": [{"traits": {"plan": "\\ud83d"}, "external_ids": '
    body += b'[{"type": "user_id", "id": "u"}]}]}}'
    with Loopback([Answer(200, body)]) as server:
        ingest(database, settings_of(database, server))
    assert rows(database, "profile_key", "segment_profiles") == [("user_id:u",)]


def test_a_failed_page_stores_nothing(database: Database) -> None:
    ingest_listed(database, [SEED])
    more = {"data": {"profiles": [profile("u2", {})], "cursor": {"has_more": True, "next": "x"}}}
    with Loopback([answer(more), html()]) as server, pytest.raises(VendorError):
        ingest(database, settings_of(database, server))
    assert rows(database, "profile_key", "segment_profiles") == [("user_id:usr_001",)]


class ProfileApi:
    """Answers of the Profile API for ``type:value`` → (traits, external ids, events)."""

    def __init__(self, profiles: dict[str, tuple[dict[str, Any], list[Any], list[Any]]]) -> None:
        self.profiles = profiles
        self.asked: list[str] = []

    def __call__(self, received: Received) -> Answer:
        identifier, part = received.path.split("/profiles/")[1].split("/")
        self.asked.append(f"{identifier} {part}")
        known = self.profiles.get(identifier.replace("%40", "@"))
        if known is None:
            return NOT_FOUND
        traits, external_ids, events = known
        parts: dict[str, Any] = {
            "traits": {"traits": traits},
            "external_ids": {"data": external_ids},
            "events": {"data": events},
        }
        body: dict[str, Any] = parts[part]
        return answer({**body, "cursor": {"has_more": False, "next": ""}})


COUNTED: dict[str, Any] = {"web_sessions_30d": 1, "mobile_sessions_30d": 2, "emails_opened_30d": 3}
COUNTS = "web_sessions_30d, mobile_sessions_30d, emails_opened_30d"


def ingest_asked(database: Database, api: ProfileApi, **more: object) -> Ingested:
    with Loopback(api) as server:
        return ingest(database, settings_of(database, server, segment_api="profile_api", **more))


def user_id(value: str) -> list[dict[str, str]]:
    return [{"type": "user_id", "id": value}]


def page(at: str, **more: Any) -> dict[str, Any]:
    return {"event": "Page", "timestamp": at, "context": {"page": {}}, "message_id": at, **more}


def test_unknown_people_are_counted_and_no_failure(database: Database) -> None:
    api = ProfileApi({"user_id:a": (COUNTED, user_id("a"), [])})
    done = ingest_asked(database, api, segment_profile_ids="user_id:a,user_id:b,email:c@x.org")
    assert rows(database, "profile_key", "segment_profiles") == [("user_id:a",)]
    assert done.facts["profiles_not_found"] == 2
    assert "2 of 3 profiles asked for are unknown to Segment." in done.notes


def test_when_everybody_is_unknown_the_settings_to_check_are_named(database: Database) -> None:
    done = ingest_asked(database, ProfileApi({}), segment_profile_ids="user_id:a")
    assert any("check SEGMENT_SPACE_ID" in note for note in done.notes)


def test_events_are_asked_for_only_where_a_count_is_missing(database: Database) -> None:
    api = ProfileApi(
        {
            "user_id:a": (COUNTED, user_id("a"), []),
            "user_id:b": ({**COUNTED, "web_sessions_30d": None}, user_id("b"), []),
        }
    )
    ingest_asked(database, api, segment_profile_ids="user_id:a,user_id:b")
    assert [asked for asked in api.asked if asked.endswith("events")] == ["user_id:b events"]


def test_missing_counts_come_from_events_and_say_their_window(database: Database) -> None:
    events = [
        page("2026-11-20T10:00:00Z"),
        page("2026-11-20T10:30:00Z"),
        page("2026-11-20T11:00:01Z"),
        page("2026-11-20T11:00:01Z"),
        page("2026-11-19T10:00:00Z", event="Email Opened"),
    ]
    api = ProfileApi(
        {
            "user_id:a": ({"plan": "pro"}, user_id("a"), events),
            "user_id:b": ({"web_sessions_30d": 9}, user_id("b"), events),
            "user_id:c": (COUNTED, user_id("c"), events),
            "user_id:d": ({}, user_id("d"), []),
        }
    )
    asked = "user_id:a,user_id:b,user_id:c,user_id:d"
    done = ingest_asked(database, api, segment_profile_ids=asked)
    columns = f"profile_key, {COUNTS}, last_web_visit, traits_source, traits_window_days"
    assert rows(database, columns, "segment_profiles") == [
        ("user_id:a", 2, 0, 1, DAY, "events", 14),
        ("user_id:b", 9, 0, 1, DAY, "vendor+events", 14),
        ("user_id:c", 1, 2, 3, None, "vendor", 30),
        ("user_id:d", 0, 0, 0, None, "events", 14),
    ]
    assert done.facts["profiles_with_counts_from_events"] == 3
    assert any("of the last 14 days, not 30" in note for note in done.notes)
    ((traits,),) = rows(database, "DISTINCT traits", "segment_profiles WHERE plan = 'pro'")
    assert json.loads(traits) == {"plan": "pro"}


def test_a_session_gap_of_the_settings_is_used(database: Database) -> None:
    events = [page("2026-11-20T10:00:00Z"), page("2026-11-20T10:30:00Z")]
    api = ProfileApi({"user_id:a": ({}, user_id("a"), events)})
    ingest_asked(database, api, segment_profile_ids="user_id:a", session_gap_minutes=20)
    assert rows(database, "web_sessions_30d", "segment_profiles") == [(2,)]


def test_events_without_a_time_are_noted(database: Database) -> None:
    broken = {"event": "Page", "context": {"page": {}}}
    api = ProfileApi({"user_id:a": ({}, user_id("a"), [broken, page("2026-11-20T10:00:00Z")])})
    done = ingest_asked(database, api, segment_profile_ids="user_id:a")
    assert rows(database, "web_sessions_30d", "segment_profiles") == [(1,)]
    assert rejects(database) == [
        ("raw.segment_profiles", "timestamp", "an event without a time", True)
    ]
    assert done.fields_read["raw.segment_profiles"] == 9 + 2


def test_an_email_that_a_profile_already_had_is_not_asked_for_again(database: Database) -> None:
    ids = [*user_id("a"), {"type": "email", "id": "A@x.org"}]
    api = ProfileApi(
        {
            "user_id:a": (COUNTED, ids, []),
            "email:b@x.org": (COUNTED, [{"type": "email", "id": "b@x.org"}], []),
        }
    )
    store_asked(database, users=["a"], emails=["a@x.org", "b@x.org"])
    ingest_asked(database, api)
    assert sorted(asked for asked in api.asked if asked.endswith("traits")) == [
        "email:b%40x.org traits",
        "user_id:a traits",
    ]
    assert rows(database, "profile_key", "segment_profiles") == [
        ("email:b@x.org",),
        ("user_id:a",),
    ]


def store_asked(database: Database, users: list[str], emails: list[str]) -> None:
    from journey_assets.warehouse.tables.raw import AMPLITUDE_USERS, MAVENOID_CONVERSATIONS
    from journey_assets_tests.stored import store

    store(
        database,
        AMPLITUDE_USERS,
        [
            {"event_date": DAY, "requested_id": each, "user_id": each, "status": "ok"}
            for each in users
        ],
    )
    store(
        database,
        MAVENOID_CONVERSATIONS,
        [
            {
                "conversation_date": DAY,
                "id": each,
                "created_at": DAY,
                "form_data": {"$customer-email": each},
            }
            for each in emails
        ],
    )


def test_nothing_personal_is_in_what_is_told(database: Database) -> None:
    told: list[str] = []
    api = ProfileApi({})
    with Loopback(api) as server:
        settings = settings_of(
            database, server, segment_api="profile_api", segment_profile_ids="email:secret@x.org"
        )
        client = segment_client(settings, told.append)
        with database.session() as session:
            done = ingest_profiles(session, client, settings, DAY, DAY, told.append)
    assert told
    assert "secret" not in " ".join([*told, *done.notes, *map(str, done.facts.values())])
