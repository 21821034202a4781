"""The golden path in three readings, and the worth of its steps."""

from journey_assets.warehouse.schema import Column, Table
from journey_assets.warehouse.tables.journeys.shared import AS_OF, FOCUS

GOLDEN_PATHS = Table(
    schema="journeys",
    name="golden_paths",
    grain="reading",
    description="The way of converters in three readings: `modal`, the collapsed path most of them "
    "share; `most_probable`, the most probable path of their first-order chain, left out when nobody "
    "walked it; `common_subsequence`, the headline: the longest closed sequence of events that at "
    "least JOURNEY_GOLDEN_SUPPORT of them contain in order, with other events between. Support is "
    "containment in order, counted among converters and among non-converters.",
    columns=(
        AS_OF,
        Column(
            "reading",
            "VARCHAR",
            "`modal`, `most_probable` or `common_subsequence`.",
            nullable=False,
        ),
        Column("path", "VARCHAR[]", "Event types in order."),
        Column("support_converters", "BIGINT", "Converters whose path contains it in order."),
        Column(
            "support_non_converters", "BIGINT", "Non-converters whose path contains it in order."
        ),
        Column("share_converters", "DOUBLE", "`support_converters` of `converters`."),
        Column("share_non_converters", "DOUBLE", "`support_non_converters` of `non_converters`."),
        Column(
            "median_seconds",
            "DOUBLE",
            "Median seconds from its first to its last event, earliest occurrences in order, over "
            "the converters who contain it.",
        ),
        FOCUS,
        Column("converters", "BIGINT", "Converters with a path."),
        Column("non_converters", "BIGINT", "Non-converters with a path."),
        Column("share_converters_low", "DOUBLE", "Lower Wilson bound of `share_converters`."),
        Column("share_converters_high", "DOUBLE", "Upper Wilson bound of `share_converters`."),
        Column(
            "share_non_converters_low", "DOUBLE", "Lower Wilson bound of `share_non_converters`."
        ),
        Column(
            "share_non_converters_high", "DOUBLE", "Upper Wilson bound of `share_non_converters`."
        ),
        Column("exact_converters", "BIGINT", "Converters whose whole collapsed path it is."),
        Column(
            "probability", "DOUBLE", "Of the chain, in the reading `most_probable`; else empty."
        ),
        Column(
            "verdict",
            "VARCHAR",
            "`found`, or `insufficient` (under 10 converters): then the path is not stated.",
        ),
    ),
    key=("cohort", "reading"),
)

GOLDEN_TRANSITIONS = Table(
    schema="journeys",
    name="golden_transitions",
    grain="step of the golden path",
    description="The steps of the golden path (`common_subsequence`) and the conversion of persons who "
    "take each within their first session against those who do not. The critical transition is the "
    "one with the largest ratio. A ratio is an association: who converts soon has taken more steps.",
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
            "where one is empty.",
        ),
        Column("ratio_low", "DOUBLE", "Lower Katz bound of that ratio."),
        Column("ratio_high", "DOUBLE", "Upper Katz bound of that ratio."),
        Column(
            "critical", "BOOLEAN", "Whether its ratio is the largest of those not insufficient."
        ),
        Column(
            "verdict",
            "VARCHAR",
            "`outcome` (`to_event` is the conversion itself), `insufficient` (under the minimum "
            "support on a side), `measured`.",
        ),
        FOCUS,
    ),
    key=("cohort", "step"),
)

GOLDEN: tuple[Table, ...] = (GOLDEN_PATHS, GOLDEN_TRANSITIONS)
