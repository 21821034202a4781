"""What a row of ``journeys.friction_signals`` says."""

from journey_assets.warehouse.schema import Column, Table
from journey_assets.warehouse.tables.shared import (
    AS_OF,
    BOTH_SIDES,
    CLAIM,
    CONVERTERS,
    EVENT_TYPE,
    FOCUS,
    NON_CONVERTERS,
    hazard,
    stratified_ratio,
)

FRICTION_SIGNALS = Table(
    schema="journeys",
    name="friction_signals",
    grain="event",
    description="Events after which people are less likely to convert. At each visit (event of a path, "
    "before the first conversion) the persons who may still convert are split by whether they have had "
    "the event by then, and those who convert right after it are counted (Mantel & Byar): so who stays "
    "longer, and has more of everything, is compared with others who stay as long. `verdict` follows "
    "the hazard ratio within platform and country, by `family_q`. The shares of persons and their "
    "relative risk are a description: converters' paths end, so others have more of everything. With "
    "JOURNEY_COHORTS the persons at risk are those of the label. With lists and no CONVERSION_EVENT "
    "nobody knows when anybody converted: the verdict is `no_conversion_event`.",
    columns=(
        AS_OF,
        EVENT_TYPE,
        Column("non_converters_with", "BIGINT", "All others whose path has the event."),
        NON_CONVERTERS,
        Column("converters_with", "BIGINT", "Persons of the cohort whose path has it."),
        CONVERTERS,
        Column(
            "relative_risk",
            "DOUBLE",
            "Share of non-converters with the event over share of converters with it; where a cohort "
            "never has it, half a person is added to each cell (`interval` says so).",
        ),
        Column("rr_low", "DOUBLE", "Lower bound of the ratio."),
        Column("rr_high", "DOUBLE", "Upper bound of the ratio."),
        Column("p_value", "DOUBLE", "Of `z`, two-sided."),
        Column("q_value", "DOUBLE", "Benjamini–Hochberg over the events tested."),
        Column(
            "verdict",
            "VARCHAR",
            "`friction` (who has had it converts less: the ratio's upper bound is below 1), "
            "`with_conversion` (converts more: its lower bound is above 1), `no_difference`, `everyone` "
            "(all persons have it), `outcome`, `insufficient`, "
            "`no_conversion_event` (when anybody converted is not known).",
        ),
        FOCUS,
        Column(
            "rank",
            "BIGINT",
            "From 1, friction first by the upper bound of its ratio; empty where no ratio is stated.",
        ),
        Column("interval", "VARCHAR", "`katz`, or `haldane` where a cohort never has the event."),
        Column("non_converter_visits", "BIGINT", "Occurrences of the event in all others' paths."),
        Column("converter_visits", "BIGINT", "Occurrences of the event in converters' paths."),
        Column(
            "rate_ratio",
            "DOUBLE",
            "Occurrences per visit of any event but the conversion, non-converters' over converters'. "
            "Empty where a cohort never has the event.",
        ),
        Column("rate_low", "DOUBLE", "Lower bound of that ratio, persons as clusters."),
        Column("rate_high", "DOUBLE", "Upper bound of that ratio, persons as clusters."),
        *hazard("of who has had the event by then", "of who has not"),
        *stratified_ratio("The hazard ratio"),
        *CLAIM,
    ),
    key=("cohort", "event_type"),
    code=__package__,
    persons=BOTH_SIDES,
    picture=f"{__package__}.picture:picture",
)
