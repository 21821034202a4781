"""The assets of schema ``journeys``: wiring only.

All tables are computed from one ordered form of the window's events, built once a run.
"""

import dagster as dg

from journey_assets.journeys.compute import compute
from journey_assets.journeys.statistics import TABLES
from journey_assets.journeys.statistics.changes.periods import first_read
from journey_assets.journeys.statistics.paths.table import PATHS
from journey_assets.shell.statistics import statistics_assets
from journey_assets.warehouse.tables.identity import PERSONS
from journey_assets.warehouse.tables.raw import AMPLITUDE_EVENTS, AMPLITUDE_USERS


def journeys_assets(
    partitions: dg.DailyPartitionsDefinition, window_days: int
) -> dg.AssetsDefinition:
    """Paths and their statistics."""
    return statistics_assets(
        "journeys",
        # The first shows what is said of all: it is what the others are figures of.
        [PATHS, *(table for table in TABLES if table != PATHS)],
        compute,
        partitions=partitions,
        window_days=window_days,
        windowed=[AMPLITUDE_EVENTS, AMPLITUDE_USERS],
        same_day=[PERSONS],
        source=AMPLITUDE_EVENTS,
        reads_from=first_read,
    )
