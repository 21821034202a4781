"""What a row of ``journeys.step_hazard`` says."""

from journey_assets.warehouse.schema import Column, Table
from journey_assets.warehouse.tables.shared import AS_OF, wilson

STEP_HAZARD = Table(
    schema="journeys",
    name="step_hazard",
    grain="step",
    description="How many of the paths of all cohorts that reach a step end there. Steps count repeats; "
    "those beyond JOURNEY_STEP_LIMIT are left out.",
    columns=(
        AS_OF,
        Column("step", "BIGINT", "From 1.", nullable=False),
        Column("at_risk", "BIGINT", "Paths that reach the step."),
        Column("exits", "BIGINT", "Those that end at it with an exit."),
        Column("conversions", "BIGINT", "Those that end at it with a conversion."),
        Column("hazard_exit", "DOUBLE", "`exits` of `at_risk`."),
        *wilson("hazard", "that hazard"),
        Column("hazard_conversion", "DOUBLE", "`conversions` of `at_risk`."),
        Column("censored", "BIGINT", "Those still active there at the end of the observed time."),
        Column("cut", "BIGINT", "Those ended there by a limit or by the end event."),
    ),
    key=("step",),
    code=__package__,
    persons="max(at_risk)",
    picture=f"{__package__}.picture:picture",
)
