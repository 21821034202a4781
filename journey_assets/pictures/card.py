"""A card on which rectangles, lines and words are put: the paper of every picture.

Belongs here: matplotlib, colours, and how words are cut and escaped. A card is white with dark ink
and a border, so it reads the same on a light and on a dark page. Does not belong here: what is drawn
(:mod:`journey_assets.pictures.rows`, :mod:`journey_assets.pictures.grid`).
"""

import re
import unicodedata
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, Literal

from journey_assets.names import plain_name

#: Colours by meaning; blue and orange are told apart by everyone.
INK, SOFT, LINE, PAPER = "#1b1f24", "#57606a", "#d8dee4", "#ffffff"
CONVERTERS, OTHERS, PLAIN = "#2b6cb0", "#c2671a", "#4a7a8c"
QUIET = "#9aa4af"

#: Width of every card, in points; a page shows a point as 1⅓ pixels.
WIDTH = 640.0
MARGIN = 14.0

Point = tuple[float, float]
Align = Literal["left", "center", "right"]

_NO_TURN = re.compile(rb' transform="rotate\(-0 [^"]*\)"')
_GROUP_OF_ONE = re.compile(rb'<g id="text_\d+">\s*(<text[^\n]*</text>)\s*</g>\s*')

#: Words are kept as words: small files, and names in any script are drawn by the reader's fonts.
#: Verdana is as wide as the font that matplotlib measures with. Dollar signs are no formulas.
_STYLE: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "journey_assets",
    "text.parse_math": False,
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Verdana"],
}


@dataclass
class Card:
    """A card ``height`` points high; x and y are points from its left upper corner."""

    title: str
    height: float
    _shapes: dict[str, list[Sequence[Point]]] = field(default_factory=dict)
    _lines: dict[tuple[str, float], list[Sequence[Point]]] = field(default_factory=dict)
    _words: list[tuple[float, float, str, dict[str, Any]]] = field(default_factory=list)

    def rectangle(self, x: float, y: float, width: float, height: float, color: str) -> None:
        """A filled rectangle with its left upper corner at x, y; those of a colour lie together."""
        right, below = x + width, y + height
        self._shapes.setdefault(color, []).append(((x, y), (right, y), (right, below), (x, below)))

    def line(
        self, x: float, y: float, to_x: float, to_y: float, color: str = LINE, width: float = 0.8
    ) -> None:
        """A line, above all rectangles."""
        self._lines.setdefault((color, width), []).append(((x, y), (to_x, to_y)))

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
        """Words whose middle is at height y; angle: degrees, upwards."""
        how = {
            "size": size,
            "color": color,
            "ha": align,
            "weight": "bold" if bold else "normal",
            "rotation": angle,
            "rotation_mode": "anchor",
        }
        self._words.append((x, y, text, how))

    def svg(self) -> bytes:
        """The card as an SVG file; the same card gives the same bytes."""
        import matplotlib as mpl
        from matplotlib.backends.backend_svg import FigureCanvasSVG
        from matplotlib.figure import Figure

        with mpl.rc_context(_STYLE), warnings.catch_warnings():
            # It measures with one font only; what that lacks is in those of the reader.
            warnings.filterwarnings("ignore", message="Glyph .* missing from font")
            figure = Figure(figsize=(WIDTH / 72, self.height / 72), facecolor=PAPER)
            axes = figure.add_axes((0, 0, 1, 1))
            axes.set_axis_off()
            axes.set_xlim(0, WIDTH)
            axes.set_ylim(self.height, 0)
            self._draw(axes)
            file = BytesIO()
            canvas: Any = FigureCanvasSVG(figure)
            canvas.print_svg(file, metadata={"Title": self.title, "Date": None, "Creator": None})
        return _compact(file.getvalue())

    def _draw(self, axes: Any) -> None:
        from matplotlib.patches import PathPatch

        for start, end in (
            ((0, 0), (WIDTH, 0)),
            ((WIDTH, 0), (WIDTH, self.height)),
            ((WIDTH, self.height), (0, self.height)),
            ((0, self.height), (0, 0)),
        ):
            self.line(*start, *end)
        for color, shapes in self._shapes.items():
            axes.add_artist(PathPatch(_path(shapes), facecolor=color, linewidth=0, clip_on=False))
        for (color, width), lines in self._lines.items():
            how = {"edgecolor": color, "linewidth": width, "fill": False, "clip_on": False}
            axes.add_artist(PathPatch(_path(lines), **how))
        for x, y, text, how in self._words:
            axes.text(x, y, text, va="center_baseline", **how)


def _path(shapes: Sequence[Sequence[Point]]) -> Any:
    """All shapes of one look as one path: a fraction of the size of a path each."""
    from matplotlib.path import Path

    codes = [code for shape in shapes for code in (Path.MOVETO, *[Path.LINETO] * (len(shape) - 1))]
    return Path([point for shape in shapes for point in shape], codes)


def _compact(svg: bytes) -> bytes:
    """The font is said once; groups of one and turns by nothing are left out: half the size."""
    family = b"font-family: 'DejaVu Sans', 'Verdana', sans-serif"
    once = svg.replace(family + b"; ", b"").replace(b"*{", b"text{" + family + b"} *{", 1)
    return _GROUP_OF_ONE.sub(rb"\1\n", _NO_TURN.sub(b"", once))


def short(text: str | None, limit: int) -> str:
    """Somebody else's name, cut to the width of ``limit`` letters; wide letters count twice."""
    name = plain_name(text) if text else "–"
    width = 0
    for place, letter in enumerate(name):
        width += 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        if width > limit:
            return name[: max(1, place - 1)].rstrip() + "…"
    return name


def wrapped(text: str, limit: int) -> list[str]:
    """Our own sentences in lines of at most ``limit`` letters."""
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > limit:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return lines
