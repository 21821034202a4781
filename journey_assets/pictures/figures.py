"""How figures are written in a picture.

Belongs here: numbers to short texts. A picture has little room: two or three digits, the rest is in
the table.
"""

from collections.abc import Sequence

#: Where a figure is not stated for lack of cases.
INSUFFICIENT = "too few people to tell"

_TIME_UNITS = (("days", 86400.0), ("h", 3600.0), ("min", 60.0))


def percent(share: float) -> str:
    """A share: ``34.2%``, and ``<0.1%`` for what would be rounded to nothing."""
    return "<0.1%" if 0 < share < 0.0005 else f"{100 * share:.1f}%"


def level(confidence: float) -> str:
    """A confidence level as it was set: ``95%``."""
    return f"{100 * confidence:g}%"


def count(value: float | None) -> str:
    """A count: ``1,203``; a dash where it is not known."""
    return "–" if value is None else f"{round(value):,}"


def of(part: float | None, whole: float | None) -> str:
    """A count and its denominator: ``12 of 340``."""
    return f"{count(part)} of {count(whole)}"


def ratio(value: float) -> str:
    """How many times as much: ``0.34×``, ``12×``."""
    return f"{value:.0f}×" if value >= 9.95 else f"{value:.2f}×"


def seconds(value: float | None) -> str:
    """A duration in the largest unit of which it has two; a dash where it is not known."""
    if value is None:
        return "–"
    if value == 0:
        return "0 s"
    unit, length = next((each for each in _TIME_UNITS if value >= 2 * each[1]), ("s", 1.0))
    return (
        f"{value / length:.0f} {unit}" if value >= 10 * length else f"{value / length:.1f} {unit}"
    )


def cohort(name: str) -> str:
    """One of our cohorts in the plural; labels of the team stay as they are."""
    return {"converter": "converters", "non_converter": "non-converters"}.get(name, name)


def rest(shown: Sequence[object], found: int, thing: str) -> list[str]:
    """What is left out of a picture, exactly; nothing when it shows all."""
    left = found - len(shown)
    things = thing if left == 1 else f"{thing}s"
    return [f"{left:,} further {things} in the table."] if left > 0 else []
