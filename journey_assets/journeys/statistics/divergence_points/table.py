"""What a row of ``journeys.divergence_points`` says."""

from journey_assets.warehouse.schema import Column, Table
from journey_assets.warehouse.tables.shared import AS_OF, CLAIM, EVENT_TYPE, FOCUS, stratified

# As DuckDB writes the type itself (it quotes its keywords): a stored column is compared with it.
_NEXT = 'STRUCT(event_type VARCHAR, persons BIGINT, "share" DOUBLE, low DOUBLE, high DOUBLE)[]'

DIVERGENCE_POINTS = Table(
    schema="journeys",
    name="divergence_points",
    grain="event",
    description="Events after which the cohorts go different ways: the next event after each person's "
    "first visit, exits and the conversion event left out, compared between the cohorts. (With lists "
    "and no CONVERSION_EVENT the outcome is not known and is an event like others.) "
    "`different` is what holds within platform and within country too: where persons of the cohorts use "
    "different platforms, these alone make their ways differ.",
    columns=(
        AS_OF,
        EVENT_TYPE,
        Column(
            "n_converters", "BIGINT", "Persons of the cohort who go on after their first visit."
        ),
        Column("n_non_converters", "BIGINT", "All others who go on after theirs."),
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
        Column("p_value", "DOUBLE", "Of the hypothesis that the cohorts go the same ways, pooled."),
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
            "The cohort's three most frequent next events, shares of `n_converters`.",
        ),
        Column(
            "top_next_non_converters",
            _NEXT,
            "Those of all others, shares of `n_non_converters`.",
        ),
        FOCUS,
        Column(
            "rank",
            "BIGINT",
            "From 1 by `n_converters` + `n_non_converters` times `jsd_corrected`, those found "
            "different first; empty with too few persons.",
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
        *stratified(
            "The generalised test of Cochran, Mantel & Haenszel (outcomes − 1 degrees of freedom; next "
            "events expected fewer than 5 times are put together)"
        ),
        *CLAIM,
    ),
    key=("cohort", "event_type"),
    code=__package__,
    picture=f"{__package__}.picture:picture",
)
