"""The tables of schema ``raw``: what the vendors said, and where in their records it stands."""

from journey_assets.warehouse.schema import Column, Source, Table


def _from(*names: str, required: bool = False, essential: bool = False) -> Source:
    return Source(names, required=required, essential=essential)


_EXTRA = Column("extra", "JSON", "The record's fields that no other column holds.", personal=True)

#: Persons are counted in shards of their owners' hash; a power of two, and part of the stored form.
SHARDS = 64

AMPLITUDE_EVENTS = Table(
    schema="raw",
    name="amplitude_events",
    grain="event",
    description="Every event of the tracked users (`user_activity`) or of the project (`export`), "
    "system events included, repeats dropped.",
    columns=(
        Column("event_date", "DATE", "Day of the event, UTC.", nullable=False),
        Column(
            "amplitude_id",
            "BIGINT",
            "Amplitude's id of the user.",
            personal=True,
            nullable=False,
            source=_from("amplitude_id", essential=True),
            identifies=("amplitude_id",),
        ),
        Column(
            "user_id",
            "VARCHAR",
            "The team's id of the user; empty while anonymous.",
            personal=True,
            source=_from("user_id"),
            identifies=("user_id",),
        ),
        Column(
            "event_type",
            "VARCHAR",
            "Name of the event.",
            nullable=False,
            source=_from("event_type", essential=True),
        ),
        Column(
            "event_time",
            "TIMESTAMP",
            "When it happened, UTC.",
            nullable=False,
            source=_from("event_time", essential=True),
        ),
        Column(
            "source_order",
            "BIGINT",
            "Chronological rank of the vendor among the user's events of equal time, from 0.",
            nullable=False,
        ),
        Column(
            "session_id",
            "BIGINT",
            "Start of the vendor's session, epoch milliseconds; −1 outside one.",
            source=_from("session_id", required=True),
        ),
        Column(
            "uuid", "VARCHAR", "The vendor's id of the event.", source=_from("uuid", required=True)
        ),
        Column(
            "insert_id",
            "VARCHAR",
            "The sender's id of the event.",
            source=_from("$insert_id", "insert_id"),
        ),
        Column("platform", "VARCHAR", "Platform, e.g. `Web`, `iOS`.", source=_from("platform")),
        Column("country", "VARCHAR", "Country of the request.", source=_from("country")),
        Column(
            "event_properties",
            "JSON",
            "Properties of the event.",
            personal=True,
            source=_from("event_properties"),
        ),
        Column(
            "server_upload_time",
            "TIMESTAMP",
            "When it reached the vendor, UTC.",
            source=_from("server_upload_time"),
        ),
        Column("device_id", "VARCHAR", "The device.", personal=True, source=_from("device_id")),
        Column(
            "event_id",
            "BIGINT",
            "The vendor's running number of the event.",
            source=_from("event_id"),
        ),
        Column(
            "client_event_time",
            "TIMESTAMP",
            "When the sender says it happened, UTC.",
            source=_from("client_event_time"),
        ),
        _EXTRA,
    ),
    key=("amplitude_id", "event_time", "source_order"),
    vendor="amplitude",
    code="journey_assets.raw.amplitude_events",
    persons="count(DISTINCT amplitude_id)",
)

EVENT_NAMES = Table(
    schema="raw",
    name="event_names",
    grain="event type",
    description="The dictionary of the event types that were ever stored: a code never changes its "
    "meaning, so that coded events of any day can be read together.",
    columns=(
        Column("first_seen", "DATE", "The day that was coded when it was new.", nullable=False),
        Column("event", "UINTEGER", "The code, from 1.", nullable=False),
        Column("event_type", "VARCHAR", "Name of the event, as stored.", nullable=False),
    ),
    key=("event",),
    asset=False,
)

EVENT_OWNERS = Table(
    schema="raw",
    name="event_owners",
    grain="pair of Amplitude id and user id",
    description="The dictionary of whose events were ever stored: a code never changes its meaning. With "
    "`JOURNEY_EVENT_STORE` a view of the store, with a hash of 64 bits as the code.",
    columns=(
        Column("first_seen", "DATE", "The day that was coded when it was new.", nullable=False),
        Column("owner", "UINTEGER", "The code, from 1.", nullable=False),
        Column(
            "amplitude_id",
            "BIGINT",
            "Amplitude's id.",
            personal=True,
            nullable=False,
            identifies=("amplitude_id",),
        ),
        Column(
            "user_id",
            "VARCHAR",
            "The team's id; empty while anonymous.",
            personal=True,
            identifies=("user_id",),
        ),
        Column(
            "shard",
            "UTINYINT",
            "One of 64 by a hash of the user id, or of the Amplitude id where there is none.",
            nullable=False,
        ),
    ),
    key=("owner",),
    asset=False,
)

CODED_EVENTS = Table(
    schema="raw",
    name="coded_events",
    grain="event",
    description="`raw.amplitude_events` as integers, by shard, owner and time: what statistics read. "
    "Made when events are stored; a day that changed since is made again by the next run that reads it. "
    "With `JOURNEY_EVENT_STORE` a view of the store, in which an owner is a hash of 64 bits.",
    columns=(
        Column("event_date", "DATE", "Day of the event, UTC.", nullable=False),
        Column("shard", "UTINYINT", "The owner's shard in `raw.event_owners`.", nullable=False),
        Column("owner", "UINTEGER", "Whose: code of `raw.event_owners`.", nullable=False),
        Column("event", "UINTEGER", "Which: code of `raw.event_names`.", nullable=False),
        Column("event_time", "TIMESTAMP", "When it happened, UTC.", nullable=False),
        Column(
            "source_order",
            "UINTEGER",
            "Rank of the vendor among the user's events of equal time, from 0.",
            nullable=False,
        ),
    ),
    key=("owner", "event_time", "source_order"),
    asset=False,
)

OWNER_DAYS = Table(
    schema="raw",
    name="owner_days",
    grain="day and owner",
    description="On which days an owner of `raw.event_owners` has events: who is new in a window is "
    "read here, without the events of the days before it. Made with `raw.coded_events`.",
    columns=(
        Column("event_date", "DATE", "Day of the events, UTC.", nullable=False),
        Column("owner", "UINTEGER", "Whose: code of `raw.event_owners`.", nullable=False),
        Column("events", "BIGINT", "How many events, of whatever type.", nullable=False),
        Column("first_at", "TIMESTAMP", "Time of the first of them, UTC.", nullable=False),
        Column("platform", "VARCHAR", "The day's first known platform."),
        Column("country", "VARCHAR", "The day's first known country."),
    ),
    key=("owner",),
    asset=False,
)

AMPLITUDE_USERS = Table(
    schema="raw",
    name="amplitude_users",
    grain="tracked user",
    description="The ids that the lists, files or Amplitude cohorts name and what Amplitude knows "
    "them as; stored under the last partition of a run.",
    columns=(
        Column("event_date", "DATE", "Partition of the run that read the lists.", nullable=False),
        Column(
            "requested_id",
            "VARCHAR",
            "The id as the list gives it.",
            personal=True,
            nullable=False,
            identifies=("user_id", "amplitude_id"),
        ),
        Column(
            "amplitude_id",
            "BIGINT",
            "Amplitude's id; empty where it is not known.",
            personal=True,
            identifies=("amplitude_id",),
        ),
        Column(
            "user_id",
            "VARCHAR",
            "The team's id of the user, if known.",
            personal=True,
            identifies=("user_id",),
        ),
        Column(
            "cohort",
            "VARCHAR",
            "`converter`, `non_converter`, a label of JOURNEY_COHORTS, or empty.",
        ),
        Column(
            "status",
            "VARCHAR",
            "`ok`, `not_found`, `ambiguous`, or `failed`: Amplitude does not answer for this user.",
            nullable=False,
        ),
        Column(
            "canonical_amplitude_id",
            "BIGINT",
            "The id that stands for the user after Amplitude merged several; empty if not told.",
            personal=True,
            identifies=("amplitude_id",),
        ),
        Column(
            "merged_amplitude_ids",
            "BIGINT[]",
            "Ids that Amplitude merged into the user; empty if not told.",
            personal=True,
            identifies=("amplitude_id",),
        ),
        Column(
            "matched_by",
            "VARCHAR",
            "What the id was found as: `user_id` or `amplitude_id`; empty where a cohort names both.",
        ),
    ),
    key=("requested_id",),
    snapshot=True,
    vendor="amplitude",
    code="journey_assets.raw.amplitude_users",
    persons="count(DISTINCT requested_id)",
)

AMPLITUDE_READINGS = Table(
    schema="raw",
    name="amplitude_readings",
    grain="day and user whose activity was read",
    description="Whose activity `raw.amplitude_events` holds in full for a day, so that ids added "
    "to the lists later are read for the days before, and only they.",
    columns=(
        Column("event_date", "DATE", "Day of the events, UTC.", nullable=False),
        Column(
            "amplitude_id",
            "BIGINT",
            "Amplitude's id.",
            personal=True,
            nullable=False,
            identifies=("amplitude_id",),
        ),
    ),
    key=("amplitude_id",),
    asset=False,
)

AMPLITUDE_LOOKUPS = Table(
    schema="raw",
    name="amplitude_lookups",
    grain="id that was looked up and user whom it fits",
    description="Answers of Amplitude's search while a run looks up the tracked ids, stored as they "
    "come, so that a run that is killed asks for none of them again. Empty when the run is done: "
    "`raw.amplitude_users` has them then.",
    columns=(
        Column("event_date", "DATE", "Partition of the run that asks.", nullable=False),
        Column(
            "requested_id",
            "VARCHAR",
            "The id as the list gives it.",
            personal=True,
            nullable=False,
            identifies=("user_id", "amplitude_id"),
        ),
        Column(
            "amplitude_id",
            "BIGINT",
            "Amplitude's id; empty where nobody was found.",
            personal=True,
            identifies=("amplitude_id",),
        ),
        Column(
            "user_id",
            "VARCHAR",
            "The team's id of the user, if known.",
            personal=True,
            identifies=("user_id",),
        ),
        Column("matched_by", "VARCHAR", "`user_id` or `amplitude_id`: what the id was found as."),
    ),
    key=("requested_id", "amplitude_id"),
    asset=False,
)

SEGMENT_PROFILES = Table(
    schema="raw",
    name="segment_profiles",
    grain="profile",
    description="Snapshot of the space's profiles; Segment serves only the present, so a snapshot "
    "belongs to the newest partition of the run that took it.",
    columns=(
        Column("snapshot_date", "DATE", "Partition of the snapshot.", nullable=False),
        Column(
            "profile_key",
            "VARCHAR",
            "`user_id:…` if there is one, else the first external id as `type:value`, else "
            "`email:…`.",
            personal=True,
            nullable=False,
            identifies=("profile_key",),
        ),
        Column(
            "email",
            "VARCHAR",
            "Trait `email`.",
            personal=True,
            source=_from("email"),
            identifies=("email",),
        ),
        Column("plan", "VARCHAR", "Trait `plan`.", source=_from("plan")),
        Column(
            "ltv",
            "DOUBLE",
            "Trait `ltv`, lifetime value in the team's currency.",
            source=_from("ltv"),
        ),
        Column(
            "web_sessions_30d",
            "BIGINT",
            "Web sessions in 30 days; empty when unknown.",
            source=_from("web_sessions_30d"),
        ),
        Column(
            "mobile_sessions_30d",
            "BIGINT",
            "Mobile sessions in 30 days; empty when unknown.",
            source=_from("mobile_sessions_30d"),
        ),
        Column(
            "emails_opened_30d",
            "BIGINT",
            "E-mails opened in 30 days; empty when unknown.",
            source=_from("emails_opened_30d"),
        ),
        Column(
            "last_web_visit", "DATE", "Day of the last web visit.", source=_from("last_web_visit")
        ),
        Column(
            "last_mobile_open",
            "DATE",
            "Day the app was last opened.",
            source=_from("last_mobile_open"),
        ),
        Column(
            "last_email_click",
            "DATE",
            "Day of the last click in an e-mail.",
            source=_from("last_email_click"),
        ),
        Column("traits", "JSON", "All traits as served.", personal=True),
        Column(
            "traits_source",
            "VARCHAR",
            "Where the three counts are from: `vendor`, `events` (computed from the profile's "
            "events), `vendor+events`, or empty when there are none.",
        ),
        Column(
            "traits_window_days",
            "INTEGER",
            "Days that each of the three counts covers at least: 30 from the vendor, 14 from events.",
        ),
        _EXTRA,
    ),
    key=("profile_key",),
    snapshot=True,
    vendor="segment",
    code="journey_assets.raw.segment",
    persons="count(DISTINCT profile_key)",
)

SEGMENT_EXTERNAL_IDS = Table(
    schema="raw",
    name="segment_external_ids",
    grain="identifier",
    description="The identifiers of the snapshot's profiles, types as the vendor spells them.",
    columns=(
        Column("snapshot_date", "DATE", "Partition of the snapshot.", nullable=False),
        Column(
            "profile_key",
            "VARCHAR",
            "The profile.",
            personal=True,
            nullable=False,
            identifies=("profile_key",),
        ),
        Column(
            "id_type",
            "VARCHAR",
            "Type, e.g. `user_id`, `ios.id`, `email`.",
            nullable=False,
            source=_from("type", essential=True),
        ),
        Column(
            "id_value",
            "VARCHAR",
            "The identifier.",
            personal=True,
            nullable=False,
            source=_from("id", essential=True),
            identifies=("@id_type",),
        ),
        _EXTRA,
    ),
    key=("profile_key", "id_type", "id_value"),
    snapshot=True,
    vendor="segment",
    code="journey_assets.raw.segment",
    persons="count(DISTINCT profile_key)",
)

MAVENOID_CONVERSATIONS = Table(
    schema="raw",
    name="mavenoid_conversations",
    grain="conversation",
    description="Conversations with the assistant, as last read: rows change after their creation.",
    columns=(
        Column("conversation_date", "DATE", "Day of `created_at`, UTC.", nullable=False),
        Column(
            "id",
            "VARCHAR",
            "The conversation.",
            nullable=False,
            source=_from("id", essential=True),
            identifies=("conversation",),
        ),
        Column(
            "created_at",
            "TIMESTAMP",
            "Start, UTC.",
            nullable=False,
            source=_from("created_at", essential=True),
        ),
        Column(
            "updated_at",
            "TIMESTAMP",
            "Last change, UTC.",
            source=_from("updated_at", required=True),
        ),
        Column("flow_name", "VARCHAR", "The flow.", source=_from("flow_name", required=True)),
        Column(
            "touchpoint_name",
            "VARCHAR",
            "Where the assistant was opened.",
            source=_from("touchpoint_name"),
        ),
        Column(
            "status",
            "VARCHAR",
            "`OPEN`, `RESOLVED` (people who left on a solution page included) or `ESCALATED`.",
            source=_from("status", required=True),
        ),
        Column(
            "label",
            "VARCHAR",
            "Label of a SetAnalyticsStatus node; may be empty text.",
            source=_from("label"),
        ),
        Column("lang_code", "VARCHAR", "Language.", source=_from("lang_code", required=True)),
        Column(
            "latest_search_query",
            "VARCHAR",
            "What the person searched for.",
            personal=True,
            source=_from("latest_search_query"),
        ),
        Column(
            "latest_search_result_chosen",
            "VARCHAR",
            "Label of the result chosen.",
            source=_from("latest_search_result_chosen"),
        ),
        Column(
            "latest_search_shortcut_chosen",
            "VARCHAR",
            "Label of the shortcut chosen.",
            source=_from("latest_search_shortcut_chosen"),
        ),
        Column(
            "latest_live_support_session_status",
            "VARCHAR",
            "Status of the latest live session.",
            source=_from("latest_live_support_session_status"),
        ),
        Column(
            "latest_live_support_session_resolution_label",
            "VARCHAR",
            "Its resolution label.",
            source=_from("latest_live_support_session_resolution_label"),
        ),
        Column(
            "feedback_topics",
            "VARCHAR[]",
            "Topics the person chose at the end.",
            source=_from("feedback_topics"),
        ),
        Column(
            "feedback_comments",
            "VARCHAR",
            "What the person wrote at the end.",
            personal=True,
            source=_from("feedback_comments"),
        ),
        Column(
            "feedback_rating",
            "INTEGER",
            "1 to 4; empty when not rated.",
            source=_from("feedback_rating"),
        ),
        Column(
            "form_data",
            "JSON",
            "Form fields, `$customer-email` among them.",
            personal=True,
            source=_from("form_data"),
            identifies=("email",),
        ),
        _EXTRA,
    ),
    key=("id",),
    vendor="mavenoid",
    code="journey_assets.raw.mavenoid",
)

MAVENOID_SESSIONS = Table(
    schema="raw",
    name="mavenoid_live_support_sessions",
    grain="live support session",
    description="Live support sessions, as last read.",
    columns=(
        Column("session_date", "DATE", "Day of `created_at`, UTC.", nullable=False),
        Column(
            "assistant_conversation_id",
            "VARCHAR",
            "The conversation it belongs to.",
            nullable=False,
            source=_from("assistant_conversation_id", essential=True),
            identifies=("conversation",),
        ),
        Column(
            "created_at",
            "TIMESTAMP",
            "Start, UTC.",
            nullable=False,
            source=_from("created_at", essential=True),
        ),
        Column(
            "updated_at",
            "TIMESTAMP",
            "Last change, UTC.",
            source=_from("updated_at", required=True),
        ),
        Column(
            "assistant_conversation_created_at",
            "TIMESTAMP",
            "Start of the conversation, UTC.",
            source=_from("assistant_conversation_created_at"),
        ),
        Column(
            "agent_email",
            "VARCHAR",
            "The agent; empty when nobody accepted.",
            personal=True,
            source=_from("agent_email", "agent-email"),
        ),
        Column(
            "agent_group_name", "VARCHAR", "The agent's group.", source=_from("agent_group_name")
        ),
        Column(
            "queue_duration_ms",
            "BIGINT",
            "From the start to an agent's acceptance, ms.",
            source=_from("queue_duration_ms"),
        ),
        Column(
            "first_response_ms",
            "BIGINT",
            "From the start to the agent's first message, ms.",
            source=_from("first_response_ms"),
        ),
        Column(
            "chat_duration_ms",
            "BIGINT",
            "From the start to the end, ms.",
            source=_from("chat_duration_ms"),
        ),
        Column(
            "status",
            "VARCHAR",
            "The vendor's status, e.g. `RESOLVED`, `NO_AGENT_CAPACITY`.",
            source=_from("status", required=True),
        ),
        Column(
            "resolution_label",
            "VARCHAR",
            "The agent's resolution label.",
            source=_from("resolution_label", "resolution"),
        ),
        Column(
            "debrief_labels", "VARCHAR[]", "Labels the agent chose.", source=_from("debrief_labels")
        ),
        Column(
            "debrief_summary",
            "VARCHAR",
            "What the agent wrote.",
            personal=True,
            source=_from("debrief_summary"),
        ),
        Column(
            "feedback_rating",
            "INTEGER",
            "1 to 4; empty when not rated.",
            source=_from("feedback_rating"),
        ),
        _EXTRA,
    ),
    key=("assistant_conversation_id", "created_at"),
    vendor="mavenoid",
    code="journey_assets.raw.mavenoid",
)

MAVENOID_AVAILABILITIES = Table(
    schema="raw",
    name="mavenoid_agent_availabilities",
    grain="period of availability",
    description="When agents were available, as last read.",
    columns=(
        Column("availability_date", "DATE", "Day of `start_timestamp`, UTC.", nullable=False),
        Column(
            "agent_email",
            "VARCHAR",
            "The agent.",
            personal=True,
            nullable=False,
            source=_from("agent_email", "agent-email", essential=True),
        ),
        Column(
            "start_timestamp",
            "TIMESTAMP",
            "Start, UTC.",
            nullable=False,
            source=_from("start_timestamp", essential=True),
        ),
        Column(
            "end_timestamp",
            "TIMESTAMP",
            "End, UTC; empty while still available.",
            source=_from("end_timestamp"),
        ),
        Column(
            "duration_ms",
            "BIGINT",
            "Time available, ms.",
            source=_from("duration_ms", required=True),
        ),
        Column(
            "active_duration_ms",
            "BIGINT",
            "Time active in at least one session, ms.",
            source=_from("active_duration_ms", required=True),
        ),
        _EXTRA,
    ),
    key=("agent_email", "start_timestamp"),
    vendor="mavenoid",
    code="journey_assets.raw.mavenoid",
)

REJECTS = Table(
    schema="raw",
    name="rejects",
    grain="unreadable field or record",
    description="What the vendors sent that could not be read as documented: nothing is silently "
    "dropped.",
    columns=(
        Column(
            "reject_date",
            "DATE",
            "Day of the record; the run's last partition when the day cannot be read.",
            nullable=False,
        ),
        Column(
            "table_name", "VARCHAR", "`schema.table` that the record belongs to.", nullable=False
        ),
        Column(
            "field", "VARCHAR", "The vendor's field; empty when the whole record is unreadable."
        ),
        Column("reason", "VARCHAR", "What is wrong.", nullable=False),
        Column("kept", "BOOLEAN", "Whether the record is stored, with that field empty."),
        Column(
            "file",
            "VARCHAR",
            "The file of the archive or the answer that holds the record.",
            personal=True,
        ),
        Column("line", "BIGINT", "Its line, or number, in there, from 1."),
        Column(
            "hash", "VARCHAR", "SHA-256 of its text, which is not kept: it may hold personal data."
        ),
    ),
    key=(),
    asset=False,
)

TABLES = (
    AMPLITUDE_EVENTS,
    AMPLITUDE_USERS,
    AMPLITUDE_READINGS,
    AMPLITUDE_LOOKUPS,
    EVENT_NAMES,
    EVENT_OWNERS,
    CODED_EVENTS,
    OWNER_DAYS,
    SEGMENT_PROFILES,
    SEGMENT_EXTERNAL_IDS,
    MAVENOID_CONVERSATIONS,
    MAVENOID_SESSIONS,
    MAVENOID_AVAILABILITIES,
    REJECTS,
)

#: What codes mean: kept for as long as a coded event names them, whatever their first column says.
DICTIONARIES = (EVENT_NAMES, EVENT_OWNERS)
