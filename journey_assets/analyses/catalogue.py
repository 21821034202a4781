"""Which tables of evidence there are, and which analysis is given which.

Belongs here: the declarations. A new table of evidence is one declaration and one SQL file in
``evidence/``. Does not belong here: running them (:mod:`journey_assets.analyses.gathering`).
"""

from dataclasses import dataclass
from typing import Literal, get_args

from journey_assets.analyses.evidence import EvidenceColumn
from journey_assets.analyses.rendering import Unit
from journey_assets.settings import Vendor
from journey_assets.warehouse.schema import Table
from journey_assets.warehouse.tables.channels import SEGMENT_MOVES, SEGMENTS
from journey_assets.warehouse.tables.identity import COVERAGE
from journey_assets.warehouse.tables.journeys import (
    LAST_EVENTS,
    STEP_FREQUENCIES,
    SUMMARY,
    TRANSITIONS,
)
from journey_assets.warehouse.tables.support import (
    AGENT_STATISTICS,
    CONVERSATION_STATISTICS,
    LIVE_SUPPORT_STATISTICS,
    TOPICS,
)

Kind = Literal["journey_map", "channel_personas", "support_friction"]

#: All kinds, in the order in which they are asked.
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class EvidenceSource:
    """How one table of evidence comes about.

    letter: of its row ids; none that prose uses before a number (Q for quarters, P for priorities).
    about: what a row is and what its shares are of. sql: the file in
    ``evidence/``; it reads the stored tables ``reads`` as ``evidence_<schema>_<table>`` and gives
    ``fold`` (NULL, ``others`` or ``total``), ``folded`` (rows folded into this one), then a value
    per column of ``columns``, ranked by what matters; what it gives after those only orders.
    limit: rows kept before the rest is folded, 0 when all are.
    """

    letter: str
    title: str
    about: str
    sql: str
    reads: tuple[Table, ...]
    columns: tuple[EvidenceColumn, ...]
    limit: int = 0


@dataclass(frozen=True, slots=True)
class Analysis:
    """What one kind of analysis rests on.

    vendor: whose data it cannot do without. core: the tables of evidence of which at least one must
    have a row. more: tables that help when they are there.
    """

    kind: Kind
    vendor: Vendor
    core: tuple[EvidenceSource, ...]
    more: tuple[EvidenceSource, ...] = ()

    @property
    def sources(self) -> tuple[EvidenceSource, ...]:
        """All its tables of evidence, in the order of the prompt."""
        return self.core + self.more


_COHORT = EvidenceColumn("cohort", Unit.NAME)
_LOW = EvidenceColumn("low", Unit.SHARE, bound=True)
_HIGH = EvidenceColumn("high", Unit.SHARE, bound=True)

COHORTS = EvidenceSource(
    "C",
    "Cohorts",
    "One row per cohort; the converters' share of all persons is the conversion rate. Lengths are "
    "events per path. The time to convert is the median of all persons (Kaplan–Meier), those who did "
    "not convert included.",
    "cohorts",
    (SUMMARY,),
    (
        EvidenceColumn("cohort", Unit.NAME, names_row=True),
        EvidenceColumn("persons", Unit.COUNT),
        EvidenceColumn("of all persons", Unit.COUNT),
        EvidenceColumn("share", Unit.SHARE),
        _LOW,
        _HIGH,
        EvidenceColumn("mean length", Unit.NUMBER),
        EvidenceColumn("median length", Unit.NUMBER),
        EvidenceColumn("exits", Unit.COUNT),
        EvidenceColumn("median time to convert", Unit.SECONDS),
    ),
)
STEPS = EvidenceSource(
    "S",
    "How far each event reaches",
    "One row per event and cohort, events with the widest reach and the widest gap between cohorts "
    "first; share = persons with the event of the cohort's persons, with its interval.",
    "steps",
    (STEP_FREQUENCIES,),
    (
        _COHORT,
        EvidenceColumn("event", Unit.TEXT, names_row=True),
        EvidenceColumn("occurrences", Unit.COUNT),
        EvidenceColumn("persons", Unit.COUNT),
        EvidenceColumn("of persons", Unit.COUNT),
        EvidenceColumn("share", Unit.SHARE),
        _LOW,
        _HIGH,
    ),
    limit=12,
)
TRANSITION_ROWS = EvidenceSource(
    "T",
    "Transitions",
    "One row per cohort and pair of consecutive events, most frequent first; share = occurrences of "
    "all departures from the first event (exits and conversions are departures too), with its "
    "interval; times are between the two events.",
    "transitions",
    (TRANSITIONS,),
    (
        _COHORT,
        EvidenceColumn("from", Unit.TEXT, names_row=True),
        EvidenceColumn("to", Unit.TEXT, names_row=True),
        EvidenceColumn("occurrences", Unit.COUNT),
        EvidenceColumn("of departures", Unit.COUNT),
        EvidenceColumn("share", Unit.SHARE),
        _LOW,
        _HIGH,
        EvidenceColumn("persons", Unit.COUNT),
        EvidenceColumn("median time", Unit.SECONDS),
        EvidenceColumn("90th percentile of time", Unit.SECONDS),
    ),
    limit=12,
)
LAST_EVENT_ROWS = EvidenceSource(
    "L",
    "Where paths end",
    "One row per cohort and event, most exits first; persons = whose path ends with the event, "
    "in whichever way; exits leave out those who converted or were still active; exit rate = exits of "
    "visits, with its interval.",
    "last_events",
    (LAST_EVENTS,),
    (
        _COHORT,
        EvidenceColumn("event", Unit.TEXT, names_row=True),
        EvidenceColumn("persons", Unit.COUNT),
        EvidenceColumn("exits", Unit.COUNT),
        EvidenceColumn("of visits", Unit.COUNT),
        EvidenceColumn("exit rate", Unit.SHARE),
        _LOW,
        _HIGH,
        EvidenceColumn("of exits", Unit.COUNT),
        EvidenceColumn("share of the cohort's exits", Unit.SHARE),
    ),
    limit=8,
)
SEGMENT_ROWS = EvidenceSource(
    "K",
    "Channel patterns",
    "One row per segment: the channel with more than half of a profile's activity of 30 days, else "
    "omnichannel; inactive = no activity. Means are per profile of the segment; LTV is lifetime "
    "value in the team's currency.",
    "segments",
    (SEGMENTS,),
    (
        EvidenceColumn("segment", Unit.NAME, names_row=True),
        EvidenceColumn("profiles", Unit.COUNT),
        EvidenceColumn("of profiles", Unit.COUNT),
        EvidenceColumn("share", Unit.SHARE),
        _LOW,
        _HIGH,
        EvidenceColumn("mean LTV", Unit.MONEY),
        EvidenceColumn("LTV low", Unit.MONEY, bound=True),
        EvidenceColumn("LTV high", Unit.MONEY, bound=True),
        EvidenceColumn("mean web sessions", Unit.NUMBER),
        EvidenceColumn("mean mobile sessions", Unit.NUMBER),
        EvidenceColumn("mean e-mails opened", Unit.NUMBER),
        EvidenceColumn("mean identifiers", Unit.NUMBER),
        EvidenceColumn("profiles with at most two identifiers", Unit.COUNT),
        EvidenceColumn("their share", Unit.SHARE),
        EvidenceColumn("top plans", Unit.TEXT),
    ),
)
MOVE_ROWS = EvidenceSource(
    "M",
    "Moves between channel patterns",
    "One row per pair of segments in the last two snapshots, moves to another segment first; new and "
    "gone = not in the snapshot before or after; share = profiles of those in the first segment, with "
    "its interval.",
    "moves",
    (SEGMENT_MOVES,),
    (
        EvidenceColumn("from", Unit.NAME, names_row=True),
        EvidenceColumn("to", Unit.NAME, names_row=True),
        EvidenceColumn("profiles", Unit.COUNT),
        EvidenceColumn("of profiles", Unit.COUNT),
        EvidenceColumn("share", Unit.SHARE),
        _LOW,
        _HIGH,
        EvidenceColumn("mean LTV before", Unit.MONEY),
        EvidenceColumn("mean LTV after", Unit.MONEY),
    ),
    limit=15,
)
COVERAGE_ROWS = EvidenceSource(
    "I",
    "How well identities are joined",
    "One row per measure `name:source:what`; share = count of the denominator, which counts what "
    "`of` says. anonymous_to_known = anonymous ids whose user is known by now; few_identifiers = "
    "profiles with at most two; linkable = persons of the first source whom the second knows too; "
    "unmatched = known to no other source; id_coverage = records that have the id; shared = ids seen "
    "beside several users; over_merged = persons that may be several.",
    "coverage",
    (COVERAGE,),
    (
        EvidenceColumn("measure", Unit.TEXT, names_row=True),
        EvidenceColumn("of", Unit.NAME),
        EvidenceColumn("count", Unit.COUNT),
        EvidenceColumn("denominator", Unit.COUNT),
        EvidenceColumn("share", Unit.SHARE),
    ),
    limit=20,
)
CONVERSATION_ROWS = EvidenceSource(
    "F",
    "Support conversations by flow",
    "One row per flow and language, most unresolved conversations first. Shares are of the group's "
    "conversations, satisfied of its rated ones. Resolved includes people who left on a solution "
    "page: read it beside rated and satisfied.",
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
    ),
    limit=15,
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
        EvidenceColumn("share", Unit.SHARE),
        _LOW,
        _HIGH,
        EvidenceColumn("escalated", Unit.COUNT),
        EvidenceColumn("escalated share", Unit.SHARE),
        EvidenceColumn("satisfied share", Unit.SHARE),
        EvidenceColumn("main flow", Unit.TEXT),
    ),
    limit=15,
)
AGENT_ROWS = EvidenceSource(
    "G",
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

#: What each kind of analysis is given.
ANALYSES: tuple[Analysis, ...] = (
    Analysis("journey_map", "amplitude", (COHORTS, STEPS, TRANSITION_ROWS, LAST_EVENT_ROWS)),
    Analysis("channel_personas", "segment", (SEGMENT_ROWS,), (MOVE_ROWS, COVERAGE_ROWS)),
    Analysis(
        "support_friction",
        "mavenoid",
        (CONVERSATION_ROWS, LIVE_SUPPORT_ROWS),
        (TOPIC_ROWS, AGENT_ROWS, COHORTS),
    ),
)
