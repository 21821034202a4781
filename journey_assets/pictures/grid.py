"""Pictures in cells: rows, columns, and how much of something each cell holds.

Belongs here: the layout that matrices share, and cells from a share or from a difference of shares.
Does not belong here: which figures are shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from journey_assets.pictures.card import (
    CONVERTERS,
    INK,
    MARGIN,
    OTHERS,
    PAPER,
    QUIET,
    SOFT,
    WIDTH,
    Card,
    wrapped,
)

_ROW = 15.0
_GAP = 14.0
_LABEL_LETTER = 5.1
#: Smaller shares are coloured but not written.
_SMALLEST_WRITTEN = 0.015


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell's colour and the words in it."""

    color: str
    text: str = ""
    ink: str = INK
    bold: bool = False


#: A cell of which nothing can be said.
EMPTY = Cell("#f3f4f6", "–", QUIET)


@dataclass(frozen=True, slots=True)
class Matrix:
    """Cells under a heading; ``columns`` are short, or slanted where ``slanted``."""

    heading: str
    columns: Sequence[str]
    cells: Sequence[Sequence[Cell]]


def grid_picture(
    title: str,
    subtitle: str,
    labels: Sequence[str],
    matrices: Sequence[Matrix],
    *,
    slanted: bool = False,
    notes: Sequence[str] = (),
) -> bytes:
    """Matrices side by side with the same rows, as SVG. title and subtitle: our words; notes: below."""
    above, below = wrapped(subtitle, 136), [line for each in notes for line in wrapped(each, 150)]
    heads = 54.0 if slanted else 14.0
    top = 38.0 + 12 * len(above) + 14 + heads
    card = Card(title, top + _ROW * len(labels) + 12 * len(below) + 18)
    card.words(MARGIN, 19, title, size=12, bold=True)
    for number, words in enumerate(above):
        card.words(MARGIN, 37 + 12 * number, words, color=SOFT)
    left = MARGIN + _LABEL_LETTER * max(map(len, labels)) + 8
    for number, label in enumerate(labels):
        card.words(MARGIN, top + _ROW * (number + 0.5), label, size=8)
    room = WIDTH - left - (MARGIN + 40 if slanted else MARGIN) - _GAP * (len(matrices) - 1)
    width = room / len(matrices)
    for place, matrix in enumerate(matrices):
        x = left + place * (width + _GAP)
        card.words(x, top - heads - 10, matrix.heading, size=8.5, bold=True)
        _matrix(card, matrix, x, top, width / len(matrix.columns), slanted=slanted)
    for number, words in enumerate(below):
        y = top + _ROW * len(labels) + 13 + 12 * number
        card.words(MARGIN, y, words, size=7.5, color=SOFT)
    return card.svg()


def _matrix(
    card: Card, matrix: Matrix, x: float, top: float, width: float, *, slanted: bool
) -> None:
    for number, name in enumerate(matrix.columns):
        middle = x + width * (number + 0.5)
        if slanted:
            card.words(middle - 2, top - 6, name, size=7.5, color=SOFT, angle=38)
        else:
            card.words(middle, top - 8, name, size=7, color=SOFT, align="center")
    for row, cells in enumerate(matrix.cells):
        for column, cell in enumerate(cells):
            at, y = x + width * column, top + _ROW * row
            card.rectangle(at + 0.5, y + 0.5, width - 1, _ROW - 1, cell.color)
            if cell.text:
                card.words(
                    at + width / 2,
                    y + _ROW / 2,
                    cell.text,
                    size=7,
                    color=cell.ink,
                    align="center",
                    bold=cell.bold,
                )


def share_cell(share: float, color: str) -> Cell:
    """A share in whole percent, the deeper the more."""
    strength = share**0.7
    text = f"{100 * share:.0f}" if share >= _SMALLEST_WRITTEN else ""
    return Cell(_blend(color, 0.03 + 0.97 * strength), text, PAPER if strength > 0.55 else INK)


def difference_cell(difference: float, *, certain: bool) -> Cell:
    """A difference of shares in percentage points: blue above 0, orange below.

    certain: whether its interval leaves out 0; if not it is pale and its figure grey.
    """
    strength = min(1.0, abs(difference) / 0.4) ** 0.7
    color = _blend(CONVERTERS if difference > 0 else OTHERS, 0.05 + 0.95 * strength)
    text = f"{100 * difference:+.0f}" if abs(difference) >= _SMALLEST_WRITTEN else ""
    if not certain:
        return Cell(_blend(color, 0.25), text, QUIET)
    return Cell(color, text, PAPER if strength > 0.55 else INK, bold=True)


def _blend(color: str, strength: float) -> str:
    """``color`` on paper, ``strength`` from 0 to 1, in 32 shades."""
    strength = round(32 * strength) / 32
    channels = (int(color[place : place + 2], 16) for place in (1, 3, 5))
    return "#" + "".join(f"{round(255 + (each - 255) * strength):02x}" for each in channels)
