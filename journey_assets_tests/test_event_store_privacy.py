"""A person forgotten, and old days removed, where the events are in a store."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from journey_assets.privacy.forget import forget
from journey_assets.privacy.person import read_identifier
from journey_assets.privacy.retention import apply_retention
from journey_assets.settings import Settings
from journey_assets.warehouse.database import Database
from journey_assets.warehouse.event_store.address import StoreAddress
from journey_assets.warehouse.tables.raw import (
    AMPLITUDE_EVENTS,
    SEGMENT_EXTERNAL_IDS,
    SEGMENT_PROFILES,
)
from journey_assets_tests.stored import settings_for, store
from journey_assets_tests.test_event_store import DAY, NEXT, stored

LATER = DAY + timedelta(days=70)
ADDRESS = "jane.roe@example.org"


def event(user: int, user_id: str | None, day: Any = DAY, **more: Any) -> dict[str, Any]:
    return {
        "event_date": day,
        "amplitude_id": user,
        "user_id": user_id,
        "event_type": "Open",
        "event_time": f"{day} 12:00:00",
        "source_order": 0,
        **more,
    }


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Database:
    """Jane and John on DAY, Jane's device alone on NEXT, John alone later."""
    folder = tmp_path_factory.mktemp("filled")
    address = StoreAddress(str(folder / "events"))
    path = folder / "one" / "store.duckdb"
    database = Database(path, key_given="a test's key", event_store=address)
    store(
        database,
        AMPLITUDE_EVENTS,
        [
            event(990001, "usr_jane_0001", event_properties={"mail": ADDRESS}),
            event(2, "usr_john_0002", event_properties={"invited": ADDRESS.upper()}),
            event(990001, None, NEXT),
            event(3, "usr_john_0002", NEXT, event_type="by usr_jane_0001"),
        ],
    )
    store(database, AMPLITUDE_EVENTS, [event(2, "usr_john_0002", LATER)])
    profile = {"snapshot_date": DAY, "profile_key": "user_id:usr_jane_0001"}
    store(database, SEGMENT_PROFILES, [{**profile, "email": ADDRESS}])
    known_by = {"id_type": "user_id", "id_value": "usr_jane_0001"}
    store(database, SEGMENT_EXTERNAL_IDS, [{**profile, **known_by}])
    return database


def settings_of(database: Database, **given: object) -> Settings:
    assert database.event_store
    return settings_for(database, event_store=database.event_store.location, window_days=3, **given)


def content(folder: Path) -> str:
    """All that the store's files say, read and as they are."""
    said = []
    for path in folder.rglob("*"):
        if path.suffix == ".parquet":
            said.append(str(pq.read_table(path, partitioning=None).to_pylist()))
        elif path.is_file():
            said.append(path.read_text())
    return "\n".join(said).lower()


@pytest.fixture(scope="module")
def forgotten(filled: Database) -> Database:
    """After Jane was forgotten by her user id."""
    before = content(folder_of(filled))
    assert "usr_jane_0001" in before
    assert ADDRESS in before
    untouched = files_of(filled, LATER)
    forget(settings_of(filled), read_identifier("user_id:usr_jane_0001"), None, print)
    assert files_of(filled, LATER) == untouched
    return filled


def folder_of(database: Database) -> Path:
    assert database.event_store
    return Path(database.event_store.location)


def files_of(database: Database, day: date) -> set[Path]:
    return set(folder_of(database).rglob(f"*{day}*/*"))


def test_nothing_of_a_forgotten_person_is_left_in_the_store_and_others_stay(
    forgotten: Database,
) -> None:
    after = content(folder_of(forgotten))
    assert "usr_jane_0001" not in after
    assert "990001" not in after
    assert ADDRESS not in after
    assert stored(forgotten, "event_date, amplitude_id") == [(DAY, 2), (NEXT, 3), (LATER, 2)]


def test_a_forgotten_person_is_kept_out_by_every_database_of_the_store(
    forgotten: Database, tmp_path: Path
) -> None:
    other = replace(forgotten, path=tmp_path / "store.duckdb")
    again = [event(990001, "usr_jane_0001", LATER), event(2, "usr_john_0002", LATER)]
    store(other, AMPLITUDE_EVENTS, again)
    assert stored(forgotten, "event_date, amplitude_id") == [(DAY, 2), (NEXT, 3), (LATER, 2)]


def test_days_before_the_retention_go_with_their_files(tmp_path: Path) -> None:
    database = Database(
        tmp_path / "one" / "store.duckdb", event_store=StoreAddress(str(tmp_path / "events"))
    )
    store(database, AMPLITUDE_EVENTS, [event(1, None), event(2, None), event(1, None, NEXT)])
    store(database, AMPLITUDE_EVENTS, [event(2, None, LATER)])
    now = datetime.combine(LATER, datetime.min.time())
    settings = settings_of(database, raw_retention_days=30)
    with database.session() as session:
        assert apply_retention(session, settings, now) == {"raw.amplitude_events": 3}
        assert apply_retention(session, settings, now) == {}
    assert stored(database, "event_date, amplitude_id") == [(LATER, 2)]
    assert not files_of(database, DAY)
    store(database, AMPLITUDE_EVENTS, [event(5, None, DAY)])  # the day can be stored again
    assert stored(database, "event_date, amplitude_id") == [(DAY, 5), (LATER, 2)]
