"""What an identifier's value becomes: normalised for comparing, hashed for showing."""

import duckdb
import pytest

from journey_assets.identity.values import register_normalising, register_safe_values
from journey_assets.names import register_names
from journey_assets.settings import Settings
from journey_assets.warehouse.pseudonyms import pseudonym
from journey_assets_tests.identity_store import KEY


def _sql(expression: str, *values: str) -> object:
    con = duckdb.default_connection()
    register_safe_values(con, KEY)
    register_names(con)
    register_normalising(con, Settings.checked({}))
    ((result,),) = con.execute(f"SELECT {expression}", list(values)).fetchall()
    return result


def _normal(id_type: str, value: str) -> object:
    return _sql("normal_value(?, without_blanks(?))", id_type, value)


@pytest.mark.parametrize(
    "value", ["", " ", "0", "0000", "-", "0-00-0", "-1", "null", "Null", "anonymous", "ANONYMOUS\n"]
)
def test_what_segment_blocks_is_no_identifier(value: str) -> None:
    assert _normal("user_id", value) is None


@pytest.mark.parametrize("value", ["10", "-2", "01", "nullable", "anonymous-1", "User_1"])
def test_what_only_resembles_a_blocked_value_is_kept_as_it_is(value: str) -> None:
    assert _normal("user_id", f" {value} ") == value


def test_an_address_is_compared_in_lower_case_in_any_type() -> None:
    assert _normal("email", " Ann@B.se\t") == _normal("user_id", "ann@B.SE") == "ann@b.se"


def test_text_without_an_address_is_no_email() -> None:
    assert _normal("email", "n/a") is None


@pytest.mark.parametrize(
    ("given", "normal"),
    [
        ("ios_id", "ios.id"),
        (" Android_push_token", "android.push_token"),
        ("user_id", "user_id"),
        ("amplitude_id", "segment.amplitude_id"),
    ],
)
def test_a_type_has_one_spelling_and_none_of_our_own_nodes(given: str, normal: str) -> None:
    assert _sql("normal_type(?)", given) == normal


@pytest.mark.parametrize(
    ("key", "safe"),
    [
        ("user_id:u1", "user_id:u1"),
        ("email:Ann@b.se", "email:" + pseudonym(KEY, "email", "ann@b.se")),
        ("user_id:a%40b.se", "user_id:" + pseudonym(KEY, "email", "a%40b.se")),
        ("user_id:oauth:a@b.se", "user_id:" + pseudonym(KEY, "email", "oauth:a@b.se")),
        ("a@b.se", pseudonym(KEY, "email", "a@b.se")),
        ("a@b.se:x", pseudonym(KEY, "email", "a@b.se:x")),
    ],
)
def test_a_safe_profile_key_keeps_the_type_and_hides_an_address(key: str, safe: str) -> None:
    assert _sql("safe_profile_key(?)", key) == safe
