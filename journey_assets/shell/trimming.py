"""Trimming Dagster's instance: runs that ended long ago, and their events.

Belongs here: what of runs, events, checks and ticks goes, and what must stay so that Dagster still
knows which days are materialized: of every asset and day the newest materialization, of every check
its newest result. Dagster's own deletion of a run would take those along.
"""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import dagster as dg
from dagster._core.storage.dagster_run import FINISHED_STATUSES
from dagster._core.storage.event_log.schema import (
    AssetCheckExecutionsTable as Checks,
)
from dagster._core.storage.event_log.schema import (
    AssetEventTagsTable as Tags,
)
from dagster._core.storage.event_log.schema import (
    SqlEventLogStorageTable as Events,
)
from dagster._core.storage.event_log.sql_event_log import SqlEventLogStorage
from sqlalchemy import and_, func, select

from journey_assets.shell.event_storage import EventStorage

#: Runs handled at once: bounds the length of a statement.
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Trimmed:
    """What was removed."""

    runs: int
    events: int
    checks: int


def trim_instance(instance: dg.DagsterInstance, before: datetime) -> Trimmed:
    """Remove what ended before the time ``before`` (aware) from the instance.

    Storages that are not Dagster's SQL ones are left to themselves.
    """
    runs = _old_runs(instance, before)
    storage = instance.event_log_storage
    events = checks = 0
    if isinstance(storage, SqlEventLogStorage):
        for some in _batches(runs):
            events += _delete_events(storage, some)
        checks = _delete_checks(storage, before)
    for run in runs:
        if isinstance(storage, EventStorage):
            storage.remove_shard(run)
        instance.run_storage.delete_run(run)
        _remove_files(instance, run)
    _purge_ticks(instance, before)
    if isinstance(storage, EventStorage) and (runs or checks):
        storage.compact()
    return Trimmed(len(runs), events, checks)


def _old_runs(instance: dg.DagsterInstance, before: datetime) -> list[str]:
    filters = dg.RunsFilter(statuses=list(FINISHED_STATUSES), updated_before=before)
    return [record.dagster_run.run_id for record in instance.get_run_records(filters)]


def _batches(runs: Sequence[str]) -> Iterator[Sequence[str]]:
    return (runs[start : start + _AT_ONCE] for start in range(0, len(runs), _AT_ONCE))


def _delete_events(storage: SqlEventLogStorage, runs: Sequence[str]) -> int:
    """Delete the events of the runs but each asset's and day's newest materialization."""
    made = "ASSET_MATERIALIZATION"
    newer = Events.alias("newer")
    superseded = (
        select(newer.c.id)
        .where(
            newer.c.dagster_event_type == made,
            newer.c.asset_key == Events.c.asset_key,
            func.coalesce(newer.c.partition, "") == func.coalesce(Events.c.partition, ""),
            newer.c.id > Events.c.id,
        )
        .exists()
    )
    with storage.index_connection() as connection:
        stays = and_(Events.c.dagster_event_type == made, ~superseded)
        gone = select(Events.c.id).where(Events.c.run_id.in_(runs), func.coalesce(~stays, True))
        ids = [row[0] for row in connection.execute(gone)]
        for start in range(0, len(ids), _AT_ONCE):
            some = ids[start : start + _AT_ONCE]
            connection.execute(Tags.delete().where(Tags.c.event_id.in_(some)))
            connection.execute(Events.delete().where(Events.c.id.in_(some)))
    return len(ids)


def _delete_checks(storage: SqlEventLogStorage, before: datetime) -> int:
    """Delete the results of checks that a newer one of the same check and day has followed."""
    newer = Checks.alias("newer")
    superseded = (
        select(newer.c.id)
        .where(
            newer.c.asset_key == Checks.c.asset_key,
            newer.c.check_name == Checks.c.check_name,
            func.coalesce(newer.c.partition, "") == func.coalesce(Checks.c.partition, ""),
            newer.c.id > Checks.c.id,
        )
        .exists()
    )
    old = Checks.c.evaluation_event_timestamp < before.replace(tzinfo=None)
    with storage.index_connection() as connection:
        done: Any = connection.execute(Checks.delete().where(old, superseded))
    return int(done.rowcount)


def _remove_files(instance: dg.DagsterInstance, run: str) -> None:
    """What the run left in the instance's storage folder."""
    folder = Path(instance.storage_directory()) / run
    shutil.rmtree(folder, ignore_errors=True)


def _purge_ticks(instance: dg.DagsterInstance, before: datetime) -> None:
    """The daemon does so too, by ``retention`` in dagster.yaml; it may not run."""
    schedules = instance.schedule_storage
    if schedules is None:
        return
    for state in instance.all_instigator_state():
        schedules.purge_ticks(state.instigator_origin_id, state.selector_id, before.timestamp())
