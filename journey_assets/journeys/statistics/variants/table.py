"""What a row of ``journeys.variants`` says."""

from journey_assets.warehouse.schema import Column, Table
from journey_assets.warehouse.tables.shared import AS_OF, COHORT, COHORT_PERSONS, wilson

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
        *wilson("share", "`share`"),
        Column("variants", "BIGINT", "Distinct paths of the row: 1, or how many all others are."),
        Column(
            "median_seconds", "DOUBLE", "Median seconds from the path's first event to its last."
        ),
        COHORT_PERSONS,
    ),
    key=("cohort", "rank"),
    code=__package__,
    persons="sum(persons)",
    picture=f"{__package__}.picture:picture",
)
