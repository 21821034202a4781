"""The tables of schema ``support``: how Mavenoid's conversations, sessions and agents did."""

from journey_assets.warehouse.schema import Column, Table

_AS_OF = Column("as_of", "DATE", "End of the trailing window.", nullable=False)


def _rate(name: str, what: str) -> tuple[Column, Column, Column]:
    """A share with its Wilson bounds; the sample guard is the same for all of them."""
    return (
        Column(name, "DOUBLE", f"{what}; empty (insufficient) when the denominator is under 10."),
        Column(f"{name}_low", "DOUBLE", f"Lower Wilson bound of `{name}`."),
        Column(f"{name}_high", "DOUBLE", f"Upper Wilson bound of `{name}`."),
    )


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
_CSAT = _rate("csat", "`satisfied` of `rated`; read it beside `response_rate`")

CONVERSATION_STATISTICS = Table(
    schema="support",
    name="conversation_statistics",
    grain="flow and language",
    description="Conversations created in the window by flow and language, with their latest known "
    "status. RESOLVED includes people who left on a solution page, so `resolved` says nothing "
    "about their satisfaction: read it beside `response_rate` and `csat`.",
    columns=(
        _AS_OF,
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
        *_rate("resolution_rate", "`resolved` of `conversations`"),
        *_rate("escalation_rate", "`escalated` of `conversations`"),
        *_rate("self_service_rate", "`self_service` of `conversations`"),
        *_rate("response_rate", "`rated` of `conversations`"),
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
        *_rate("repeat_rate", "`repeated` of `followed`"),
    ),
    key=("flow_name", "lang_code"),
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
        _AS_OF,
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
)

AGENT_STATISTICS = Table(
    schema="support",
    name="agent_statistics",
    grain="agent",
    description="Availability and sessions of each agent, who appears under a pseudonym. Periods "
    "are clipped to the window; one without an end lasts until the end of `as_of`, or until it was "
    "last read from Mavenoid if that was earlier; time covered twice is counted once.",
    columns=(
        _AS_OF,
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
)

TOPICS = Table(
    schema="support",
    name="topics",
    grain="topic",
    description="What conversations created in the window were about: feedback topics, chosen "
    "search results and shortcuts, and whether a search was typed. A conversation may have several "
    "feedback topics; those with none are in no row of that kind.",
    columns=(
        _AS_OF,
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
        *_rate("share", "`conversations` of `all_conversations`"),
        _VERDICT,
        Column("resolved", "BIGINT", "Status RESOLVED."),
        Column("escalated", "BIGINT", "Status ESCALATED."),
        *_rate("escalation_rate", "`escalated` of `conversations`"),
        Column("rated", "BIGINT", "With a rating of 1 to 4."),
        Column("satisfied", "BIGINT", "With a rating of 3 or 4."),
        *_CSAT,
    ),
    key=("kind", "topic"),
)

TABLES = (CONVERSATION_STATISTICS, LIVE_SUPPORT_STATISTICS, AGENT_STATISTICS, TOPICS)
