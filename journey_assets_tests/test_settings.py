"""Settings: reading, defaults and errors that name the variable."""

from pathlib import Path

import pytest

from journey_assets.settings import Settings, SettingsError, read_list, secret_fields, variable


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
        ("AMPLITUDE_SOURCE", "cdc"),
    ],
)
def test_a_bad_value_is_refused_by_the_variables_name(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        Settings.from_env({name: value})


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
