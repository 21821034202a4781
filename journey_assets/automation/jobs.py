"""The jobs by name, and the schedule.

Belongs here: which assets a job is, and which days the schedule asks for.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import dagster as dg
from dagster import AssetSelection as Assets
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition
from dagster._utils.schedules import is_valid_cron_schedule

from journey_assets.settings import VENDOR_NAMES, SettingsError, variable
from journey_assets.shell.resources import VENDORS_TAG

#: Days that the schedule materializes: devices and agents send what belongs to a day for two more.
DAYS = 3

_FIGURES = Assets.groups("identity", "journeys", "channels", "support")


def range_tags(first: date, last: date) -> dict[str, str]:
    """Tags that make a run cover the days ``first`` to ``last`` at once."""
    return {
        "dagster/asset_partition_range_start": first.isoformat(),
        "dagster/asset_partition_range_end": last.isoformat(),
    }


def newest_day(now: datetime) -> date:
    """The last day that is over: the newest partition."""
    return now.astimezone(UTC).date() - timedelta(days=1)


def last_days(newest: date, number: int, start: date) -> tuple[date, date] | None:
    """The ``number`` days up to ``newest``, none before ``start``; None when there are none."""
    first = max(newest - timedelta(days=number - 1), start)
    return (first, newest) if first <= newest else None


def jobs() -> Sequence[UnresolvedAssetJobDefinition]:
    """``ingest``, ``statistics``, ``analyses`` and ``everything``."""
    three = [vendor for vendor in VENDOR_NAMES if vendor != "mavera"]
    return [
        _job("ingest", Assets.groups("raw"), three, "Fetch the days from the vendors."),
        _job("statistics", _FIGURES, [], "Compute the figures of the days from what is stored."),
        _job(
            "analyses",
            Assets.groups("analyses", "reports", "delivery"),
            ["mavera"],
            "Ask Mave about the last of the days, write the reports, and export the figures.",
        ),
        _job("everything", Assets.all(), list(VENDOR_NAMES), "All of it, in the data's order."),
    ]


def _job(
    name: str, selection: dg.AssetSelection, vendors: Sequence[str], description: str
) -> UnresolvedAssetJobDefinition:
    return dg.define_asset_job(
        name, selection, description=description, tags={VENDORS_TAG: ",".join(vendors)}
    )


def daily(
    start: date, status: dg.DefaultScheduleStatus, when: str = "30 3 * * *"
) -> dg.ScheduleDefinition:
    """The schedule ``daily``: the last three days in one run, everything.

    when: JOURNEY_SCHEDULE, five fields of cron and a time zone where it is not UTC. Raises
    :class:`SettingsError` when it is no time.
    """
    cron, zone = " ".join(when.split()[:5]), (when.split()[5:] or ["UTC"])[0]
    if not is_valid_cron_schedule(cron):
        raise SettingsError(
            f"{variable('schedule')}={when} is no schedule: write minute, hour, day, month and weekday as "
            "cron does, like 30 3 * * *"
        )

    @dg.schedule(
        name="daily",
        job_name="everything",
        cron_schedule=cron,
        execution_timezone=zone,
        default_status=status,
        description=f"The last {DAYS} days in one run, so that what arrived late is in them, then "
        "the figures, Mave's analyses of the newest day, and the reports.",
    )
    def schedule(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        days = last_days(newest_day(context.scheduled_execution_time), DAYS, start)
        if days is None:
            return dg.SkipReason(f"JOURNEY_START_DATE={start} has not passed yet.")
        return dg.RunRequest(run_key=f"daily {days[1]}", tags=range_tags(*days))

    return schedule
