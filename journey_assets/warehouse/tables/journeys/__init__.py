"""The tables of schema ``journeys``: what persons did in the trailing window, and with what result."""

from journey_assets.warehouse.schema import Table
from journey_assets.warehouse.tables.journeys.counts import (
    LAST_EVENTS,
    PATHS,
    STEP_FREQUENCIES,
    SUMMARY,
    TRANSITIONS,
)

__all__ = ["LAST_EVENTS", "PATHS", "STEP_FREQUENCIES", "SUMMARY", "TABLES", "TRANSITIONS"]

TABLES: tuple[Table, ...] = (PATHS, SUMMARY, STEP_FREQUENCIES, TRANSITIONS, LAST_EVENTS)
