"""The section about stages: how far each cohort comes along the way of converters."""

from collections.abc import Sequence

from journey_assets.analyses.rendering import Unit
from journey_assets.journeys.statistics.stages.table import STAGES
from journey_assets.reports import figures
from journey_assets.reports.figures import Columns
from journey_assets.reports.flow_view import slug
from journey_assets.reports.reading import Day, Row
from journey_assets.reports.sections.common import absent, by_focus, heading_of, sides
from journey_assets.reports.view import Block, Cell, Heading, Section, TableRow, TableView
from journey_assets.settings import Settings


def stages_section(day: Day, settings: Settings) -> Section:
    """How far each cohort comes along the way of converters."""
    blocks: list[Block] = [_stages(*each) for each in by_focus(day.rows(STAGES))]
    empty = "Too few converters to tell stages from each other."
    return Section(
        "stages",
        "Stages",
        "The events in the order of converters' ways, in groups between which the fewest pass. Bars: "
        "the share of each cohort whose path has an event of the stage.",
        blocks or [absent(day, STAGES, settings, "amplitude", empty)],
    )


def _stages(focus: str, rows: Sequence[Row]) -> TableView:
    mine, others = sides(focus)
    return TableView(
        f"stages-{slug(focus)}",
        heading_of(focus, "Persons reaching each stage"),
        (
            Heading("stage"),
            Heading(mine, True),
            Heading(others, True),
            Heading("median time from start", True),
        ),
        [
            TableRow(
                (
                    Cell(
                        f"{row['stage']} · {figures.name(row['label'])}",
                        detail=", ".join(
                            figures.name(each)
                            for each in row["events"] or ()
                            if each != row["label"]
                        ),
                        name=True,
                    ),
                    *(
                        figures.share_cell(
                            row,
                            Columns.of(f"share_{side}"),
                            1.0,
                            detail=figures.count_of(row[f"persons_{side}"], row[side]),
                            bar=True,
                        )
                        for side in ("converters", "non_converters")
                    ),
                    Cell(figures.number(row["median_seconds_from_start"], Unit.SECONDS)),
                )
            )
            for row in rows
        ],
    )
