"""The event log that keeps its files open is Dagster's, with the same files and answers."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster import _check as check
from dagster_shared.yaml_utils import load_yaml_from_path

from journey_assets.shell import event_storage
from journey_assets.shell.event_storage import EventStorage

ROOT = Path(__file__).parents[1]


@dg.asset(check_specs=[dg.AssetCheckSpec("fine", asset="counted")])
def counted() -> Iterator[dg.MaterializeResult[Any]]:
    """An asset with a check."""
    yield dg.MaterializeResult(
        metadata={"rows": 3}, check_results=[dg.AssetCheckResult(passed=True)]
    )


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """An instance as the project's dagster.yaml describes it."""
    described = load_yaml_from_path(str(ROOT / "dagster.yaml"))
    assert isinstance(described, dict)
    for storage in (described["storage"]["custom"], described["local_artifact_storage"]):
        storage["config"]["base_dir"] = str(tmp_path / storage["config"]["base_dir"])
    (tmp_path / "dagster.yaml").write_text(json.dumps(described))
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        yield instance


def test_the_project_s_instance_uses_it(instance: dg.DagsterInstance) -> None:
    assert isinstance(instance.event_log_storage, EventStorage)


def test_more_runs_than_open_files_are_all_found_again(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_storage, "_OPEN_FILES", 2)
    runs = [dg.materialize([counted], instance=instance).run_id for _ in range(4)]
    lengths = {len(instance.all_logs(run)) for run in runs}
    assert len(lengths) == 1
    assert lengths.pop() > 5


def test_a_plain_reader_of_the_same_files_sees_the_materialization(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    from dagster._core.storage.event_log import SqliteEventLogStorage

    dg.materialize([counted], instance=instance)
    plain = SqliteEventLogStorage(str(tmp_path / "data/dagster/history/runs"))
    event = plain.get_latest_materialization_events([dg.AssetKey("counted")])
    found = event[dg.AssetKey("counted")]
    assert found is not None
    assert found.asset_materialization is not None
    assert found.asset_materialization.metadata["rows"].value == 3
    plain.dispose()


def test_a_wiped_log_is_empty_and_takes_new_events(instance: dg.DagsterInstance) -> None:
    before = dg.materialize([counted], instance=instance).run_id
    instance.event_log_storage.wipe()
    assert instance.all_logs(before) == []
    after = dg.materialize([counted], instance=instance).run_id
    assert instance.all_logs(after)


@dg.asset(
    partitions_def=dg.StaticPartitionsDefinition(["a", "b", "c"]),
    backfill_policy=dg.BackfillPolicy.single_run(),
)
def parted() -> None:
    """An asset whose partitions are stored together."""


def test_the_partitions_of_a_run_are_planned_and_stored_in_a_batch_each(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    store = EventStorage.store_event_batch

    def counted_batch(self: EventStorage, events: Sequence[Any]) -> None:
        sizes.append(len(events))
        store(self, events)

    monkeypatch.setattr(EventStorage, "store_event_batch", counted_batch)
    _materialize_all(instance)
    assert sizes == [3, 3]
    assert instance.get_materialized_partitions(dg.AssetKey("parted")) == {"a", "b", "c"}


def test_a_batch_that_cannot_be_stored_whole_leaves_nothing(instance: dg.DagsterInstance) -> None:
    _materialize_all(instance)
    storage = instance.event_log_storage
    run = instance.get_runs()[0].run_id
    events = instance.all_logs(run)
    with pytest.raises(check.CheckError):
        storage.store_event_batch([*events, "no event"])  # type: ignore[list-item]
    assert len(instance.all_logs(run)) == len(events)


def _materialize_all(instance: dg.DagsterInstance) -> None:
    tags = {"dagster/asset_partition_range_start": "a", "dagster/asset_partition_range_end": "c"}
    dg.materialize([parted], instance=instance, tags=tags)
