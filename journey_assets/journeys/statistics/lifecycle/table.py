"""What a row of ``journeys.lifecycle`` says."""

from journey_assets.warehouse.schema import Column, Table
from journey_assets.warehouse.tables.shared import AS_OF

LIFECYCLE = Table(
    schema="journeys",
    name="lifecycle",
    grain="day",
    description="Who is there on each day of the window: active persons are new, retained or resurrected; "
    "dormant are those who were active the day before and no longer are. A day whose events, or whose day "
    "before, were never materialized is empty: nobody is called dormant for a day that is not known. UTC.",
    columns=(
        AS_OF,
        Column("day", "DATE", "The day.", nullable=False),
        Column("new", "BIGINT", "Active persons of whom no earlier event is stored."),
        Column("retained", "BIGINT", "Active persons who were active the day before as well."),
        Column(
            "resurrected",
            "BIGINT",
            "Active persons who are not new and were not active the day before.",
        ),
        Column("dormant", "BIGINT", "Persons active the day before, and not on this day."),
        Column("active", "BIGINT", "`new`, `retained` and `resurrected` together."),
    ),
    key=("day",),
    code=__package__,
    picture=f"{__package__}.picture:picture",
)
