"""What a row of ``journeys.step_matrix`` says."""

from journey_assets.warehouse.schema import Column, Table
from journey_assets.warehouse.tables.shared import AS_OF, COHORT, COHORT_PERSONS, wilson

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
        *wilson("share", "that share"),
        COHORT_PERSONS,
    ),
    key=("cohort", "step", "event_type"),
    code=__package__,
    persons="sum(persons) FILTER (step = 1)",
    picture=f"{__package__}.picture:picture",
)
