"""What a row of ``journeys.dropoff_cliffs`` says."""

from journey_assets.warehouse.schema import Column, Table
from journey_assets.warehouse.tables.shared import AS_OF, CLAIM, COHORT, clustered, stratified

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
        *clustered("exit", "that rate", "visits"),
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
            "p_value",
            "DOUBLE",
            "Fisher's exact test against the cohort's other visits, one-sided, on counts divided by "
            "`deff` where it is above 1 (Rao & Scott).",
        ),
        Column("q_value", "DOUBLE", "Benjamini–Hochberg over the cohort's states, or its pairs."),
        *stratified("Mantel–Haenszel over them, on counts divided by `deff` where it is above 1"),
        Column(
            "stratified_ratio",
            "DOUBLE",
            "Exit rate here over that of the cohort's other visits, within `stratified_by`.",
        ),
        *CLAIM,
    ),
    key=("cohort", "from_event", "to_event"),
    code=__package__,
    picture=f"{__package__}.picture:picture",
)
