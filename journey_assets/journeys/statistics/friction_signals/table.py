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
)

FRICTION_SIGNALS = Table(
    schema="journeys",
    name="friction_signals",
    grain="event",
    description="Events that those who do not convert are likelier to have: risk of having the event "
    "among non-converters over that among converters, up to the first conversion event. "
    "Benjamini–Hochberg over the events tested; events everyone does and the outcome itself are no "
    "signals. With lists and no CONVERSION_EVENT the outcome is not known: the whole path counts, and "
    "events that only follow it show as `with_conversion`.",
    columns=(
        AS_OF,
        EVENT_TYPE,
        Column("non_converters_with", "BIGINT", "Non-converters whose path has the event."),
        NON_CONVERTERS,
        Column("converters_with", "BIGINT", "Converters whose path has it."),
        CONVERTERS,
        Column(
            "relative_risk",
            "DOUBLE",
            "Share of non-converters with the event over share of converters with it; where a cohort "
            "never has it, half a person is added to each cell (`interval` says so).",
        ),
        Column("rr_low", "DOUBLE", "Lower bound of the ratio."),
        Column("rr_high", "DOUBLE", "Upper bound of the ratio."),
        Column("p_value", "DOUBLE", "Fisher's exact test, two-sided."),
        Column("q_value", "DOUBLE", "Benjamini–Hochberg over the events tested."),
        Column(
            "verdict",
            "VARCHAR",
            "`friction` (likelier without conversion), `with_conversion` (likelier with), "
            "`no_difference`, `everyone` (all persons have it), `outcome`, `insufficient`.",
        ),
        FOCUS,
        Column(
            "rank", "BIGINT", "From 1, friction first by its lower bound; empty when not tested."
        ),
        Column("interval", "VARCHAR", "`katz`, or `haldane` where a cohort never has the event."),
        Column(
            "non_converter_visits", "BIGINT", "Occurrences of the event in non-converters' paths."
        ),
        Column("converter_visits", "BIGINT", "Occurrences of the event in converters' paths."),
        Column(
            "rate_ratio",
            "DOUBLE",
            "Occurrences per visit of any event, non-converters' over converters': converters' paths "
            "end with the conversion, so they have less time for anything. Empty where a cohort never "
            "has the event.",
        ),
        Column("rate_low", "DOUBLE", "Lower bound of that ratio, persons as clusters."),
        Column("rate_high", "DOUBLE", "Upper bound of that ratio, persons as clusters."),
        *CLAIM,
    ),
    key=("cohort", "event_type"),
    code=__package__,
    persons=BOTH_SIDES,
    picture=f"{__package__}.picture:picture",
)
