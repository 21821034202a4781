"""The sections that compare two groups: where they diverge, friction, where people leave."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from journey_assets.analyses.rendering import Unit
from journey_assets.journeys.statistics.divergence_points.table import DIVERGENCE_POINTS
from journey_assets.journeys.statistics.dropoff_cliffs.table import DROPOFF_CLIFFS
from journey_assets.journeys.statistics.friction_signals.table import FRICTION_SIGNALS
from journey_assets.reports import figures
from journey_assets.reports.figures import Columns
from journey_assets.reports.flow_view import slug
from journey_assets.reports.reading import Day, Row
from journey_assets.reports.sections.common import (
    absent,
    by_focus,
    heading_of,
    leading,
    new_claim,
    row_anchor,
    sides,
)
from journey_assets.reports.view import Block, Cell, Folded, Heading, Section, TableRow, TableView
from journey_assets.settings import Settings

#: Rows of a ranked table; what is beyond them is counted under it.
SHOWN = 10
_PAIRS_SHOWN = 8
_NEXT_SHOWN = 3


def divergence_section(day: Day, settings: Settings) -> Section:
    """Where the cohorts diverge."""
    blocks: list[Block] = []
    for focus, rows in by_focus(day.rows(DIVERGENCE_POINTS)):
        blocks.append(_divergence(focus, rows))
    empty = "No event is followed by another in both cohorts."
    return Section(
        "divergence",
        "Where converters and others diverge",
        "After which event converters and others go different ways: the next event after each "
        "person's first visit. Ranked by how many pass and how different they are, in bits of "
        "Jensen–Shannon divergence beyond chance; “different” holds the false discovery rate "
        f"at {_alpha(settings)}.",
        blocks or [absent(day, DIVERGENCE_POINTS, settings, "amplitude", empty)],
    )


def _divergence(focus: str, rows: Sequence[Row]) -> TableView:
    shown = leading(rows, SHOWN, "different")
    mine, others = sides(focus)
    return TableView(
        f"divergence-{slug(focus)}",
        heading_of(focus, "Events after which the paths diverge"),
        (
            Heading("after"),
            Heading(f"{mine} next"),
            Heading(f"{others} next"),
            Heading("divergence", True),
            Heading("q", True),
            Heading("verdict"),
        ),
        [
            TableRow(
                (
                    Cell(
                        figures.name(row["event_type"]),
                        detail=f"{figures.number(row['n_converters'])} {mine}, "
                        f"{figures.number(row['n_non_converters'])} {others}",
                        name=True,
                    ),
                    _next_events(row["top_next_converters"]),
                    _next_events(row["top_next_non_converters"]),
                    Cell(f"{figures.decimal(row['jsd_corrected'], 3)} bits"),
                    Cell(figures.number(row["family_q"], Unit.PROBABILITY)),
                    _verdict_within(row),
                ),
                row_anchor("divergence", row),
            )
            for row in shown
        ],
        _verdicts(rows, len(shown), "event"),
    )


def _next_events(top: Sequence[Row] | None) -> Cell:
    return Cell(
        names=tuple(
            (
                figures.name(each["event_type"]),
                figures.number(each["share"], Unit.SHARE),
            )
            for each in (top or ())[:_NEXT_SHOWN]
        )
    )


def friction_section(day: Day, settings: Settings) -> Section:
    """What is more common among people who do not convert."""
    blocks: list[Block] = []
    for focus, rows in by_focus(day.rows(FRICTION_SIGNALS)):
        blocks.append(_friction(focus, rows))
    empty = "No event was seen on any path."
    return Section(
        "friction",
        "More common among people who do not convert",
        "Friction: events after which people convert less. The ratio is of hazards: of those who have had "
        "the event by a visit over the others at the same visit, who converts right after it. Left of the "
        "line it is friction. The shares are a description: who stays longer has more of everything. An "
        "association, not a cause.",
        blocks or [absent(day, FRICTION_SIGNALS, settings, "amplitude", empty)],
    )


def _friction(focus: str, rows: Sequence[Row]) -> TableView:
    shown = leading(rows, SHOWN, "friction")
    mine, others = sides(focus)
    widest = figures.widest_ratio(shown, "stratified_low", "stratified_high")
    return TableView(
        f"friction-{slug(focus)}",
        heading_of(focus, "Events by what comes after them"),
        (
            Heading("event"),
            Heading(f"{others} with it", True),
            Heading(f"{mine} with it", True),
            Heading("converts, with it over without", True),
            Heading("q", True),
            Heading("verdict"),
        ),
        [
            TableRow(
                (
                    figures.named(row["event_type"]),
                    _part(row["non_converters_with"], row["non_converters"]),
                    _part(row["converters_with"], row["converters"]),
                    figures.ratio_cell(
                        row,
                        Columns("stratified_ratio", "stratified_low", "stratified_high"),
                        widest,
                    ),
                    Cell(figures.number(row["family_q"], Unit.PROBABILITY)),
                    _verdict_within(row),
                ),
                row_anchor("friction", row),
            )
            for row in shown
        ],
        _verdicts(rows, len(shown), "event"),
    )


def _verdict_within(row: Row) -> Cell:
    """The verdict; where it holds within platform or country and not for all together, that."""
    said = [new_claim(row)] if new_claim(row) else []
    if row.get("strata_differ"):
        ratio = row.get("hazard_ratio")
        pooled = f"; all together {figures.number(ratio, Unit.RATIO)}" if ratio else ""
        said.append(f"within {row['stratified_by']}{pooled}")
    return replace(figures.verdict(row["verdict"]), detail=" · ".join(said))


def _part(part: int | None, whole: int | None) -> Cell:
    if part is None or not whole:
        return Cell(figures.NOTHING)
    return Cell(figures.number(part / whole, Unit.SHARE), detail=figures.count_of(part, whole))


def cliffs_section(day: Day, settings: Settings) -> Section:
    """Where those who do not convert leave."""
    blocks: list[Block] = []
    for cohort, rows in by_focus(day.rows(DROPOFF_CLIFFS)):
        states = [row for row in rows if row["to_event"] is None]
        pairs = [row for row in rows if row["to_event"] is not None]
        blocks.append(_cliffs(cohort, states, SHOWN, "at"))
        if pairs:
            blocks.append(
                Folded("By the event before", [_cliffs(cohort, pairs, _PAIRS_SHOWN, "arriving at")])
            )
    empty = "Nobody left without converting."
    return Section(
        "cliffs",
        "Where people leave",
        "Exits of those who do not convert, ranked by share of all exits × exit rate. The line marks "
        "the cohort's exit rate over all events; a cliff lies above that of the other visits by more than "
        "chance gives. Visits of one person are not independent: persons are clusters in interval and test.",
        blocks or [absent(day, DROPOFF_CLIFFS, settings, "amplitude", empty)],
    )


def _cliffs(cohort: str, rows: Sequence[Row], limit: int, place: str) -> TableView:
    shown = leading(rows, limit, "cliff")
    largest = figures.largest_bound(shown, "exit_high")
    kind = "state" if place == "at" else "arrival"
    return TableView(
        f"cliffs-{kind}-{slug(cohort)}",
        f"{figures.cohort_name(cohort)}: exits {place} an event",
        (
            Heading("event"),
            Heading("exits", True),
            Heading("exit rate", True),
            Heading("of all exits", True),
            Heading("verdict"),
        ),
        [
            TableRow(
                (
                    Cell(
                        " → ".join(
                            figures.name(each)
                            for each in (row["from_event"], row["to_event"])
                            if each is not None
                        ),
                        name=True,
                    ),
                    Cell(
                        figures.number(row["exits"]),
                        detail=f"of {figures.number(row['visits'])} visits",
                    ),
                    figures.share_cell(
                        row,
                        Columns("exit_rate", "exit_low", "exit_high"),
                        largest,
                        reference=row["cohort_exit_rate"],
                    ),
                    Cell(figures.number(row["share_of_exits"], Unit.SHARE)),
                    _verdict_within(row),
                ),
                row_anchor("cliffs", row),
            )
            for row in shown
        ],
        _verdicts(rows, len(shown), kind),
    )


def _alpha(settings: Settings) -> str:
    return figures.percent(1 - settings.confidence_level)


def _verdicts(rows: Sequence[Row], shown: int, thing: str) -> str:
    """What became of all rows, shown or not."""
    counted = Counter(figures.verdict(row["verdict"]).text for row in rows)
    most_first = sorted(counted.items(), key=lambda each: (-each[1], each[0]))
    of_all = ", ".join(f"{figures.number(n)} {text}" for text, n in most_first)
    return f"{shown} of {figures.pluralised(len(rows), thing)} shown. Of all: {of_all}."
