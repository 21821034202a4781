"""Sentences that say more than figures can show: of the future, or of a cause.

Belongs here: the words by which they are known. The evidence holds what was; what would be, and why it
is so, it does not. Such words are marked, and so is every number of their sentence.
"""

import re
from collections.abc import Iterator
from enum import StrEnum

from journey_assets.analyses.answer_layout import Layout
from journey_assets.analyses.numerals import Span


class Claim(StrEnum):
    """What a sentence says beyond its figures."""

    FUTURE = "future"
    CAUSE = "cause"


_CHANGES = (
    r"(?:rise|increase|grow|gain|lift|raise|boost|climb|go (?:up|down)|reduce|fall|drop|decrease|decline|"
    r"shrink|lower|cut|improve|convert|save|recover|retain|win|yield|add|bring|double|triple|halve|reach|"
    r"lead|result|deliver|generate|cost|lose|prevent|eliminate|unlock|drive|be (?:worth|gained|saved|lost|"
    r"recovered|higher|lower|reduced|increased))"
)
_PATTERNS = (
    (
        Claim.FUTURE,
        re.compile(
            rf"\b(?:would|will|could|might|may|shall|['’](?:ll|d)|going to|"
            rf"(?:is|are) (?:expected|likely|set) to|"
            rf"expect(?:s|ed)?(?: \w+){{0,4}} to)\s+(?:\w+\s+){{0,3}}?{_CHANGES}\b"
            r"|\b(?:forecast|projected|predicted|projection)\w*\b",
            re.IGNORECASE,
        ),
    ),
    (
        Claim.CAUSE,
        re.compile(
            r"\bbecause\b|\bdue to\b|\bowing to\b|\bthanks to\b|\bas a (?:result|consequence) of\b|"
            r"\b(?:is|are|was|were) caused by\b|\bcaus(?:es|ed|ing)\b|\battribut(?:able|ed) to\b|"
            r"\bresponsible for\b|\bdriven by\b|"
            r"\bdrives?\b(?= (?:up|down|conversion|churn|away|people|users))|"
            r"\b(?:leads?|led|leading) to (?:an? |the |more|fewer|less|higher|lower|"
            r"conversion|churn|drop|los)|"
            r"\bresult(?:s|ed|ing)? in\b|\b(?:makes?|made) (?:people|users|customers|persons|them) \w+",
            re.IGNORECASE,
        ),
    ),
)
_DENIED = re.compile(
    r"\b(?:not?|never|nor|n['’]t|cannot|no proof|whether|if)\b(?:\s+\w+){0,2}\s*$", re.IGNORECASE
)


def claims(layout: Layout) -> Iterator[tuple[Span, Claim]]:
    """The words that claim something of the future or of a cause, in the order of the text."""
    found = [
        (match.span(), claim)
        for claim, pattern in _PATTERNS
        for match in pattern.finditer(layout.plain)
        if not _DENIED.search(layout.plain, max(0, match.start() - 30), match.start())
    ]
    last = 0
    for span, claim in sorted(found):
        if span[0] >= last and "\n" not in layout.text[slice(*span)]:
            last = span[1]
            yield span, claim
