"""How a value is written in a prompt, and the value that a reader of it then has.

Belongs here: the kinds of unit and their written form, three significant digits. The number check
looks at the same functions, so what Mave could read is what an answer may say.
"""

import math
from enum import StrEnum


class Unit(StrEnum):
    """What a cell of the evidence holds; only numbers of a fitting kind can be found in it."""

    TEXT = "text"  #: other people's text, quoted
    PATH = "path"  #: other people's names, quoted, one leading to the next
    NAME = "name"  #: a word of ours (a cohort, a segment)
    COUNT = "count"  #: whole things
    SHARE = "share"  #: 0 to 1, written in percent
    RATIO = "ratio"  #: how many times as much, written 3.21x
    SECONDS = "seconds"  #: a duration, written in the unit that reads best
    MONEY = "money"  #: the team's currency, written without a sign
    BITS = "bits"  #: information
    NUMBER = "number"  #: anything else: means of counts
    PROBABILITY = "probability"  #: p- and q-values


#: Seconds in each unit of time, as durations are written.
TIME_UNITS = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0, "days": 86400.0}

#: Below this a p-value is written as "<0.001": more digits of it mean nothing.
SMALLEST_PROBABILITY = 0.001

_DIGITS = 3
#: A duration is written in the largest unit of which it has at least this many.
_FIRST_OF_UNIT = {"days": 2.0, "h": 2.0, "min": 2.0, "s": 1.0, "ms": 0.0}


def render(value: float, unit: Unit) -> str:
    """``value`` as the prompt writes it: ``1,203``, ``34.2%``, ``3.21x``, ``3.2 days``, ``<0.001``."""
    if unit is Unit.COUNT:
        return f"{round(value):,}"
    if unit is Unit.SHARE:
        return f"{_digits(value * 100)}%"
    if unit is Unit.RATIO:
        return f"{_digits(value)}x"
    if unit is Unit.SECONDS:
        name = time_unit(value)
        return f"{_digits(value / TIME_UNITS[name])} {name}"
    if unit is Unit.PROBABILITY and value < SMALLEST_PROBABILITY:
        return f"<{SMALLEST_PROBABILITY}"
    return _digits(value)


def shown(value: float, unit: Unit) -> float:
    """``value`` after the rounding of :func:`render`: all that a reader of the prompt knows of it."""
    if unit is Unit.COUNT:
        return float(round(value))
    if unit is Unit.SHARE:
        return rounded(value * 100) / 100
    if unit is Unit.SECONDS:
        scale = TIME_UNITS[time_unit(value)]
        return rounded(value / scale) * scale
    if unit is Unit.PROBABILITY:
        return max(rounded(value), SMALLEST_PROBABILITY)
    return rounded(value)


def time_unit(seconds: float) -> str:
    """The name of the unit in which a duration is written; nothing at all is 0 s."""
    if seconds == 0:
        return "s"
    return next(
        name for name, least in _FIRST_OF_UNIT.items() if abs(seconds) >= least * TIME_UNITS[name]
    )


def rounded(value: float) -> float:
    """Three significant digits; whole digits are never given up."""
    if value == 0:
        return 0.0
    places = max(0, _DIGITS - 1 - math.floor(math.log10(abs(value))))
    return round(value, places)


def _digits(value: float) -> str:
    written = rounded(value)
    if written == round(written):
        return f"{round(written):,}"
    places = _DIGITS - 1 - math.floor(math.log10(abs(written)))
    return f"{written:.{places}f}".rstrip("0")
