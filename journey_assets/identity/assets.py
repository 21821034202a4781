"""The assets of schema ``identity``: wiring only."""

import dagster as dg

from journey_assets.identity.compute import compute
from journey_assets.shell.statistics import statistics_assets
from journey_assets.warehouse.tables.identity import TABLES
from journey_assets.warehouse.tables.raw import (
    AMPLITUDE_EVENTS,
    AMPLITUDE_USERS,
    MAVENOID_CONVERSATIONS,
    SEGMENT_EXTERNAL_IDS,
    SEGMENT_PROFILES,
)


def identity_assets(
    partitions: dg.DailyPartitionsDefinition, window_days: int
) -> dg.AssetsDefinition:
    """Persons across the vendors, and how well they are known."""
    return statistics_assets(
        "identity",
        TABLES,
        compute,
        partitions=partitions,
        window_days=window_days,
        windowed=[
            AMPLITUDE_EVENTS,
            AMPLITUDE_USERS,
            SEGMENT_PROFILES,
            SEGMENT_EXTERNAL_IDS,
            MAVENOID_CONVERSATIONS,
        ],
        source=AMPLITUDE_EVENTS,
    )
