"""Reading the numbers of an answer: what stands there, and what it may mean.

Belongs here: numerals with their sign, separators, scale and unit (percent, percentage points,
times, durations, money), hedges, ranges, and units that a table's header gives. Does not belong
here: which numbers are left out (:mod:`journey_assets.analyses.number_exemptions`) and whether a
number is true (:mod:`journey_assets.analyses.number_lookup`).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto

from journey_assets.analyses.answer_layout import Layout, Span


class Written(Enum):
    """What kind of unit a number is written with."""

    BARE = auto()
    PERCENT = auto()
    POINTS = auto()  #: percentage points: only a difference of shares
    TIMES = auto()
    DURATION = auto()
    MONEY = auto()
    BITS = auto()


class Sense(Enum):
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
        return all(
            each.written is Written.BARE and each.step == 1 and each.value <= 10
            for each in self.readings
        )


@dataclass(frozen=True, slots=True)
class _Numeral:
    span: Span
    value: float
    step: float
    digits: int
    written: Written
    scale: float
    sense: Sense

    def reading(self, written: Written, scale: float) -> Reading:
        loose = self.step if self.sense is Sense.EXACT else _roundness(self.value, self.step)
        return Reading(written, self.value * scale, self.step * scale, loose * scale)


_THOUSANDS = ",\u00a0\u2009\u202f'’"
_NUMERAL = re.compile(
    rf"(?<![\w.])(?:(?<![)\]%])[-−+](?=[$€£¥]?[0-9]))?(?P<money>[$€£¥]\s?)?"
    rf"(?P<digits>(?:[0-9]{{1,3}}(?:[{_THOUSANDS}][0-9]{{3}})+(?![0-9])|[0-9]+)(?:\.[0-9]+)?|\.[0-9]+)"
    r"(?:[eE](?P<exponent>[-+]?[0-9]{1,3})(?!\w))?"
    r"(?P<scale>\s?(?:k|K|M|bn|thousand|million|billion)(?!\w))?"
)
_LARGEST_EXPONENT = 99

_SCALES = {"k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6, "bn": 1e9, "billion": 1e9}
_UNITS: tuple[tuple[Written, re.Pattern[str]], ...] = (
    (Written.POINTS, re.compile(r"\s*(?:%[ -]points?|-?percentage[ -]points?|pp|p\.p\.)(?!\w)")),
    (Written.PERCENT, re.compile(r"\s*(?:%|per\s?cent(?!\w)|pct(?!\w))")),
    (Written.TIMES, re.compile(r"\s*(?:[x×](?![\w])|[- ]?fold(?!\w)|[- ]?times(?!\w))")),
    (Written.BITS, re.compile(r"[ -]?bits?(?!\w)")),
    (Written.MONEY, re.compile(r"\s?(?:USD|EUR|GBP|SEK|dollars?|euros?)(?!\w)")),
)
_DURATION = re.compile(
    r"[\s-]{0,2}(?P<unit>ms|msec|milliseconds?|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d|"
    r"weeks?|months?)(?!\w)"
)
_SECONDS = (
    (re.compile(r"ms|msec|millisecond"), 0.001),
    (re.compile(r"s"), 1.0),
    (re.compile(r"mo"), 30 * 86400.0),
    (re.compile(r"m"), 60.0),
    (re.compile(r"h"), 3600.0),
    (re.compile(r"d"), 86400.0),
    (re.compile(r"w"), 7 * 86400.0),
)
_HEDGES = (
    (
        Sense.ABOUT,
        re.compile(
            r"(?:about|around|roughly|approximately|approx\.?|circa|some|nearly|almost|just under|"
            r"just over|close to|~|≈)\s*$",
            re.IGNORECASE,
        ),
    ),
    (
        Sense.OVER,
        re.compile(
            r"(?:\bover|more than|above|at least|exceed(?:s|ed|ing)?|upwards of|>|≥)\s*=?\s*$",
            re.IGNORECASE,
        ),
    ),
    (
        Sense.UNDER,
        re.compile(
            r"(?:under|less than|fewer than|below|at most|up to|<|≤)\s*=?\s*$", re.IGNORECASE
        ),
    ),
)
_LONGEST_HEDGE = 16
_ONE_IN = re.compile(
    r"(?P<part>[0-9]{1,2}) in (?:every )?(?P<whole>[2-9]|10|20|100)(?![.,]?[0-9])"
    r"(?![\s-]*(?:%|percent|ms|s|sec|min|h|d|hour|day|week|month)[a-z]*\b)"
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
    numerals = _compounds(layout.plain, [*_numerals(layout.plain)])
    for place, numeral in enumerate(numerals):
        following = numerals[place + 1] if place + 1 < len(numerals) else None
        start, end = numeral.span
        yield Number(
            span=numeral.span,
            text=layout.text[start:end],
            readings=tuple(_readings(layout, numeral, following)),
            digits=numeral.digits,
            sense=numeral.sense,
            follows=layout.plain[end : end + 40],
        )


def _readings(layout: Layout, numeral: _Numeral, following: _Numeral | None) -> Iterator[Reading]:
    own = numeral.reading(numeral.written, numeral.scale)
    if numeral.written is not Written.BARE:
        yield own
        return
    between = layout.plain[numeral.span[1] : following.span[0]] if following else ""
    shares_unit = following is not None and following.written is not Written.BARE
    if following and shares_unit and _RANGE.fullmatch(between):
        yield numeral.reading(following.written, following.scale)
        return
    yield own
    if following and shares_unit and _COMPARED.fullmatch(between):
        yield numeral.reading(following.written, following.scale)
    header = layout.header(numeral.span[0])
    for written, scale, pattern in _HEADERS if header else ():
        if pattern.search(header or ""):
            yield numeral.reading(written, scale)


def _numerals(plain: str) -> Iterator[_Numeral]:
    position = 0
    while match := _NUMERAL.search(plain, position):
        position = match.end()
        share = _ONE_IN.match(plain, match.start())
        if share and 0 < int(share["part"]) < int(share["whole"]):
            position = share.end()
            yield _one_in(share, _sense(plain, match.start()))
        elif (numeral := _numeral(plain, match)) is not None:
            position = numeral.span[1]
            yield numeral


def _one_in(match: re.Match[str], sense: Sense) -> _Numeral:
    """``1 in 3``: a share, and a coarse one."""
    part, whole = int(match["part"]), int(match["whole"])
    return _Numeral(match.span(), part / whole, 0.5 / whole, 1, Written.PERCENT, 1.0, sense)


def _numeral(plain: str, match: re.Match[str]) -> _Numeral | None:
    """The numeral with its unit; None when letters follow that are none (``3rd``, ``2FA``)."""
    digits = re.sub(f"[{_THOUSANDS}]", "", match["digits"])
    # Beyond any figure of ours, and beyond what a float holds.
    exponent = max(-_LARGEST_EXPONENT, min(_LARGEST_EXPONENT, int(match["exponent"] or 0)))
    factor = _SCALES[match["scale"].strip().lower()] if match["scale"] else 1.0
    factor *= 10.0**exponent
    places = len(digits.partition(".")[2])
    written, scale, end = _unit(plain, match)
    if plain[end : end + 1].isalnum() or plain[end : end + 1] == "_":
        return None
    return _Numeral(
        span=(match.start(), end),
        value=float(digits) * factor,
        step=10.0**-places * factor,
        digits=len(digits.replace(".", "").lstrip("0")),
        written=written,
        scale=scale,
        sense=_sense(plain, match.start(), end),
    )


def _unit(plain: str, match: re.Match[str]) -> tuple[Written, float, int]:
    end = match.end()
    if match["money"]:
        return Written.MONEY, 1.0, end
    for written, pattern in _UNITS:
        if found := pattern.match(plain, end):
            scale = 0.01 if written in {Written.PERCENT, Written.POINTS} else 1.0
            return written, scale, found.end()
    if found := _DURATION.match(plain, end):
        name = found["unit"]
        scale = next(seconds for pattern, seconds in _SECONDS if pattern.match(name))
        return Written.DURATION, scale, found.end()
    return Written.BARE, 1.0, end


def _compounds(plain: str, numerals: Sequence[_Numeral]) -> list[_Numeral]:
    """Join ``1 h 20 min`` to one duration, as exact as its last part."""
    joined: list[_Numeral] = []
    for numeral in numerals:
        last = joined[-1] if joined else None
        if last and _continues(plain, last, numeral):
            scale = numeral.scale
            joined[-1] = replace(
                numeral,
                span=(last.span[0], numeral.span[1]),
                value=last.value * last.scale / scale + numeral.value,
                digits=last.digits + numeral.digits,
                sense=last.sense,
            )
        else:
            joined.append(numeral)
    return joined


def _continues(plain: str, last: _Numeral, numeral: _Numeral) -> bool:
    return (
        last.written is numeral.written is Written.DURATION
        and numeral.scale < last.scale
        and numeral.value * numeral.scale < last.scale
        and _COMPOUND.fullmatch(plain, last.span[1], numeral.span[0]) is not None
    )


def _sense(plain: str, start: int, end: int | None = None) -> Sense:
    if end is not None and plain[end : end + 1] == "+":
        return Sense.OVER
    before = plain[max(0, start - _LONGEST_HEDGE) : start]
    return next((sense for sense, pattern in _HEDGES if pattern.search(before)), Sense.EXACT)


def _roundness(value: float, step: float) -> float:
    """The coarsest of 1, 5, 10, 50, … steps that ``value`` is a multiple of, a quarter at most."""
    units = round(value / step)
    found = 1
    for power in range(12):
        for each in (10**power, 5 * 10**power):
            if units % each == 0 and each * 4 <= units:
                found = each
    return found * step
