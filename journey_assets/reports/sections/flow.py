"""The section about the flow: who goes where, step by step, and the most frequent whole ways."""

from collections.abc import Sequence

from journey_assets.journeys.statistics.golden_paths.table import GOLDEN_PATHS
from journey_assets.journeys.statistics.paths.table import PATHS
from journey_assets.journeys.statistics.variants.table import VARIANTS
from journey_assets.reports import figures
from journey_assets.reports.figures import Columns
from journey_assets.reports.flow import flows
from journey_assets.reports.flow_view import flow_table, flow_views
from journey_assets.reports.reading import FLOW_EVENTS, FLOW_STEPS, Day, Row
from journey_assets.reports.sections.common import absent
from journey_assets.reports.view import Block, Cell, Folded, Heading, Section, TableRow, TableView
from journey_assets.settings import Settings


def flow_section(day: Day, settings: Settings) -> Section:
    """Who goes where, step by step."""
    unit = "persons" if settings.path_unit == "person" else "sessions"
    found = flows(day.moves)
    blocks: list[Block] = list(flow_views(found, unit, _golden(day)))
    if found:
        blocks.append(Folded("The diagrams as tables", [flow_table(flow, unit) for flow in found]))
    else:
        empty = "Nobody has a path in this window."
        blocks.append(absent(day, PATHS, settings, "amplitude", empty))
    if rows := day.rows(VARIANTS):
        blocks.append(Folded("The most frequent whole ways", [_variants(rows)]))
    return Section(
        "flow",
        "The flow",
        f"Every path from its first event on, {FLOW_STEPS} steps of it, repeats of an event counted "
        f"once. A band is as high as its {unit} are many, each diagram in its own scale. At each step "
        f"the {FLOW_EVENTS} most frequent events stand alone; “other events” are all the rest, exactly.",
        blocks,
    )


def _golden(day: Day) -> Sequence[str]:
    """The events of the golden path, which are to be told apart at a glance before all others."""
    return next(
        (
            row["path"] or ()
            for row in day.rows(GOLDEN_PATHS)
            if (row["cohort"], row["reading"]) == ("converter", "common_subsequence")
        ),
        (),
    )


def _variants(rows: Sequence[Row]) -> TableView:
    largest = figures.largest_bound(rows, "share_high")
    return TableView(
        "variants",
        "Most frequent whole ways, repeats counted once",
        (Heading("cohort"), Heading("way"), Heading("persons", True), Heading("share", True)),
        [
            TableRow(
                (
                    Cell(figures.cohort_name(row["cohort"])),
                    Cell(" → ".join(figures.name(each) for each in row["path"]), name=True),
                    figures.count(row["persons"]),
                    figures.share_cell(row, Columns.of("share"), largest),
                )
            )
            for row in rows
            if row["path"]
        ],
    )
