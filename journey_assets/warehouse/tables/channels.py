"""The tables of schema ``channels``: where people are active, from Segment's snapshots."""

from journey_assets.warehouse.database import CATALOG
from journey_assets.warehouse.schema import Column, Table, Tie
from journey_assets.warehouse.tables.shared import AS_OF, clustered, rate, wilson

_SNAPSHOT = Column(
    "snapshot_date", "DATE", "The newest snapshot in the window; every figure is from it."
)

_CONVERTER = (
    "A converter is a person of the cohort `converter`; of other cohorts than `converter` and "
    "`non_converter`, one with a conversion event in the window."
)


def _part(name: str, what: str) -> tuple[Column, Column, Column, Column]:
    """A count of the segment's profiles, its share of `profiles` and the share's Wilson bounds."""
    return (
        Column(name, "BIGINT", what),
        Column(f"{name}_share", "DOUBLE", f"`{name}` of `profiles`."),
        *wilson(name, f"`{name}_share`"),
    )


PROFILE_CHANNELS = Table(
    schema="channels",
    name="profile_channels",
    grain="profile",
    description="The channel segment of each profile of the newest snapshot in the window: the "
    "channel with more than half of the 30-day counts, tried in the order web, mobile, email; else "
    "`omnichannel`; no activity at all: `inactive`.",
    columns=(
        AS_OF,
        Column(
            "profile_key",
            "VARCHAR",
            "The profile, `type:value`; an e-mail address in it is replaced by its pseudonym.",
            personal=True,
            nullable=False,
        ),
        Column(
            "person_id",
            "VARCHAR",
            "The person in `identity.persons`; empty when not known there.",
            personal=True,
        ),
        Column(
            "segment",
            "VARCHAR",
            "`web_dominant`, `mobile_dominant`, `email_dominant`, `omnichannel` or `inactive`.",
            nullable=False,
        ),
        Column("web", "BIGINT", "Web sessions in 30 days; empty when Segment has no count."),
        Column("mobile", "BIGINT", "Mobile sessions in 30 days; empty when Segment has no count."),
        Column("email", "BIGINT", "E-mails opened in 30 days; empty when Segment has no count."),
        Column("web_share", "DOUBLE", "Web's part of `total`, a missing count taken as 0."),
        Column("mobile_share", "DOUBLE", "Mobile's part of `total`."),
        Column("email_share", "DOUBLE", "E-mail's part of `total`."),
        Column("ltv", "DOUBLE", "Lifetime value in the team's currency; empty when unknown."),
        Column("plan", "VARCHAR", "The plan; empty when unknown."),
        Column("identity_count", "BIGINT", "External ids of the profile."),
        Column(
            "id_types",
            "VARCHAR[]",
            "Their distinct types in alphabetic order, `ios_…` written `ios.…`.",
        ),
        _SNAPSHOT,
        Column("total", "BIGINT", "Sum of the three counts, the denominator of the shares."),
        Column("missing_counts", "INTEGER", "How many of the three counts Segment does not have."),
        Column(
            "small_total",
            "BOOLEAN",
            "Whether `total` is 1 to 4: even all of so few on one channel is no evidence at the 5 "
            "% level (½⁴ > 0.05) that most activity happens there.",
        ),
        Column(
            "traits_window_days",
            "INTEGER",
            "Days that the three counts cover: 30 from Segment, at most 14 counted from events.",
        ),
    ),
    key=("profile_key",),
    code="journey_assets.channels.profile_channels",
    persons="count(DISTINCT profile_key)",
)

SEGMENTS = Table(
    schema="channels",
    name="segments",
    grain="segment",
    description="The channel segments of the newest snapshot in the window. As in Segment's own "
    "arithmetic for personas, a missing value counts as 0 in `avg_*` and a missing plan is "
    "`unknown`; how many were missing stands beside.",
    columns=(
        AS_OF,
        Column(
            "segment",
            "VARCHAR",
            "`web_dominant`, `mobile_dominant`, `email_dominant`, `omnichannel` or `inactive`.",
            nullable=False,
        ),
        Column("profiles", "BIGINT", "Profiles in the segment, the denominator of its averages."),
        Column("avg_ltv", "DOUBLE", "Mean lifetime value, team's currency, missing as 0."),
        Column(
            "ltv_low",
            "DOUBLE",
            "Lower bound of the interval of `avg_ltv`; empty when `insufficient`.",
        ),
        Column("ltv_high", "DOUBLE", "Upper bound of the interval of `avg_ltv`."),
        Column("avg_web", "DOUBLE", "Mean web sessions in 30 days, missing as 0."),
        Column("avg_mobile", "DOUBLE", "Mean mobile sessions in 30 days, missing as 0."),
        Column("avg_email", "DOUBLE", "Mean e-mails opened in 30 days, missing as 0."),
        Column("avg_identity_count", "DOUBLE", "Mean number of external ids."),
        Column(
            "top_plans",
            "VARCHAR[]",
            "At most 3 plans, most frequent first, ties by name; `unknown` when missing.",
        ),
        _SNAPSHOT,
        Column("all_profiles", "BIGINT", "Profiles of the snapshot, the denominator of `share`."),
        Column("share", "DOUBLE", "`profiles` of `all_profiles`."),
        *wilson("share", "`share`"),
        Column(
            "verdict",
            "VARCHAR",
            "`insufficient` with fewer than 10 profiles: no interval is stated then; else `ok`.",
        ),
        Column(
            "ltv_method",
            "VARCHAR",
            "How the interval was found: `bootstrap_t`, `student_t` (over 5,000 profiles) or "
            "`constant` (all values equal).",
        ),
        Column("known_ltv", "BIGINT", "Profiles whose lifetime value is known."),
        Column("avg_known_ltv", "DOUBLE", "Mean lifetime value of the `known_ltv` profiles."),
        Column(
            "avg_known_ltv_low",
            "DOUBLE",
            "Lower bound of the interval of `avg_known_ltv`; empty with fewer than 10 known.",
        ),
        Column("avg_known_ltv_high", "DOUBLE", "Upper bound of the interval of `avg_known_ltv`."),
        Column(
            "ltv_ratio",
            "DOUBLE",
            "`avg_known_ltv` over the mean of all known lifetime values of the snapshot. Segments differ "
            "in activity by construction, and so in this.",
        ),
        Column(
            "standardised_ltv_ratio",
            "DOUBLE",
            "Known lifetime values over those expected of the segment's activity: the mean of all profiles "
            "with about as many sessions and opened e-mails (indirect standardisation). 1 where channels do "
            "not matter.",
        ),
        Column(
            "standardised_ltv_low",
            "DOUBLE",
            "Lower bound of that ratio; empty with fewer than 10 known.",
        ),
        Column("standardised_ltv_high", "DOUBLE", "Upper bound of that ratio."),
        Column("median_ltv", "DOUBLE", "Median lifetime value of the `known_ltv` profiles."),
        Column(
            "median_ltv_low",
            "DOUBLE",
            "Lower bound of the median from order statistics; empty with fewer than 10 known.",
        ),
        Column("median_ltv_high", "DOUBLE", "Upper bound of the median."),
        Column(
            "top_plan_profiles",
            "BIGINT[]",
            "Profiles of each of `top_plans`, of `profiles` in all.",
        ),
        Column("other_plan_profiles", "BIGINT", "Profiles with any other plan."),
        Column("missing_web", "BIGINT", "Profiles without a web count."),
        Column("missing_mobile", "BIGINT", "Profiles without a mobile count."),
        Column("missing_email", "BIGINT", "Profiles without an e-mail count."),
        Column(
            "missing_all",
            "BIGINT",
            "Profiles without any count: `inactive` for lack of knowledge, not of activity.",
        ),
        Column("small_totals", "BIGINT", "Profiles with a total of 1 to 4."),
        Column("small_total_share", "DOUBLE", "`small_totals` of `profiles`."),
        Column(
            "short_windows", "BIGINT", "Profiles whose counts cover fewer than 30 days, of events."
        ),
        *_part("few_identifiers", "Profiles with at most 2 external ids."),
        Column("in_amplitude", "BIGINT", "Profiles whose person Amplitude knows too."),
        Column("in_mavenoid", "BIGINT", "Profiles whose person Mavenoid knows too."),
        Column("top_plan_shares", "DOUBLE[]", "`top_plan_profiles` of `profiles`."),
        *_part(
            "without_email",
            "Profiles without an e-mail address, as trait or identifier: support cannot find them.",
        ),
        *_part("without_user_id", "Profiles without a user id: anonymous ones."),
        *_part(
            "without_amplitude",
            "Profiles whose person Amplitude does not know: nothing says what they did.",
        ),
        *_part("unlinked", "Profiles whose person neither Amplitude nor Mavenoid knows."),
        Column(
            "persons",
            "BIGINT",
            "Persons of the segment: one with profiles in several segments is in that of the "
            "profile with the largest `total` alone, ties by key.",
        ),
        Column(
            "persons_with_path",
            "BIGINT",
            "Of `persons`: those with a path in `journeys.paths`; the denominator of "
            "`conversion_rate`.",
        ),
        Column("avg_path_length", "DOUBLE", "Mean events a path of theirs."),
        Column("median_path_length", "DOUBLE", "Median events a path of theirs."),
        Column(
            "converters",
            "BIGINT",
            f"Converters of `persons_with_path`. {_CONVERTER} Empty where nothing says who converted.",
        ),
        *rate("conversion_rate", "`converters` of `persons_with_path`"),
    ),
    key=("segment",),
    code="journey_assets.channels.segments",
    persons="sum(profiles)",
    picture="journey_assets.pictures.channels:segments",
    ties=(
        Tie(
            reads=("channels.segments", "channels.profile_channels"),
            says="the profiles of all segments = the profiles",
            left=f"SELECT as_of, segment AS what, sum(profiles) AS sum FROM {CATALOG}.channels.segments "
            "WHERE profiles > 0 GROUP BY ALL",
            right="SELECT as_of, segment AS what, count(*) AS sum "
            f"FROM {CATALOG}.channels.profile_channels GROUP BY ALL",
        ),
    ),
)

SEGMENT_MOVES = Table(
    schema="channels",
    name="segment_moves",
    grain="pair of segments",
    description="Where the profiles of the previous snapshot in the window are in the newest one. "
    "A profile is followed by its key; one whose key changed (it got a `user_id`) counts as `gone` "
    "and `new`. Empty while the window holds fewer than two snapshots.",
    columns=(
        AS_OF,
        Column(
            "from_segment",
            "VARCHAR",
            "Segment in the previous snapshot; `new` when the profile was not in it.",
            nullable=False,
        ),
        Column(
            "to_segment",
            "VARCHAR",
            "Segment in the newest snapshot; `gone` when the profile is not in it.",
            nullable=False,
        ),
        Column("profiles", "BIGINT", "Profiles that went this way."),
        Column("previous_snapshot_date", "DATE", "The snapshot before the newest."),
        Column("snapshot_date", "DATE", "The newest snapshot in the window."),
        Column(
            "from_profiles",
            "BIGINT",
            "Profiles in `from_segment`, the denominator of `share`; for `new`, all new profiles.",
        ),
        Column("share", "DOUBLE", "`profiles` of `from_profiles`."),
        *wilson("share", "`share`"),
        Column(
            "avg_ltv_before",
            "DOUBLE",
            "Mean known lifetime value in the previous snapshot, team's currency; empty for `new`.",
        ),
        Column(
            "avg_ltv_after",
            "DOUBLE",
            "Mean known lifetime value in the newest snapshot; empty for `gone`.",
        ),
    ),
    key=("from_segment", "to_segment"),
    code="journey_assets.channels.segment_moves",
    persons="sum(profiles)",
)

SEGMENT_GOLDEN_STEPS = Table(
    schema="channels",
    name="segment_golden_steps",
    grain="segment and step of the golden path",
    description="Which channel carries whom along the golden path (`journeys.golden_paths`, reading "
    "`common_subsequence` of the cohort `converter`): how many persons of each segment have its "
    "events up to each step in order, others between them allowed. Persons are put into segments "
    "as in `journeys.segment_transitions`. Empty without a golden path.",
    columns=(
        AS_OF,
        Column(
            "segment",
            "VARCHAR",
            "A segment of `channels.segments`, or `no_profile`.",
            nullable=False,
        ),
        Column("step", "BIGINT", "Step of the golden path, from 1.", nullable=False),
        Column("event_type", "VARCHAR", "Its event.", nullable=False),
        Column(
            "persons",
            "BIGINT",
            "Persons whose path has the golden path's events up to this step in order.",
        ),
        Column("segment_persons", "BIGINT", "Persons of the segment with a path."),
        *rate("share", "`persons` of `segment_persons`"),
        Column(
            "previous_persons", "BIGINT", "`persons` of the step before; `segment_persons` at 1."
        ),
        *rate("step_share", "`persons` of `previous_persons`: who go on from the step before"),
        Column(
            "converters",
            "BIGINT",
            f"Converters of `persons`. {_CONVERTER}",
        ),
        *rate("conversion_rate", "`converters` of `persons`"),
        Column(
            "verdict",
            "VARCHAR",
            "`insufficient` with fewer than 10 `segment_persons`, else `ok`.",
        ),
    ),
    key=("segment", "step"),
    code="journey_assets.channels.statistics.segment_golden_steps",
    persons="sum(segment_persons) FILTER (step = 1)",
    picture="journey_assets.pictures.channels:segment_golden_steps",
)

SEGMENT_TRANSITIONS = Table(
    schema="journeys",
    name="segment_transitions",
    grain="segment × pair",
    description="Consecutive events by channel segment, over all cohorts: which channel's persons take "
    "which steps. A person with profiles in several segments is in that of the profile with the "
    "largest `total`, ties by key; one without a profile is in `no_profile`. Empty for an as_of "
    "without a Segment snapshot in its window.",
    columns=(
        AS_OF,
        Column(
            "segment",
            "VARCHAR",
            "`web_dominant`, `mobile_dominant`, `email_dominant`, `omnichannel`, `inactive`, or "
            "`no_profile` (Segment knows no profile of the person).",
            nullable=False,
        ),
        Column("from_event", "VARCHAR", "The event.", nullable=False),
        Column("to_event", "VARCHAR", "The event that follows it at once.", nullable=False),
        Column("occurrences", "BIGINT", "Times it follows."),
        Column("persons", "BIGINT", "Persons in whose path it follows."),
        Column("p_out", "DOUBLE", "`occurrences` of `departures`."),
        *clustered("p", "`p_out`", "departures"),
        Column(
            "departures",
            "BIGINT",
            "All departures of the segment's persons from `from_event`: transitions, exits and "
            "conversions.",
        ),
        Column("segment_persons", "BIGINT", "Persons of the segment with a path."),
        Column(
            "golden_step",
            "BIGINT",
            "From 1, where the pair is a step of the golden path (`common_subsequence` of the "
            "converters); else empty. A pair that is two steps has the first.",
        ),
    ),
    key=("segment", "from_event", "to_event"),
    code="journey_assets.channels.statistics.segment_transitions",
)

#: The tables that the package ``channels`` computes, one of them for schema ``journeys``.
TABLES: tuple[Table, ...] = (
    PROFILE_CHANNELS,
    SEGMENTS,
    SEGMENT_MOVES,
    SEGMENT_GOLDEN_STEPS,
    SEGMENT_TRANSITIONS,
)
