"""Settings: reading, defaults and errors that name the variable."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey_assets.settings import (
    SCHEMAS,
    Settings,
    SettingsError,
    read_list,
    secret_fields,
    variable,
)
from journey_assets.warehouse.catalog import all_tables


def test_the_contracts_defaults_hold_in_an_empty_environment() -> None:
    settings = Settings.from_env({})
    assert settings.amplitude_base_url == "https://amplitude.com"
    assert settings.amplitude_source == "user_activity"
    assert (settings.amplitude_queries_per_hour, settings.amplitude_concurrency) == (360, 10)
    assert settings.segment_url() == "https://api.segmentapis.com"
    assert settings.mavera_max_credits_per_run == 300
    assert settings.database == "data/journey_assets.duckdb"
    assert settings.excluded_events == "$*,session_start,session_end"
    assert (settings.window_days, settings.max_events, settings.session_gap_minutes) == (
        30,
        None,
        30,
    )


def test_every_variable_of_the_contract_is_read() -> None:
    names = {variable(field) for field in Settings.model_fields}
    assert names >= {
        *("AMPLITUDE_API_KEY", "AMPLITUDE_SECRET_KEY", "AMPLITUDE_BASE_URL", "AMPLITUDE_SOURCE"),
        *("CONVERTER_USER_IDS", "NON_CONVERTER_USER_IDS", "CONVERSION_EVENT"),
        *("AMPLITUDE_CONVERTER_COHORT_ID", "AMPLITUDE_NON_CONVERTER_COHORT_ID"),
        *("AMPLITUDE_QUERIES_PER_HOUR", "AMPLITUDE_CONCURRENCY"),
        *("SEGMENT_TOKEN", "SEGMENT_SPACE_ID", "SEGMENT_API", "SEGMENT_BASE_URL"),
        *("SEGMENT_PROFILE_IDS", "MAVENOID_TOKEN", "MAVENOID_BASE_URL"),
        *("MAVERA_API_KEY", "MAVERA_BASE_URL", "MAVERA_MAX_CREDITS_PER_RUN"),
        *("JOURNEY_VENDORS", "JOURNEY_DATABASE", "JOURNEY_START_DATE", "JOURNEY_WINDOW_DAYS"),
        *("JOURNEY_MAX_EVENTS", "JOURNEY_SESSION_GAP_MINUTES", "JOURNEY_EXCLUDED_EVENTS"),
        "JOURNEY_INCLUDE_REVENUE",
    }


def test_segments_address_follows_the_chosen_api() -> None:
    assert Settings.from_env({"SEGMENT_API": "profile_api"}).segment_url() == (
        "https://profiles.segment.com"
    )


def test_an_empty_variable_counts_as_not_set() -> None:
    assert Settings.from_env({"JOURNEY_WINDOW_DAYS": " "}).window_days == 30


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("JOURNEY_WINDOW_DAYS", "soon"),
        ("JOURNEY_VENDORS", "amplitude,mixpanel"),
        ("JOURNEY_START_DATE", "01/02/2026"),
        ("JOURNEY_DATABASE", "data/journeys.duckdb"),
        ("JOURNEY_DATABASE", "data/RAW.duckdb"),
        ("JOURNEY_DATABASE", "Support.2026.duckdb"),
        ("JOURNEY_DATABASE", f"{'x' * 250}.duckdb"),
        ("JOURNEY_DATABASE", "~nobody-of-that-name/x.duckdb"),
        ("JOURNEY_INBOX", "a\0b"),
        ("AMPLITUDE_SOURCE", "cdc"),
    ],
)
def test_a_bad_value_is_refused_by_the_variables_name(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        Settings.from_env({name: value})


def test_no_schema_is_left_out_of_the_names_that_a_database_must_not_have() -> None:
    assert {table.schema for table in all_tables()} == SCHEMAS


def test_a_refused_value_is_not_repeated_in_the_error() -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.checked({"mavera_api_key": ["mvra_live_secret"]})
    assert "mvra_live_secret" not in str(caught.value)


def test_all_credentials_are_secrets() -> None:
    assert secret_fields() >= {
        "amplitude_api_key",
        "amplitude_secret_key",
        "segment_token",
        "mavenoid_token",
        "mavera_api_key",
    }


def test_missing_credentials_are_named() -> None:
    settings = Settings.from_env({"AMPLITUDE_API_KEY": "k"})
    assert settings.missing_credentials("amplitude") == ("AMPLITUDE_SECRET_KEY",)


def test_a_list_keeps_its_order_and_drops_repeats() -> None:
    assert read_list("b, a,,b", "X") == ("b", "a")


def test_a_list_can_stand_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "ids"
    file.write_text("a b\n\n c \na b\n", encoding="utf-8")
    assert read_list(f"@{file}", "X") == ("a b", "c")


def test_a_missing_file_is_named_with_its_variable(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"CONVERTER_USER_IDS.*absent.*No such file"):
        read_list(f"@{tmp_path / 'absent'}", "CONVERTER_USER_IDS")


@pytest.mark.parametrize("content", [b"", b"\n \n", "\ufeff".encode(), "u1\n".encode("utf-16")])
def test_a_list_that_holds_nothing_to_read_is_refused_by_the_variables_name(
    content: bytes, tmp_path: Path
) -> None:
    (tmp_path / "ids.txt").write_bytes(content)
    with pytest.raises(SettingsError, match=r"^CONVERTER_USER_IDS names the file .*ids\.txt"):
        read_list(f"@{tmp_path / 'ids.txt'}", "CONVERTER_USER_IDS")


@pytest.mark.parametrize(
    "url",
    [
        "https://amplitude.com",
        "https://app.mavera.io/api/v1/",
        "https://proxy_1.corp.example:8443/a/b",
        "http://127.0.0.1:8000",
        "http://localhost:1/x",
        "http://[::1]:99",
        "HTTPS://[2001:db8::1]/",
    ],
)
def test_a_plain_address_is_taken_without_the_slash_at_its_end(url: str) -> None:
    assert Settings.checked({"mavera_base_url": url}).mavera_base_url == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "amplitude.com",
        "//amplitude.com",
        "ftp://amplitude.com",
        "file:///etc/passwd",
        "https://",
        "https:///path",
        "https:amplitude.com",
        "http://amplitude.com",
        "http://127.0.0.1.evil.example",
        "http://localhost.evil.example",
        "http://0.0.0.0",
        "http://2130706433",
        "https://key:secret@amplitude.com",
        "https://amplitude.com@evil.example",
        "https://amplitude.com?key=secret",
        "https://amplitude.com/?",
        "https://amplitude.com#x",
        "https://ampli tude.com",
        " https://amplitude.com",
        "https://amplitude.com\n",
        "https://amplitude.com\t/x",
        "https://аmplitude.com",
        "https://xn--mplitude-3ve.com",
        "https://amplitude。com",
        "https://amplitude.com\u200b",
        "https://amplitude.com\\@evil.example",
        "https://amplitude.com:",
        "https://amplitude.com:port",
        "https://amplitude.com:99999",
        "https://amplitude.com:0",
        "https://[::1",
        "https://[v1.x]",
        "https://amplitude..com",
        "https://-amplitude.com",
        "https://amplitude.com/../x",
        "https://amplitude.com/a//b",
        "https://amplitude.com/%2e%2e/x",
        "https://amplitude.com/a;b",
    ],
)
def test_an_odd_address_is_refused_with_the_settings_name_and_without_the_address(url: str) -> None:
    with pytest.raises(SettingsError, match=r"^MAVERA_BASE_URL: ") as raised:
        Settings.checked({"mavera_base_url": url})
    assert "secret" not in str(raised.value)
    assert "evil" not in str(raised.value)


@given(st.text(max_size=40))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    for each in (text, f"https://{text}", f"https://h/{text}"):
        try:
            assert Settings.checked({"mavera_base_url": each}).mavera_base_url.isascii()
        except SettingsError as error:
            assert str(error).startswith("MAVERA_BASE_URL")  # noqa: PT017
