"""Every stored partition records the settings that made it, and figures of unlike ones are not mixed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from journey_assets.journeys.statistics.paths.table import PATHS
from journey_assets.journeys.statistics.summary.table import SUMMARY
from journey_assets.settings import Settings
from journey_assets.warehouse.choices import (
    Choices,
    UnlikeSettings,
    as_they_were,
    hash_of,
    own_choices,
    recorded,
    refuse_unlike,
    unlike_days,
)
from journey_assets.warehouse.database import Database
from journey_assets.warehouse.history import Partition, unusual
from journey_assets.warehouse.replace import Replacement, recount, replace_partitions
from journey_assets.warehouse.schema import Table
from journey_assets.warehouse.tables.identity import PERSONS
from journey_assets.warehouse.tables.raw import (
    AMPLITUDE_EVENTS,
    AMPLITUDE_USERS,
    SEGMENT_PROFILES,
)
from journey_assets.warehouse.versions import versions
from journey_assets_tests.stored import settings_for

DAY = date(2026, 3, 20)
BEFORE = DAY - timedelta(days=1)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_for(Database(tmp_path / "store.duckdb"))


def changed(settings: Settings, **given: Any) -> Settings:
    return Settings.checked(settings.model_dump() | given)


def make(settings: Settings, table: Table, day: date = DAY, read: Sequence[Table] = ()) -> None:
    """Store an empty partition by a run with ``settings``, computed from the partitions of ``read``."""
    with Database.of(settings).session() as session:
        spans = dict.fromkeys(read, (day - timedelta(days=29), day))
        new = Replacement(table, empty(table))
        replace_partitions(session, day, day, new, computed_from=versions(session, spans))


def made_with(settings: Settings, table: Table, day: date = DAY) -> Choices:
    with Database.of(settings).session() as session, session.reading() as con:
        return recorded(con, [table], day, day)[table.full_name, day]


def test_a_partition_records_the_settings_that_its_figures_depend_on(settings: Settings) -> None:
    given = changed(settings, start_event="Sign Up", path_unit="session", collapse=True)
    make(given, PATHS)
    found = made_with(given, PATHS)
    assert found["JOURNEY_START_EVENT"] == ("Sign Up",)
    assert found["JOURNEY_PATH_UNIT"] == ("session",)
    assert found["JOURNEY_COLLAPSE"] == ("1",)
    assert found["JOURNEY_MAX_EVENTS"] == ("",)


def test_what_changes_no_figure_changes_no_hash(settings: Settings) -> None:
    other = changed(
        settings,
        memory_limit="2GB",
        amplitude_base_url="https://analytics.eu.amplitude.com",
        amplitude_secret_key="s",
        replace_anyway=True,
    )
    of = [hash_of(own_choices(each, PATHS, fetched=True)) for each in (settings, other)]
    assert of[0] == of[1]
    assert hash_of(own_choices(changed(settings, seed=1), PATHS, fetched=True)) != of[0]


def test_ids_and_keys_are_told_by_number_and_hash_alone(settings: Settings) -> None:
    given = changed(settings, converter_user_ids="ann,bob", conversion_event="mail a@b.example")
    make(given, AMPLITUDE_USERS)
    make(given, PATHS, read=[AMPLITUDE_USERS])
    for table in (AMPLITUDE_USERS, PATHS):
        (said,) = made_with(given, table)["CONVERTER_USER_IDS"]
        assert said.startswith("2 ids (list_")
        assert "ann" not in said
    text = str(made_with(given, PATHS))
    assert "a@b.example" not in text
    assert "a test's key" not in text
    reordered = own_choices(
        changed(given, converter_user_ids="bob,ann"), AMPLITUDE_USERS, fetched=True
    )
    assert reordered == made_with(given, AMPLITUDE_USERS)


def test_figures_have_the_settings_of_the_rows_they_read(settings: Settings) -> None:
    exported = changed(settings, amplitude_source="export")
    store_event(exported, BEFORE)
    make(settings, PATHS, read=[AMPLITUDE_EVENTS])
    assert made_with(settings, PATHS)["AMPLITUDE_SOURCE"] == ("export",)
    store_event(settings, DAY)
    make(settings, PATHS, read=[AMPLITUDE_EVENTS])
    assert made_with(settings, PATHS)["AMPLITUDE_SOURCE"] == ("export", "user_activity")


def store_event(settings: Settings, day: date) -> None:
    with Database.of(settings).session() as session:
        new = Replacement(
            AMPLITUDE_EVENTS,
            f"SELECT DATE '{day}' AS event_date, 1::BIGINT AS amplitude_id, 'A' AS event_type, "
            f"TIMESTAMP '{day} 12:00' AS event_time, 0 AS source_order",
        )
        replace_partitions(session, day, day, new)


def test_a_day_counted_again_keeps_its_record(settings: Settings) -> None:
    make(changed(settings, start_event="Sign Up"), PATHS)
    with Database.of(settings).session() as session, session.writing() as con:
        recount(con, PATHS, [DAY])
    assert made_with(settings, PATHS)["JOURNEY_START_EVENT"] == ("Sign Up",)


def test_figures_are_not_computed_of_figures_with_other_settings(settings: Settings) -> None:
    make(changed(settings, start_event="Sign Up"), PATHS)
    make(settings, PERSONS)
    with Database.of(settings).session() as session, pytest.raises(UnlikeSettings) as refused:
        refuse_unlike(session, settings, "support", [PATHS, PERSONS], [BEFORE, DAY])
    line = str(refused.value)
    assert line.startswith("support: journeys.paths of 2026-03-20 was made with ")
    assert "JOURNEY_START_EVENT=Sign Up, and this run has JOURNEY_START_EVENT not set" in line
    assert "\n" not in line


def test_figures_of_unlike_settings_are_not_read_together(settings: Settings) -> None:
    for table, ids in ((PATHS, "ann"), (SUMMARY, "bob")):
        given = changed(settings, converter_user_ids=ids)
        make(given, AMPLITUDE_USERS)
        make(given, table, read=[AMPLITUDE_USERS])
    with (
        Database.of(settings).session() as session,
        pytest.raises(UnlikeSettings, match=r"journeys\.paths was made with CONVERTER_USER_IDS"),
    ):
        refuse_unlike(session, settings, "analyses", [PATHS, SUMMARY], [DAY])


def test_like_figures_and_those_without_a_record_are_read(settings: Settings) -> None:
    make(settings, PATHS)
    with Database.of(settings).session() as session:
        unrecorded = replace(session.database, settings=None)
    with unrecorded.session() as session:
        replace_partitions(session, DAY, DAY, Replacement(PERSONS, empty(PERSONS)))
        refuse_unlike(session, settings, "support", [PATHS, PERSONS, SUMMARY], [DAY])


def empty(table: Table) -> str:
    columns = ", ".join(f"NULL::{column.type} AS {column.name}" for column in table.columns)
    return f"SELECT {columns} WHERE false"


def test_days_made_with_other_settings_are_known(settings: Settings) -> None:
    make(changed(settings, min_persons=5), SUMMARY, BEFORE)
    make(settings, SUMMARY)
    with Database.of(settings).session() as session, session.reading() as con:
        assert unlike_days(con, settings, SUMMARY, BEFORE, DAY) == [BEFORE]


def test_volumes_are_compared_with_those_of_like_settings_alone() -> None:
    usual = Partition(1000, made_with={"A": ("1",)})
    now = Partition(10, made_with={"A": ("1",)})
    assert unusual(now, [usual] * 7, ())
    assert unusual(Partition(10, made_with={"A": ("2",)}), [usual] * 7, ()) == []


def test_the_settings_of_figures_are_settings_again(settings: Settings) -> None:
    given = changed(
        settings, start_event="Sign Up", max_events=30, collapse=True, confidence_level=0.9
    )
    found = as_they_were(settings, own_choices(given, PATHS, fetched=True))
    assert found == given
    assert as_they_were(given, own_choices(settings, PATHS, fetched=True)) == settings


def test_a_snapshot_of_profiles_says_how_it_was_read(settings: Settings) -> None:
    given = changed(settings, segment_api="profile_api", segment_profile_ids="user_id:a")
    make(given, SEGMENT_PROFILES)
    assert made_with(given, SEGMENT_PROFILES)["SEGMENT_API"] == ("profile_api",)
