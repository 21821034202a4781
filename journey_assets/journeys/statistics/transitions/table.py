"""What a row of ``journeys.transitions`` says."""

from journey_assets.warehouse.database import CATALOG
from journey_assets.warehouse.schema import Column, Table, Tie
from journey_assets.warehouse.tables.shared import AS_OF, COHORT, clustered

TRANSITIONS = Table(
    schema="journeys",
    name="transitions",
    grain="cohort × pair",
    description="Consecutive events of the cohort's paths, repeats kept. Exits and conversions are "
    "departures too and stand in `journeys.last_events`.",
    columns=(
        AS_OF,
        COHORT,
        Column("from_event", "VARCHAR", "The event.", nullable=False),
        Column("to_event", "VARCHAR", "The event after it.", nullable=False),
        Column("occurrences", "BIGINT", "Times the pair occurs."),
        Column("persons", "BIGINT", "Persons whose path has the pair."),
        Column("p_out", "DOUBLE", "`occurrences` of `departures`."),
        *clustered("p", "that share", "departures"),
        Column(
            "median_seconds",
            "DOUBLE",
            "Median seconds between the two events, over `occurrences`, exact to the millisecond.",
        ),
        Column("p75_seconds", "DOUBLE", "75th percentile of those seconds."),
        Column("p90_seconds", "DOUBLE", "90th percentile of those seconds."),
        Column("p95_seconds", "DOUBLE", "95th percentile of those seconds."),
        Column(
            "departures",
            "BIGINT",
            "All departures of `from_event` in the cohort: transitions, exits and conversions.",
        ),
    ),
    key=("cohort", "from_event", "to_event"),
    code=__package__,
    picture=f"{__package__}.picture:picture",
    ties=(
        Tie(
            reads=("journeys.transitions", "journeys.last_events", "journeys.step_frequencies"),
            says="visits = transitions + exits + conversions + censored + cut, of every event",
            left="SELECT as_of, (cohort, event_type) AS what, sum(n) AS sum FROM ("
            "SELECT as_of, cohort, from_event AS event_type, occurrences AS n "
            f"FROM {CATALOG}.journeys.transitions UNION ALL "
            "SELECT as_of, cohort, event_type, exits + conversions + censored + cut "
            f"FROM {CATALOG}.journeys.last_events) GROUP BY ALL",
            right="SELECT as_of, (cohort, event_type) AS what, occurrences AS sum "
            f"FROM {CATALOG}.journeys.step_frequencies",
        ),
    ),
)
