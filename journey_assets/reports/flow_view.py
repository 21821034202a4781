"""A laid out flow with its texts and colours.

Belongs here: labels, readouts and colour classes. Every readout says count, share and of whom, so that
the drawing can be read without seeing it.
"""

from collections.abc import Mapping, Sequence

from journey_assets.analyses.rendering import Unit
from journey_assets.reports import figures
from journey_assets.reports.flow import Band, Flow, Kind, Link, Node, event_order
from journey_assets.reports.flow_layout import Box, Layout, Size, lay_out
from journey_assets.reports.view import (
    Cell,
    FlowBox,
    FlowRibbon,
    FlowView,
    Heading,
    TableRow,
    TableView,
)

#: Colours told apart at a glance; events beyond share one, their labels tell them apart.
COLOURS = 12

_SIZE = Size()
#: Room of a character in a label and in a readout, generous for the system's fonts.
_LABEL_CHARACTER = 7.0
_READOUT_CHARACTERS = 180

_NAMES: Mapping[Kind, str] = {
    Kind.OTHER: "other events",
    Kind.CONVERSION: "converted",
    Kind.LATER: "goes on",
    Kind.CUT: "cut by a limit",
    Kind.CENSORED: "still active",
    Kind.EXIT: "left",
}


def flow_views(
    found: Sequence[Flow], unit: str, prominent: Sequence[str] = ()
) -> tuple[FlowView, ...]:
    """A drawing for each flow; an event has the same colour in all of them.

    unit: what is counted, in the plural. prominent: events that get a colour of their own first.
    """
    events = dict.fromkeys((*prominent, *event_order(found)))
    colours = {
        Band(Kind.EVENT, event): f"c{number}" if number < COLOURS else "cx"
        for number, event in enumerate(events)
    }
    return tuple(_view(flow, colours, unit) for flow in found)


def flow_table(flow: Flow, unit: str) -> TableView:
    """The same as a table, a row per link."""
    rows = [
        TableRow(
            (
                Cell(str(link.source.step)),
                Cell(band_name(link.source.band), name=True),
                Cell(band_name(link.target.band), name=True),
                figures.count(link.persons),
                Cell(figures.number(link.persons / link.source.persons, Unit.SHARE)),
                Cell(figures.number(link.persons / flow.persons, Unit.SHARE)),
            )
        )
        for link in flow.links
    ]
    cohort = figures.cohort_name(flow.cohort)
    return TableView(
        anchor=f"flow-table-{slug(flow.cohort)}",
        caption=f"{cohort}: every move of the diagram",
        headings=(
            Heading("step"),
            Heading("from"),
            Heading("to"),
            Heading(unit, numeric=True),
            Heading("of those at the step", numeric=True),
            Heading("of the cohort", numeric=True),
        ),
        rows=rows,
    )


def band_name(band: Band) -> str:
    """How a band is called."""
    return figures.name(band.event) if band.kind is Kind.EVENT else _NAMES[band.kind]


def slug(cohort: str) -> str:
    """A cohort's label as part of an anchor."""
    return "".join(c if c.isascii() and c.isalnum() else f"-{ord(c):x}" for c in cohort)


def _view(flow: Flow, colours: Mapping[Band, str], unit: str) -> FlowView:
    layout = lay_out(flow, _SIZE)
    pitch = layout.columns[1] - layout.columns[0] if len(layout.columns) > 1 else _SIZE.width
    cohort = figures.cohort_name(flow.cohort)
    leaving = flow.leaving()
    return FlowView(
        anchor=f"flow-{slug(flow.cohort)}",
        title=cohort,
        description=f"{figures.number(flow.persons)} {unit} from their first event on",
        width=_SIZE.width,
        height=_SIZE.height,
        columns=[(x, str(step)) for step, x in enumerate(layout.columns[:-1], start=1)],
        boxes=[_box(box, leaving[box.node], flow, colours, unit, pitch) for box in layout.boxes],
        ribbons=_ribbons(layout, flow, colours, unit),
    )


def _ribbons(
    layout: Layout, flow: Flow, colours: Mapping[Band, str], unit: str
) -> list[FlowRibbon]:
    # The large ones first, so that the thin ones lie on top and can be pointed at.
    ordered = sorted(layout.ribbons, key=lambda ribbon: -ribbon.height)
    return [
        FlowRibbon(
            ribbon.path,
            _colour(
                ribbon.link.target.band if _ends(ribbon.link) else ribbon.link.source.band, colours
            ),
            _ribbon_readout(ribbon.link, flow, unit),
        )
        for ribbon in ordered
    ]


def _ends(link: Link) -> bool:
    return link.target.band.kind in {Kind.EXIT, Kind.CONVERSION}


def _colour(band: Band, colours: Mapping[Band, str]) -> str:
    return colours[band] if band.kind is Kind.EVENT else f"k-{band.kind}"


def _box(
    box: Box,
    leaving: Sequence[Link],
    flow: Flow,
    colours: Mapping[Band, str],
    unit: str,
    pitch: float,
) -> FlowBox:
    two_lines = box.slot >= 2 * _SIZE.slot
    share = figures.rough(box.node.persons / flow.persons)
    room = int((min(pitch, _SIZE.last_label) - box.width - 8) / _LABEL_CHARACTER)
    text = band_name(box.node.band)
    return FlowBox(
        box.x,
        round(box.y, 2),
        box.width,
        round(max(box.height, 1.0), 2),
        _colour(box.node.band, colours),
        label=_shortened(text, room if two_lines else room - len(share) - 1),
        figures=f"{share} · {figures.number(box.node.persons)}" if two_lines else share,
        two_lines=two_lines,
        readout=_wrapped(_box_readout(box.node, leaving, flow, unit)),
    )


def _box_readout(node: Node, leaving: Sequence[Link], flow: Flow, unit: str) -> list[str]:
    """What a band is, and where its persons go: everything that leaves it."""
    share = figures.number(node.persons / flow.persons, Unit.SHARE)
    place = f"after step {node.step - 1}" if node.band.kind.ends else f"step {node.step}"
    parts = [
        f"{band_name(node.band)}, {place}: {figures.number(node.persons)} {unit}, {share} of the cohort"
    ]
    for number, link in enumerate(leaving):
        sign = "→ " if number == 0 else ""
        of = figures.number(link.persons / node.persons, Unit.SHARE)
        parts.append(f"{sign}{band_name(link.target.band)} {figures.number(link.persons)} ({of})")
    return parts


def _ribbon_readout(link: Link, flow: Flow, unit: str) -> str:
    of_node = figures.number(link.persons / link.source.persons, Unit.SHARE)
    of_all = figures.number(link.persons / flow.persons, Unit.SHARE)
    return (
        f"Step {link.source.step}: {band_name(link.source.band)} → {band_name(link.target.band)}: "
        f"{figures.number(link.persons)} {unit}, {of_node} of those at the step, "
        f"{of_all} of the cohort"
    )


def _wrapped(parts: Sequence[str]) -> list[str]:
    """The parts on lines: the first alone, the others as many as a line has room for."""
    lines = [parts[0]]
    for part in parts[1:]:
        if len(lines) > 1 and len(lines[-1]) + len(part) + 3 <= _READOUT_CHARACTERS:
            lines[-1] += f" · {part}"
        else:
            lines.append(part)
    return lines


def _shortened(text: str, room: int) -> str:
    return text if len(text) <= room else f"{text[: max(1, room - 1)].rstrip()}…"
