"""The section about the golden path: three definitions, and the step of it that matters most."""

from collections.abc import Mapping, Sequence

from journey_assets.analyses.rendering import Unit
from journey_assets.journeys.statistics.golden_paths.table import GOLDEN_PATHS
from journey_assets.journeys.statistics.golden_transitions.table import GOLDEN_TRANSITIONS
from journey_assets.journeys.statistics.removal_effects.table import REMOVAL_EFFECTS
from journey_assets.reports import figures
from journey_assets.reports.figures import Columns
from journey_assets.reports.flow_view import slug
from journey_assets.reports.reading import Day, Row
from journey_assets.reports.sections.common import (
    absent,
    by_focus,
    heading_of,
    new_claim,
    row_anchor,
    sides,
)
from journey_assets.reports.view import (
    Block,
    Cell,
    Folded,
    Heading,
    PathView,
    Section,
    Sentence,
    Step,
    TableRow,
    TableView,
)
from journey_assets.settings import Settings

#: The headline first; with what each definition is.
_READINGS: Mapping[str, tuple[str, str]] = {
    "common_subsequence": (
        "What converters have in common",
        "The longest sequence of events that enough converters go through in this order, others "
        "between them allowed.",
    ),
    "modal": ("Most common complete path", "The most frequent whole path, repeats counted once."),
    "most_probable": (
        "Most probable path",
        "Step by step the most probable of converters' transitions; left out when nobody took it.",
    ),
}
#: What the reader must know of the headline reading, by its verdict.
_CAUTIONS = {
    "insufficient": "Too few converters for a golden path.",
    "none": "No order of events is common to enough converters.",
    "limit": "The search for what converters have in common stopped at its limit of work: enough "
    "of them share the order shown, but a longer one may exist.",
}
_EFFECTS_SHOWN = 8


def golden_section(day: Day, settings: Settings) -> Section:
    """The golden path."""
    blocks: list[Block] = []
    steps = dict(by_focus(day.rows(GOLDEN_TRANSITIONS)))
    for focus, rows in by_focus(day.rows(GOLDEN_PATHS)):
        blocks += _readings(focus, rows, steps.get(focus, []))
        if focus in steps:
            blocks.append(_steps(focus, steps[focus]))
    if not blocks:
        empty = "Nobody converted in this window."
        blocks.append(absent(day, GOLDEN_PATHS, settings, "amplitude", empty))
    if effects := [_effects(*each) for each in by_focus(day.rows(REMOVAL_EFFECTS))]:
        blocks.append(Folded("What each event is worth to the path as a whole", effects))
    return Section(
        "golden-path",
        "The golden path",
        "The path to conversion by three definitions, since no single one tells the truth alone; with how "
        "many of each cohort take it.",
        blocks,
    )


def _readings(focus: str, rows: Sequence[Row], steps: Sequence[Row]) -> list[Block]:
    found: list[Block] = []
    shown: set[tuple[str, ...]] = set()
    by_reading = {row["reading"]: row for row in rows}
    for reading, (title, meaning) in _READINGS.items():
        row = by_reading.get(reading)
        if row is None or row["verdict"] not in {"found", "limit"} or not row["path"]:
            continue
        way = tuple(row["path"])
        if way in shown:
            found.append(Sentence(f"{heading_of(focus, title)}: the same. {meaning}"))
            continue
        shown.add(way)
        headline = reading == "common_subsequence"
        found.append(
            PathView(
                heading_of(focus, title),
                meaning,
                _path(row["path"], steps if headline else ()),
                _support(focus, row),
                headline,
            )
        )
    stated = by_reading.get("common_subsequence")
    if stated is not None and stated["verdict"] in _CAUTIONS:
        found.insert(0, Sentence(_CAUTIONS[stated["verdict"]], True))
    return found


def _path(path: Sequence[str], steps: Sequence[Row]) -> tuple[Step, ...]:
    critical = {row["step"]: row for row in steps if row["critical"]}
    return tuple(
        Step(
            figures.name(event),
            place in critical,
            _why(critical[place]) if place in critical else "",
        )
        for place, event in enumerate(path)
    )


def _why(row: Row) -> str:
    """Said of the step from the event before: who takes it in the first session converts as often later."""
    ratio = figures.number(row["stratified_ratio"], Unit.RATIO)
    bounds = figures.interval(row["stratified_low"], row["stratified_high"], Unit.RATIO)
    return f"most valuable: {ratio} ({bounds})"


def _support(focus: str, row: Row) -> tuple[tuple[str, Cell], ...]:
    """Who goes the way; one that ends with the conversion counts up to it, as far as others can."""
    whole = row["before_converters"] is None
    count, share, end = (
        ("support_", "share_", "")
        if whole
        else ("before_", "before_share_", ", up to the conversion")
    )
    mine, others = sides(focus)
    return tuple(
        (
            (label.capitalize() if label in {"converters", "non-converters"} else label) + end,
            figures.share_cell(
                row,
                Columns.of(f"{share}{side}"),
                1.0,
                detail=figures.count_of(row[f"{count}{side}"], row[side]),
                bar=True,
            ),
        )
        for label, side in ((mine, "converters"), (others, "non_converters"))
    )


def _steps(focus: str, rows: Sequence[Row]) -> TableView:
    widest = figures.widest_ratio(rows, "stratified_low", "stratified_high")
    mine, _ = sides(focus)
    return TableView(
        f"golden-steps-{slug(focus)}",
        heading_of(focus, "Its steps, taken within the first session or not"),
        (
            Heading("step"),
            Heading(f"{mine} of those with it", True),
            Heading(f"{mine} of those without", True),
            Heading("converts later, with over without", True),
            Heading("note"),
        ),
        [_step(row, widest) for row in rows],
        ("" if any(row["critical"] for row in rows) else "No step stands out. ")
        + "The ratio is of hazards: persons who may still convert after their first session, at the same "
        "visits. An association, not a cause.",
    )


#: The ratio that makes the claim, with its bounds.
_CLAIMED = Columns("stratified_ratio", "stratified_low", "stratified_high")


def _step(row: Row, widest: float) -> TableRow:
    said = "most valuable" if row["critical"] else figures.verdict(row["verdict"]).text
    within = f"within {row['stratified_by']}" if row.get("strata_differ") else ""
    return TableRow(
        (
            Cell(f"{figures.name(row['from_event'])} → {figures.name(row['to_event'])}", name=True),
            Cell(figures.count_of(row["converters_with"], row["persons_with"])),
            Cell(figures.count_of(row["converters_without"], row["persons_without"])),
            figures.ratio_cell(row, _CLAIMED, widest),
            Cell(
                said,
                detail=" · ".join(each for each in (new_claim(row), within) if each),
                tone="good" if row["critical"] else "quiet",
            ),
        ),
        row_anchor("golden-path", row),
    )


#: Said where a first-order chain does not describe the paths.
_CHAIN_REFUSED = (
    "What people do next depends on more than their last event (the test of order 1 against 2 refuses the "
    "chain), so these effects and the most probable path are a rough guide."
)


def _effects(focus: str, rows: Sequence[Row]) -> TableView:
    counted = [row for row in rows if row["verdict"] != "insufficient"]
    shown = sorted(counted, key=lambda row: (-row["effect"], row["event_type"]))[:_EFFECTS_SHOWN]
    return TableView(
        f"removal-effects-{slug(focus)}",
        heading_of(focus, "Part of all conversions lost if nobody could pass the event"),
        (Heading("event"), Heading("effect", True), Heading("persons", True), Heading("note")),
        [
            TableRow(
                (
                    figures.named(row["event_type"]),
                    Cell(figures.number(row["effect"], Unit.SHARE)),
                    figures.count(row["persons"]),
                    Cell("every converter passes it" if row["gate"] else "", tone="quiet"),
                )
            )
            for row in shown
        ],
        " ".join(
            part
            for part in (
                figures.rest_of(len(rows), len(shown), "event"),
                _CHAIN_REFUSED if any(row["chain"] == "refused" for row in rows) else "",
            )
            if part
        ),
    )
