"""A card on which rectangles, lines and words are put: the paper of every picture.

Belongs here: what lies where, colours, and how words are cut. A card is white with dark ink and a
border, so it reads the same on a light and on a dark page. Does not belong here: what is drawn
(:mod:`journey_assets.pictures.rows`, :mod:`journey_assets.pictures.grid`) and the file
(:mod:`journey_assets.pictures.svg`).
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from journey_assets.names import plain_name

#: Colours by meaning; blue and orange are told apart by everyone.
INK, SOFT, LINE, PAPER = "#1b1f24", "#57606a", "#d8dee4", "#ffffff"
CONVERTERS, OTHERS, PLAIN = "#2b6cb0", "#c2671a", "#4a7a8c"
QUIET = "#6e7781"

#: Width of every card, in points; a page shows a point as 1⅓ pixels.
WIDTH = 640.0
MARGIN = 14.0

Point = tuple[float, float]
Align = Literal["left", "center", "right"]


@dataclass(frozen=True, slots=True)
class Words:
    """Words whose middle is at height y; angle: degrees, upwards."""

    x: float
    y: float
    text: str
    size: float
    color: str
    align: Align
    bold: bool
    angle: float


@dataclass
class Card:
    """A card ``height`` points high; x and y are points from its left upper corner.

    What looks alike lies together, in the order of the first of its kind: rectangles by colour,
    above them lines by colour and width, above them words.
    """

    title: str
    height: float
    shapes: dict[str, list[Sequence[Point]]] = field(default_factory=dict)
    lines: dict[tuple[str, float], list[Sequence[Point]]] = field(default_factory=dict)
    all_words: list[Words] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.line(0, 0, WIDTH, 0)
        self.line(WIDTH, 0, WIDTH, self.height)
        self.line(WIDTH, self.height, 0, self.height)
        self.line(0, self.height, 0, 0)

    def rectangle(self, x: float, y: float, width: float, height: float, color: str) -> None:
        """A filled rectangle with its left upper corner at x, y."""
        right, below = x + width, y + height
        self.shapes.setdefault(color, []).append(((x, y), (right, y), (right, below), (x, below)))

    def line(
        self, x: float, y: float, to_x: float, to_y: float, color: str = LINE, width: float = 0.8
    ) -> None:
        """A line."""
        self.lines.setdefault((color, width), []).append(((x, y), (to_x, to_y)))

    def words(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = 8.5,
        color: str = INK,
        align: Align = "left",
        bold: bool = False,
        angle: float = 0.0,
    ) -> None:
        """Words; see :class:`Words`."""
        self.all_words.append(Words(x, y, text, size, color, align, bold, angle))

    def svg(self) -> bytes:
        """The card as an SVG file."""
        from journey_assets.pictures import svg

        return svg.svg(self)


def cohort_colors(cohorts: Sequence[str]) -> dict[str, str]:
    """The colours of at most two cohorts: non-converters have theirs, also when they are alone."""
    alone = list(cohorts) == ["non_converter"]
    return dict(zip(cohorts, (OTHERS,) if alone else (CONVERTERS, OTHERS), strict=False))


def short(text: str | None, limit: int) -> str:
    """Somebody else's name, cut to the width of ``limit`` letters; wide letters count twice."""
    name = plain_name(text) if text else "–"
    width = 0
    for place, letter in enumerate(name):
        width += 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        if width > limit:
            return name[: max(1, place - 1)].rstrip() + "…"
    return name


def word(text: str) -> str:
    """A word of a table, as in ``web_dominant``, for reading."""
    return short(text.replace("_", " "), 40)


def wrapped(text: str, limit: int) -> list[str]:
    """Our own sentences in lines of at most ``limit`` letters."""
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > limit:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return lines
