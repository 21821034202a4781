"""Transitions by channel segment: computed with schema ``channels``, which knows the segments."""

from journey_assets.warehouse.schema import Column, Table
from journey_assets.warehouse.tables.journeys.shared import AS_OF

SEGMENT_TRANSITIONS = Table(
    schema="journeys",
    name="segment_transitions",
    grain="segment × pair",
    description="Consecutive events by channel segment, over all cohorts: which channel's persons take "
    "which steps. A person with profiles in several segments is in that of the profile with the "
    "largest `total`, ties by key; one without a profile is in `no_profile`. Empty for an as_of "
    "without a Segment snapshot in its window.",
    columns=(
        AS_OF,
        Column(
            "segment",
            "VARCHAR",
            "`web_dominant`, `mobile_dominant`, `email_dominant`, `omnichannel`, `inactive`, or "
            "`no_profile` (Segment knows no profile of the person).",
            nullable=False,
        ),
        Column("from_event", "VARCHAR", "The event.", nullable=False),
        Column("to_event", "VARCHAR", "The event that follows it at once.", nullable=False),
        Column("occurrences", "BIGINT", "Times it follows."),
        Column("persons", "BIGINT", "Persons in whose path it follows."),
        Column("p_out", "DOUBLE", "`occurrences` of `departures`."),
        Column("p_low", "DOUBLE", "Lower Wilson bound of `p_out`."),
        Column("p_high", "DOUBLE", "Upper Wilson bound of `p_out`."),
        Column(
            "departures",
            "BIGINT",
            "All departures of the segment's persons from `from_event`: transitions, exits and "
            "conversions.",
        ),
        Column("segment_persons", "BIGINT", "Persons of the segment with a path."),
        Column(
            "golden_step",
            "BIGINT",
            "From 1, where the pair is a step of the golden path (`common_subsequence` of the "
            "converters); else empty. A pair that is two steps has the first.",
        ),
    ),
    key=("segment", "from_event", "to_event"),
)
