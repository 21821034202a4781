"""What names a profile, and whom the Profile API is asked for."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey_assets import identifiers
from journey_assets.raw import segment_ids
from journey_assets.raw.segment_ids import asked_profiles
from journey_assets.settings import Settings, SettingsError
from journey_assets.warehouse.database import Database
from journey_assets.warehouse.tables.raw import AMPLITUDE_USERS, MAVENOID_CONVERSATIONS
from journey_assets_tests.stored import settings_for, store

DAY = date(2026, 11, 20)
_NOBODY = Settings.checked({}).placeholders()


def profile_key(traits: dict[str, Any], external_ids: list[Any]) -> str | None:
    return segment_ids.profile_key(traits, external_ids, _NOBODY)


def names_somebody(value: str) -> bool:
    return identifiers.names_somebody(value, _NOBODY)


def ids(*pairs: tuple[str, Any]) -> list[dict[str, Any]]:
    return [{"type": kind, "id": value} for kind, value in pairs]


def test_a_user_id_names_the_profile_wherever_it_stands() -> None:
    external = ids(("ios.id", "i1"), ("email", "a@example.com"), ("user_id", "u1"))
    assert profile_key({"email": "b@example.com"}, external) == "user_id:u1"


def test_without_a_user_id_the_first_identifier_names_the_profile() -> None:
    external = ids(("android_id", "x"), ("email", "a@example.com"))
    assert profile_key({}, external) == "android_id:x"


def test_the_email_trait_names_a_profile_without_identifiers() -> None:
    assert profile_key({"email": " a@example.com "}, []) == "email:a@example.com"


def test_numbers_are_identifiers_too() -> None:
    assert profile_key({}, ids(("user_id", 17))) == "user_id:17"


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        "0",
        "000",
        "-",
        "00-00",
        "-1",
        "null",
        "Anonymous",
        "undefined",
        " NaN",
        "None",
        "TEST",
        "None@none.com",
        "[object Object]",
    ],
)
def test_values_that_stand_for_nobody_name_nobody(value: str) -> None:
    assert not names_somebody(value)
    assert profile_key({"email": value}, ids(("user_id", value))) is None
    assert profile_key({}, ids(("user_id", value), ("ios.id", "i1"))) == "ios.id:i1"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@given(
    st.dictionaries(st.sampled_from(["email", "plan"]), _JSON),
    st.lists(_JSON | st.fixed_dictionaries({"type": _JSON, "id": _JSON})),
)
def test_a_key_is_never_empty_whatever_the_vendor_sends(
    traits: dict[str, Any], external: list[Any]
) -> None:
    key = profile_key(traits, external)
    assert key is None or names_somebody(key.partition(":")[2])


def test_listed_profiles_are_asked_for_and_nobody_else(tmp_path: Path) -> None:
    database = Database(tmp_path / "db.duckdb")
    store(database, AMPLITUDE_USERS, [user("u1", "ok")])
    listed = settings_for(database, segment_profile_ids="user_id:x, email:a:b@example.com")
    with database.session() as session:
        assert asked_profiles(session, listed, DAY) == (["user_id:x", "email:a:b@example.com"], [])


@pytest.mark.parametrize("entry", ["someone@example.com", "user_id:", ":x", "user_id:null"])
def test_an_entry_that_is_no_identifier_is_told_by_its_place(tmp_path: Path, entry: str) -> None:
    database = Database(tmp_path / "db.duckdb")
    settings = settings_for(database, segment_profile_ids=f"user_id:1,{entry}")
    with database.session() as session, pytest.raises(SettingsError) as raised:
        asked_profiles(session, settings, DAY)
    assert "SEGMENT_PROFILE_IDS: entry 2" in str(raised.value)
    assert "someone" not in str(raised.value)


def test_tracked_users_and_support_emails_are_asked_for_by_default(tmp_path: Path) -> None:
    database = Database(tmp_path / "db.duckdb")
    store(database, AMPLITUDE_USERS, [user("old", "ok", date(2026, 11, 1))])
    store(
        database,
        AMPLITUDE_USERS,
        [user("u2", "ok"), user("u1", "ok"), user("gone", "not_found"), user("null", "ok")],
    )
    store(
        database,
        MAVENOID_CONVERSATIONS,
        [
            conversation("c1", DAY, {"$customer-email": " A@Example.com"}),
            conversation("c2", DAY, {"$customer-email": "a@example.com"}),
            conversation("c3", DAY, {"$customer-email": None}),
            conversation("c4", date(2026, 10, 21), {"$customer-email": "early@example.com"}),
            conversation("c5", date(2026, 10, 22), {"$customer-email": "first@example.com"}),
            conversation("c6", date(2026, 11, 21), {"$customer-email": "late@example.com"}),
        ],
    )
    with database.session() as session:
        asked = asked_profiles(session, settings_for(database), DAY)
    assert asked == (
        ["user_id:u1", "user_id:u2"],
        ["email:a@example.com", "email:first@example.com"],
    )


def test_with_nothing_to_ask_for_the_setting_is_named(tmp_path: Path) -> None:
    database = Database(tmp_path / "db.duckdb")
    with (
        database.session() as session,
        pytest.raises(SettingsError, match="set SEGMENT_PROFILE_IDS"),
    ):
        asked_profiles(session, settings_for(database), DAY)


def user(name: str, status: str, day: date = DAY) -> dict[str, Any]:
    return {"event_date": day, "requested_id": name, "user_id": name, "status": status}


def conversation(name: str, day: date, form: dict[str, Any]) -> dict[str, Any]:
    return {"conversation_date": day, "id": name, "created_at": day, "form_data": form}
