"""The code location: every asset, resource and the executor, furnished by the environment.

Belongs here: putting the parts together. Does not belong here: any of the parts.
"""

import warnings
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import dagster as dg

from journey_assets.analyses.assets import analyses_assets
from journey_assets.automation.build import automation
from journey_assets.channels.assets import channels_assets
from journey_assets.delivery.assets import delivery_assets
from journey_assets.identity.assets import identity_assets
from journey_assets.journeys.assets import journeys_assets
from journey_assets.partitions import daily_partitions
from journey_assets.raw.assets import raw_assets
from journey_assets.reports.assets import reports_assets
from journey_assets.settings import Settings
from journey_assets.shell.resources import build_resources
from journey_assets.support.assets import support_assets


def utc_now() -> datetime:
    """The present, aware."""
    return datetime.now(UTC)


def build_definitions(
    environ: Mapping[str, str], now: Callable[[], datetime] = utc_now
) -> dg.Definitions:
    """The house with the furniture that ``environ`` describes; tests and the demo pass their own.

    now: the time by which sensors look, aware.
    Raises :class:`journey_assets.settings.SettingsError` when a variable's value is unusable.
    """
    settings = Settings.from_env(environ)
    partitions = daily_partitions(settings.start_date)
    with warnings.catch_warnings():
        # The versions are pinned; a page of warnings would hide the lines that matter.
        warnings.simplefilter("ignore", dg.BetaWarning)
        assets = [
            *raw_assets(partitions),
            identity_assets(partitions, settings.window_days),
            journeys_assets(partitions, settings.window_days),
            channels_assets(partitions, settings.window_days),
            support_assets(partitions, settings.window_days),
            analyses_assets(partitions),
            reports_assets(partitions),
            delivery_assets(partitions),
        ]
        runs_itself = automation(
            assets, settings, now, lambda: definitions.resolve_implicit_global_asset_job_def()
        )
        definitions = dg.Definitions(
            assets=runs_itself.assets,
            jobs=runs_itself.jobs,
            schedules=runs_itself.schedules,
            sensors=runs_itself.sensors,
            resources=build_resources(environ),
            # One process: the steps share one file, and a process a step costs seconds each.
            executor=dg.in_process_executor,
        )
    return definitions
