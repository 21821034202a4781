"""How figures are written and drawn in a report.

Belongs here: numbers to texts, intervals to whiskers, verdicts to words. Shares and ratios have a
fixed number of decimals, so that columns can be compared at a glance; all else is written as in the
evidence (:mod:`journey_assets.analyses.rendering`). Does not belong here: which figures are shown.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from journey_assets.analyses.rendering import Unit, render
from journey_assets.names import plain_name
from journey_assets.reports.view import Cell, Tone, Whisker

#: What stands where there is no value.
NOTHING = "–"

#: What is said of a figure that is known of too few persons to state it.
TOO_FEW = "too few people to tell"

#: Bounds of ratios beyond this factor are drawn at the edge of the scale.
_WIDEST_RATIO = 32.0

_SMALLEST_SHARE = 0.0005
_SMALLEST_LABEL = 0.005
_LARGE_RATIO = 10.0

Row = Mapping[str, Any]

_VERDICTS: Mapping[str, tuple[str, Tone]] = {
    "different": ("different", "bad"),
    "not_different": ("no clear difference", "quiet"),
    "friction": ("friction", "bad"),
    "with_conversion": ("more convert", "good"),
    "converts_more": ("converts more", "good"),
    "converts_less": ("converts less", "bad"),
    "no_difference": ("no clear difference", "quiet"),
    "everyone": ("everyone has it", "quiet"),
    "outcome": ("the outcome itself", "quiet"),
    "cliff": ("cliff", "bad"),
    "no_cliff": ("no cliff", "quiet"),
    "insufficient": (TOO_FEW, "quiet"),
    "days_missing": ("days missing", "quiet"),
    "unlike_settings": ("unlike settings", "quiet"),
    "fewer_convert": ("fewer convert", "bad"),
    "more_convert": ("more convert", "good"),
    "stable": ("stable", ""),
    "unstable": ("not stable", "quiet"),
    "no_clusters": ("no groups", "quiet"),
    "no_conversion_event": ("time of conversion unknown", "quiet"),
}


@lru_cache(maxsize=10_000)
def name(text: str | None) -> str:
    """Somebody else's name as it may be shown: one line, visible, bounded, without addresses."""
    return plain_name(text) if text else NOTHING


def word(text: str) -> str:
    """A word of ours, as in ``web_dominant``, for reading."""
    return text.replace("_", " ")


def cohort_name(cohort: str) -> str:
    """A cohort in the plural where it is one of ours, else its label."""
    ours = {
        "converter": "Converters",
        "non_converter": "Non-converters",
        "earlier_converter": "Earlier converters",
        "both_lists": "Persons on several lists",
    }
    return ours.get(cohort, name(cohort))


def number(value: float | None, unit: Unit = Unit.COUNT) -> str:
    """``value`` in its unit, or a dash: ``1,203``, ``34.2%``, ``3.21×``, ``3.2 days``."""
    if value is None or not math.isfinite(value):
        return NOTHING
    if unit is Unit.SHARE:
        return "<0.1%" if 0 < value < _SMALLEST_SHARE else f"{100 * value:.1f}%"
    if unit is Unit.RATIO:
        return f"{value:.1f}×" if value >= _LARGE_RATIO else f"{value:.2f}×"
    return render(float(value), unit)


def decimal(value: float | None, places: int = 1) -> str:
    """``value`` with ``places`` decimals, or a dash."""
    return NOTHING if value is None or not math.isfinite(value) else f"{value:,.{places}f}"


def rough(share: float) -> str:
    """A share in whole percent, for labels in a drawing."""
    return "<1%" if 0 < share < _SMALLEST_LABEL else f"{100 * share:.0f}%"


def interval(low: float | None, high: float | None, unit: Unit) -> str:
    """``31.2% to 34%``, or nothing where a bound is missing."""
    if low is None or high is None:
        return ""
    return f"{number(low, unit)} to {number(high, unit)}"


def count_of(part: float | None, whole: float | None) -> str:
    """``12 of 340``; nothing where one of them is unknown."""
    if part is None or whole is None:
        return ""
    return f"{number(part)} of {number(whole)}"


def named(text: str | None) -> Cell:
    """A cell with somebody else's name."""
    return Cell(name(text), name=True)


def count(value: float | None) -> Cell:
    """A cell with a count."""
    return Cell(number(value))


def verdict(value: str | None) -> Cell:
    """A cell with a verdict in words."""
    text, tone = _VERDICTS.get(value or "", (word(value or NOTHING), "quiet"))
    return Cell(text, tone=tone)


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a row that hold an estimate and the ends of its interval."""

    value: str
    low: str
    high: str

    @classmethod
    def of(cls, value: str, prefix: str = "") -> "Columns":
        """``share`` with ``share_low`` and ``share_high``; prefix: when the bounds are called so."""
        return cls(value, f"{prefix or value}_low", f"{prefix or value}_high")


def share_cell(
    row: Row,
    columns: Columns,
    largest: float,
    *,
    detail: str = "",
    reference: float | None = None,
    bar: bool = False,
) -> Cell:
    """A share with its interval, drawn on a scale from 0 to ``largest``.

    detail: its denominator. reference: another share to hold it against.
    """
    value, low, high = (row[column] for column in (columns.value, columns.low, columns.high))
    if value is None:
        return Cell(TOO_FEW, detail=detail, tone="quiet")
    places = [
        None if each is None else round(100 * min(1.0, each / (largest or 1.0)), 1)
        for each in (value, low, high, reference)
    ]
    drawn = None
    if places[0] is not None and places[1] is not None and places[2] is not None:
        drawn = Whisker(places[0], places[1], places[2], places[3], bar=bar)
    bounds = interval(low, high, Unit.SHARE)
    return Cell(
        number(value, Unit.SHARE),
        detail=" · ".join(part for part in (bounds, detail) if part),
        whisker=drawn,
    )


def largest_bound(rows: Iterable[Row], *columns: str) -> float:
    """The end of a scale on which all ``columns`` of ``rows`` find room."""
    values = [row[column] for row in rows for column in columns if row[column] is not None]
    return max(values, default=1.0) or 1.0


def ratio_cell(row: Row, columns: Columns, widest: float) -> Cell:
    """A ratio with its interval, drawn on a logarithmic scale around 1."""
    value, low, high = (row[column] for column in (columns.value, columns.low, columns.high))
    if value is None:
        return Cell(NOTHING, tone="quiet")
    return Cell(
        number(value, Unit.RATIO),
        detail=interval(low, high, Unit.RATIO),
        whisker=_ratio_whisker(value, low, high, widest),
    )


def widest_ratio(rows: Iterable[Row], *columns: str) -> float:
    """The factor from 1 at which a scale for all ``columns`` of ``rows`` ends."""
    logs = [
        abs(math.log(row[column]))
        for row in rows
        for column in columns
        if row[column] is not None and row[column] > 0 and math.isfinite(row[column])
    ]
    return min(_WIDEST_RATIO, max(2.0, math.exp(max(logs, default=0.0))))


def _ratio_whisker(
    value: float, low: float | None, high: float | None, widest: float
) -> Whisker | None:
    if low is None or high is None:
        return None

    def place(ratio: float) -> float:
        if ratio <= 0:
            return 0.0
        log = math.log(ratio) / math.log(widest) if math.isfinite(ratio) else 1.0
        return round(50 + 50 * max(-1.0, min(1.0, log)), 1)

    return Whisker(place(value), place(low), place(high), reference=50.0)


def percent(share: float) -> str:
    """A level as it was set: ``95%``."""
    return f"{100 * share:g}%"


def pluralised(counted: int, thing: str) -> str:
    """``1 event``, ``3 events``."""
    return f"{number(counted)} {thing}{'' if counted == 1 else 's'}"


def rest_of(found: int, shown: int, thing: str) -> str:
    """What a table leaves out, exactly; nothing when it shows all."""
    left = found - shown
    return f"{pluralised(left, f'further {thing}')} in the database." if left > 0 else ""
