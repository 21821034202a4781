"""The golden path in three readings, and the worth of its steps."""

from journey_assets.warehouse.schema import Column, Table
from journey_assets.warehouse.tables.journeys.shared import AS_OF, FOCUS

GOLDEN_PATHS = Table(
    schema="journeys",
    name="golden_paths",
    grain="reading",
    description="The way of converters in three readings. `modal`: the collapsed path most of them "
    "share. `most_probable`: the most probable path of their first-order chain, repeats counted, start "
    "and end of a path included; left out when it is nobody's whole collapsed path. "
    "`common_subsequence`, the headline: the longest closed sequence of events that at least "
    "JOURNEY_GOLDEN_SUPPORT of them do for the first time in this order, with others between. It goes "
    "by first times because a loop walked often contains nearly every order of its events: the longest "
    "sequence would be made of loops, whatever brought people through. So no event stands in it "
    "twice. Ties: `modal` by names; `most_probable` by names; `common_subsequence` by most "
    "`first_order_converters`, then by names. Support, of every reading, is containment in order "
    "anywhere in the path, what a funnel counts; it is never below `first_order_converters`.",
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
            "the converters who contain it; stated of 10 (JOURNEY_MIN_COHORT_PERSONS) or more.",
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
            "first_order_converters",
            "BIGINT",
            "In the reading `common_subsequence`: converters who do its events for the first time in "
            "this order; else empty.",
        ),
        Column(
            "probability", "DOUBLE", "Of the chain, in the reading `most_probable`; else empty."
        ),
        Column(
            "verdict",
            "VARCHAR",
            "`found`; `insufficient` (under 10 converters, JOURNEY_MIN_COHORT_PERSONS) or `none` (no "
            "event is in that many paths), then no path is stated; `limit`: the search stopped at its "
            "limit of work, so the path is one that many have, but a longer one may exist.",
        ),
        Column(
            "before_converters",
            "BIGINT",
            "Of a path that ends with the conversion: converters who have what comes before it, in "
            "order. Only converters have the conversion, so nobody else can have the whole path.",
        ),
        Column("before_non_converters", "BIGINT", "The same of the non-converters."),
        Column("before_share_converters", "DOUBLE", "`before_converters` of `converters`."),
        Column("before_share_converters_low", "DOUBLE", "Lower Wilson bound of that share."),
        Column("before_share_converters_high", "DOUBLE", "Upper Wilson bound of that share."),
        Column(
            "before_share_non_converters", "DOUBLE", "`before_non_converters` of `non_converters`."
        ),
        Column("before_share_non_converters_low", "DOUBLE", "Lower Wilson bound of that share."),
        Column("before_share_non_converters_high", "DOUBLE", "Upper Wilson bound of that share."),
    ),
    key=("cohort", "reading"),
)

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
)

GOLDEN: tuple[Table, ...] = (GOLDEN_PATHS, GOLDEN_TRANSITIONS)
