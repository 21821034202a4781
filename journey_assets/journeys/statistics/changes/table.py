"""What a row of ``journeys.changes`` says."""

from journey_assets.warehouse.schema import Column, Table
from journey_assets.warehouse.tables.shared import AS_OF, CLAIM

CHANGES = Table(
    schema="journeys",
    name="changes",
    grain="figure × event",
    description="What changed between two periods that share no day and are equally long "
    "(JOURNEY_COMPARE_TO): each figure then and now, the difference with its interval, and a test of "
    "it. Persons of all cohorts together, heavy ones left out; a conversion is the first of the "
    "period. Figures are compared only where every day of both periods is stored, else the verdict "
    "is `days_missing`. `conversion_last_day` compares the as_of with the days of its window before "
    "it, whatever the setting: but for the first seven that are stored at all.",
    columns=(
        AS_OF,
        Column(
            "figure",
            "VARCHAR",
            "`conversion_1d`, `conversion_7d` (newcomers who convert within 24 hours or 7 days of "
            "their first event, 1 − Kaplan–Meier; needs as many stored days before the earlier "
            "period as it has), `conversion_rate` (persons of the period who convert in it), "
            "`conversion_last_day` (persons active on a day who had not converted before it: those "
            "who convert on it), `events_per_person`, `event_share` (persons with the event), "
            "`exit_rate` (visits of the event that a person leaves at), `transition` (departures of "
            "the event that go to `to_event`).",
            nullable=False,
        ),
        Column("event_type", "VARCHAR", "The event, where the figure is of one."),
        Column("to_event", "VARCHAR", "The next event of a `transition`."),
        Column("then_value", "DOUBLE", "The figure of the days that are compared with."),
        Column("now_value", "DOUBLE", "The figure of the report's own days."),
        Column("difference", "DOUBLE", "`now_value` − `then_value`."),
        Column(
            "low",
            "DOUBLE",
            "Lower bound of the difference: Newcombe on effective numbers (persons are clusters), "
            "Welch for `events_per_person`, of log-log Greenwood bounds for newcomers' conversion.",
        ),
        Column("high", "DOUBLE", "Upper bound of the difference."),
        Column(
            "p_value",
            "DOUBLE",
            "Of no difference: Fisher's exact test of effective counts, Welch's test, or the log-rank "
            "test. Who is there in both periods counts as two persons, which makes claims rarer.",
        ),
        Column("q_value", "DOUBLE", "Benjamini–Hochberg over the figures tested in this table."),
        *CLAIM,
        Column(
            "verdict",
            "VARCHAR",
            "`higher` or `lower` now than then, `no_difference`, `insufficient` (too few persons, or "
            "too little stored before newcomers), `days_missing` (a day of a period is not stored, "
            "or persons are known of one alone), `unlike_settings` (the events or persons of the "
            "periods were made with different settings).",
        ),
        Column("then_first", "DATE", "First day of the period that is compared with."),
        Column("then_last", "DATE", "Its last day."),
        Column("then_days", "BIGINT", "Its days whose events are stored."),
        Column("now_first", "DATE", "First day of the report's period."),
        Column("now_last", "DATE", "Its last day."),
        Column("now_days", "BIGINT", "Its days whose events are stored."),
        Column(
            "then_persons",
            "BIGINT",
            "Persons behind the figure then (of `conversion_last_day` persons of each day).",
        ),
        Column("then_visits", "BIGINT", "What the figure is a share of then: persons or visits."),
        Column("now_persons", "BIGINT", "Persons behind the figure now."),
        Column("now_visits", "BIGINT", "What the figure is a share of now."),
    ),
    key=("figure", "event_type", "to_event"),
    code=__package__,
    picture=f"{__package__}.picture:picture",
)
