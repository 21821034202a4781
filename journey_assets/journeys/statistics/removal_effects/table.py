"""What a row of ``journeys.removal_effects`` says."""

from journey_assets.warehouse.schema import Column, Table
from journey_assets.warehouse.tables.shared import AS_OF, EVENT_TYPE, FOCUS

REMOVAL_EFFECTS = Table(
    schema="journeys",
    name="removal_effects",
    grain="cohort × event",
    description="What part of all conversions would be lost if nobody could pass the event: the "
    "absorbing first-order chain over the paths of all cohorts, 1 − P(conversion | event removed) / "
    "P(conversion). A path of a converter ends in conversion, every other one not, also those still "
    "active or cut. It speaks of the way, not of a cause.",
    columns=(
        AS_OF,
        FOCUS,
        EVENT_TYPE,
        Column("effect", "DOUBLE", "The removal effect, 0 to 1; NULL if insufficient."),
        Column(
            "gate",
            "BOOLEAN",
            "Whether every converter passes it: the effect is then 1 whatever it is worth, or less "
            "where the chain knows a way around it that no converter went.",
        ),
        Column("persons", "BIGINT", "Persons whose path has the event."),
        Column("converters_with", "BIGINT", "Persons of the cohort whose path has it."),
        Column("conversion_rate", "DOUBLE", "P(conversion) of the chain: converters of paths."),
        Column("conversion_rate_removed", "DOUBLE", "P(conversion) without the event."),
        Column(
            "verdict",
            "VARCHAR",
            "`insufficient` (under the minimum support, or fewer converters than "
            "JOURNEY_MIN_COHORT_PERSONS), else `gate`, else `effect`.",
        ),
        Column(
            "chain_lr",
            "DOUBLE",
            "Likelihood ratio (G²) of order 2 against the chain's order 1, over the 60 most visited "
            "events: whether what follows an event depends on what came before it.",
        ),
        Column("chain_df", "BIGINT", "Its degrees of freedom."),
        Column("chain_p", "DOUBLE", "Its p-value, visits taken as independent."),
        Column(
            "chain",
            "VARCHAR",
            "`refused` (people remember more than the last event, or differ: effects of a first-order "
            "chain are a rough guide), `not_refused` or `insufficient`. A refused chain puts the reading "
            "`most_probable` of the golden path in doubt as well.",
        ),
    ),
    key=("cohort", "event_type"),
    code=__package__,
    picture=f"{__package__}.picture:picture",
)
