"""Everything that makes the pipeline run itself, put together for the code location.

Belongs here: which parts there are, and whether they are switched on from the start. A deployment
that has the credentials of the vendors it uses runs itself; one that lacks any has nothing to ask,
and is switched on in the UI.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from journey_assets.automation.conditions import automated
from journey_assets.automation.housekeeping import cleaning_jobs, weekly
from journey_assets.automation.jobs import daily, jobs
from journey_assets.automation.moving import migrate_events
from journey_assets.automation.sensors import sensors
from journey_assets.settings import VENDOR_NAMES, Settings


@dataclass(frozen=True, slots=True)
class Automation:
    """The assets with their conditions, and what starts runs of them."""

    assets: Sequence[dg.AssetsDefinition]
    jobs: Sequence[UnresolvedAssetJobDefinition | dg.JobDefinition]
    schedules: Sequence[dg.ScheduleDefinition]
    sensors: Sequence[dg.SensorDefinition]


def automation(
    assets: Sequence[dg.AssetsDefinition],
    settings: Settings,
    now: Callable[[], datetime],
    all_assets: Callable[[], dg.JobDefinition],
) -> Automation:
    """The automation of ``assets`` as the settings describe it.

    now: the time, aware. all_assets: the job of all assets, asked for when a run needs it.
    """
    on = runs_itself(settings)
    start = date.fromisoformat(settings.start_date)
    asking = dg.DefaultSensorStatus.RUNNING if on else dg.DefaultSensorStatus.STOPPED
    scheduled = dg.DefaultScheduleStatus.RUNNING if on else dg.DefaultScheduleStatus.STOPPED
    follow = dg.AutomationConditionSensorDefinition(
        "figures_follow",
        target=dg.AssetSelection.all(),
        default_status=asking,
        minimum_interval_seconds=settings.sensor_seconds,
        # The conditions are our own in part, which only the code location knows.
        use_user_code_server=True,
        description="Requests the figures of the days whose window holds a change, and Mave once "
        "for the newest day.",
    )
    cleaning = cleaning_jobs(all_assets)
    return Automation(
        assets=automated(assets),
        jobs=[*jobs(), *cleaning, migrate_events],
        schedules=[daily(start, scheduled, settings.schedule), weekly(cleaning[0])],
        sensors=[*sensors(asking, settings, now), follow],
    )


def runs_itself(settings: Settings) -> bool:
    """Whether every vendor in use, and Mavera, has its credentials."""
    used = [v for v in VENDOR_NAMES if v == "mavera" or v in settings.vendor_list()]
    return not any(settings.missing_credentials(vendor) for vendor in used)
