"""The tables of evidence about channels and identities."""

from journey_assets.analyses.evidence import EvidenceColumn
from journey_assets.analyses.rendering import Unit
from journey_assets.analyses.sources import EvidenceSource, ratio, share
from journey_assets.warehouse.tables.channels import (
    SEGMENT_GOLDEN_STEPS,
    SEGMENT_MOVES,
    SEGMENT_TRANSITIONS,
    SEGMENTS,
)
from journey_assets.warehouse.tables.identity import COVERAGE

_SEGMENT = EvidenceColumn("segment", Unit.NAME, names_row=True)

SEGMENT_ROWS = EvidenceSource(
    "K",
    "Channel patterns",
    "One row per segment: the channel with more than half of a profile's activity of 30 days, else "
    "omnichannel; inactive = no activity. Means are per profile of the segment; LTV is lifetime "
    "value in the team's currency, in the mean LTV missing as 0. Raw LTV ratio: the known mean over that "
    "of all profiles; segments differ in activity, and so in it. LTV ratio for like activity, with its "
    "interval, is what the channel itself goes with: 1 where it does not matter. Its share = profiles "
    "with the first of the top plans.",
    "segments",
    (SEGMENTS,),
    (
        _SEGMENT,
        EvidenceColumn("profiles", Unit.COUNT),
        EvidenceColumn("of profiles", Unit.COUNT),
        *share("share"),
        EvidenceColumn("mean LTV", Unit.MONEY),
        EvidenceColumn("LTV low", Unit.MONEY, bound=True),
        EvidenceColumn("LTV high", Unit.MONEY, bound=True),
        EvidenceColumn("median LTV", Unit.MONEY),
        EvidenceColumn("mean of known LTV", Unit.MONEY),
        EvidenceColumn("profiles with known LTV", Unit.COUNT),
        EvidenceColumn("raw LTV ratio", Unit.RATIO),
        *ratio("LTV ratio for like activity", "ratio's "),
        EvidenceColumn("mean web sessions", Unit.NUMBER),
        EvidenceColumn("mean mobile sessions", Unit.NUMBER),
        EvidenceColumn("mean e-mails opened", Unit.NUMBER),
        EvidenceColumn("top plans", Unit.TEXT),
        EvidenceColumn("profiles with the first plan", Unit.COUNT),
        EvidenceColumn("its share", Unit.SHARE),
    ),
)
SEGMENT_PEOPLE = EvidenceSource(
    "Y",
    "Who the channel patterns are: conversion and identity",
    "One row per segment: its persons who have a journey and the converters of them, with the "
    "interval of their conversion; then the identity gaps, each a share of the segment's profiles: "
    "at most two identifiers, no e-mail address, no user id (anonymous), unknown to Amplitude.",
    "segment_people",
    (SEGMENTS,),
    (
        _SEGMENT,
        EvidenceColumn("persons with a journey", Unit.COUNT),
        EvidenceColumn("converters", Unit.COUNT),
        *share("conversion"),
        EvidenceColumn("mean length in events", Unit.NUMBER),
        EvidenceColumn("profiles", Unit.COUNT),
        EvidenceColumn("mean identifiers", Unit.NUMBER),
        EvidenceColumn("few identifiers", Unit.SHARE),
        EvidenceColumn("no e-mail", Unit.SHARE),
        EvidenceColumn("no user id", Unit.SHARE),
        EvidenceColumn("unknown to Amplitude", Unit.SHARE),
    ),
)
SEGMENT_STEPS = EvidenceSource(
    "Z",
    "Along the golden path by channel pattern",
    "One row per segment and step of the golden path: persons whose path has its events up to this "
    "one in order; share = of the segment's persons, with its interval; went on = of those at the "
    "step before; conversion = converters of the persons. no_profile = no Segment profile.",
    "segment_steps",
    (SEGMENT_GOLDEN_STEPS,),
    (
        EvidenceColumn("segment", Unit.NAME, names_row=True),
        EvidenceColumn("step", Unit.COUNT),
        EvidenceColumn("event", Unit.TEXT, names_row=True),
        EvidenceColumn("persons", Unit.COUNT),
        EvidenceColumn("of persons", Unit.COUNT),
        *share("share"),
        EvidenceColumn("went on", Unit.SHARE),
        EvidenceColumn("conversion", Unit.SHARE),
    ),
    limit=36,
)
SEGMENT_WAYS = EvidenceSource(
    "ST",
    "Transitions by channel pattern",
    "One row per segment and pair of different consecutive events, most frequent first; share = of all "
    "departures of the segment's persons from the first event, with its interval.",
    "segment_ways",
    (SEGMENT_TRANSITIONS,),
    (
        EvidenceColumn("segment", Unit.NAME, names_row=True),
        EvidenceColumn("from", Unit.TEXT, names_row=True),
        EvidenceColumn("to", Unit.TEXT, names_row=True),
        EvidenceColumn("occurrences", Unit.COUNT),
        EvidenceColumn("of departures", Unit.COUNT),
        *share("share"),
        EvidenceColumn("persons", Unit.COUNT),
    ),
    limit=3,
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
        *share("share"),
        EvidenceColumn("mean LTV before", Unit.MONEY),
        EvidenceColumn("mean LTV after", Unit.MONEY),
    ),
    limit=15,
)
_MEASURE_COLUMNS = (
    EvidenceColumn("measure", Unit.TEXT, names_row=True),
    EvidenceColumn("of", Unit.NAME),
    EvidenceColumn("count", Unit.COUNT),
    EvidenceColumn("denominator", Unit.COUNT),
    *share("share"),
)
COVERAGE_ROWS = EvidenceSource(
    "I",
    "How well identities are joined",
    "One row per measure `name:source:what`; share = count of the denominator, which counts what "
    "`of` says, with its interval. anonymous_to_known = anonymous ids whose user is known by now; "
    "few_identifiers = profiles with at most two; linkable = persons of the first source whom the "
    "second knows too; unmatched = known to no other source; id_coverage = records that have the id; "
    "shared = ids seen beside several users; over_merged = persons that may be several.",
    "coverage",
    (COVERAGE,),
    _MEASURE_COLUMNS,
    limit=16,
)
SUPPORT_COVERAGE = EvidenceSource(
    "I",
    "How well support is joined with the journeys",
    "One row per measure `name:source:what`; share = count of the denominator, which counts what "
    "`of` says, with its interval. linkable = persons of the first source whom the second knows too; "
    "unmatched = known to no other source; id_coverage = records that have the id.",
    "support_coverage",
    (COVERAGE,),
    _MEASURE_COLUMNS,
    limit=6,
)
