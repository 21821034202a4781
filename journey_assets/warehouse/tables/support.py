"""The tables of schema ``support``: how Mavenoid's conversations, sessions and agents did."""

from journey_assets.warehouse.schema import Column, Table
from journey_assets.warehouse.tables.shared import AS_OF, CLAIM, clustered, rate


def _duration(name: str, what: str, timed: str) -> tuple[Column, ...]:
    return (
        Column(f"{name}_ms_count", "BIGINT", f"Sessions for which Mavenoid states {what}."),
        Column(f"{name}_ms_sum", "BIGINT", f"Sum of {what}, over `{name}_ms_count`, ms."),
        Column(f"{name}_ms_mean", "DOUBLE", f"Mean of {what}, over `{name}_ms_count`, ms."),
        Column(f"{name}_ms_max", "BIGINT", f"Longest of {what}, ms."),
        Column(f"{name}_ms_p50", "DOUBLE", f"Median of {what}, over `{name}_ms_timed`, ms."),
        Column(f"{name}_ms_p90", "DOUBLE", f"0.9 quantile of {what}, over `{name}_ms_timed`, ms."),
        Column(f"{name}_ms_p95", "DOUBLE", f"0.95 quantile of {what}, over `{name}_ms_timed`, ms."),
        Column(f"{name}_ms_timed", "BIGINT", f"Sessions in the quantiles: {timed}."),
    )


_VERDICT = Column(
    "verdict", "VARCHAR", "`insufficient` with fewer than 10 conversations, else `ok`."
)
_CSAT = rate("csat", "`satisfied` of `rated`; read it beside `response_rate`")

CONVERSATION_STATISTICS = Table(
    schema="support",
    name="conversation_statistics",
    grain="flow and language",
    description="Conversations created in the window by flow and language, with their latest known "
    "status. RESOLVED includes people who left on a solution page, so `resolved` says nothing "
    "about their satisfaction: read it beside `response_rate` and `csat`.",
    columns=(
        AS_OF,
        Column("flow_name", "VARCHAR", "The flow; empty when Mavenoid names none."),
        Column("lang_code", "VARCHAR", "The language; empty when Mavenoid names none."),
        Column("conversations", "BIGINT", "Conversations, the denominator of most rates."),
        Column(
            "resolved",
            "BIGINT",
            "Status RESOLVED, people who left on a solution page included.",
        ),
        Column("escalated", "BIGINT", "Status ESCALATED."),
        Column("open", "BIGINT", "Status OPEN."),
        Column("self_service", "BIGINT", "Resolved without any live support session."),
        Column("rated", "BIGINT", "With a rating of 1 to 4."),
        Column("satisfied", "BIGINT", "With a rating of 3 or 4."),
        Column("other_status", "BIGINT", "With a status of none of the three names, or none."),
        _VERDICT,
        *rate("resolution_rate", "`resolved` of `conversations`"),
        *rate("escalation_rate", "`escalated` of `conversations`"),
        *rate("self_service_rate", "`self_service` of `conversations`"),
        *rate("response_rate", "`rated` of `conversations`"),
        *_CSAT,
        Column("searched", "BIGINT", "With a search typed; what was typed stays in `raw`."),
        Column("identified", "BIGINT", "With a customer e-mail, so that a return can be seen."),
        Column(
            "followed",
            "BIGINT",
            "Identified, and created at least 7 days before the end of `as_of`: whether the person "
            "came back within 7 days is known. The denominator of `repeat_rate`.",
        ),
        Column(
            "repeated",
            "BIGINT",
            "Of `followed`: the same person opened another conversation of the same flow, in any "
            "language, within 7 days.",
        ),
        *rate("repeat_rate", "`repeated` of `followed`"),
    ),
    key=("flow_name", "lang_code"),
    code="journey_assets.support.conversation_statistics",
    picture="journey_assets.pictures.support:conversation_statistics",
)

LIVE_SUPPORT_STATISTICS = Table(
    schema="support",
    name="live_support_statistics",
    grain="agent group and status",
    description="Live support sessions started in the window. Count, sum, mean and maximum take "
    "every stated duration, as Mavenoid's own summaries do; the quantiles leave out sessions in "
    "which the duration has no meaning: those no agent accepted and, for the chat, those not "
    "ended. Accepted: status other than WAITING_FOR_AGENT, CUSTOMER_SKIPPED, DECLINED_BY_AGENT, "
    "NO_AGENT_CAPACITY, and an agent named or a first response stated.",
    columns=(
        AS_OF,
        Column("agent_group_name", "VARCHAR", "The agent's group; empty when Mavenoid names none."),
        Column("status", "VARCHAR", "The vendor's status of the session."),
        Column("sessions", "BIGINT", "Sessions."),
        *_duration("queue", "the time from the start to an agent's acceptance", "accepted"),
        *_duration(
            "first_response", "the time from the start to the agent's first message", "accepted"
        ),
        *_duration("chat", "the time from the start to the end", "accepted and ended"),
        Column("accepted", "BIGINT", "Sessions that an agent accepted, of `sessions`."),
        Column("rated", "BIGINT", "Sessions whose conversation has a rating of 1 to 4."),
        Column("satisfied", "BIGINT", "Sessions whose conversation has a rating of 3 or 4."),
    ),
    key=("agent_group_name", "status"),
    code="journey_assets.support.live_support_statistics",
    picture="journey_assets.pictures.support:live_support_statistics",
)

AGENT_STATISTICS = Table(
    schema="support",
    name="agent_statistics",
    grain="agent",
    description="Availability and sessions of each agent, who appears under a pseudonym. Periods "
    "are clipped to the window; one without an end lasts until the end of `as_of`, or until it was "
    "last read from Mavenoid if that was earlier; time covered twice is counted once.",
    columns=(
        AS_OF,
        Column("agent", "VARCHAR", "Pseudonym of the agent's address.", nullable=False),
        Column("available_ms", "BIGINT", "Time available, overlapping periods merged, ms."),
        Column(
            "active_ms",
            "BIGINT",
            "Time in at least one session while available, ms. A period cut by the window counts "
            "in proportion; overlapping periods together at most their merged length.",
        ),
        Column(
            "utilisation", "DOUBLE", "`active_ms` of `available_ms`; empty when never available."
        ),
        Column("sessions", "BIGINT", "Live support sessions started in the window with the agent."),
        Column("periods", "BIGINT", "Periods of availability in the window."),
        Column("open_periods", "BIGINT", "Of `periods`: those without an end when last read."),
        Column(
            "overlap_ms",
            "BIGINT",
            "Time covered again by a further period: what merging took away, ms.",
        ),
    ),
    key=("agent",),
    code="journey_assets.support.agent_statistics",
    picture="journey_assets.pictures.support:agent_statistics",
)

TOPICS = Table(
    schema="support",
    name="topics",
    grain="topic",
    description="What conversations created in the window were about: feedback topics, chosen "
    "search results and shortcuts, and whether a search was typed. A conversation may have several "
    "feedback topics; those with none are in no row of that kind.",
    columns=(
        AS_OF,
        Column(
            "kind",
            "VARCHAR",
            "`feedback_topic`, `search_result`, `search_shortcut` or `search`.",
            nullable=False,
        ),
        Column(
            "topic",
            "VARCHAR",
            "The topic, result or shortcut; for `search`: `asked` or `not asked`.",
            nullable=False,
        ),
        Column("conversations", "BIGINT", "Conversations with the topic."),
        Column("flows", "BIGINT", "Distinct flows among them."),
        Column("main_flow", "VARCHAR", "The flow with most of them, ties by name."),
        Column("main_flow_conversations", "BIGINT", "Conversations of `main_flow` with the topic."),
        Column("all_conversations", "BIGINT", "All conversations, the denominator of `share`."),
        *rate("share", "`conversations` of `all_conversations`"),
        _VERDICT,
        Column("resolved", "BIGINT", "Status RESOLVED."),
        Column("escalated", "BIGINT", "Status ESCALATED."),
        *rate("escalation_rate", "`escalated` of `conversations`"),
        Column("rated", "BIGINT", "With a rating of 1 to 4."),
        Column("satisfied", "BIGINT", "With a rating of 3 or 4."),
        *_CSAT,
    ),
    key=("kind", "topic"),
    code="journey_assets.support.topics",
    picture="journey_assets.pictures.support:topics",
)

_STATE = Column(
    "event_type",
    "VARCHAR",
    "The state: the person's last event at or before the conversation. In place of an event: "
    "`(after conversion)`, behind the conversion that ends a path; `(beyond the path)`, behind the "
    "last event of a path that a limit cut, so that the true state is not known; `(before the first "
    "event)`; `(no journey)`, of a person without a path; `(no person)`, of nobody known.",
    nullable=False,
)

JOURNEY_CONTACTS = Table(
    schema="support",
    name="journey_contacts",
    grain="state × cohort",
    description="Where in their journey people turn to support, and what becomes of them. A visit is an "
    "event of a path in `journeys.paths`; the conversations of the same person before the next one "
    "are put to it. The `conversations` of the cohort `all` sum to all conversations of the window. "
    "People who do not say who they are cannot be put anywhere, so every rate is a lower bound. "
    "The relative risk, in the rows of cohort `all`, is of conversion after a contact at a person's FIRST "
    "visit of the state, before any conversion. Each contact is compared with the persons who were still "
    "at the state as long after their first visit and had made no contact by then: who converts at once "
    "has no time for a contact, and would make contacts look costly. It is an association: the trouble "
    "that leads to the contact may cost the conversion. Empty without a conversation in the window.",
    columns=(
        AS_OF,
        _STATE,
        Column(
            "cohort",
            "VARCHAR",
            "A cohort of `journeys.paths`, or `all`: everyone, with the conversations of nobody known.",
            nullable=False,
        ),
        Column("visits", "BIGINT", "Visits of the state; empty where it is none."),
        Column("contacts", "BIGINT", "Visits with a contact before the next event."),
        Column(
            "contact_rate",
            "DOUBLE",
            "`contacts` of `visits`; empty (insufficient) when the denominator is under 10.",
        ),
        *clustered("contact_rate", "`contact_rate`", "visits"),
        Column(
            "relative_risk",
            "DOUBLE",
            "How many times as often persons convert after a contact as persons who were still at the "
            "state as long after their visit without one (Mantel–Haenszel over a set per contact); only "
            "in rows of cohort `all`, empty when `insufficient`.",
        ),
        Column("rr_low", "DOUBLE", "Lower bound of that ratio."),
        Column("rr_high", "DOUBLE", "Upper bound of that ratio."),
        Column("q_value", "DOUBLE", "Benjamini–Hochberg over the states of the day."),
        Column("p_value", "DOUBLE", "Score test of the ratio, two-sided."),
        Column(
            "rr_interval", "VARCHAR", "`matched`: the ratios that the score test does not refuse."
        ),
        Column(
            "verdict",
            "VARCHAR",
            "Of the relative risk: `fewer_convert`, `more_convert` or `no_difference` after a contact; "
            "`insufficient` (under the minimum persons on a side, or less than one of them expected to "
            "convert, or not to); `no_conversion_event` (when they converted is known only where "
            "CONVERSION_EVENT is set); `not_compared` (a cohort's row, or no state).",
        ),
        *CLAIM,
        Column("conversations", "BIGINT", "Conversations at the state; a visit may have several."),
        Column("persons", "BIGINT", "Persons who visit the state."),
        Column("persons_contacting", "BIGINT", "Those with a contact at any of their visits."),
        *rate("person_rate", "`persons_contacting` of `persons`"),
        Column(
            "compared_contacting",
            "BIGINT",
            "Persons with a contact at their first visit, which was before any conversion, with whom "
            "somebody can be compared. Left out, here and of the others: persons of the cohort "
            "`converter` without a conversion event in the window, who may have converted before.",
        ),
        Column("compared_contacting_converters", "BIGINT", "Those of them who convert after it."),
        Column(
            "compared_others",
            "BIGINT",
            "Persons with no contact at such a first visit, compared at least once.",
        ),
        Column("compared_others_converters", "BIGINT", "Those of them who convert after it."),
        Column(
            "median_seconds",
            "DOUBLE",
            "Median seconds from the visit to the conversation, over `conversations`.",
        ),
        Column("rated", "BIGINT", "Conversations with a rating of 1 to 4."),
        Column("satisfied", "BIGINT", "Conversations with a rating of 3 or 4."),
        *rate("response_rate", "`rated` of `conversations`"),
        *_CSAT,
        Column(
            "followed",
            "BIGINT",
            "Conversations of a known person at least 7 days before the end of `as_of`.",
        ),
        Column(
            "repeated",
            "BIGINT",
            "Of `followed`: the person opened another conversation of the same flow within 7 days.",
        ),
        *rate("repeat_rate", "`repeated` of `followed`"),
    ),
    key=("event_type", "cohort"),
    code="journey_assets.support.statistics.journey_contacts",
    picture="journey_assets.pictures.support:journey_contacts",
)

CONTACT_TOPICS = Table(
    schema="support",
    name="contact_topics",
    grain="state, kind and value",
    description="Which feedback topics, flows, chosen search results and shortcuts cluster at which "
    "state of the journey (as in `support.journey_contacts`), and where people search. A person counts "
    "once at a state in a kind, with the first conversation there that has a value of the kind: who "
    "comes back has the same trouble. Shares are of those persons: a state where few are rated is no "
    "state of few topics. A row for each value that occurs at the state.",
    columns=(
        AS_OF,
        Column(
            "event_type",
            "VARCHAR",
            "The state, or `(after conversion)`.",
            nullable=False,
        ),
        Column(
            "kind",
            "VARCHAR",
            "`topic`, `flow`, `search_result`, `search_shortcut` or `searched`.",
            nullable=False,
        ),
        Column(
            "value",
            "VARCHAR",
            "The topic, flow, result or shortcut, on one line and cut at 80 characters; for "
            "`searched`: `asked` or `not asked`. What was typed stays in `raw`.",
            nullable=False,
        ),
        Column("contacts", "BIGINT", "Contacts at the state with the value."),
        Column("state_contacts", "BIGINT", "Contacts at the state with any value of the kind."),
        Column("value_contacts", "BIGINT", "Contacts at all states with the value."),
        Column("all_contacts", "BIGINT", "Contacts at all states with any value of the kind."),
        *rate("share", "`contacts` of `state_contacts`"),
        Column(
            "lift",
            "DOUBLE",
            "`share` over `value_contacts` of `all_contacts`; empty when `insufficient`.",
        ),
        Column(
            "p_value",
            "DOUBLE",
            "Fisher's exact test, one-sided: that the value is no likelier here than elsewhere.",
        ),
        Column(
            "q_value",
            "DOUBLE",
            "Benjamini–Hochberg over all states and values with enough contacts, those that never "
            "meet included.",
        ),
        *CLAIM,
        Column(
            "verdict",
            "VARCHAR",
            "`clusters`, `no_cluster`, or `insufficient`: the state or the value has fewer contacts "
            "than the minimum persons of a comparison, or there is nothing else to compare with.",
        ),
    ),
    key=("event_type", "kind", "value"),
    code="journey_assets.support.statistics.contact_topics",
    picture="journey_assets.pictures.support:contact_topics",
)

TABLES: tuple[Table, ...] = (
    CONVERSATION_STATISTICS,
    LIVE_SUPPORT_STATISTICS,
    AGENT_STATISTICS,
    TOPICS,
    JOURNEY_CONTACTS,
    CONTACT_TOPICS,
)
