"""What a row of ``journeys.last_events`` says."""

from journey_assets.warehouse.schema import Column, Table
from journey_assets.warehouse.tables.shared import AS_OF, COHORT, EVENT_TYPE, clustered

LAST_EVENTS = Table(
    schema="journeys",
    name="last_events",
    grain="cohort × event",
    description="The events that end somebody's path, and how. For every event, visits = transitions "
    "to other events + exits + conversions + censored + cut.",
    columns=(
        AS_OF,
        COHORT,
        EVENT_TYPE,
        Column("persons", "BIGINT", "Persons whose path ends with it, in whichever way."),
        Column("visits", "BIGINT", "Occurrences of the event in the cohort's paths."),
        Column(
            "exit_rate",
            "DOUBLE",
            "`exits` of `visits` without those that are `censored` or `cut`, whose end is not known.",
        ),
        *clustered("exit", "that rate", "departures"),
        Column("share_of_exits", "DOUBLE", "`exits` of `cohort_exits`; empty when nobody exited."),
        Column("exits", "BIGINT", "Paths that end here with an exit."),
        Column("conversions", "BIGINT", "Paths that end here with a conversion."),
        Column(
            "censored", "BIGINT", "Paths that end here still active at the observed time's end."
        ),
        Column("cut", "BIGINT", "Paths that a limit or JOURNEY_END_EVENT ends here."),
        Column("cohort_exits", "BIGINT", "Exits of the cohort at all events."),
    ),
    key=("cohort", "event_type"),
    code=__package__,
    picture=f"{__package__}.picture:picture",
)
