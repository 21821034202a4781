"""What Mave answers each ask with: which tables, which rows, which figures, which words around them.

Belongs here: declarations. Does not belong here: choosing and writing (``mave_writer.py``).
"""

from dataclasses import dataclass
from typing import Literal

#: How rows are chosen: as they are ranked; worst first; one cohort held against the other, by next
#: step or by reach; one behind the other along the way.
Choice = Literal["ranked", "worst", "next_steps", "reach", "chain"]


@dataclass(frozen=True, slots=True)
class Recipe:
    """How an ask is answered.

    asked: pattern of the ask. tables: words of the titles that help, best first. figures: headings
    to quote, best first. opening, closing: prose without figures. choice: see :data:`Choice`; it
    applies to tables that list cohorts, others are quoted as they are ranked.
    """

    asked: str
    tables: tuple[str, ...]
    figures: tuple[str, ...]
    opening: str
    closing: str
    choice: Choice = "ranked"
    rows: int = 4


_CHANNELS = ("channel pattern", "segment")

#: The first recipe whose pattern is found in an ask is followed.
RECIPES = (
    Recipe(
        "golden path",
        ("golden", "transition"),
        ("share", "persons", "median time", "support"),
        "Converters most often move along these steps:",
        "Read in their order, these steps are the way that leads to conversion.",
        "chain",
        9,
    ),
    Recipe(
        "divergence",
        ("diverg", "transition"),
        ("share", "corrected", "q"),
        "The cohorts part where those who leave go elsewhere than those who convert:",
        "Make the converters' next step the obvious one at these points.",
        "next_steps",
    ),
    Recipe(
        "friction signals",
        ("friction", "reach"),
        ("relative risk", "share", "q"),
        "These events are commoner among those who do not convert:",
        "They are signs of trouble, not proof of its cause.",
        "reach",
    ),
    Recipe(
        "drop-off|cliff",
        ("cliff", "paths end"),
        ("exit rate", "persons", "share of the cohort's exits", "share of exits"),
        "Paths of non-converters end here, most telling first:",
        "An ending after a useful result needs another answer than one after confusion.",
        "worst",
    ),
    Recipe(
        "^recommendations for",
        ("friction", "cliff", "paths end"),
        ("relative risk", "exit rate", "persons"),
        "Begin where the tables show the largest loss, and offer the next step right there:",
        "Change one of them at a time and watch the same row.",
        "worst",
        3,
    ),
    Recipe(
        "simplified journey map",
        ("stage", "transition"),
        ("persons", "share", "median"),
        "From arrival to decision, the stages follow each other like this:",
        "A stage ends where the next event begins.",
        "chain",
        6,
    ),
    Recipe(
        "persona name",
        _CHANNELS,
        ("profiles", "share", "mean LTV"),
        "One persona for each pattern:",
        "Each persona is the whole person, not the channel alone.",
        rows=6,
    ),
    Recipe(
        "dominant channel",
        _CHANNELS,
        ("mean web sessions", "mean mobile sessions", "mean e-mails opened"),
        "What people use most tells which need the channel serves:",
        "Desks serve set-up, phones a quick look, mail those who want to be told.",
    ),
    Recipe(
        "weaker channels",
        _CHANNELS,
        ("mean e-mails opened", "mean mobile sessions", "mean web sessions"),
        "Where a channel is weak, begin with what people do already:",
        "Short messages that continue on the stronger channel work best.",
    ),
    Recipe(
        "cross-channel journey",
        _CHANNELS,
        ("mean web sessions", "mean mobile sessions", "mean e-mails opened"),
        "How much each pattern uses the channels side by side:",
        "In which order people move between channels, these tables do not show.",
    ),
    Recipe(
        "content format",
        _CHANNELS,
        ("mean web sessions", "mean mobile sessions", "mean e-mails opened"),
        "Formats follow the weight of the channels:",
        "Long tables on the web, cards on the phone, digests in the mail.",
        rows=5,
    ),
    Recipe(
        "risk of losing",
        _CHANNELS,
        ("mean LTV", "profiles", "share"),
        "What would be lost with each pattern:",
        "The pattern that leans on one channel loses most when that channel goes.",
        rows=5,
    ),
    Recipe(
        "invest|consistency",
        _CHANNELS,
        ("mean LTV", "profiles", "share"),
        "Keep the promise and the core figures the same everywhere; adapt depth and layout:",
        "Invest where value and number of profiles come together.",
        rows=3,
    ),
    Recipe(
        "identity",
        ("identit",),
        ("count", "denominator", "share"),
        "Where identities are not joined yet:",
        "Ask for the address early and log people in on the second device.",
        rows=5,
    ),
    Recipe(
        "switch channels",
        ("move", *_CHANNELS),
        ("mean web sessions", "mean mobile sessions", "mean e-mails opened"),
        "The mix of channels hints at moments of change:",
        "What triggers a change is not measured here.",
        rows=3,
    ),
    Recipe(
        "^resolution",
        ("by flow", "conversation"),
        ("resolved share", "rated share", "satisfied share"),
        "Resolved includes people who left on a solution page, so read it beside the ratings:",
        "Where few rate, the satisfied share is weak.",
    ),
    Recipe(
        "^escalation",
        ("live support", "by flow"),
        ("queue median", "queue 90th percentile", "sessions"),
        "Self-service ends where people ask for an agent; this is how long they then wait:",
        "The long end of the queue is felt more than its middle.",
    ),
    Recipe(
        "precedes",
        ("along the journey", "before a contact", "journey state", "contacts"),
        ("contact rate", "relative risk", "contacts"),
        "People turn to support from these steps:",
        "Help at the step itself would come before the contact.",
        rows=5,
    ),
    Recipe(
        "mend first",
        ("along the journey", "journey state", "by flow"),
        ("contact rate", "escalated share", "resolved share", "conversations"),
        "In the order of what the tables show to matter:",
        "Change one of them at a time and watch the same row.",
        rows=3,
    ),
    Recipe(
        "costs|conversions",
        ("journey state", "cohort"),
        ("relative risk", "share", "persons"),
        "The conversion rate that a contact has to be held against:",
        "Whether a contact costs conversions or comes from trouble that does, these rows cannot say.",
    ),
)

#: Names for the personas of the known patterns.
PERSONAS = {
    "web_dominant": "The Desk Regular",
    "mobile_dominant": "The On-The-Go Operator",
    "email_dominant": "The Inbox Dweller",
    "omnichannel": "The Orchestrator",
    "inactive": "The Sleeper",
}
