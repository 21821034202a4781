"""The tables as polars frames: the rows of the days asked for, or a line that says how to make them."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from journey_assets import frames
from journey_assets.journeys.statistics.last_events.table import LAST_EVENTS
from journey_assets.journeys.statistics.transitions.table import TRANSITIONS
from journey_assets.settings import Settings
from journey_assets.warehouse.database import Database, WarehouseError
from journey_assets.warehouse.tables.raw import AMPLITUDE_USERS
from journey_assets_tests.report_rows import DAY, database_at, empty, fill
from journey_assets_tests.stored import settings_for

BEFORE = DAY - timedelta(days=1)


def last_event(day: date, event_type: str, persons: int) -> dict[str, Any]:
    return {
        "as_of": day, "cohort": "converter", "event_type": event_type, "persons": persons
    }  # fmt: skip


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Two days of last events, the second without a row; a day between them and a third missing."""
    database = database_at(tmp_path)
    fill(database, {LAST_EVENTS: [last_event(BEFORE, "Upgrade", 7), last_event(BEFORE, "Exit", 2)]})
    empty(database, DAY, LAST_EVENTS)
    return settings_for(database)


def test_a_day_has_its_rows_in_the_keys_order_with_the_declared_columns(settings: Settings) -> None:
    found = frames.read("journeys.last_events", BEFORE, settings=settings)
    assert found.columns == list(LAST_EVENTS.column_names)
    assert found.select("as_of", "event_type", "persons").rows() == [
        (BEFORE, "Exit", 2),
        (BEFORE, "Upgrade", 7),
    ]


def test_a_range_is_read_with_both_ends_and_days_may_be_text(settings: Settings) -> None:
    found = frames.read("journeys/last_events", str(BEFORE), str(DAY), settings=settings)
    assert found["event_type"].to_list() == ["Exit", "Upgrade"]


def test_without_days_it_is_the_newest_one_even_when_that_has_no_row(settings: Settings) -> None:
    found = frames.read("journeys.last_events", settings=settings)
    assert found.is_empty()
    assert found.schema["persons"] == pl.Int64


def test_days_that_were_never_materialized_are_an_error_that_says_how_to_make_them(
    settings: Settings,
) -> None:
    first = BEFORE - timedelta(days=5)
    with pytest.raises(frames.NotStored) as raised:
        frames.read("journeys.last_events", first, DAY, settings=settings)
    assert f"{first}, {first + timedelta(days=1)}" in str(raised.value)
    assert "and 2 more" in str(raised.value)
    run = f"--select journeys/last_events --partition-range {first}...{BEFORE - timedelta(days=1)}"
    assert run in str(raised.value)


def test_a_table_that_was_never_materialized_is_an_error(settings: Settings) -> None:
    with pytest.raises(frames.NotStored, match=r"journeys\.transitions was never materialized"):
        frames.read(TRANSITIONS.full_name, settings=settings)


def test_of_snapshots_one_day_of_a_range_is_enough(settings: Settings) -> None:
    empty(Database.of(settings), DAY, AMPLITUDE_USERS)
    assert frames.read("raw.amplitude_users", BEFORE, DAY, settings=settings).is_empty()
    with pytest.raises(frames.NotStored):
        frames.read("raw.amplitude_users", BEFORE, settings=settings)


def test_a_range_that_ends_before_it_begins_is_an_error(settings: Settings) -> None:
    with pytest.raises(ValueError, match="first comes before last"):
        frames.read("journeys.last_events", DAY, BEFORE, settings=settings)


def test_a_name_that_is_no_table_names_near_ones(settings: Settings) -> None:
    with pytest.raises(WarehouseError, match=r"journeys\.transitions"):
        frames.read("journeys.transition", settings=settings)


def test_a_database_that_is_not_there_is_an_error_and_is_not_made(tmp_path: Path) -> None:
    settings = settings_for(database_at(tmp_path))
    with pytest.raises(WarehouseError, match="JOURNEY_DATABASE"):
        frames.tables(settings=settings)
    assert list(tmp_path.iterdir()) == []


def test_all_tables_are_listed_with_the_days_and_rows_they_hold(settings: Settings) -> None:
    found = {row["table"]: row for row in frames.tables(settings=settings).rows(named=True)}
    last_events = found["journeys.last_events"]
    assert (last_events["days"], last_events["rows"]) == (2, 2)
    assert (last_events["first_day"], last_events["last_day"]) == (BEFORE, DAY)
    assert found["journeys.transitions"]["days"] == 0


def test_the_columns_of_a_table_say_what_they_mean_and_which_may_name_a_person() -> None:
    found = frames.columns("raw.amplitude_events").rows_by_key("column", named=True, unique=True)
    assert found["user_id"]["personal"]
    assert not found["event_type"]["personal"]
    assert found["event_time"]["type"] == "TIMESTAMP"
