"""Cards as SVG files, by matplotlib.

Belongs here: all that knows matplotlib; imported when a card is drawn, since that costs most of a
second. Words are kept as words and never measured: files are small, names in any script are set by
the reader's fonts, and nothing in a name is a formula.
"""

import re
from collections.abc import Sequence
from io import BytesIO
from typing import Any

import matplotlib as mpl
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.transforms import Affine2D

from journey_assets.pictures.card import PAPER, WIDTH, Card, Point

#: An SVG of matplotlib has a unit a point at this resolution.
_DPI = 72
#: The baseline is so much of a letter's size below its middle.
_BELOW_MIDDLE = 0.36

_STYLE: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "journey_assets",
    "font.family": "sans-serif",
    "font.sans-serif": ["Verdana", "DejaVu Sans"],
}
_FAMILY = b"font-family: 'Verdana', 'DejaVu Sans', sans-serif"

_NO_TURN = re.compile(rb' transform="rotate\(-0 [^"]*\)"')
_GROUP_OF_ONE = re.compile(rb'<g id="text_\d+">\s*(<text[^\n]*</text>)\s*</g>\s*')


class _Words(Text):
    """Words at a baseline, set by the reader's font."""

    def draw(self, renderer: Any) -> None:
        """Hand the words on as they are: matplotlib would measure them first, at twice the cost."""
        gc = renderer.new_gc()
        gc.set_foreground(self.get_color())
        x, y = self.get_transform().transform(self.get_unitless_position())
        _, height = renderer.get_canvas_width_height()
        font, angle = self.get_fontproperties(), self.get_rotation()
        renderer.draw_text(gc, x, height - y, self.get_text(), font, angle, mtext=self)
        gc.restore()


def svg(card: Card) -> bytes:
    """The card's file; the same card gives the same bytes."""
    with mpl.rc_context(_STYLE):
        size = (WIDTH / _DPI, card.height / _DPI)
        figure = Figure(figsize=size, dpi=_DPI, facecolor=PAPER)
        # Points from the left upper corner, as a card counts them.
        place = Affine2D().scale(1, -1).translate(0, card.height)
        for artist in _artists(card):
            figure.add_artist(artist)
            artist.set_transform(place)
        file = BytesIO()
        canvas: Any = FigureCanvasSVG(figure)
        canvas.print_svg(file, metadata={"Title": card.title, "Date": None, "Creator": None})
    return _compact(file.getvalue())


def _artists(card: Card) -> list[Any]:
    """What lies on the card, from the bottom up."""
    filled = [PathPatch(_path(s), facecolor=c, linewidth=0) for c, s in card.shapes.items()]
    drawn = [
        PathPatch(_path(lines), edgecolor=color, linewidth=width, fill=False)
        for (color, width), lines in card.lines.items()
    ]
    words = [
        _Words(
            each.x,
            each.y + _BELOW_MIDDLE * each.size,
            each.text,
            color=each.color,
            fontsize=each.size,
            fontweight="bold" if each.bold else "normal",
            horizontalalignment=each.align,
            rotation=each.angle,
            rotation_mode="anchor",
        )
        for each in card.all_words
    ]
    return [*filled, *drawn, *words]


def _path(shapes: Sequence[Sequence[Point]]) -> Path:
    """All shapes of one look as one path: a fraction of the size of a path each."""
    codes = [code for shape in shapes for code in (Path.MOVETO, *[Path.LINETO] * (len(shape) - 1))]
    return Path([point for shape in shapes for point in shape], codes)


def _compact(file: bytes) -> bytes:
    """The font is said once; groups of one and turns by nothing are left out: half the size."""
    once = file.replace(_FAMILY + b"; ", b"").replace(b"*{", b"text{" + _FAMILY + b"} *{", 1)
    return _GROUP_OF_ONE.sub(rb"\1\n", _NO_TURN.sub(b"", once))
