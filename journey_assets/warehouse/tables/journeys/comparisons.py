"""Two groups compared, with error control: where they part, what stops people, where they leave."""

from journey_assets.warehouse.schema import Column, Table
from journey_assets.warehouse.tables.journeys.shared import AS_OF, COHORT, FOCUS

# As DuckDB writes the type itself (it quotes its keywords): a stored column is compared with it.
_NEXT = 'STRUCT(event_type VARCHAR, persons BIGINT, "share" DOUBLE, low DOUBLE, high DOUBLE)[]'

DIVERGENCE_POINTS = Table(
    schema="journeys",
    name="divergence_points",
    grain="event",
    description="Events after which the cohorts go different ways: the next event after each person's "
    "first visit, exits and the conversion event left out, compared between the cohorts. (With lists "
    "and no CONVERSION_EVENT the outcome is not known and is an event like others.) "
    "Benjamini–Hochberg over the events with enough persons; `different` is q below 1 − the "
    "confidence level.",
    columns=(
        AS_OF,
        Column("event_type", "VARCHAR", "The event.", nullable=False),
        Column("n_converters", "BIGINT", "Converters who go on after their first visit."),
        Column("n_non_converters", "BIGINT", "Non-converters who go on after their first visit."),
        Column(
            "jsd_bits",
            "DOUBLE",
            "Jensen–Shannon divergence of the two next-event distributions, 0 to 1 bit.",
        ),
        Column(
            "jsd_corrected",
            "DOUBLE",
            "`jsd_bits` minus its mean over all permutations of the labels, which is computed "
            "exactly: around 0 where only chance differs.",
        ),
        Column("jsd_low", "DOUBLE", "Lower bound of the divergence, around `jsd_corrected`."),
        Column(
            "jsd_high",
            "DOUBLE",
            "Upper bound: delta method, half a person in every cell, Student's t of the smaller "
            "cohort.",
        ),
        Column("cramers_v", "DOUBLE", "Cramér's V of next event × cohort."),
        Column("p_value", "DOUBLE", "Of the hypothesis that the cohorts go the same ways."),
        Column("q_value", "DOUBLE", "Benjamini–Hochberg over the events tested."),
        Column(
            "method",
            "VARCHAR",
            "`chi2` (every expected count at least 5) or `permutation` of the labels on the same "
            "statistic, p = (b + 1)/(m + 1).",
        ),
        Column("verdict", "VARCHAR", "`different`, `not_different` or `insufficient`."),
        Column(
            "top_next_converters",
            _NEXT,
            "Their three most frequent next events, shares of `n_converters`.",
        ),
        Column(
            "top_next_non_converters",
            _NEXT,
            "Their three most frequent next events, shares of `n_non_converters`.",
        ),
        FOCUS,
        Column(
            "rank",
            "BIGINT",
            "From 1 by `n_converters` + `n_non_converters` times `jsd_corrected`, those found "
            "different first; empty when insufficient.",
        ),
        Column("chi2", "DOUBLE", "Pearson's statistic of next event × cohort."),
        Column("min_expected", "DOUBLE", "Its smallest expected count."),
        Column(
            "permutations",
            "BIGINT",
            "Permutations behind the p-value, 0 with `chi2`: JOURNEY_PERMUTATIONS, more where very "
            "many events are tested, or as many as it took to see that p is above 1 − the confidence "
            "level.",
        ),
    ),
    key=("cohort", "event_type"),
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
        Column("event_type", "VARCHAR", "The event.", nullable=False),
        Column("non_converters_with", "BIGINT", "Non-converters whose path has the event."),
        Column("non_converters", "BIGINT", "Non-converters with a path."),
        Column("converters_with", "BIGINT", "Converters whose path has it."),
        Column("converters", "BIGINT", "Converters with a path."),
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
    ),
    key=("cohort", "event_type"),
)

DROPOFF_CLIFFS = Table(
    schema="journeys",
    name="dropoff_cliffs",
    grain="cohort × state or pair",
    description="Where those who do not convert leave: states (`to_event` empty) and arrivals at a state "
    "from another (`to_event` is where they leave), ranked by share of all exits × exit rate. "
    "Visits that are censored or cut by a limit are left out. An interval above the average alone "
    "would call one state in forty a cliff where all are alike, so each is tested against the visits "
    "elsewhere, with Benjamini–Hochberg over the states, and over the pairs, with enough persons. "
    "Pairs without an exit are tested but not listed.",
    columns=(
        AS_OF,
        Column(
            "from_event",
            "VARCHAR",
            "The state they leave from; in a pair, the event before it.",
            nullable=False,
        ),
        Column("to_event", "VARCHAR", "In a pair, the state they leave from; else empty."),
        Column("exits", "BIGINT", "Paths that end here with an exit."),
        Column("visits", "BIGINT", "Visits whose end is known."),
        Column("exit_rate", "DOUBLE", "`exits` of `visits`."),
        Column("exit_low", "DOUBLE", "Lower Wilson bound of that rate."),
        Column("exit_high", "DOUBLE", "Upper Wilson bound of that rate."),
        Column("share_of_exits", "DOUBLE", "`exits` of `cohort_exits`."),
        Column(
            "rank",
            "BIGINT",
            "From 1 among states and among pairs, by `share_of_exits` × `exit_rate`; empty when "
            "insufficient.",
        ),
        COHORT,
        Column("persons", "BIGINT", "Persons of the cohort with such a visit."),
        Column("cohort_exits", "BIGINT", "Exits of the cohort at all events."),
        Column(
            "cohort_exit_rate",
            "DOUBLE",
            "`cohort_exits` of all visits of the cohort whose end is known.",
        ),
        Column(
            "verdict",
            "VARCHAR",
            "`cliff` (likelier to leave here than at the cohort's other visits: q below 1 − the "
            "confidence level), `no_cliff` or `insufficient`.",
        ),
        Column(
            "p_value", "DOUBLE", "Fisher's exact test against the cohort's other visits, one-sided."
        ),
        Column("q_value", "DOUBLE", "Benjamini–Hochberg over the cohort's states, or its pairs."),
    ),
    key=("cohort", "from_event", "to_event"),
)

COMPARISONS: tuple[Table, ...] = (DIVERGENCE_POINTS, FRICTION_SIGNALS, DROPOFF_CLIFFS)
