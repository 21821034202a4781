"""Writing the reports of a run's days.

Belongs here: the order of the sections, and files from rows. Does not belong here: Dagster.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from journey_assets.reports.files import write_index, write_report
from journey_assets.reports.page import index_page, report_page
from journey_assets.reports.reading import Day, read_days
from journey_assets.reports.sections.changes import changes_section
from journey_assets.reports.sections.channels import channels_section
from journey_assets.reports.sections.comparisons import (
    cliffs_section,
    divergence_section,
    friction_section,
)
from journey_assets.reports.sections.flow import flow_section
from journey_assets.reports.sections.golden import golden_section
from journey_assets.reports.sections.headline import headline_section, in_short
from journey_assets.reports.sections.mave import mave_section
from journey_assets.reports.sections.methods import methods_section
from journey_assets.reports.sections.stages import stages_section
from journey_assets.reports.sections.support import support_section
from journey_assets.reports.view import Report
from journey_assets.settings import Settings
from journey_assets.warehouse.database import Session
from journey_assets.warehouse.windows import first_day


@dataclass(frozen=True, slots=True)
class Written:
    """A report that was written: its file, its bytes, the titles of its sections.

    in_short: the rows of :func:`.sections.headline.in_short`.
    """

    as_of: date
    path: Path
    size: int
    sections: tuple[str, ...]
    in_short: Sequence[Mapping[str, str]]


def write_reports(session: Session, days: Sequence[date], settings: Settings) -> list[Written]:
    """Write the report of each of ``days`` and the list of all days beside the database."""
    directory = settings.directory()
    found: list[Written] = []
    for as_of, day in read_days(session, days, settings).items():
        report = build_report(day, settings)
        path, size = write_report(directory, as_of, report_page(report))
        titles = tuple(section.title for section in report.sections)
        found.append(Written(as_of, path, size, titles, in_short(report.sections[0])))
    write_index(directory, index_page)
    return found


def build_report(day: Day, settings: Settings) -> Report:
    """The report of a day."""
    first = first_day(day.as_of, settings.window_days)
    return Report(
        as_of=day.as_of.isoformat(),
        title=f"Customer journeys, {day.as_of:%-d %B %Y}",
        subtitle=f"{first:%-d %B %Y} to {day.as_of:%-d %B %Y}, UTC · events of {day.events_stored} of "
        f"{settings.window_days} days stored",
        sections=(
            headline_section(day, settings),
            changes_section(day, settings),
            flow_section(day, settings),
            golden_section(day, settings),
            divergence_section(day, settings),
            friction_section(day, settings),
            cliffs_section(day, settings),
            stages_section(day, settings),
            channels_section(day, settings),
            support_section(day, settings),
            mave_section(day),
            methods_section(day, settings),
        ),
    )
