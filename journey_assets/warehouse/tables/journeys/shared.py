"""The columns that the tables of schema ``journeys`` share."""

from journey_assets.warehouse.schema import Column

AS_OF = Column("as_of", "DATE", "Last day of the trailing window, UTC.", nullable=False)

COHORT = Column(
    "cohort",
    "VARCHAR",
    "`converter` or `non_converter`, or a label of JOURNEY_COHORTS.",
    nullable=False,
)

FOCUS = Column(
    "cohort",
    "VARCHAR",
    "The cohort that is compared with all others: `converter`, or each label of JOURNEY_COHORTS in "
    "turn. Columns named `converters` speak of it, those named `non_converters` of all others.",
    nullable=False,
)
