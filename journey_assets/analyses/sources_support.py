"""The tables of evidence about support."""

from journey_assets.analyses.evidence import EvidenceColumn
from journey_assets.analyses.rendering import Unit
from journey_assets.analyses.sources import Q_VALUE, VERDICT, EvidenceSource, ratio, share
from journey_assets.warehouse.tables.support import (
    AGENT_STATISTICS,
    CONTACT_TOPICS,
    CONVERSATION_STATISTICS,
    JOURNEY_CONTACTS,
    LIVE_SUPPORT_STATISTICS,
    TOPICS,
)

CONVERSATION_ROWS = EvidenceSource(
    "F",
    "Support conversations by flow",
    "One row per flow and language, most unresolved conversations first. Shares are of the group's "
    "conversations, satisfied of its rated ones, repeat contacts (again within 7 days, same flow) of "
    "the followed ones. Resolved includes people who left on a solution page: read it beside rated "
    "and satisfied.",
    "conversations",
    (CONVERSATION_STATISTICS,),
    (
        EvidenceColumn("flow", Unit.TEXT, names_row=True),
        EvidenceColumn("language", Unit.TEXT),
        EvidenceColumn("conversations", Unit.COUNT),
        EvidenceColumn("resolved", Unit.COUNT),
        EvidenceColumn("resolved share", Unit.SHARE),
        EvidenceColumn("escalated", Unit.COUNT),
        EvidenceColumn("escalated share", Unit.SHARE),
        EvidenceColumn("self-service", Unit.COUNT),
        EvidenceColumn("self-service share", Unit.SHARE),
        EvidenceColumn("open", Unit.COUNT),
        EvidenceColumn("rated", Unit.COUNT),
        EvidenceColumn("rated share", Unit.SHARE),
        EvidenceColumn("satisfied", Unit.COUNT),
        EvidenceColumn("satisfied share", Unit.SHARE),
        EvidenceColumn("repeat contacts", Unit.COUNT),
        EvidenceColumn("of followed", Unit.COUNT),
        EvidenceColumn("repeat share", Unit.SHARE),
    ),
    limit=12,
)
LIVE_SUPPORT_ROWS = EvidenceSource(
    "W",
    "Live support by agent group and status",
    "One row per agent group and status of the session, most sessions first; times of queue, first "
    "response and chat as mean, median and 90th percentile.",
    "live_support",
    (LIVE_SUPPORT_STATISTICS,),
    (
        EvidenceColumn("agent group", Unit.TEXT, names_row=True),
        EvidenceColumn("status", Unit.TEXT),
        EvidenceColumn("sessions", Unit.COUNT),
        *(
            EvidenceColumn(f"{what} {measure}", Unit.SECONDS)
            for what in ("queue", "first response", "chat")
            for measure in ("mean", "median", "90th percentile")
        ),
    ),
    limit=12,
)
TOPIC_ROWS = EvidenceSource(
    "B",
    "What conversations were about",
    "One row per feedback topic, chosen search result or shortcut, and whether a search was typed, "
    "most unresolved conversations first; share = of all conversations, with its interval; escalated "
    "share = of the topic's conversations; satisfied share = of its rated ones.",
    "topics",
    (TOPICS,),
    (
        EvidenceColumn("kind", Unit.NAME),
        EvidenceColumn("topic", Unit.TEXT, names_row=True),
        EvidenceColumn("conversations", Unit.COUNT),
        EvidenceColumn("of conversations", Unit.COUNT),
        *share("share"),
        EvidenceColumn("escalated", Unit.COUNT),
        EvidenceColumn("escalated share", Unit.SHARE),
        EvidenceColumn("satisfied share", Unit.SHARE),
        EvidenceColumn("main flow", Unit.TEXT),
    ),
    limit=15,
)
AGENT_ROWS = EvidenceSource(
    "H",
    "The support agents together",
    "Utilisation = active of available time: of all agents together, then the lowest, the middle and "
    "the highest agent's.",
    "agents",
    (AGENT_STATISTICS,),
    (
        EvidenceColumn("agents", Unit.COUNT),
        EvidenceColumn("available", Unit.SECONDS),
        EvidenceColumn("active", Unit.SECONDS),
        EvidenceColumn("utilisation", Unit.SHARE),
        EvidenceColumn("lowest", Unit.SHARE),
        EvidenceColumn("middle", Unit.SHARE),
        EvidenceColumn("highest", Unit.SHARE),
        EvidenceColumn("sessions", Unit.COUNT),
    ),
)
CONTACT_ROWS = EvidenceSource(
    "L",
    "Contacts along the journey: the state before a contact",
    "One row per state, the person's last event before the conversation, most conversations first; in "
    "brackets where there is none. Contact rate = visits of the state with a contact before the next "
    "event, of all visits, with its interval; a lower bound, since who does not say who they are "
    "cannot be put anywhere. Of persons = those who ever contact from there. Satisfied share = of the "
    "rated conversations; repeat share = again within 7 days, of the followed ones.",
    "contacts",
    (JOURNEY_CONTACTS,),
    (
        EvidenceColumn("state", Unit.TEXT, names_row=True),
        EvidenceColumn("conversations", Unit.COUNT),
        EvidenceColumn("contacts", Unit.COUNT),
        EvidenceColumn("of visits", Unit.COUNT),
        *share("contact rate"),
        EvidenceColumn("persons contacting", Unit.COUNT),
        EvidenceColumn("of persons", Unit.COUNT),
        EvidenceColumn("share of persons", Unit.SHARE),
        EvidenceColumn("median time to contact", Unit.SECONDS),
        EvidenceColumn("rated", Unit.COUNT),
        EvidenceColumn("satisfied share", Unit.SHARE),
        EvidenceColumn("repeat share", Unit.SHARE),
    ),
    limit=10,
)
CONTACT_CONVERSION = EvidenceSource(
    "LR",
    "Conversion after a contact",
    "One row per state, smallest q first: persons who contact at their first visit of it, before any "
    "conversion, against those who do not; relative risk = share of the first who convert over share "
    "of the second, with its interval. Verdict fewer_convert or more_convert at q over all claims of the "
    "day. An association: the trouble behind the contact may cost the conversion.",
    "contact_conversion",
    (JOURNEY_CONTACTS,),
    (
        EvidenceColumn("state", Unit.TEXT, names_row=True),
        VERDICT,
        Q_VALUE,
        *ratio("relative risk"),
        EvidenceColumn("converters after a contact", Unit.COUNT),
        EvidenceColumn("of persons who contact", Unit.COUNT),
        EvidenceColumn("conversion after a contact", Unit.SHARE),
        EvidenceColumn("converters without", Unit.COUNT),
        EvidenceColumn("of persons without", Unit.COUNT),
        EvidenceColumn("conversion without", Unit.SHARE),
    ),
    limit=8,
)
CONTACT_TOPIC_ROWS = EvidenceSource(
    "LT",
    "What people ask for at which state",
    "One row per state and topic, flow, search result or shortcut that clusters there; a person "
    "counts once. Share = of the state's contacts that have any value of the kind, with its interval; "
    "lift = that share over the share at all states. Verdict clusters: likelier here than elsewhere, "
    "at q over all claims of the day.",
    "contact_topics",
    (CONTACT_TOPICS,),
    (
        EvidenceColumn("state", Unit.TEXT, names_row=True),
        EvidenceColumn("kind", Unit.NAME),
        EvidenceColumn("value", Unit.TEXT, names_row=True),
        VERDICT,
        Q_VALUE,
        EvidenceColumn("contacts", Unit.COUNT),
        EvidenceColumn("of contacts", Unit.COUNT),
        *share("share"),
        EvidenceColumn("lift", Unit.RATIO),
    ),
    limit=12,
)
