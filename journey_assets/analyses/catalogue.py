"""Which analysis is given which tables of evidence.

Belongs here: the kinds of analysis and what each rests on. The tables of evidence are declared in
:mod:`journey_assets.analyses.sources` and the modules it names. Does not belong here: running them
(:mod:`journey_assets.analyses.gathering`).
"""

from dataclasses import dataclass
from typing import Literal, get_args

from journey_assets.analyses.sources import EvidenceSource
from journey_assets.analyses.sources_channels import (
    COVERAGE_ROWS,
    MOVE_ROWS,
    SEGMENT_PEOPLE,
    SEGMENT_ROWS,
    SEGMENT_STEPS,
    SEGMENT_WAYS,
    SUPPORT_COVERAGE,
)
from journey_assets.analyses.sources_journeys import (
    CHANGE_ROWS,
    CLIFFS,
    COHORTS,
    DIVERGENCE,
    FRICTION,
    GOLDEN,
    GOLDEN_STEPS,
    LOOP_ROWS,
    REMOVAL,
    STAGE_ROWS,
    STEPS,
    TRANSITION_ROWS,
    VARIANT_ROWS,
)
from journey_assets.analyses.sources_support import (
    AGENT_ROWS,
    CONTACT_CONVERSION,
    CONTACT_ROWS,
    CONTACT_TOPIC_ROWS,
    CONVERSATION_ROWS,
    LIVE_SUPPORT_ROWS,
    TOPIC_ROWS,
)
from journey_assets.settings import Vendor

Kind = Literal["journey_map", "channel_personas", "support_friction"]

#: All kinds, in the order in which they are asked.
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Analysis:
    """What one kind of analysis rests on.

    vendor: whose data it cannot do without. sources: its tables of evidence, in the order of the
    prompt. core: those of which at least one must have a row.
    """

    kind: Kind
    vendor: Vendor
    sources: tuple[EvidenceSource, ...]
    core: tuple[EvidenceSource, ...]


#: What each kind of analysis is given.
ANALYSES: tuple[Analysis, ...] = (
    Analysis(
        "journey_map",
        "amplitude",
        (
            COHORTS,
            CHANGE_ROWS,
            GOLDEN,
            GOLDEN_STEPS,
            VARIANT_ROWS,
            DIVERGENCE,
            FRICTION,
            CLIFFS,
            STAGE_ROWS,
            LOOP_ROWS,
            REMOVAL,
            STEPS,
            TRANSITION_ROWS,
        ),
        core=(COHORTS, STEPS, TRANSITION_ROWS),
    ),
    Analysis(
        "channel_personas",
        "segment",
        (SEGMENT_ROWS, SEGMENT_PEOPLE, SEGMENT_STEPS, SEGMENT_WAYS, MOVE_ROWS, COVERAGE_ROWS),
        core=(SEGMENT_ROWS,),
    ),
    Analysis(
        "support_friction",
        "mavenoid",
        (
            CONVERSATION_ROWS,
            LIVE_SUPPORT_ROWS,
            TOPIC_ROWS,
            AGENT_ROWS,
            CONTACT_ROWS,
            CONTACT_TOPIC_ROWS,
            CONTACT_CONVERSION,
            COHORTS,
            FRICTION,
            CLIFFS,
            SUPPORT_COVERAGE,
        ),
        core=(CONVERSATION_ROWS, LIVE_SUPPORT_ROWS),
    ),
)
