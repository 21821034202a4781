"""What a row of ``journeys.discriminating_subsequences`` says."""

from journey_assets.warehouse.schema import Column, Table
from journey_assets.warehouse.tables.shared import (
    AS_OF,
    BOTH_SIDES,
    CLAIM,
    CONVERTERS,
    FOCUS,
    NON_CONVERTERS,
    hazard,
    stratified_ratio,
)

DISCRIMINATING_SUBSEQUENCES = Table(
    schema="journeys",
    name="discriminating_subsequences",
    grain="subsequence",
    description="What people do in order, with other events between or not, before they convert more or less "
    "than others. Subsequences of two or three of the 8 most common events; of those that enough persons "
    "have and not all, the 30 that most have. At each visit the persons who may still convert are split by "
    "whether they have completed it by then (Mantel & Byar), as in `journeys.friction_signals`: so who "
    "stays longer, and completes more, is compared with others who stay as long. An association, not a "
    "cause.",
    columns=(
        AS_OF,
        FOCUS,
        Column(
            "rank", "BIGINT", "From 1, claims first, then by the ratio of hazards.", nullable=False
        ),
        Column("subsequence", "VARCHAR[]", "The events in their order."),
        Column("converters_with", "BIGINT", "Converters who complete it before they convert."),
        CONVERTERS,
        Column("share_converters", "DOUBLE", "`converters_with` of `converters`."),
        Column("non_converters_with", "BIGINT", "Non-converters who complete it."),
        NON_CONVERTERS,
        Column("share_non_converters", "DOUBLE", "`non_converters_with` of `non_converters`."),
        Column("p_value", "DOUBLE", "Of `z`, two-sided."),
        Column("q_value", "DOUBLE", "Benjamini–Hochberg over the subsequences tested."),
        Column(
            "verdict",
            "VARCHAR",
            "`converts_more` (who has completed it converts more at the visits after: the lower bound of "
            "the ratio of hazards is above 1), `converts_less`, `no_difference`, `insufficient`, "
            "`no_conversion_event` (when anybody converted is not known).",
        ),
        *hazard("of who has completed it by then", "of who has not"),
        *stratified_ratio("The ratio of hazards"),
        *CLAIM,
    ),
    key=("cohort", "rank"),
    code=__package__,
    persons=BOTH_SIDES,
    picture=f"{__package__}.picture:picture",
)
