"""The tables of evidence from schema ``journeys``.

In tables that compare one cohort with all others, ``cohort`` names that one: figures headed
"converters" are its, figures headed "non-converters" those of everybody else: a row that folds others
is what "non-converters" means in a prompt.
"""

from journey_assets.analyses.evidence import EvidenceColumn
from journey_assets.analyses.rendering import Unit
from journey_assets.analyses.sources import COHORT, Q_VALUE, VERDICT, EvidenceSource, ratio, share
from journey_assets.journeys.statistics.changes.table import CHANGES
from journey_assets.journeys.statistics.divergence_points.table import DIVERGENCE_POINTS
from journey_assets.journeys.statistics.dropoff_cliffs.table import DROPOFF_CLIFFS
from journey_assets.journeys.statistics.friction_signals.table import FRICTION_SIGNALS
from journey_assets.journeys.statistics.golden_paths.table import GOLDEN_PATHS
from journey_assets.journeys.statistics.golden_transitions.table import GOLDEN_TRANSITIONS
from journey_assets.journeys.statistics.loops.table import LOOPS
from journey_assets.journeys.statistics.removal_effects.table import REMOVAL_EFFECTS
from journey_assets.journeys.statistics.stages.table import STAGES
from journey_assets.journeys.statistics.step_frequencies.table import STEP_FREQUENCIES
from journey_assets.journeys.statistics.summary.table import SUMMARY
from journey_assets.journeys.statistics.transitions.table import TRANSITIONS
from journey_assets.journeys.statistics.variants.table import VARIANTS

COHORTS = EvidenceSource(
    "C",
    "Cohorts",
    "One row per cohort. The conversion rate is that of newcomers (nothing is stored of them from "
    "before the window) within 7, 14 or 30 days of their first event, one figure of the population, alike "
    "in all rows. The converters' share of all persons is the crude share: lower, since many have only "
    "come. Lengths are events per path. The time to convert is the median of all persons (Kaplan–Meier), "
    "those who did not convert included.",
    "cohorts",
    (SUMMARY,),
    (
        EvidenceColumn("cohort", Unit.NAME, names_row=True),
        EvidenceColumn("persons", Unit.COUNT),
        EvidenceColumn("of all persons", Unit.COUNT),
        *share("share"),
        EvidenceColumn("mean length", Unit.NUMBER),
        EvidenceColumn("median length", Unit.NUMBER),
        EvidenceColumn("exits", Unit.COUNT),
        EvidenceColumn("median time to convert", Unit.SECONDS),
        EvidenceColumn("newcomers", Unit.COUNT),
        *share("newcomers' conversion within 7 days", "7 days' "),
        *share("newcomers' conversion within 14 days", "14 days' "),
        *share("newcomers' conversion within 30 days", "30 days' "),
    ),
)
CHANGE_ROWS = EvidenceSource(
    "CH",
    "What changed",
    "One row per figure that differs between the report's days and earlier ones that share no day, the "
    "surest first; verdict higher or lower: now against then, at q over all claims of the day. Shares as "
    "shares, events per person as numbers.",
    "changes",
    (CHANGES,),
    (
        EvidenceColumn("event", Unit.TEXT, names_row=True),
        EvidenceColumn("next event", Unit.TEXT, names_row=True),
        EvidenceColumn("figure", Unit.NAME),
        VERDICT,
        Q_VALUE,
        EvidenceColumn("number then", Unit.NUMBER),
        EvidenceColumn("number now", Unit.NUMBER),
        EvidenceColumn("share then", Unit.SHARE),
        EvidenceColumn("share now", Unit.SHARE),
    ),
    limit=6,
)
GOLDEN = EvidenceSource(
    "G",
    "The golden path by three definitions",
    "In common, the headline: the longest sequence that so many converters contain in this order, other "
    "events between; most common complete path: walked by most of them; most probable path: of their "
    "step-by-step probabilities, a rough guide where its chain is refused (what follows depends on more "
    "than the last event). Support = persons whose path contains it in order, of all converters and of "
    "all non-converters; up to the conversion = the path without the conversion at its end, which nobody "
    "else has; walked exactly = converters whose whole path it is; time from its first to its last event.",
    "golden",
    (GOLDEN_PATHS,),
    (
        COHORT,
        EvidenceColumn("definition", Unit.NAME, names_row=True),
        EvidenceColumn("path", Unit.PATH),
        EvidenceColumn("length in events", Unit.COUNT),
        EvidenceColumn("support of converters", Unit.COUNT),
        EvidenceColumn("of converters", Unit.COUNT),
        *share("share of converters"),
        EvidenceColumn("support of non-converters", Unit.COUNT),
        EvidenceColumn("of non-converters", Unit.COUNT),
        *share("share of non-converters", "non-converters' "),
        EvidenceColumn("converters up to the conversion", Unit.COUNT),
        *share("share of converters up to it", "up to it "),
        EvidenceColumn("non-converters up to the conversion", Unit.COUNT),
        *share("share of non-converters up to it", "non-converters' up to it "),
        EvidenceColumn("walked exactly", Unit.COUNT),
        EvidenceColumn("probability", Unit.SHARE),
        EvidenceColumn("chain", Unit.NAME),
        EvidenceColumn("median time", Unit.SECONDS),
        VERDICT,
    ),
    limit=3,
)
GOLDEN_STEPS = EvidenceSource(
    "J",
    "The steps of the golden path",
    "One row per step: conversion of the persons who take it in their first session, and of all "
    "other persons. Hazard ratio: who may still convert after the first session, at the same visits, with "
    "the step over without it, with its interval. Critical = the largest ratio of those whose verdict is "
    "converts_more; without one no step stands out. An association, no cause.",
    "golden_steps",
    (GOLDEN_TRANSITIONS,),
    (
        COHORT,
        EvidenceColumn("step", Unit.COUNT),
        EvidenceColumn("from", Unit.TEXT, names_row=True),
        EvidenceColumn("to", Unit.TEXT, names_row=True),
        EvidenceColumn("persons with it", Unit.COUNT),
        EvidenceColumn("converters with it", Unit.COUNT),
        EvidenceColumn("conversion with it", Unit.SHARE),
        EvidenceColumn("persons without", Unit.COUNT),
        EvidenceColumn("converters without", Unit.COUNT),
        EvidenceColumn("conversion without", Unit.SHARE),
        *ratio("hazard ratio"),
        EvidenceColumn("critical", Unit.NAME),
        VERDICT,
    ),
    limit=12,
)
DIVERGENCE = EvidenceSource(
    "D",
    "Divergence points",
    "One row per event after which the cohorts part, most persons × divergence first: where converters "
    "and non-converters go next after their first visit, exits and conversions left out. Verdict "
    "different: q (error rate over all claims of the day) is low enough. Divergence in bits, what chance "
    "alone gives taken off, with its interval: 0 = the same ways, 1 = none in common. The two most "
    "frequent next events of each side, shares of its persons.",
    "divergence",
    (DIVERGENCE_POINTS,),
    (
        COHORT,
        EvidenceColumn("after", Unit.TEXT, names_row=True),
        VERDICT,
        Q_VALUE,
        EvidenceColumn("divergence", Unit.BITS),
        EvidenceColumn("low", Unit.BITS, bound=True),
        EvidenceColumn("high", Unit.BITS, bound=True),
        EvidenceColumn("converters", Unit.COUNT),
        EvidenceColumn("converters go to", Unit.TEXT),
        EvidenceColumn("share of converters", Unit.SHARE),
        EvidenceColumn("second of converters", Unit.TEXT),
        EvidenceColumn("second's share of converters", Unit.SHARE),
        EvidenceColumn("non-converters", Unit.COUNT),
        EvidenceColumn("non-converters go to", Unit.TEXT),
        EvidenceColumn("share of non-converters", Unit.SHARE),
        EvidenceColumn("second of non-converters", Unit.TEXT),
        EvidenceColumn("second's share of non-converters", Unit.SHARE),
    ),
    limit=6,
)
FRICTION = EvidenceSource(
    "R",
    "Friction signals",
    "One row per event. Hazard ratio: chance to convert right after a visit, of those who have had the "
    "event by then over the others at the same visit, with its interval. Verdict friction: below 1, "
    "with_conversion: above 1, at q over all claims of the day. Within: persons of one platform or "
    "country are compared, since the pooled ratio says something else. Persons who have it before "
    "converting, of non-converters and converters, are a description: who stays longer has more of "
    "everything. Rate ratio: occurrences per visit, non-converters over converters.",
    "friction",
    (FRICTION_SIGNALS,),
    (
        COHORT,
        EvidenceColumn("event", Unit.TEXT, names_row=True),
        VERDICT,
        Q_VALUE,
        *ratio("hazard ratio"),
        EvidenceColumn("within", Unit.NAME),
        EvidenceColumn("pooled hazard ratio", Unit.RATIO),
        EvidenceColumn("non-converters with it", Unit.COUNT),
        EvidenceColumn("of non-converters", Unit.COUNT),
        EvidenceColumn("share of non-converters", Unit.SHARE),
        EvidenceColumn("converters with it", Unit.COUNT),
        EvidenceColumn("of converters", Unit.COUNT),
        EvidenceColumn("share of converters", Unit.SHARE),
        EvidenceColumn("rate ratio", Unit.RATIO),
    ),
    limit=6,
)
CLIFFS = EvidenceSource(
    "E",
    "Drop-off cliffs",
    "Where those who do not convert leave, largest share of exits × exit rate first: one row per "
    "event (state), or arrival at it from another (arrival). Exit rate = exits of visits, with its "
    "interval (persons are clusters of visits); verdict cliff: likelier to leave here than at the "
    "cohort's other visits, at q over all claims of the day.",
    "cliffs",
    (DROPOFF_CLIFFS,),
    (
        COHORT,
        EvidenceColumn("kind", Unit.NAME),
        EvidenceColumn("leave at", Unit.TEXT, names_row=True),
        EvidenceColumn("coming from", Unit.TEXT, names_row=True),
        VERDICT,
        Q_VALUE,
        EvidenceColumn("exits", Unit.COUNT),
        EvidenceColumn("of visits", Unit.COUNT),
        *share("exit rate"),
        EvidenceColumn("average exit rate", Unit.SHARE),
        EvidenceColumn("of exits", Unit.COUNT),
        EvidenceColumn("share of exits", Unit.SHARE),
        EvidenceColumn("persons", Unit.COUNT),
    ),
    limit=6,
)
STAGE_ROWS = EvidenceSource(
    "N",
    "Stages of the journey",
    "One row per stage in the order of the way: its events, the persons whose path has one of them, "
    "and the median time from the path's start to the stage, of the converters who reach it.",
    "stages",
    (STAGES,),
    (
        COHORT,
        EvidenceColumn("stage", Unit.COUNT),
        EvidenceColumn("label", Unit.TEXT, names_row=True),
        EvidenceColumn("events", Unit.TEXT),
        EvidenceColumn("converters", Unit.COUNT),
        EvidenceColumn("of converters", Unit.COUNT),
        *share("share of converters"),
        EvidenceColumn("non-converters", Unit.COUNT),
        EvidenceColumn("of non-converters", Unit.COUNT),
        *share("share of non-converters", "non-converters' "),
        EvidenceColumn("median time from start", Unit.SECONDS),
    ),
    limit=12,
)
VARIANT_ROWS = EvidenceSource(
    "V",
    "Whole paths",
    "One row per cohort and distinct path, repeats in a row counted once, most persons first; share = "
    "of the cohort's persons.",
    "variants",
    (VARIANTS,),
    (
        COHORT,
        EvidenceColumn("path", Unit.PATH, names_row=True),
        EvidenceColumn("persons", Unit.COUNT),
        EvidenceColumn("of persons", Unit.COUNT),
        *share("share"),
        EvidenceColumn("median time", Unit.SECONDS),
    ),
    limit=3,
)
STEPS = EvidenceSource(
    "S",
    "How far each event reaches",
    "One row per event and cohort, events with the widest reach and the widest gap between cohorts "
    "first; share = persons with the event of the cohort's persons, with its interval.",
    "steps",
    (STEP_FREQUENCIES,),
    (
        COHORT,
        EvidenceColumn("event", Unit.TEXT, names_row=True),
        EvidenceColumn("occurrences", Unit.COUNT),
        EvidenceColumn("persons", Unit.COUNT),
        EvidenceColumn("of persons", Unit.COUNT),
        *share("share"),
    ),
    limit=8,
)
TRANSITION_ROWS = EvidenceSource(
    "T",
    "Transitions",
    "One row per cohort and pair of consecutive events, most frequent first; share = occurrences of "
    "all departures from the first event (exits and conversions are departures too), with its "
    "interval (persons are clusters of departures); times are between the two events.",
    "transitions",
    (TRANSITIONS,),
    (
        COHORT,
        EvidenceColumn("from", Unit.TEXT, names_row=True),
        EvidenceColumn("to", Unit.TEXT, names_row=True),
        EvidenceColumn("occurrences", Unit.COUNT),
        EvidenceColumn("of departures", Unit.COUNT),
        *share("share"),
        EvidenceColumn("persons", Unit.COUNT),
        EvidenceColumn("median time", Unit.SECONDS),
        EvidenceColumn("90th percentile of time", Unit.SECONDS),
    ),
    limit=8,
)
LOOP_ROWS = EvidenceSource(
    "U",
    "Returns to an earlier event",
    "One row per cohort and event to which most persons come back after another event; share = of "
    "the persons who have the event, with its interval.",
    "loops",
    (LOOPS,),
    (
        COHORT,
        EvidenceColumn("event", Unit.TEXT, names_row=True),
        EvidenceColumn("persons returning", Unit.COUNT),
        EvidenceColumn("of persons with it", Unit.COUNT),
        *share("share"),
        EvidenceColumn("returns", Unit.COUNT),
        EvidenceColumn("median events between", Unit.NUMBER),
    ),
    limit=4,
)
REMOVAL = EvidenceSource(
    "X",
    "Removal effects",
    "One row per event: the part of all conversions that would be lost if nobody could pass it, by the "
    "step-by-step probabilities; a gate is an event every converter passes. It speaks of the way, not "
    "of a cause.",
    "removal",
    (REMOVAL_EFFECTS,),
    (
        COHORT,
        EvidenceColumn("event", Unit.TEXT, names_row=True),
        VERDICT,
        EvidenceColumn("effect", Unit.SHARE),
        EvidenceColumn("persons", Unit.COUNT),
        EvidenceColumn("converters with it", Unit.COUNT),
        EvidenceColumn("conversion rate", Unit.SHARE),
        EvidenceColumn("conversion rate without it", Unit.SHARE),
    ),
    limit=6,
)
