"""The assets of schema ``support``: wiring only."""

import dagster as dg

from journey_assets.journeys.statistics import CLAIMING
from journey_assets.journeys.statistics.paths.table import PATHS
from journey_assets.shell.statistics import statistics_assets
from journey_assets.support.compute import compute
from journey_assets.warehouse.tables.identity import PERSONS
from journey_assets.warehouse.tables.raw import (
    MAVENOID_AVAILABILITIES,
    MAVENOID_CONVERSATIONS,
    MAVENOID_SESSIONS,
)
from journey_assets.warehouse.tables.support import TABLES


def support_assets(
    partitions: dg.DailyPartitionsDefinition, window_days: int
) -> dg.AssetsDefinition:
    """Conversations, live sessions and agents, and the journeys they come from."""
    return statistics_assets(
        "support",
        TABLES,
        compute,
        partitions=partitions,
        window_days=window_days,
        windowed=[MAVENOID_CONVERSATIONS, MAVENOID_SESSIONS, MAVENOID_AVAILABILITIES],
        same_day=[PERSONS, PATHS, *CLAIMING],
        source=MAVENOID_CONVERSATIONS,
    )
