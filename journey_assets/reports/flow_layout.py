"""Where the bands and links of a flow stand in a drawing.

Belongs here: geometry. Heights are in proportion to persons, with one scale for the whole flow; a
band too thin for its label still gets a label's room, so that no two labels meet. Does not belong
here: colours and texts (:mod:`journey_assets.reports.flow_view`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from journey_assets.reports.flow import Flow, Kind, Link, Node

#: Ends stand below the events of their column, in this order.
_ENDS = (Kind.CONVERSION, Kind.LATER, Kind.CUT, Kind.CENSORED, Kind.EXIT)


@dataclass(frozen=True, slots=True)
class Size:
    """The room of a drawing, in the units of its view box.

    last_label: to the right of the last column. slot: least height of a band with its label.
    """

    width: float = 1290
    height: float = 420
    last_label: float = 118
    node: float = 10
    slot: float = 15
    gap: float = 6


@dataclass(frozen=True, slots=True)
class Box:
    """A placed node. height: of its persons; slot: with the room of its label."""

    node: Node
    x: float
    y: float
    width: float
    height: float
    slot: float


@dataclass(frozen=True, slots=True)
class Ribbon:
    """A placed link: from ``x0``, ``y0`` to ``x1``, ``y1``, upper edges, ``height`` thick."""

    link: Link
    x0: float
    y0: float
    x1: float
    y1: float
    height: float

    @property
    def path(self) -> str:
        """The SVG path of its outline."""
        middle = (self.x0 + self.x1) / 2
        below0, below1 = self.y0 + self.height, self.y1 + self.height
        return (
            f"M{self.x0:.1f} {self.y0:.2f}"
            f"C{middle:.1f} {self.y0:.2f} {middle:.1f} {self.y1:.2f} {self.x1:.1f} {self.y1:.2f}"
            f"V{below1:.2f}"
            f"C{middle:.1f} {below1:.2f} {middle:.1f} {below0:.2f} {self.x0:.1f} {below0:.2f}Z"
        )


@dataclass(frozen=True, slots=True)
class Layout:
    """A placed flow; the boxes are in the order of reading."""

    boxes: tuple[Box, ...]
    ribbons: tuple[Ribbon, ...]
    columns: tuple[float, ...]
    scale: float


def lay_out(flow: Flow, size: Size) -> Layout:
    """Place ``flow`` within ``size``."""
    scale = _scale(flow, size)
    arriving: dict[Node, list[Link]] = {}
    for link in flow.links:
        arriving.setdefault(link.target, []).append(link)
    pitch = (size.width - size.last_label) / max(1, len(flow.columns) - 1)
    boxes: dict[Node, Box] = {}
    for number, column in enumerate(flow.columns):
        y = 0.0
        for node in _ordered(column, arriving, boxes):
            height = node.persons * scale
            slot = max(height, size.slot)
            boxes[node] = Box(node, number * pitch, y, size.node, height, slot)
            y += slot + size.gap
    xs = tuple(number * pitch for number in range(len(flow.columns)))
    return Layout(tuple(boxes.values()), _ribbons(flow, boxes, scale), xs, scale)


def _scale(flow: Flow, size: Size) -> float:
    """The largest height of a person with which every column fits."""
    return min(_column_scale(column, size) for column in flow.columns)


def _column_scale(column: Sequence[Node], size: Size) -> float:
    room = size.height - size.gap * (len(column) - 1)
    nodes = sorted(column, key=lambda node: node.persons)
    while True:
        scale = room / sum(node.persons for node in nodes)
        # The thinnest get a label's room; what is left is shared by the others.
        if len(nodes) == 1 or nodes[0].persons * scale >= size.slot:
            return scale
        nodes = nodes[1:]
        room -= size.slot


def _ordered(
    column: Sequence[Node], arriving: Mapping[Node, Sequence[Link]], placed: Mapping[Node, Box]
) -> list[Node]:
    """Events by where their persons come from, so that few links cross; then the ends."""

    def origin(node: Node) -> float:
        heights = [
            link.persons * (placed[link.source].y + placed[link.source].height / 2)
            for link in arriving.get(node, ())
        ]
        return sum(heights) / node.persons if heights else -node.persons

    events = [node for node in column if not node.band.kind.ends]
    ends = [node for node in column if node.band.kind.ends]
    return [
        *sorted(events, key=lambda node: (origin(node), node.band.event)),
        *sorted(ends, key=lambda node: _ENDS.index(node.band.kind)),
    ]


def _ribbons(flow: Flow, boxes: Mapping[Node, Box], scale: float) -> tuple[Ribbon, ...]:
    """Links leave in the order of their targets' places and arrive in that of their sources'."""
    links = [link for link in flow.links if link.persons]
    starts = _offsets(links, lambda link: link.source, lambda link: boxes[link.target].y, scale)
    ends = _offsets(links, lambda link: link.target, lambda link: boxes[link.source].y, scale)
    return tuple(
        Ribbon(
            link,
            boxes[link.source].x + boxes[link.source].width,
            boxes[link.source].y + starts[link],
            boxes[link.target].x,
            boxes[link.target].y + ends[link],
            link.persons * scale,
        )
        for link in links
    )


def _offsets(
    links: Sequence[Link],
    side: Callable[[Link], Node],
    place: Callable[[Link], float],
    scale: float,
) -> dict[Link, float]:
    """How far below its node's upper edge each link begins on one side."""
    found: dict[Link, float] = {}
    used: dict[Node, float] = {}
    for link in sorted(links, key=place):
        node = side(link)
        found[link] = used.get(node, 0.0)
        used[node] = found[link] + link.persons * scale
    return found
