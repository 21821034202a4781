"""What a row of ``journeys.retention`` says."""

from journey_assets.warehouse.schema import Column, Table
from journey_assets.warehouse.tables.shared import AS_OF, wilson

RETENTION = Table(
    schema="journeys",
    name="retention",
    grain="sign-up week × n",
    description="Who comes back. A person signs up with the first event that is stored of them, if it lies "
    "in the window; whoever was there before is not counted. Week n are the 7 days from the 7·n-th day "
    "after the sign-up's day on, day n is that one day (UTC). A cell counts only when it is over for "
    "everybody of the sign-up week: until then it is empty, never low.",
    columns=(
        AS_OF,
        Column("cohort_week", "DATE", "Monday of the week of sign-up.", nullable=False),
        Column("unit", "VARCHAR", "`week` or `day`: what n counts.", nullable=False),
        Column("n", "BIGINT", "Weeks or days after the sign-up, from 0.", nullable=False),
        Column("persons", "BIGINT", "Persons who signed up in the week: the denominator."),
        Column("returned", "BIGINT", "Those with any event then; empty where not yet observed."),
        Column("share", "DOUBLE", "`returned` of `persons`."),
        Column("low", "DOUBLE", "Lower Wilson bound of that share."),
        Column("high", "DOUBLE", "Upper Wilson bound of that share."),
        Column(
            "first_event_returned",
            "BIGINT",
            "Those who then have the event again that they began with.",
        ),
        Column("first_event_share", "DOUBLE", "`first_event_returned` of `persons`."),
        *wilson("first_event", "that share"),
    ),
    key=("cohort_week", "unit", "n"),
    code=__package__,
    persons="sum(persons) FILTER (unit = 'week' AND n = 0)",
    picture=f"{__package__}.picture:picture",
)
