"""Which picture a table has."""

from collections.abc import Callable, Mapping

from journey_assets.pictures import analyses, channels, counts, identity, journeys, support, ways
from journey_assets.pictures.day import Day
from journey_assets.pictures.days import rows_by_day
from journey_assets.warehouse.schema import Table
from journey_assets.warehouse.tables.analyses import MAVE_ANALYSES
from journey_assets.warehouse.tables.channels import SEGMENT_GOLDEN_STEPS, SEGMENTS
from journey_assets.warehouse.tables.identity import COVERAGE
from journey_assets.warehouse.tables.journeys.comparisons import (
    DIVERGENCE_POINTS,
    DROPOFF_CLIFFS,
    FRICTION_SIGNALS,
)
from journey_assets.warehouse.tables.journeys.counts import (
    LAST_EVENTS,
    STEP_FREQUENCIES,
    SUMMARY,
    TRANSITIONS,
)
from journey_assets.warehouse.tables.journeys.golden import GOLDEN_PATHS, GOLDEN_TRANSITIONS
from journey_assets.warehouse.tables.journeys.patterns import (
    LOOPS,
    REMOVAL_EFFECTS,
    STAGES,
    STEP_HAZARD,
    STEP_MATRIX,
    VARIANTS,
)
from journey_assets.warehouse.tables.support import (
    AGENT_STATISTICS,
    CONTACT_TOPICS,
    CONVERSATION_STATISTICS,
    JOURNEY_CONTACTS,
    LIVE_SUPPORT_STATISTICS,
    TOPICS,
)

#: Draws the partition, or nothing where it has no rows to draw.
Draw = Callable[[Day], bytes | None]

_PICTURES: Mapping[Table, Draw] = {
    COVERAGE: identity.coverage,
    SUMMARY: counts.summary,
    STEP_FREQUENCIES: counts.step_frequencies,
    TRANSITIONS: ways.transitions,
    LAST_EVENTS: counts.last_events,
    VARIANTS: counts.variants,
    STEP_MATRIX: ways.step_matrix,
    STEP_HAZARD: counts.step_hazard,
    LOOPS: counts.loops,
    DIVERGENCE_POINTS: journeys.divergence_points,
    FRICTION_SIGNALS: journeys.friction_signals,
    DROPOFF_CLIFFS: journeys.dropoff_cliffs,
    GOLDEN_PATHS: journeys.golden_paths,
    GOLDEN_TRANSITIONS: journeys.golden_transitions,
    STAGES: journeys.stages,
    REMOVAL_EFFECTS: journeys.removal_effects,
    SEGMENTS: channels.segments,
    SEGMENT_GOLDEN_STEPS: channels.segment_golden_steps,
    CONVERSATION_STATISTICS: support.conversation_statistics,
    LIVE_SUPPORT_STATISTICS: support.live_support_statistics,
    AGENT_STATISTICS: support.agent_statistics,
    TOPICS: support.topics,
    CONTACT_TOPICS: support.contact_topics,
    JOURNEY_CONTACTS: support.journey_contacts,
    MAVE_ANALYSES: analyses.mave_analyses,
}


def picture(table: Table, day: Day) -> bytes | None:
    """The SVG picture of the partition, or its rows a day where the table has no other.

    Nothing for a partition without rows to draw. Needs the file attached.
    """
    draw = _PICTURES.get(table)
    return draw(day) if draw else rows_by_day(day, table)
