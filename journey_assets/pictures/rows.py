"""Pictures in rows: a name, and for each panel estimates with their intervals.

Belongs here: the layout that bars, intervals and forest plots share. An estimate that is not stated
is written as such, never drawn as nothing. Does not belong here: which figures are shown.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from journey_assets.pictures.card import (
    INK,
    LINE,
    MARGIN,
    PLAIN,
    QUIET,
    SOFT,
    WIDTH,
    Card,
    wrapped,
)
from journey_assets.pictures.figures import INSUFFICIENT, count, percent, ratio
from journey_assets.pictures.scales import Scale, around_one, from_zero, percent_tick

_GAP = 16.0
_BAR = 13.0


@dataclass(frozen=True, slots=True)
class Mark:
    """An estimate with its interval and what stands beside it, or why there is no value.

    faint: it is stated, but no difference can be told.
    """

    value: float | None
    low: float | None
    high: float | None
    text: str
    color: str = PLAIN
    faint: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A name with a line of smaller words, and the marks of each panel; no marks make a heading."""

    label: str
    panels: Sequence[Sequence[Mark]] = ()
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """What a column of marks shows: ``share`` and ``amount`` as bars from 0, ``ratio`` around 1."""

    title: str
    kind: Literal["share", "ratio", "amount"] = "share"
    write: Callable[[float], str] = count


@dataclass(frozen=True, slots=True)
class Legend:
    """What a colour means."""

    color: str
    text: str


def rows_picture(
    title: str,
    subtitle: str,
    panels: Sequence[Panel],
    rows: Sequence[Row],
    *,
    legend: Sequence[Legend] = (),
    notes: Sequence[str] = (),
    names: float = 158.0,
) -> bytes:
    """The picture as SVG.

    title and subtitle: our words, with the denominator. notes: paragraphs below. names: the width
    of the rows' names, in points.
    """
    above, below = wrapped(subtitle, 136), [line for each in notes for line in wrapped(each, 150)]
    top = 36.0 + 12 * len(above) + (16 if legend else 0) + 28
    heights = [_height(row) for row in rows]
    card = Card(title, top + sum(heights) + 12 * len(below) + 14)
    _head(card, title, above, legend)
    width = (WIDTH - 2 * MARGIN - names - _GAP * (len(panels) - 1)) / len(panels)
    for place, panel in enumerate(panels):
        x = MARGIN + names + place * (width + _GAP)
        _panel(card, panel, place, rows, heights, x, width, top)
    y = top
    for row, height in zip(rows, heights, strict=True):
        _label(card, row, y, height)
        y += height
    for number, words in enumerate(below):
        card.words(MARGIN, y + 10 + 12 * number, words, size=7.5, color=SOFT)
    return card.svg()


def _height(row: Row) -> float:
    if not row.panels:
        return 22.0
    most = max(len(marks) for marks in row.panels)
    return max(most * _BAR, 23.0 if row.detail else 0) + 6


def _head(card: Card, title: str, above: Sequence[str], legend: Sequence[Legend]) -> None:
    card.words(MARGIN, 19, title, size=12, bold=True)
    for number, words in enumerate(above):
        card.words(MARGIN, 37 + 12 * number, words, color=SOFT)
    x, y = MARGIN, 37.0 + 12 * len(above) + 2
    for each in legend:
        card.rectangle(x, y - 4, 8, 8, each.color)
        card.words(x + 12, y, each.text)
        x += 24 + 5.2 * len(each.text)


def _label(card: Card, row: Row, y: float, height: float) -> None:
    if not row.panels:
        card.words(MARGIN, y + height - 8, row.label, size=8.5, bold=True)
        return
    middle = y + height / 2
    card.words(MARGIN, middle - (5 if row.detail else 0), row.label)
    if row.detail:
        card.words(MARGIN, middle + 7, row.detail, size=6.8, color=SOFT)


def _panel(
    card: Card,
    panel: Panel,
    place: int,
    rows: Sequence[Row],
    heights: Sequence[float],
    x: float,
    width: float,
    top: float,
) -> None:
    beside = [mark.text for row in rows if row.panels for mark in row.panels[place]]
    text_width = min(0.55 * width, 4.9 * max(map(len, beside), default=0) + 8)
    scale = _scale(panel, [mark for row in rows if row.panels for mark in row.panels[place]])
    drawn = width - text_width
    bottom = top + sum(heights)
    card.words(x, top - 22, panel.title, size=8, bold=True)
    for share, label in scale.ticks:
        strong = panel.kind == "ratio" and label == "1×"
        card.line(x + share * drawn, top - 4, x + share * drawn, bottom, SOFT if strong else LINE)
        card.words(x + share * drawn, top - 10, label, size=6.8, color=SOFT, align="center")
    y = top
    for row, height in zip(rows, heights, strict=True):
        marks = row.panels[place] if row.panels else ()
        first = y + (height - _BAR * len(marks)) / 2
        for number, mark in enumerate(marks):
            _mark(card, mark, panel, scale, x, drawn, first + _BAR * number)
        y += height


def _mark(
    card: Card, mark: Mark, panel: Panel, scale: Scale, x: float, drawn: float, y: float
) -> None:
    middle = y + _BAR / 2
    if mark.value is None:
        card.words(x + 3, middle, mark.text, size=7.2, color=QUIET)
        return
    color = QUIET if mark.faint else mark.color
    at = x + drawn * scale.place(mark.value)
    if panel.kind != "ratio":
        card.rectangle(x, y + 2, max(0.6, at - x), _BAR - 4, color)
    if mark.low is not None and mark.high is not None:
        low, high = (x + drawn * scale.place(each) for each in (mark.low, mark.high))
        card.line(low, middle, high, middle, color if panel.kind == "ratio" else INK, 1.1)
        for end in (low, high):
            card.line(end, middle - 2, end, middle + 2, INK, 0.9)
    if panel.kind == "ratio":
        card.rectangle(at - 2.2, middle - 2.2, 4.4, 4.4, color)
    card.words(x + drawn + 7, middle, mark.text, size=7.5, color=SOFT if mark.faint else INK)


def _scale(panel: Panel, marks: Sequence[Mark]) -> Scale:
    values = [
        each
        for mark in marks
        if mark.value is not None
        for each in (mark.value, mark.low, mark.high)
        if each is not None
    ]
    if panel.kind == "ratio":
        return around_one(values)
    if panel.kind == "share":
        return from_zero(values, percent_tick, most=1.0)
    return from_zero(values, panel.write)


def _figure_mark(
    write: Callable[[float], str],
    row: Mapping[str, Any],
    value: str,
    low: str,
    high: str,
    detail: str,
    color: str = PLAIN,
    *,
    faint: bool = False,
) -> Mark:
    """The figure that the columns of a stored row state; detail: what is said of it."""
    stated = row[value]
    text = f"{INSUFFICIENT if stated is None else write(stated)} · {detail}"
    return Mark(stated, row[low], row[high], text, color, faint)


#: A share; its detail is the denominator.
share_mark = partial(_figure_mark, percent)
ratio_mark = partial(_figure_mark, ratio)
