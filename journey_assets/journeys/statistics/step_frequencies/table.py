"""What a row of ``journeys.step_frequencies`` says."""

from journey_assets.warehouse.schema import Column, Table
from journey_assets.warehouse.tables.shared import AS_OF, COHORT, COHORT_PERSONS, EVENT_TYPE, wilson

STEP_FREQUENCIES = Table(
    schema="journeys",
    name="step_frequencies",
    grain="cohort × event",
    description="How often and by how many persons each event occurs in the cohort's paths.",
    columns=(
        AS_OF,
        COHORT,
        EVENT_TYPE,
        Column("occurrences", "BIGINT", "Occurrences in the cohort's paths: visits of the state."),
        Column("persons", "BIGINT", "Persons whose path has the event."),
        Column("share_of_persons", "DOUBLE", "`persons` of `cohort_persons`."),
        *wilson("share", "that share"),
        COHORT_PERSONS,
    ),
    key=("cohort", "event_type"),
    code=__package__,
    picture=f"{__package__}.picture:picture",
)
