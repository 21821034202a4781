"""What a row of ``journeys.golden_paths`` says."""

from journey_assets.warehouse.schema import Column, Table
from journey_assets.warehouse.tables.shared import (
    AS_OF,
    BOTH_SIDES,
    CONVERTERS,
    FOCUS,
    NON_CONVERTERS,
    wilson,
)

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
        Column(
            "support_converters", "BIGINT", "Persons of the cohort whose path contains it in order."
        ),
        Column("support_non_converters", "BIGINT", "All others whose path contains it in order."),
        Column("share_converters", "DOUBLE", "`support_converters` of `converters`."),
        Column("share_non_converters", "DOUBLE", "`support_non_converters` of `non_converters`."),
        Column(
            "median_seconds",
            "DOUBLE",
            "Median seconds from its first to its last event, earliest occurrences in order, over "
            "the persons of the cohort who contain it; stated of 10 (JOURNEY_MIN_COHORT_PERSONS) or more.",
        ),
        FOCUS,
        CONVERTERS,
        NON_CONVERTERS,
        *wilson("share_converters", "`share_converters`"),
        *wilson("share_non_converters", "`share_non_converters`"),
        Column(
            "exact_converters", "BIGINT", "Persons of the cohort whose whole collapsed path it is."
        ),
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
            "chain",
            "VARCHAR",
            "In the reading `most_probable`: whether order 2 refuses the first-order chain of the cohort "
            "that it is of (likelihood-ratio test, as in `removal_effects`): `refused` (what they do next "
            "depends on more than the last event: the path and its probability are a rough guide), "
            "`not_refused` or `insufficient`; else empty.",
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
        Column("before_non_converters", "BIGINT", "The same of all others."),
        Column("before_share_converters", "DOUBLE", "`before_converters` of `converters`."),
        *wilson("before_share_converters", "that share"),
        Column(
            "before_share_non_converters", "DOUBLE", "`before_non_converters` of `non_converters`."
        ),
        *wilson("before_share_non_converters", "that share"),
    ),
    key=("cohort", "reading"),
    code=__package__,
    persons=BOTH_SIDES,
    picture=f"{__package__}.picture:picture",
)
