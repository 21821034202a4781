"""What a row of ``journeys.funnels`` says."""

from journey_assets.warehouse.schema import Column, Table
from journey_assets.warehouse.tables.shared import AS_OF, wilson

FUNNELS = Table(
    schema="journeys",
    name="funnels",
    grain="funnel × cohort × step",
    description="The funnels that JOURNEY_FUNNELS declares. An attempt begins with an event of the "
    "first step and lasts `within_seconds`; a person counts once, with the attempt that comes furthest, "
    "the first of equals. `in order` lets other events come between steps, `strict` does not, `any order` "
    "counts the steps made in whatever order. Events behind a conversion or a limit of the path count "
    "too. Heavy persons are left out. At every step persons = those of the next step + dropped.",
    columns=(
        AS_OF,
        Column("funnel", "VARCHAR", "Its name in the file.", nullable=False),
        Column("cohort", "VARCHAR", "A cohort of `journeys.paths`, or `all`.", nullable=False),
        Column("step", "BIGINT", "From 1.", nullable=False),
        Column(
            "event", "VARCHAR", "The globs of the step; in any order, of the so many-th declared."
        ),
        Column("persons", "BIGINT", "Persons who come to the step."),
        Column("conversion", "DOUBLE", "`persons` of those of the first step."),
        Column("low", "DOUBLE", "Lower Wilson bound of that share."),
        Column("high", "DOUBLE", "Upper Wilson bound of that share."),
        Column("dropped", "BIGINT", "Persons who come to this step and not to the next one."),
        Column("median_seconds", "DOUBLE", "Median seconds since the step before, over `persons`."),
        Column("p90_seconds", "DOUBLE", "90th percentile of those seconds."),
        Column(
            "still_open",
            "BIGINT",
            "Of `dropped`: their time is not over yet; they may still go on.",
        ),
        Column("step_conversion", "DOUBLE", "`persons` of those of the step before."),
        *wilson("step", "that share"),
        Column(
            "reached_within",
            "DOUBLE",
            "1 − Kaplan–Meier at `within_seconds`: the share that comes to the step in that time, where "
            "those still open are not counted as dropped.",
        ),
        Column("within_low", "DOUBLE", "Lower bound of that share (log-log Greenwood)."),
        Column("within_high", "DOUBLE", "Upper bound of that share."),
        Column("within_seconds", "BIGINT", "How long an attempt may take."),
        Column("step_order", "VARCHAR", "`in order`, `strict` or `any order`."),
        Column("verdict", "VARCHAR", "`ok`, or `insufficient` with too few persons in the funnel."),
    ),
    key=("funnel", "cohort", "step"),
    code=__package__,
    picture=f"{__package__}.picture:picture",
)
