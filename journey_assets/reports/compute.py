"""Writing the reports of a run's days.

Belongs here: the order of the sections, and files from rows. Does not belong here: Dagster.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path

from journey_assets.journeys.statistics.changes.table import CHANGES
from journey_assets.journeys.statistics.divergence_points.table import DIVERGENCE_POINTS
from journey_assets.journeys.statistics.dropoff_cliffs.table import DROPOFF_CLIFFS
from journey_assets.journeys.statistics.friction_signals.table import FRICTION_SIGNALS
from journey_assets.journeys.statistics.golden_paths.table import GOLDEN_PATHS
from journey_assets.journeys.statistics.golden_transitions.table import GOLDEN_TRANSITIONS
from journey_assets.journeys.statistics.paths.table import PATHS
from journey_assets.journeys.statistics.removal_effects.table import REMOVAL_EFFECTS
from journey_assets.journeys.statistics.stages.table import STAGES
from journey_assets.journeys.statistics.variants.table import VARIANTS
from journey_assets.reports.files import write_index, write_report
from journey_assets.reports.made_with import is_mixed, notice, notices, settings_of
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
from journey_assets.reports.sections.more import MORE, more_section
from journey_assets.reports.sections.stages import stages_section
from journey_assets.reports.sections.support import support_section
from journey_assets.reports.view import Folded, Report, Section, Sentence
from journey_assets.settings import Settings
from journey_assets.warehouse.database import Session
from journey_assets.warehouse.schema import Table
from journey_assets.warehouse.tables.analyses import MAVE_ANALYSES
from journey_assets.warehouse.tables.channels import (
    SEGMENT_GOLDEN_STEPS,
    SEGMENT_MOVES,
    SEGMENTS,
)
from journey_assets.warehouse.tables.support import (
    CONTACT_TOPICS,
    CONVERSATION_STATISTICS,
    JOURNEY_CONTACTS,
    LIVE_SUPPORT_STATISTICS,
)
from journey_assets.warehouse.windows import first_day

#: The tables of the sections, by anchor: what is said of their settings.
_OF: Mapping[str, Sequence[Table]] = {
    "flow": (PATHS, VARIANTS),
    "golden-path": (GOLDEN_PATHS, GOLDEN_TRANSITIONS, REMOVAL_EFFECTS),
    "divergence": (DIVERGENCE_POINTS,),
    "friction": (FRICTION_SIGNALS,),
    "cliffs": (DROPOFF_CLIFFS,),
    "stages": (STAGES,),
    "channels": (SEGMENTS, SEGMENT_MOVES, SEGMENT_GOLDEN_STEPS),
    "support": (
        CONVERSATION_STATISTICS,
        LIVE_SUPPORT_STATISTICS,
        JOURNEY_CONTACTS,
        CONTACT_TOPICS,
    ),
    "more": MORE,
    "mave": (MAVE_ANALYSES,),
}


#: What stands above every page of a simulator's data.
SAMPLE = "Sample data: made by the simulator of the vendors. None of it is of real people."


@dataclass(frozen=True, slots=True)
class Written:
    """A report that was written: its file, its bytes, the titles of its sections.

    in_short: the rows of :func:`.sections.headline.in_short`. notices: what stands above all sections.
    """

    as_of: date
    path: Path
    size: int
    sections: tuple[str, ...]
    in_short: Sequence[Mapping[str, str]]
    notices: Sequence[str]


def write_reports(session: Session, days: Sequence[date], settings: Settings) -> list[Written]:
    """Write the report of each of ``days`` and the list of all days beside the database."""
    directory = settings.directory()
    found: list[Written] = []
    read = read_days(session, days, settings)
    for as_of, day in read.items():
        report = build_report(day, settings)
        path, size = write_report(directory, as_of, report_page(report))
        titles = tuple(section.title for section in report.sections)
        found.append(
            Written(as_of, path, size, titles, in_short(report.sections[0]), report.notices)
        )
    sample = any(day.sample for day in read.values())
    write_index(directory, partial(index_page, notice=SAMPLE if sample else ""))
    return found


def build_report(day: Day, settings: Settings) -> Report:
    """The report of a day, which speaks of the settings of its figures and not of the run's."""
    settings = settings_of(day.made_with, settings)
    first = first_day(day.as_of, settings.window_days)
    mixed = is_mixed(day.made_with)
    # Of unlike figures none is said to have changed.
    compared = replace(day, tables={**day.tables, CHANGES.full_name: ()}) if mixed else day
    sections = (
        headline_section(compared, settings),
        changes_section(compared, settings),
        flow_section(day, settings),
        golden_section(day, settings),
        divergence_section(day, settings),
        friction_section(day, settings),
        cliffs_section(day, settings),
        stages_section(day, settings),
        channels_section(day, settings),
        support_section(day, settings),
        more_section(day),
        mave_section(day),
        methods_section(day, settings),
    )
    return Report(
        as_of=day.as_of.isoformat(),
        title=f"Customer journeys, {day.as_of:%-d %B %Y}",
        subtitle=f"{first:%-d %B %Y} to {day.as_of:%-d %B %Y}, UTC · events of {day.events_stored} of "
        f"{settings.window_days} days stored",
        sections=[_noticed(section, day) for section in sections if section is not None],
        notices=[*([SAMPLE] if day.sample else []), *notices(day.made_with), *_unit(settings)],
    )


def _unit(settings: Settings) -> list[str]:
    if settings.path_unit == "person":
        return []
    return [
        "Each session is a path of its own (JOURNEY_PATH_UNIT=session): where figures of paths speak of "
        "persons or converters, these are sessions."
    ]


def _noticed(section: Section, day: Day) -> Section:
    """The section, with a sentence above it when its figures were made with other settings."""
    said = notice(day.made_with, [table.full_name for table in _OF.get(section.anchor, ())])
    if said is None:
        return section
    blocks = section.blocks
    if section.anchor == "mave":
        blocks = [Folded("Mave's answers about those figures", blocks)]
    return replace(section, blocks=[Sentence(said), *blocks])
