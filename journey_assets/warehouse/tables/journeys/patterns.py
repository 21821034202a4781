"""The shapes of paths: variants, steps, returns, stages, and what a state is worth."""

from journey_assets.warehouse.schema import Column, Table
from journey_assets.warehouse.tables.journeys.shared import AS_OF, COHORT, FOCUS

VARIANTS = Table(
    schema="journeys",
    name="variants",
    grain="cohort × rank",
    description="The distinct collapsed paths of each cohort, most persons first, ties by the path's "
    "names. Those beyond JOURNEY_VARIANT_LIMIT are one last row without a path.",
    columns=(
        AS_OF,
        COHORT,
        Column("rank", "BIGINT", "From 1; the row of all others is the last.", nullable=False),
        Column(
            "path",
            "VARCHAR[]",
            "Event types in order, consecutive repeats counted once; NULL in the row of all others.",
        ),
        Column("persons", "BIGINT", "Persons whose collapsed path is this one."),
        Column("share", "DOUBLE", "`persons` of `cohort_persons`."),
        Column("cumulative_share", "DOUBLE", "Share of this rank and those before it."),
        Column("share_low", "DOUBLE", "Lower Wilson bound of `share`."),
        Column("share_high", "DOUBLE", "Upper Wilson bound of `share`."),
        Column("variants", "BIGINT", "Distinct paths of the row: 1, or how many all others are."),
        Column(
            "median_seconds", "DOUBLE", "Median seconds from the path's first event to its last."
        ),
        Column("cohort_persons", "BIGINT", "Persons of the cohort with a path."),
    ),
    key=("cohort", "rank"),
)

STEP_MATRIX = Table(
    schema="journeys",
    name="step_matrix",
    grain="cohort × step × event",
    description="Where persons are at each step of the full path: repeats kept, and not ended by the "
    "first conversion. The row `(ended)` holds the persons whose path was over before the step, so "
    "that every step's persons sum to the cohort's. After JOURNEY_STEP_LIMIT steps one more step "
    "holds the rest: `(later)` those whose path goes on, `(ended)` the others. All cohorts have the "
    "steps of the longest path.",
    columns=(
        AS_OF,
        COHORT,
        Column("step", "BIGINT", "From 1.", nullable=False),
        Column("event_type", "VARCHAR", "The event, or `(ended)`, or `(later)`.", nullable=False),
        Column("persons", "BIGINT", "Persons whose step it is."),
        Column("share", "DOUBLE", "`persons` of `cohort_persons`: of all persons of the cohort."),
        Column("share_low", "DOUBLE", "Lower Wilson bound of that share."),
        Column("share_high", "DOUBLE", "Upper Wilson bound of that share."),
        Column("cohort_persons", "BIGINT", "Persons of the cohort with a path."),
    ),
    key=("cohort", "step", "event_type"),
)

STEP_HAZARD = Table(
    schema="journeys",
    name="step_hazard",
    grain="step",
    description="How many of the paths of all cohorts that reach a step end there. Steps count repeats; "
    "those beyond JOURNEY_STEP_LIMIT are left out.",
    columns=(
        AS_OF,
        Column("step", "BIGINT", "From 1.", nullable=False),
        Column("at_risk", "BIGINT", "Paths that reach the step."),
        Column("exits", "BIGINT", "Those that end at it with an exit."),
        Column("conversions", "BIGINT", "Those that end at it with a conversion."),
        Column("hazard_exit", "DOUBLE", "`exits` of `at_risk`."),
        Column("hazard_low", "DOUBLE", "Lower Wilson bound of that hazard."),
        Column("hazard_high", "DOUBLE", "Upper Wilson bound of that hazard."),
        Column("hazard_conversion", "DOUBLE", "`conversions` of `at_risk`."),
        Column("censored", "BIGINT", "Those still active there at the end of the observed time."),
        Column("cut", "BIGINT", "Those ended there by a limit or by the end event."),
    ),
    key=("step",),
)

LOOPS = Table(
    schema="journeys",
    name="loops",
    grain="cohort × event",
    description="Rework: events that a path has more than once, and returns to an event after another "
    "one came between. A row for each event that somebody of the cohort repeats.",
    columns=(
        AS_OF,
        COHORT,
        Column("event_type", "VARCHAR", "The event.", nullable=False),
        Column("persons_with", "BIGINT", "Persons whose path has the event."),
        Column("persons_repeating", "BIGINT", "Those whose path has it more than once."),
        Column(
            "repeats", "BIGINT", "Occurrences beyond the first of each person, in a row or not."
        ),
        Column("persons_returning", "BIGINT", "Those who come back to it from another event."),
        Column("returns", "BIGINT", "Times they come back to it from another event."),
        Column("return_share", "DOUBLE", "`persons_returning` of `persons_with`."),
        Column("return_low", "DOUBLE", "Lower Wilson bound of that share."),
        Column("return_high", "DOUBLE", "Upper Wilson bound of that share."),
        Column(
            "median_steps_away",
            "DOUBLE",
            "Median number of other events between leaving and coming back, over `returns`.",
        ),
    ),
    key=("cohort", "event_type"),
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
        Column("persons_converters", "BIGINT", "Converters whose path has one of its events."),
        Column("persons_non_converters", "BIGINT", "Non-converters whose path has one of them."),
        Column(
            "median_seconds_from_start",
            "DOUBLE",
            "Median seconds from a path's start to its first event of the stage, over the "
            "converters who reach it.",
        ),
        Column("converters", "BIGINT", "Converters with a path."),
        Column("non_converters", "BIGINT", "Non-converters with a path."),
        Column("share_converters", "DOUBLE", "`persons_converters` of `converters`."),
        Column("share_converters_low", "DOUBLE", "Lower Wilson bound of that share."),
        Column("share_converters_high", "DOUBLE", "Upper Wilson bound of that share."),
        Column("share_non_converters", "DOUBLE", "`persons_non_converters` of `non_converters`."),
        Column("share_non_converters_low", "DOUBLE", "Lower Wilson bound of that share."),
        Column("share_non_converters_high", "DOUBLE", "Upper Wilson bound of that share."),
        Column(
            "median_position",
            "DOUBLE",
            "Median over its events of their median relative position: 0 the path's start, 1 its end.",
        ),
    ),
    key=("cohort", "stage"),
)

REMOVAL_EFFECTS = Table(
    schema="journeys",
    name="removal_effects",
    grain="cohort × event",
    description="What part of all conversions would be lost if nobody could pass the event: the "
    "absorbing first-order chain over the paths of all cohorts, 1 − P(conversion | event removed) / "
    "P(conversion). A path of a converter ends in conversion, every other one not, also those still "
    "active or cut. It speaks of the way, not of a cause.",
    columns=(
        AS_OF,
        FOCUS,
        Column("event_type", "VARCHAR", "The event.", nullable=False),
        Column("effect", "DOUBLE", "The removal effect, 0 to 1; NULL if insufficient."),
        Column(
            "gate",
            "BOOLEAN",
            "Whether every converter passes it: the effect is then 1 whatever it is worth, or less "
            "where the chain knows a way around it that no converter went.",
        ),
        Column("persons", "BIGINT", "Persons whose path has the event."),
        Column("converters_with", "BIGINT", "Converters whose path has it."),
        Column("conversion_rate", "DOUBLE", "P(conversion) of the chain: converters of paths."),
        Column("conversion_rate_removed", "DOUBLE", "P(conversion) without the event."),
        Column(
            "verdict",
            "VARCHAR",
            "`insufficient` (under the minimum support, or fewer converters than "
            "JOURNEY_MIN_COHORT_PERSONS), else `gate`, else `effect`.",
        ),
    ),
    key=("cohort", "event_type"),
)

PATTERNS: tuple[Table, ...] = (
    VARIANTS,
    STEP_MATRIX,
    STEP_HAZARD,
    LOOPS,
    STAGES,
    REMOVAL_EFFECTS,
)
