"""What a row of ``journeys.paths`` says."""

from journey_assets.warehouse.schema import Column, Table
from journey_assets.warehouse.tables.shared import AS_OF, COHORT

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
        Column(
            "newcomer",
            "BOOLEAN",
            "Whether no event of the person is stored from before the window.",
        ),
        Column(
            "compared",
            "BOOLEAN",
            "Whether comparisons may hold the person: a newcomer on one list at most (where the cohorts "
            "are labels, not the outcome, nobody has to be new).",
        ),
        Column(
            "heavy",
            "BOOLEAN",
            "Whether the person has so many events that statistics leave it out (JOURNEY_HEAVY_RATIO).",
        ),
        Column("platform", "VARCHAR", "The person's first known platform in the window."),
        Column("country", "VARCHAR", "The person's first known country in the window."),
    ),
    key=("person_id", "session"),
    code=__package__,
    persons="count(DISTINCT person_id)",
)
