"""What the weekly housekeeping removes, and what it must not."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from journey_assets.automation.housekeeping import REQUESTS, VENDORS
from journey_assets.definitions import build_definitions
from journey_assets.privacy.retention import apply_retention
from journey_assets.settings import Settings, SettingsError
from journey_assets.shell.event_storage import EventStorage
from journey_assets.shell.trimming import trim_instance
from journey_assets.warehouse.database import Database
from journey_assets.warehouse.tables.raw import AMPLITUDE_EVENTS
from journey_assets_tests.stored import settings_for, store
from journey_assets_tests.test_event_storage import instance as instance

NOW = datetime(2026, 6, 30, 5)
OLD, KEPT = date(2026, 5, 30), date(2026, 5, 31)
#: Far ahead of every run of a test.
SOON = timedelta(days=1)


def event(day: date, user: str) -> dict[str, Any]:
    return {
        "event_date": day,
        "amplitude_id": int(user[-1]),
        "user_id": user,
        "event_type": "Open",
        "event_time": f"{day} 12:00:00",
        "source_order": 0,
    }


@pytest.fixture
def database(tmp_path: Path) -> Database:
    """A user a day, on the last day that goes and on the first that stays."""
    database = Database(tmp_path / "test.duckdb", key_given="a test's key")
    store(database, AMPLITUDE_EVENTS, [event(OLD, "user-of-may-1"), event(KEPT, "user-of-may-2")])
    return database


def tidied(database: Database, **given: object) -> dict[str, int]:
    settings = settings_for(database, **given)
    with database.session() as session:
        return dict(apply_retention(session, settings, NOW))


def rows(database: Database, query: str) -> list[tuple[Any, ...]]:
    with database.session() as session, session.reading() as con:
        return [tuple(row) for row in con.execute(query).fetchall()]


def test_raw_days_older_than_the_setting_go_with_their_bytes_and_no_others(
    database: Database,
) -> None:
    assert tidied(database, raw_retention_days=30) == {"raw.amplitude_events": 1}
    assert rows(database, "SELECT event_date FROM store.raw.amplitude_events") == [(KEPT,)]
    assert rows(database, "SELECT partition FROM store.warehouse.ledger") == [(KEPT,)]
    assert rows(database, "SELECT kind, kept_from FROM store.warehouse.removals") == [
        ("retention", KEPT)
    ]
    content = database.path.read_bytes()
    assert b"user-of-may-1" not in content
    assert b"user-of-may-2" in content


def test_without_the_setting_everything_stays_and_a_second_time_nothing_goes(
    database: Database,
) -> None:
    assert tidied(database) == {}
    tidied(database, raw_retention_days=30)
    assert tidied(database, raw_retention_days=30) == {}
    assert rows(database, "SELECT count(*) FROM store.warehouse.removals") == [(1,)]


def test_a_retention_shorter_than_the_window_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"JOURNEY_RAW_RETENTION_DAYS.*30 days"):
        Settings.checked({"raw_retention_days": 29})


@dg.asset(
    partitions_def=dg.StaticPartitionsDefinition(["a", "b"]),
    backfill_policy=dg.BackfillPolicy.single_run(),
    check_specs=[dg.AssetCheckSpec("fine", asset="parted")],
)
def parted() -> Iterator[dg.MaterializeResult[Any]]:
    """An asset of two days with a check."""
    yield dg.MaterializeResult(
        metadata={"rows": 3}, check_results=[dg.AssetCheckResult(passed=True)]
    )


PARTED = dg.AssetKey("parted")


def materialize(instance: dg.DagsterInstance, first: str, last: str) -> str:
    tags = {"dagster/asset_partition_range_start": first, "dagster/asset_partition_range_end": last}
    return dg.materialize([parted], instance=instance, tags=tags).run_id


def test_old_runs_go_and_dagster_still_knows_every_day_s_newest_materialization(
    instance: dg.DagsterInstance,
) -> None:
    first, second = materialize(instance, "a", "b"), materialize(instance, "b", "b")
    trimmed = trim_instance(instance, datetime.now(UTC) + SOON)
    assert trimmed.runs == 2
    assert instance.get_runs() == []
    assert instance.get_materialized_partitions(PARTED) == {"a", "b"}
    records = instance.fetch_materializations(PARTED, limit=9).records
    assert {(r.partition_key, r.run_id) for r in records} == {("a", first), ("b", second)}
    assert all(record.asset_materialization.metadata for record in records)  # type: ignore[union-attr]


def test_the_newest_result_of_a_check_stays_and_the_runs_files_go(
    instance: dg.DagsterInstance,
) -> None:
    runs = [materialize(instance, "a", "b") for _ in range(2)]
    storage = instance.event_log_storage
    assert isinstance(storage, EventStorage)
    assert trim_instance(instance, datetime.now(UTC) + SOON).checks == 1
    key = dg.AssetCheckKey(PARTED, "fine")
    history = storage.get_asset_check_execution_history(key, limit=9)
    assert [(each.run_id, each.status.value) for each in history] == [(runs[1], "SUCCEEDED")]
    assert not any(Path(storage.path_for_shard(run)).exists() for run in runs)


def test_runs_that_ended_since_stay_whole(instance: dg.DagsterInstance) -> None:
    run = materialize(instance, "a", "b")
    before = len(instance.all_logs(run))
    assert trim_instance(instance, datetime.now(UTC) - SOON).runs == 0
    assert len(instance.all_logs(run)) == before


def test_a_check_is_planned_once_a_run_and_not_for_each_day(instance: dg.DagsterInstance) -> None:
    materialize(instance, "a", "b")
    key = dg.AssetCheckKey(PARTED, "fine")
    history = instance.event_log_storage.get_asset_check_execution_history(key, limit=9)
    assert [each.status.value for each in history] == ["SUCCEEDED"]


def test_what_a_materialization_shows_is_kept_once_and_not_in_the_run_s_file_too(
    instance: dg.DagsterInstance,
) -> None:
    run = materialize(instance, "a", "a")
    (record,) = instance.fetch_materializations(PARTED, limit=9).records
    assert record.asset_materialization is not None
    assert record.asset_materialization.metadata["rows"].value == 3
    made = [e.asset_materialization for e in instance.all_logs(run) if e.asset_materialization]
    assert [(each.partition, dict(each.metadata)) for each in made] == [("a", {})]


def test_the_jobs_clean_up_and_forget_whoever_stands_in_the_file(database: Database) -> None:
    environ = {
        "JOURNEY_DATABASE": str(database.path),
        "JOURNEY_RAW_RETENTION_DAYS": "3660",
        "CONVERSION_EVENT": "Open",
    }
    definitions = build_definitions(environ)
    requests = database.path.parent / REQUESTS
    requests.write_text("user_id:user-of-may-2\n")
    with dg.DagsterInstance.ephemeral() as instance, pytest.MonkeyPatch.context() as patch:
        patch.setenv("JOURNEY_HASH_KEY", "a test's key")
        for name in ("housekeeping", "forget"):
            job = definitions.resolve_job_def(name)
            assert job.execute_in_process(instance=instance).success
        events = dg.AssetKey(["raw", "amplitude_events"])
        assert instance.get_materialized_partitions(events) == {KEPT.isoformat()}
    assert rows(database, "SELECT user_id FROM store.raw.amplitude_events") == [("user-of-may-1",)]
    assert not requests.exists()
    assert "user-of-may-2" in (database.path.parent / VENDORS).read_text()
