"""What a row of ``journeys.golden_transitions`` says."""

from journey_assets.warehouse.schema import Column, Table
from journey_assets.warehouse.tables.shared import AS_OF, FOCUS

GOLDEN_TRANSITIONS = Table(
    schema="journeys",
    name="golden_transitions",
    grain="step of the golden path",
    description="The steps of the golden path (`common_subsequence`) and the conversion of persons who "
    "take each within their first session against those who do not. The critical transition is the "
    "one with the largest ratio. A first session lasts until the first pause above "
    "JOURNEY_SESSION_GAP_MINUTES. A ratio is an association: who converts soon has taken more steps.",
    columns=(
        AS_OF,
        Column("step", "BIGINT", "From 1.", nullable=False),
        Column("from_event", "VARCHAR", "The event."),
        Column("to_event", "VARCHAR", "The next event of the golden path."),
        Column(
            "persons_with",
            "BIGINT",
            "Persons whose first session has `from_event` and after it `to_event`.",
        ),
        Column("converters_with", "BIGINT", "Converters of them."),
        Column("persons_without", "BIGINT", "All other persons with a path."),
        Column("converters_without", "BIGINT", "Converters of those."),
        Column(
            "conversion_ratio",
            "DOUBLE",
            "Conversion rate with the step over that without it; half a person added to each cell "
            "where one is empty (`interval` says so). Stated where `measured`.",
        ),
        Column("ratio_low", "DOUBLE", "Lower Katz bound of that ratio."),
        Column("ratio_high", "DOUBLE", "Upper Katz bound of that ratio."),
        Column("interval", "VARCHAR", "`katz`, or `haldane` where a cell is empty."),
        Column(
            "critical",
            "BOOLEAN",
            "Whether its ratio is the largest of those `measured`; of equal ones the earliest step.",
        ),
        Column(
            "verdict",
            "VARCHAR",
            "`outcome` (`to_event` is the conversion itself), `insufficient` (with or without the "
            "step fewer persons than JOURNEY_MIN_PERSONS and JOURNEY_MIN_SHARE of all), `measured`.",
        ),
        FOCUS,
    ),
    key=("cohort", "step"),
    code=__package__,
    picture=f"{__package__}.picture:picture",
)
