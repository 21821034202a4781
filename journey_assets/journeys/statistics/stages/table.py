"""What a row of ``journeys.stages`` says."""

from journey_assets.warehouse.schema import Column, Table
from journey_assets.warehouse.tables.shared import (
    AS_OF,
    BOTH_SIDES,
    CONVERTERS,
    FOCUS,
    NON_CONVERTERS,
    wilson,
)

STAGES = Table(
    schema="journeys",
    name="stages",
    grain="cohort × stage",
    description="The events in 4 to 6 groups along the way of converters: ordered by their median "
    "relative position (of its first occurrence, in the paths of the converters who have it), cut so "
    "that the shares of their transitions that stay within a stage sum to most, which also tells how "
    "many stages; half of the converters reach each where that can be had. Fewer than four events are "
    "a stage each. Events under the minimum support, or that fewer than JOURNEY_MIN_COHORT_PERSONS "
    "converters have, take no part; with fewer converters than that there are no stages.",
    columns=(
        AS_OF,
        FOCUS,
        Column("stage", "BIGINT", "From 1, in the order of the way.", nullable=False),
        Column("label", "VARCHAR", "The stage's event that most converters have; ties by name."),
        Column("events", "VARCHAR[]", "Its events, by median relative position."),
        Column(
            "persons_converters",
            "BIGINT",
            "Persons of the cohort whose path has one of its events.",
        ),
        Column("persons_non_converters", "BIGINT", "All others whose path has one."),
        Column(
            "median_seconds_from_start",
            "DOUBLE",
            "Median seconds from a path's start to its first event of the stage, over the "
            "converters who reach it.",
        ),
        CONVERTERS,
        NON_CONVERTERS,
        Column("share_converters", "DOUBLE", "`persons_converters` of `converters`."),
        *wilson("share_converters", "that share"),
        Column("share_non_converters", "DOUBLE", "`persons_non_converters` of `non_converters`."),
        *wilson("share_non_converters", "that share"),
        Column(
            "median_position",
            "DOUBLE",
            "Median over its events of their median relative position: 0 the path's start, 1 its end.",
        ),
    ),
    key=("cohort", "stage"),
    code=__package__,
    persons=BOTH_SIDES,
    picture=f"{__package__}.picture:picture",
)
