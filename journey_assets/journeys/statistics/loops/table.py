"""What a row of ``journeys.loops`` says."""

from journey_assets.warehouse.schema import Column, Table
from journey_assets.warehouse.tables.shared import AS_OF, COHORT, EVENT_TYPE, wilson

LOOPS = Table(
    schema="journeys",
    name="loops",
    grain="cohort × event",
    description="Rework: events that a path has more than once, and returns to an event after another "
    "one came between. A row for each event that somebody of the cohort repeats.",
    columns=(
        AS_OF,
        COHORT,
        EVENT_TYPE,
        Column("persons_with", "BIGINT", "Persons whose path has the event."),
        Column("persons_repeating", "BIGINT", "Those whose path has it more than once."),
        Column(
            "repeats", "BIGINT", "Occurrences beyond the first of each person, in a row or not."
        ),
        Column("persons_returning", "BIGINT", "Those who come back to it from another event."),
        Column("returns", "BIGINT", "Times they come back to it from another event."),
        Column("return_share", "DOUBLE", "`persons_returning` of `persons_with`."),
        *wilson("return", "that share"),
        Column(
            "median_steps_away",
            "DOUBLE",
            "Median number of other events between leaving and coming back, over `returns`.",
        ),
    ),
    key=("cohort", "event_type"),
    code=__package__,
    picture=f"{__package__}.picture:picture",
)
