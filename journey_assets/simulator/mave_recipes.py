"""What Mave answers each ask with: which parts, and which words around them.

Belongs here: declarations. Does not belong here: choosing and writing (``mave_writer.py``).
"""

from dataclasses import dataclass

from journey_assets.simulator.mave_parts import (
    ARRIVALS,
    CHANNELS,
    COMES,
    CONTACTS,
    DIVERGENCE,
    FRICTION,
    GOLDEN,
    GOLDEN_STEPS,
    MAILS,
    MOVES,
    STATES,
    Part,
)


@dataclass(frozen=True, slots=True)
class Recipe:
    """How an ask is answered. asked: pattern of the ask; opening, closing: prose without figures."""

    asked: str
    opening: str
    closing: str
    parts: tuple[Part, ...]


_ONE_AT_A_TIME = "Change one of them at a time and watch the same row."

#: The first recipe whose pattern is found in an ask is followed.
RECIPES = (
    Recipe(
        "golden path",
        "The way that converters have in common, and what its steps are worth:",
        "The steps go together with conversion; that they cause it, these rows do not show.",
        (GOLDEN, GOLDEN_STEPS),
    ),
    Recipe(
        "divergence",
        "After these events the cohorts go different ways, most telling first:",
        "Make the converters' next step the obvious one at these points.",
        (DIVERGENCE,),
    ),
    Recipe(
        "friction signals",
        "After these events people convert less than others at the same visit, beyond chance:",
        "They are signs of trouble, not proof of its cause.",
        (FRICTION,),
    ),
    Recipe(
        "drop-off|cliff",
        "Non-converters leave here more than elsewhere, most telling first:",
        "An ending after a useful result needs another answer than one after confusion.",
        (STATES, ARRIVALS),
    ),
    Recipe(
        "^recommendations for",
        "Begin where the tables prove the largest loss, and offer the next step right there:",
        _ONE_AT_A_TIME,
        (
            Part(
                STATES.table,
                "At **{leave at}**",
                ("{exits} of {of exits} exits",),
                2,
                STATES.only,
            ),
            Part(
                FRICTION.table,
                "Help before **{event}**",
                (
                    "{non-converters with it} non-converters have it",
                    "who has had it converts {hazard ratio} as often",
                ),
                2,
                FRICTION.only,
            ),
            Part(
                DIVERGENCE.table,
                "After **{after}** lead to {converters go to}",
                ("{share of converters} of converters go there",),
                2,
                DIVERGENCE.only,
            ),
        ),
    ),
    Recipe(
        "simplified journey map",
        "From arrival to decision, the stages follow each other like this:",
        "A stage ends where the next one's events begin.",
        (
            Part(
                "Stages of the journey",
                "Stage {stage}, **{label}**",
                (
                    "reached by {share of converters} of converters",
                    "{share of non-converters} of non-converters",
                    "{median time from start} after the start",
                ),
                6,
            ),
        ),
    ),
    Recipe(
        "persona name",
        "One persona for each pattern:",
        "Each persona is the whole person, not the channel alone.",
        (
            Part(
                "Channel patterns",
                "**{persona}** ({segment})",
                ("{profiles} profiles ({share})", "mean LTV {mean LTV}", "first plans {top plans}"),
                6,
            ),
        ),
    ),
    Recipe(
        "dominant channel",
        "What people use most tells which need the channel serves; in the mean:",
        "Desks serve set-up, phones a quick look, mail those who want to be told.",
        (Part("Channel patterns", "**{segment}**", (*CHANNELS, MAILS), 5),),
    ),
    Recipe(
        "weaker channels",
        "Where a channel is weak, begin with what people do already and with whom can be reached:",
        "Short messages that continue on the stronger channel work best.",
        (
            Part("Channel patterns", "**{segment}**", (MAILS, *CHANNELS), 5),
            Part(
                "Who the channel patterns are",
                "**{segment}**",
                ("{no e-mail} have no e-mail address",),
            ),
        ),
    ),
    Recipe(
        "cross-channel journey",
        "How far each pattern comes along the golden path, and the moves between patterns:",
        "Within a day, in which order people use channels, these tables do not show.",
        (COMES, MOVES),
    ),
    Recipe(
        "content format",
        "Formats follow the weight of the channels; in the mean:",
        "Long tables on the web, cards on the phone, digests in the mail.",
        (Part("Channel patterns", "**{segment}**", (*CHANNELS, MAILS), 5),),
    ),
    Recipe(
        "risk of losing",
        "Who moved away between the snapshots, and what would be lost with each pattern:",
        "The pattern that leans on one channel loses most when that channel goes.",
        (
            MOVES,
            Part(
                "Channel patterns",
                "**{segment}**",
                ("mean LTV {mean LTV}", "{profiles} profiles"),
                5,
            ),
        ),
    ),
    Recipe(
        "invest|consistency",
        "Keep the promise and the core figures the same everywhere; adapt depth and layout:",
        "Invest where conversion and number of persons come together.",
        (
            Part(
                "Who the channel patterns are",
                "**{segment}**",
                (
                    "{converters} of {persons with a journey} persons convert ({conversion})",
                    "{low} to {high}",
                ),
                5,
            ),
        ),
    ),
    Recipe(
        "identity",
        "Where identities are not joined yet:",
        "Ask for the address early and log people in on the second device.",
        (
            Part(
                "How well identities", "{measure}", ("{count} of {denominator} {of} ({share})",), 5
            ),
            Part(
                "Who the channel patterns are",
                "**{segment}**",
                ("{no user id} without user id", "{unknown to Amplitude} unknown to Amplitude"),
                3,
            ),
        ),
    ),
    Recipe(
        "switch channels",
        "Moves between the last two snapshots:",
        "What triggers a change is not measured here.",
        (MOVES,),
    ),
    Recipe(
        "^resolution",
        "Resolved includes people who left on a solution page, so read it beside the ratings:",
        "Where few rate, the satisfied share is weak.",
        (
            Part(
                "Support conversations by flow",
                "**{flow}** ({language})",
                (
                    "{resolved share} of {conversations} resolved",
                    "{rated share} rated",
                    "{satisfied share} of those satisfied",
                    "{repeat share} came back within a week",
                ),
            ),
        ),
    ),
    Recipe(
        "^escalation",
        "Self-service ends where people ask for an agent; this is how long they then wait:",
        "The long end of the queue is felt more than its middle.",
        (
            Part(
                "Support conversations by flow",
                "**{flow}** ({language})",
                ("{escalated} of {conversations} escalated ({escalated share})",),
                3,
            ),
            Part(
                "Live support",
                "{agent group}, {status}",
                (
                    "{sessions} sessions",
                    "queue median {queue median}",
                    "90th percentile {queue 90th percentile}",
                ),
            ),
            Part(
                "The support agents", "All {agents} agents together", ("utilisation {utilisation}",)
            ),
        ),
    ),
    Recipe(
        "precedes",
        "People turn to support from these states of the journey:",
        "Help at the step itself would come before the contact.",
        (
            CONTACTS,
            Part(
                "What people ask for",
                "After **{state}** they ask about {value}",
                (
                    "{contacts} of {of contacts} contacts ({share})",
                    "{lift} the share of all contacts",
                ),
                only=(("verdict", ("clusters",)),),
            ),
        ),
    ),
    Recipe(
        "mend first",
        "In the order of what the tables show to matter:",
        _ONE_AT_A_TIME,
        (
            Part(
                CONTACTS.table,
                "At **{state}**",
                ("{contacts} contacts in {of visits} visits ({contact rate})",),
                2,
            ),
            Part(
                FRICTION.table,
                "Before **{event}**",
                ("relative risk {relative risk}",),
                2,
                FRICTION.only,
            ),
            Part(
                "Support conversations by flow",
                "In **{flow}** ({language})",
                ("{conversations} conversations", "{resolved share} resolved"),
                2,
            ),
        ),
    ),
    Recipe(
        "costs|conversions",
        "The conversion rate, and how conversion differs after a contact:",
        "Whether a contact costs conversions or comes from trouble that does, these rows cannot say.",
        (
            Part(
                "Cohorts",
                "All persons",
                ("{persons} of {of all persons} are in the cohort {cohort} ({share})",),
                1,
                only=(("cohort", ("converter",)),),
            ),
            Part(
                "Conversion after a contact",
                "After **{state}** ({verdict})",
                (
                    "{conversion after a contact} of {of persons who contact} convert after a contact",
                    "{conversion without} of the others",
                    "relative risk {relative risk} ({low} to {high})",
                    "q {q}",
                ),
            ),
        ),
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
