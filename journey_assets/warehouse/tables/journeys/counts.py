"""The paths, and the counts of what is in them."""

from journey_assets.warehouse.schema import Column, Table
from journey_assets.warehouse.tables.journeys.shared import AS_OF, COHORT

PATHS = Table(
    schema="journeys",
    name="paths",
    grain="person, or session",
    description="The events of each person of a cohort in the window, excluded ones left out, ordered "
    "by time and the vendor's order among equal times; never of two user ids. Where the cohort comes "
    "from a conversion event, a converter's path ends with the first one. A person without an event "
    "left has no row. With JOURNEY_PATH_UNIT=session a path is a session, and where this and the other "
    "tables say persons, sessions are counted.",
    columns=(
        AS_OF,
        Column(
            "person_id",
            "VARCHAR",
            "The person of `identity.persons`: of the event's user id, else of its Amplitude id; "
            "where that has no row at this as_of, a person of this id alone.",
            personal=True,
            nullable=False,
        ),
        COHORT,
        Column(
            "events",
            "VARCHAR[]",
            "Event types in order, repeats kept unless JOURNEY_COLLAPSE is set.",
        ),
        Column("n_events", "BIGINT", "Length of `events`."),
        Column("started_at", "TIMESTAMP", "Time of the path's first event, UTC."),
        Column("ended_at", "TIMESTAMP", "Time of the path's last event, UTC."),
        Column(
            "converted_at",
            "TIMESTAMP",
            "Time of the first conversion event from the path's start on, UTC, also where it is "
            "beyond the path's end; empty without one.",
        ),
        Column("collapsed_events", "VARCHAR[]", "`events` with consecutive repeats counted once."),
        Column("n_collapsed", "BIGINT", "Length of `collapsed_events`."),
        Column(
            "sessions", "BIGINT", "Sessions of the path: one more than its pauses above the gap."
        ),
        Column(
            "ending",
            "VARCHAR",
            "How the path ends: `conversion` (its last event is a converter's conversion event), "
            "`cut` (it goes on beyond JOURNEY_MAX_EVENTS, or JOURNEY_END_EVENT ends it), `censored` "
            "(still active within the session gap before the end of the observed time), `exit` (all "
            "others).",
        ),
        Column("times", "TIMESTAMP[]", "Time of each element of `events`, UTC."),
        Column(
            "session",
            "BIGINT",
            "With JOURNEY_PATH_UNIT=session which of the person's sessions the path is, from 1; "
            "else 0.",
            nullable=False,
        ),
    ),
    key=("person_id", "session"),
)

SUMMARY = Table(
    schema="journeys",
    name="summary",
    grain="cohort",
    description="Size, lengths and endings of the paths of each cohort that has any, and the time to "
    "convert, which is one figure of the whole population and stands alike in every cohort's row.",
    columns=(
        AS_OF,
        COHORT,
        Column("persons", "BIGINT", "Persons with a path."),
        Column("avg_length", "DOUBLE", "Mean events a path, over `persons`."),
        Column("median_length", "DOUBLE", "Median events a path, over `persons`."),
        Column(
            "median_seconds_to_convert",
            "DOUBLE",
            "Kaplan–Meier median of the seconds from a path's first event to the conversion event, "
            "over the persons of ALL cohorts, those without one censored at the end of the observed "
            "time. Empty unless `time_to_convert_status` is `reached`. Never the converters' median.",
        ),
        Column(
            "median_seconds_low",
            "DOUBLE",
            "Lower bound of that median (Brookmeyer–Crowley, log-log Greenwood); empty when open.",
        ),
        Column("median_seconds_high", "DOUBLE", "Upper bound of that median; empty when open."),
        Column(
            "time_to_convert_status",
            "VARCHAR",
            "`reached`, `not_reached` (less than half converted within the observed time), "
            "`insufficient` (under JOURNEY_MIN_COHORT_PERSONS persons), `no_conversion_event` "
            "(conversion times are known only where CONVERSION_EVENT is set), `sessions` (a session "
            "is not a life: the figure is not defined with JOURNEY_PATH_UNIT=session).",
        ),
        Column("population", "BIGINT", "Persons with a path in all cohorts."),
        Column(
            "population_converted",
            "BIGINT",
            "Persons of the population with a conversion event from their path's start on.",
        ),
        Column("share_of_population", "DOUBLE", "`persons` of `population`."),
        Column("share_low", "DOUBLE", "Lower Wilson bound of that share."),
        Column("share_high", "DOUBLE", "Upper Wilson bound of that share."),
        Column("events", "BIGINT", "Events of all paths: the visits of all states."),
        Column("avg_sessions", "DOUBLE", "Mean sessions a path, over `persons`."),
        Column("exits", "BIGINT", "Paths that end with an exit."),
        Column("conversions", "BIGINT", "Paths that end with a conversion event."),
        Column("censored", "BIGINT", "Paths still active at the end of the observed time."),
        Column("cut", "BIGINT", "Paths that a limit or JOURNEY_END_EVENT ends."),
        Column(
            "unidentified",
            "BIGINT",
            "Persons known by one id alone, since `identity.persons` has no row for it.",
        ),
        Column(
            "observed_until",
            "TIMESTAMP",
            "End of the observed time, UTC: of the as_of day, or of the window's last materialized "
            "day of events when that is earlier.",
        ),
    ),
    key=("cohort",),
)

STEP_FREQUENCIES = Table(
    schema="journeys",
    name="step_frequencies",
    grain="cohort × event",
    description="How often and by how many persons each event occurs in the cohort's paths.",
    columns=(
        AS_OF,
        COHORT,
        Column("event_type", "VARCHAR", "The event.", nullable=False),
        Column("occurrences", "BIGINT", "Occurrences in the cohort's paths: visits of the state."),
        Column("persons", "BIGINT", "Persons whose path has the event."),
        Column("share_of_persons", "DOUBLE", "`persons` of `cohort_persons`."),
        Column("share_low", "DOUBLE", "Lower Wilson bound of that share."),
        Column("share_high", "DOUBLE", "Upper Wilson bound of that share."),
        Column("cohort_persons", "BIGINT", "Persons of the cohort with a path."),
    ),
    key=("cohort", "event_type"),
)

TRANSITIONS = Table(
    schema="journeys",
    name="transitions",
    grain="cohort × pair",
    description="Consecutive events of the cohort's paths, repeats kept. Exits and conversions are "
    "departures too and stand in `journeys.last_events`.",
    columns=(
        AS_OF,
        COHORT,
        Column("from_event", "VARCHAR", "The event.", nullable=False),
        Column("to_event", "VARCHAR", "The event after it.", nullable=False),
        Column("occurrences", "BIGINT", "Times the pair occurs."),
        Column("persons", "BIGINT", "Persons whose path has the pair."),
        Column("p_out", "DOUBLE", "`occurrences` of `departures`."),
        Column("p_low", "DOUBLE", "Lower Wilson bound of that share."),
        Column("p_high", "DOUBLE", "Upper Wilson bound of that share."),
        Column(
            "median_seconds",
            "DOUBLE",
            "Median seconds between the two events, over `occurrences`, exact to the millisecond.",
        ),
        Column("p75_seconds", "DOUBLE", "75th percentile of those seconds."),
        Column("p90_seconds", "DOUBLE", "90th percentile of those seconds."),
        Column("p95_seconds", "DOUBLE", "95th percentile of those seconds."),
        Column(
            "departures",
            "BIGINT",
            "All departures of `from_event` in the cohort: transitions, exits and conversions.",
        ),
    ),
    key=("cohort", "from_event", "to_event"),
)

LAST_EVENTS = Table(
    schema="journeys",
    name="last_events",
    grain="cohort × event",
    description="The events that end somebody's path, and how. For every event, visits = transitions "
    "to other events + exits + conversions + censored + cut.",
    columns=(
        AS_OF,
        COHORT,
        Column("event_type", "VARCHAR", "The event.", nullable=False),
        Column("persons", "BIGINT", "Persons whose path ends with it, in whichever way."),
        Column("visits", "BIGINT", "Occurrences of the event in the cohort's paths."),
        Column(
            "exit_rate",
            "DOUBLE",
            "`exits` of `visits` without those that are `censored` or `cut`, whose end is not known.",
        ),
        Column("exit_low", "DOUBLE", "Lower Wilson bound of that rate."),
        Column("exit_high", "DOUBLE", "Upper Wilson bound of that rate."),
        Column("share_of_exits", "DOUBLE", "`exits` of `cohort_exits`; empty when nobody exited."),
        Column("exits", "BIGINT", "Paths that end here with an exit."),
        Column("conversions", "BIGINT", "Paths that end here with a conversion."),
        Column(
            "censored", "BIGINT", "Paths that end here still active at the observed time's end."
        ),
        Column("cut", "BIGINT", "Paths that a limit or JOURNEY_END_EVENT ends here."),
        Column("cohort_exits", "BIGINT", "Exits of the cohort at all events."),
    ),
    key=("cohort", "event_type"),
)
