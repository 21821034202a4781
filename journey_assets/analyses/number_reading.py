"""Reading the numbers of an answer: what stands there, and what it may mean.

Belongs here: numerals in their place: hedges, ranges, compounds, and units that a neighbour or a
table's header gives. Does not belong here: numerals themselves
(:mod:`journey_assets.analyses.numerals`), which numbers are left out
(:mod:`journey_assets.analyses.number_exemptions`) and whether a number is true
(:mod:`journey_assets.analyses.number_lookup`).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum, auto

from journey_assets.analyses.answer_layout import Layout
from journey_assets.analyses.numerals import Amount, Numeral, Span, Written, numerals


class Sense(IntEnum):
    """How a hedge before a number wants it understood."""

    EXACT = auto()
    ABOUT = auto()
    OVER = auto()
    UNDER = auto()


@dataclass(frozen=True, slots=True)
class Reading:
    """One meaning of a number, in the evidence's units: shares 0 to 1, durations in seconds.

    step: worth of one unit of the last digit written. loose: the coarser step of a round number
    that a hedge stands before (about 1,200: 100), else ``step``.
    """

    written: Written
    value: float
    step: float
    loose: float


@dataclass(frozen=True, slots=True)
class Number:
    """A number of the answer. digits: significant ones. follows: the text right after it."""

    span: Span
    text: str
    readings: tuple[Reading, ...]
    digits: int
    sense: Sense
    follows: str

    @property
    def small(self) -> bool:
        """Whether it is a bare whole number up to ten, as prose counts its own things with."""
        return bool(self.readings) and all(
            each.written is Written.BARE and each.step == 1 and each.value <= 10
            for each in self.readings
        )


#: Hedges before a numeral; the first that fits holds ("no more than" before "more than").
_HEDGES = (
    (
        Sense.UNDER,
        re.compile(
            r"(?:(?:\bno|\bnot|n't) (?:more|higher|greater) than|\b(?:under|less than|fewer than|lower than|"
            r"below|at (?:the )?most|up to|as (?:few|little) as|(?:a )?maximum of)|[<≤⩽])\s*=?\s*$",
            re.IGNORECASE,
        ),
    ),
    (
        Sense.OVER,
        re.compile(
            r"(?:(?:\bno|\bnot|n't) (?:less|fewer|lower) than|\b(?:over|more than|greater than|higher than|"
            r"above|beyond|at (?:the )?least|exceed(?:s|ed|ing)?|upwards? of|in excess of|"
            r"(?:a )?minimum of)|[>≥⩾])\s*=?\s*$",
            re.IGNORECASE,
        ),
    ),
    (
        Sense.ABOUT,
        re.compile(
            r"(?:\b(?:about|around|roughly|approximately|approx\.?|circa|ca\.|c\.|some|nearly|almost|just "
            r"under|just over|close to|an estimated|on the order of)|[~≈≃∼])\s*$",
            re.IGNORECASE,
        ),
    ),
)
_JUST = re.compile(r"\bjust (?:under|over|below|above)\s*$", re.IGNORECASE)
_LONGEST_HEDGE = 28
_HEDGE_SIGNS = frozenset("<>≤≥⩽⩾=~≈≃∼.")
#: Hedges after a numeral and what it counts.
_HEDGES_AFTER = (
    (
        Sense.OVER,
        re.compile(
            r"\+|,? (?:or|and) (?:more|above|higher|over|up)\b|,? at least(?=\s*[.,;:)]|\s*$)"
        ),
    ),
    (
        Sense.UNDER,
        re.compile(
            r",? (?:or|and) (?:less|fewer|below|lower|under)\b|,? at most(?=\s*[.,;:)]|\s*$)"
        ),
    ),
    (Sense.ABOUT, re.compile(r"-?ish\b| or so\b|,? give or take\b")),
)
#: Between two numbers of one range the unit stands once; between two compared ones often too.
_RANGE = re.compile(r"\s*(?:[–—-]|to)\s*")
_COMPARED = re.compile(r"\s*(?:and|or|vs\.?|versus|against|compared (?:with|to)|[/,;→])\s*")
_COMPOUND = re.compile(r"\s*(?:,|and)?\s*")
_HEADERS = (
    (Written.PERCENT, 0.01, re.compile(r"%|percent|share|rate|utilisation", re.IGNORECASE)),
    (Written.TIMES, 1.0, re.compile(r"\(x\)|×|ratio|\btimes\b", re.IGNORECASE)),
    (Written.DURATION, 0.001, re.compile(r"\bms\b|millisecond", re.IGNORECASE)),
    (Written.DURATION, 1.0, re.compile(r"\(s\)|\bsec", re.IGNORECASE)),
    (Written.DURATION, 60.0, re.compile(r"\bmin(?:ute)?s?\b", re.IGNORECASE)),
    (Written.DURATION, 3600.0, re.compile(r"\(h\)|\bhours?\b|\bhrs?\b", re.IGNORECASE)),
    (Written.DURATION, 86400.0, re.compile(r"\(d\)|\bdays?\b", re.IGNORECASE)),
    (Written.MONEY, 1.0, re.compile(r"[$€£]|\bLTV\b|value", re.IGNORECASE)),
)


def read_numbers(layout: Layout) -> Iterator[Number]:
    """All numbers of the answer in order, with every meaning their place allows."""
    found = _compounds(layout.plain, [*numerals(layout.plain)])
    for place, numeral in enumerate(found):
        following = found[place + 1] if place + 1 < len(found) else None
        start, end = numeral.span
        sense = _sense(layout.plain, start, end)
        yield Number(
            span=numeral.span,
            text=layout.text[start:end],
            readings=tuple(_readings(layout, numeral, following, sense)),
            digits=max((amount.digits for amount in numeral.amounts), default=0),
            sense=sense,
            follows=layout.plain[end : end + 40],
        )


def _readings(
    layout: Layout, numeral: Numeral, following: Numeral | None, sense: Sense
) -> Iterator[Reading]:
    for written, scale in _units(layout, numeral, following):
        for amount in numeral.amounts:
            loose = amount.step if sense is Sense.EXACT else _roundness(amount.value, amount.step)
            yield Reading(written, amount.value * scale, amount.step * scale, loose * scale)


def _units(
    layout: Layout, numeral: Numeral, following: Numeral | None
) -> Iterator[tuple[Written, float]]:
    """The units of a numeral: its own, those of the number it is compared with, its column's."""
    own = (numeral.written, numeral.scale)
    if numeral.written is not Written.BARE:
        yield own
        return
    if following and following.written is not Written.BARE:
        start, end = numeral.span[1], following.span[0]
        other = (following.written, following.scale)
        if _RANGE.fullmatch(layout.plain, start, end):
            yield other
            return
        yield own
        if _COMPARED.fullmatch(layout.plain, start, end):
            yield other
    else:
        yield own
    header = layout.header(numeral.span[0])
    for written, scale, pattern in _HEADERS if header else ():
        if pattern.search(header or ""):
            yield written, scale


def _compounds(text: str, found: Sequence[Numeral]) -> list[Numeral]:
    """Join ``1 h 20 min`` to one duration, as exact as its last part."""
    joined: list[Numeral] = []
    for numeral in found:
        last = joined[-1] if joined else None
        if last and _continues(text, last, numeral):
            joined[-1] = replace(
                numeral,
                span=(last.span[0], numeral.span[1]),
                amounts=tuple(
                    Amount(
                        one.value * last.scale / numeral.scale + other.value,
                        other.step,
                        one.digits + other.digits,
                    )
                    for one in last.amounts
                    for other in numeral.amounts
                ),
            )
        else:
            joined.append(numeral)
    return joined


def _continues(text: str, last: Numeral, numeral: Numeral) -> bool:
    return (
        last.written is numeral.written is Written.DURATION
        and numeral.scale < last.scale
        and all(each.value * numeral.scale < last.scale for each in numeral.amounts)
        and _COMPOUND.fullmatch(text, last.span[1], numeral.span[0]) is not None
    )


def _sense(text: str, start: int, end: int) -> Sense:
    before = text[max(0, start - _LONGEST_HEDGE) : start]
    last = before.rstrip()[-1:]
    hedged = last.isalpha() or last in _HEDGE_SIGNS
    if hedged and _JUST.search(before):
        return Sense.ABOUT
    hedges = _HEDGES if hedged else ()
    if found := next((sense for sense, pattern in hedges if pattern.search(before)), None):
        return found
    after = text[end : end + _LONGEST_HEDGE]
    return next((s for s, pattern in _HEDGES_AFTER if pattern.match(after)), Sense.EXACT)


def _roundness(value: float, step: float) -> float:
    """The coarsest of 1, 5, 10, 50, … steps that ``value`` is a multiple of, a quarter at most."""
    units = round(value / step)
    found = 1
    for power in range(12):
        for each in (10**power, 5 * 10**power):
            if each * 4 > units:
                return found * step
            if units % each == 0:
                found = each
    return found * step
