"""The tables of schema ``journeys``: what persons did in the trailing window, and with what result."""

from journey_assets.warehouse.schema import Table
from journey_assets.warehouse.tables.journeys.comparisons import (
    COMPARISONS,
    DIVERGENCE_POINTS,
    DROPOFF_CLIFFS,
    FRICTION_SIGNALS,
)
from journey_assets.warehouse.tables.journeys.counts import (
    LAST_EVENTS,
    PATHS,
    STEP_FREQUENCIES,
    SUMMARY,
    TRANSITIONS,
)
from journey_assets.warehouse.tables.journeys.golden import (
    GOLDEN,
    GOLDEN_PATHS,
    GOLDEN_TRANSITIONS,
)
from journey_assets.warehouse.tables.journeys.patterns import (
    LOOPS,
    REMOVAL_EFFECTS,
    STAGES,
    STEP_HAZARD,
    STEP_MATRIX,
    VARIANTS,
)

__all__ = [
    "DIVERGENCE_POINTS",
    "DROPOFF_CLIFFS",
    "FRICTION_SIGNALS",
    "GOLDEN_PATHS",
    "GOLDEN_TRANSITIONS",
    "LAST_EVENTS",
    "LOOPS",
    "PATHS",
    "REMOVAL_EFFECTS",
    "STAGES",
    "STEP_FREQUENCIES",
    "STEP_HAZARD",
    "STEP_MATRIX",
    "SUMMARY",
    "TABLES",
    "TRANSITIONS",
    "VARIANTS",
]

TABLES: tuple[Table, ...] = (
    PATHS,
    SUMMARY,
    STEP_FREQUENCIES,
    TRANSITIONS,
    LAST_EVENTS,
    VARIANTS,
    STEP_MATRIX,
    STEP_HAZARD,
    LOOPS,
    *COMPARISONS,
    *GOLDEN,
    STAGES,
    REMOVAL_EFFECTS,
)
