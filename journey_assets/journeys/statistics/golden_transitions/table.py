"""What a row of ``journeys.golden_transitions`` says."""

from journey_assets.warehouse.schema import Column, Table
from journey_assets.warehouse.tables.shared import AS_OF, CLAIM, FOCUS, hazard, stratified_ratio

GOLDEN_TRANSITIONS = Table(
    schema="journeys",
    name="golden_transitions",
    grain="step of the golden path",
    description="The steps of the golden path (`common_subsequence`), and whether persons who take one "
    "within their first session convert more afterwards. A first session lasts until the first pause "
    "above JOURNEY_SESSION_GAP_MINUTES. From its end on (the landmark), at each visit the persons who "
    "may still convert are split by whether they took the step (Mantel & Byar). The critical step is "
    "the one with the largest ratio of hazards of those that hold; where none does, no step stands out. "
    "The conversion rates of those with the step and without it are a description: who is more active "
    "has taken more steps and converted more.",
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
        Column("persons_without", "BIGINT", "All other persons compared."),
        Column("converters_without", "BIGINT", "Converters of those."),
        Column(
            "conversion_ratio",
            "DOUBLE",
            "Conversion rate with the step over that without it; half a person added to each cell "
            "where one is empty (`interval` says so).",
        ),
        Column("ratio_low", "DOUBLE", "Lower Katz bound of that ratio."),
        Column("ratio_high", "DOUBLE", "Upper Katz bound of that ratio."),
        Column("interval", "VARCHAR", "`katz`, or `haldane` where a cell is empty."),
        Column(
            "critical",
            "BOOLEAN",
            "Whether its ratio of hazards is the largest of those whose verdict is `converts_more`; of "
            "equal ones the earliest step.",
        ),
        Column(
            "verdict",
            "VARCHAR",
            "`converts_more` (who took it in the first session converts more at later visits: the lower "
            "bound of the ratio of hazards is above 1), `converts_less`, `no_difference`, `outcome` "
            "(`to_event` is the conversion itself), `insufficient`, "
            "`no_conversion_event` (when anybody converted is not known).",
        ),
        FOCUS,
        Column("p_value", "DOUBLE", "Of `z`, two-sided."),
        Column("q_value", "DOUBLE", "Benjamini–Hochberg over the steps tested."),
        *hazard("after the landmark, of who took the step", "of who did not"),
        *stratified_ratio("The ratio of hazards"),
        *CLAIM,
    ),
    key=("cohort", "step"),
    code=__package__,
    picture=f"{__package__}.picture:picture",
)
