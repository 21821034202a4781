"""The jobs by name, the schedule, and what is switched on from the start."""

from datetime import UTC, date, datetime
from typing import Any

import dagster as dg
import pytest

from journey_assets.automation.jobs import last_days, newest_day, range_tags
from journey_assets.definitions import build_definitions
from journey_assets.settings import SettingsError
from journey_assets.shell.resources import VENDORS_TAG, asked_vendors

CREDENTIALS = dict.fromkeys(
    (
        "AMPLITUDE_API_KEY",
        "AMPLITUDE_SECRET_KEY",
        "SEGMENT_TOKEN",
        "SEGMENT_SPACE_ID",
        "MAVENOID_TOKEN",
        "MAVERA_API_KEY",
    ),
    "set",
)


@pytest.fixture(scope="module")
def repository() -> dg.RepositoryDefinition:
    definitions = build_definitions({})
    dg.Definitions.validate_loadable(definitions)
    return definitions.get_repository_def()


def groups(repository: dg.RepositoryDefinition, job: str) -> set[str]:
    keys = repository.get_job(job).asset_layer.executable_asset_keys
    return {key.path[0] for key in keys}


def test_each_job_holds_its_part_of_the_way(repository: dg.RepositoryDefinition) -> None:
    assert groups(repository, "ingest") == {"raw"}
    figures = {"identity", "journeys", "channels", "support"}
    assert groups(repository, "statistics") == figures
    assert groups(repository, "analyses") == {"analyses", "reports", "delivery"}
    assert groups(repository, "everything") == figures | {"raw", "analyses", "reports", "delivery"}


def test_each_job_names_the_vendors_it_calls(repository: dg.RepositoryDefinition) -> None:
    tags = {
        name: repository.get_job(name).tags[VENDORS_TAG]
        for name in ("ingest", "statistics", "analyses", "everything")
    }
    assert tags == {
        "ingest": "amplitude,segment,mavenoid",
        "statistics": "",
        "analyses": "mavera",
        "everything": "amplitude,segment,mavenoid,mavera",
    }


def test_the_vendors_of_a_run_are_those_of_its_assets_else_of_its_job() -> None:
    key = dg.AssetKey(["raw", "mavenoid_conversations"])
    assert asked_vendors({key}, None) == {"mavenoid"}
    assert asked_vendors(None, "amplitude,mavera") == {"amplitude", "mavera"}
    assert asked_vendors(None, None) == set()


def request_at(when: datetime, **environ: str) -> Any:
    """What the schedule asks for at a time."""
    schedule: Any = build_definitions(environ).get_repository_def().get_schedule_def("daily")
    return schedule(dg.build_schedule_context(scheduled_execution_time=when))


def test_every_night_the_last_three_days_are_materialized_in_one_run() -> None:
    request = request_at(datetime(2026, 11, 20, 3, 30, tzinfo=UTC))
    assert request.tags["dagster/asset_partition_range_start"] == "2026-11-17"
    assert request.tags["dagster/asset_partition_range_end"] == "2026-11-19"
    assert request.run_key == "daily 2026-11-19"


def test_the_schedule_begins_with_the_first_partition() -> None:
    night = datetime(2026, 11, 20, 3, 30, tzinfo=UTC)
    request = request_at(night, JOURNEY_START_DATE="2026-11-19")
    assert request.tags["dagster/asset_partition_range_start"] == "2026-11-19"
    assert isinstance(request_at(night, JOURNEY_START_DATE="2026-11-20"), dg.SkipReason)


def test_the_schedule_runs_at_half_past_three_utc(repository: dg.RepositoryDefinition) -> None:
    schedule = repository.get_schedule_def("daily")
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("30 3 * * *", "UTC")


def test_the_schedule_can_be_another_in_a_zone_of_its_own() -> None:
    environ = {"JOURNEY_SCHEDULE": "0 7 * * 1-5 Europe/Stockholm"}
    schedule: Any = build_definitions(environ).get_repository_def().get_schedule_def("daily")
    assert (schedule.cron_schedule, schedule.execution_timezone) == (
        "0 7 * * 1-5",
        "Europe/Stockholm",
    )


@pytest.mark.parametrize("schedule", ["every day", "61 3 * * *", "0 7 * * * Europe/Nowhere"])
def test_a_schedule_that_is_none_is_refused_by_name(schedule: str) -> None:
    with pytest.raises(SettingsError, match="JOURNEY_SCHEDULE"):
        build_definitions({"JOURNEY_SCHEDULE": schedule})


def test_housekeeping_runs_every_sunday_after_the_night(
    repository: dg.RepositoryDefinition,
) -> None:
    schedule = repository.get_schedule_def("weekly")
    assert (schedule.cron_schedule, schedule.job_name) == ("0 5 * * 0", "housekeeping")


def test_the_newest_day_is_the_last_one_over_in_utc() -> None:
    assert newest_day(datetime(2026, 11, 20, 0, 0, tzinfo=UTC)) == date(2026, 11, 19)


def test_days_before_the_start_are_left_out() -> None:
    newest = date(2026, 11, 19)
    assert last_days(newest, 3, date(2026, 1, 1)) == (date(2026, 11, 17), newest)
    assert last_days(newest, 3, newest) == (newest, newest)
    assert last_days(newest, 3, date(2026, 11, 20)) is None
    assert set(range_tags(newest, newest).values()) == {"2026-11-19"}


def switched_on(environ: dict[str, str]) -> set[str]:
    """Sensors and schedules that run without anybody's doing."""
    repository = build_definitions(environ).get_repository_def()
    running = {s.name for s in repository.sensor_defs if s.default_status.value == "RUNNING"}
    return running | {
        s.name for s in repository.schedule_defs if s.default_status.value == "RUNNING"
    }


def test_a_deployment_with_all_credentials_runs_itself() -> None:
    assert switched_on(CREDENTIALS) == {
        "daily",
        "weekly",
        "mavenoid_updates",
        "tracked_users",
        "amplitude_archives",
        "run_failures",
        "figures_follow",
    }


def test_without_a_credential_nothing_asks_a_vendor() -> None:
    assert switched_on({**CREDENTIALS, "MAVERA_API_KEY": ""}) == {
        "amplitude_archives",
        "run_failures",
        "weekly",
    }


def test_a_vendor_left_out_needs_no_credential() -> None:
    without = {**CREDENTIALS, "SEGMENT_TOKEN": "", "JOURNEY_VENDORS": "amplitude,mavenoid"}
    assert "daily" in switched_on(without)


def test_every_asset_turns_stale_when_a_day_is_missed(repository: dg.RepositoryDefinition) -> None:
    graph = repository.asset_graph
    assert graph.materializable_asset_keys
    for key in graph.materializable_asset_keys:
        assert graph.get(key).freshness_policy_or_from_metadata is not None
