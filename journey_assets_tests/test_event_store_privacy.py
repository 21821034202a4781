"""A person forgotten, and old days removed, where the events are in a store."""

from dataclasses import replace
from datetime import datetime, timedelta
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


@pytest.fixture
def database(tmp_path: Path) -> Database:
    """Jane and John on DAY, Jane's device alone on NEXT, John alone later."""
    address = StoreAddress(str(tmp_path / "events"))
    path = tmp_path / "one" / "store.duckdb"
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


def test_nothing_of_a_forgotten_person_is_left_in_the_store_and_others_stay(
    database: Database, tmp_path: Path
) -> None:
    before = content(tmp_path / "events")
    assert "usr_jane_0001" in before
    assert ADDRESS in before
    untouched = set((tmp_path / "events").rglob(f"*{LATER}*/*"))
    forget(settings_of(database), read_identifier("user_id:usr_jane_0001"), None, print)
    after = content(tmp_path / "events")
    assert "usr_jane_0001" not in after
    assert "990001" not in after
    assert ADDRESS not in after
    assert stored(database, "event_date, amplitude_id") == [(DAY, 2), (NEXT, 3), (LATER, 2)]
    assert set((tmp_path / "events").rglob(f"*{LATER}*/*")) == untouched


def test_a_forgotten_person_is_kept_out_by_every_database_of_the_store(
    database: Database, tmp_path: Path
) -> None:
    forget(settings_of(database), read_identifier("user_id:usr_jane_0001"), None, print)
    other = replace(database, path=tmp_path / "two" / "store.duckdb")
    store(
        other,
        AMPLITUDE_EVENTS,
        [event(990001, "usr_jane_0001", LATER), event(2, "usr_john_0002", LATER)],
    )
    assert stored(database, "event_date, amplitude_id") == [(DAY, 2), (NEXT, 3), (LATER, 2)]


def test_days_before_the_retention_go_with_their_files(database: Database, tmp_path: Path) -> None:
    now = datetime.combine(LATER, datetime.min.time())
    settings = settings_of(database, raw_retention_days=30)
    with database.session() as session:
        assert apply_retention(session, settings, now)["raw.amplitude_events"] == 4
        assert apply_retention(session, settings, now) == {}
    assert stored(database, "event_date, amplitude_id") == [(LATER, 2)]
    assert not list((tmp_path / "events").rglob(f"*={DAY}/*"))
    store(database, AMPLITUDE_EVENTS, [event(5, None, DAY)])  # the day can be stored again
    assert stored(database, "event_date, amplitude_id") == [(DAY, 5), (LATER, 2)]
