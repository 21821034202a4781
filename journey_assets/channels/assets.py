"""The assets of schema ``channels``, and the transitions by segment of schema ``journeys``: wiring
only."""

import dagster as dg

from journey_assets.channels.compute import compute
from journey_assets.journeys.statistics.golden_paths.table import GOLDEN_PATHS
from journey_assets.journeys.statistics.paths.table import PATHS
from journey_assets.shell.statistics import statistics_assets
from journey_assets.warehouse.tables.channels import TABLES
from journey_assets.warehouse.tables.identity import PERSONS
from journey_assets.warehouse.tables.raw import SEGMENT_EXTERNAL_IDS, SEGMENT_PROFILES


def channels_assets(
    partitions: dg.DailyPartitionsDefinition, window_days: int
) -> dg.AssetsDefinition:
    """Profiles by channel, the segments they form, and the ways their persons go."""
    return statistics_assets(
        "channels",
        TABLES,
        compute,
        partitions=partitions,
        window_days=window_days,
        windowed=[SEGMENT_PROFILES, SEGMENT_EXTERNAL_IDS],
        same_day=[PERSONS, PATHS, GOLDEN_PATHS],
        source=SEGMENT_PROFILES,
    )
