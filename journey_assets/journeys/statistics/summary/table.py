"""What a row of ``journeys.summary`` says."""

from journey_assets.warehouse.database import CATALOG
from journey_assets.warehouse.schema import Column, Table, Tie
from journey_assets.warehouse.tables.shared import AS_OF, COHORT, wilson

SUMMARY = Table(
    schema="journeys",
    name="summary",
    grain="cohort",
    description="Size, lengths and endings of the paths of each cohort that has any, and of the "
    "converters, as a row of none, where nobody converted; and how many convert and how soon, which are "
    "figures of the whole population and stand alike in every cohort's row. Whoever converted before the "
    "window is cohort `earlier_converter`, whoever is on several lists `both_lists`: neither is a "
    "converter or a non-converter.",
    columns=(
        AS_OF,
        COHORT,
        Column("persons", "BIGINT", "Persons with a path."),
        Column(
            "avg_length",
            "DOUBLE",
            "Mean events a path, over `persons` who are not heavy, as all that counts occurrences.",
        ),
        Column("median_length", "DOUBLE", "Median events a path, over the same persons."),
        Column(
            "median_seconds_to_convert",
            "DOUBLE",
            "Kaplan–Meier median of the seconds from a path's first event to the conversion event, "
            "over the persons of ALL cohorts but those who converted before the window, those without "
            "one censored at the end of the observed time. Empty "
            "unless `time_to_convert_status` is `reached`. Never the converters' median.",
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
        *wilson("share", "that share"),
        Column("events", "BIGINT", "Events of all paths: the visits of all states."),
        Column("avg_sessions", "DOUBLE", "Mean sessions a path, over the same persons."),
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
        Column(
            "compared",
            "BIGINT",
            "Of `persons`, those whom comparisons hold: newcomers on one list at most, who are not "
            "heavy. (Where the cohorts are labels, not the outcome, nobody has to be new.)",
        ),
        Column(
            "newcomers",
            "BIGINT",
            "Persons of all cohorts of whom no event is stored from before the window: read it beside "
            "`population`. With no day stored before the window everybody is one.",
        ),
        Column(
            "earlier_converters",
            "BIGINT",
            "Persons of all cohorts with a conversion event before the window: left out of comparisons.",
        ),
        Column(
            "both_lists",
            "BIGINT",
            "Persons of all cohorts who are on several lists by different ids: left out of comparisons.",
        ),
        Column(
            "heavy_persons",
            "BIGINT",
            "Persons of all cohorts beyond JOURNEY_HEAVY_RATIO and JOURNEY_HEAVY_EVENTS: left out of "
            "what counts occurrences, kept in `persons` and in `journeys.paths`.",
        ),
        Column(
            "rate_status",
            "VARCHAR",
            "`known`, `insufficient` (under JOURNEY_MIN_COHORT_PERSONS newcomers), "
            "`no_conversion_event` or `sessions` (as above).",
        ),
        *(
            column
            for days in (7, 14, 30)
            for column in (
                Column(
                    f"rate_{days}d",
                    "DOUBLE",
                    f"Of newcomers, the share that converts within {days} days of the path's first event: "
                    "1 − Kaplan–Meier, so that whoever came lately counts for the days observed. Empty "
                    "beyond the observed time, and where of fewer than JOURNEY_MIN_COHORT_PERSONS it is "
                    "known; in a window of just so many days it is read a day earlier. Of each cohort's "
                    "own newcomers where cohorts are labels.",
                ),
                Column(
                    f"rate_{days}d_low",
                    "DOUBLE",
                    "Lower bound of that rate (log-log Greenwood; Wilson where nobody or everybody "
                    "converted).",
                ),
                Column(f"rate_{days}d_high", "DOUBLE", "Upper bound of that rate."),
            )
        ),
        Column(
            "crude_rate",
            "DOUBLE",
            "`population_converted` of `population`: lower than the rates, since many have only come, and "
            "not comparable between windows of other lengths. Empty without CONVERSION_EVENT.",
        ),
        *wilson("crude", "that share"),
    ),
    key=("cohort",),
    code=__package__,
    persons="sum(persons)",
    picture=f"{__package__}.picture:picture",
    ties=(
        Tie(
            reads=("journeys.summary", "journeys.step_frequencies"),
            says="the events of a cohort's paths = the visits of all events",
            left="SELECT as_of, cohort AS what, events AS sum "
            f"FROM {CATALOG}.journeys.summary WHERE events > 0",
            right="SELECT as_of, cohort AS what, sum(occurrences) AS sum "
            f"FROM {CATALOG}.journeys.step_frequencies GROUP BY ALL",
        ),
    ),
)
