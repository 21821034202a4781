"""The section that says how figures come about: joins, denominators, settings, what is stored."""

from collections.abc import Sequence

from journey_assets.journeys.statistics.event_patterns.table import EVENT_PATTERNS
from journey_assets.journeys.statistics.paths.table import PATHS
from journey_assets.reports import figures
from journey_assets.reports.figures import Columns
from journey_assets.reports.made_with import settled
from journey_assets.reports.reading import READ, Day, Row
from journey_assets.reports.view import (
    Block,
    Cell,
    Definitions,
    Heading,
    Section,
    Subheading,
    TableRow,
    TableView,
)
from journey_assets.settings import Settings, secret_fields, variable
from journey_assets.warehouse.choices import value
from journey_assets.warehouse.tables.identity import COVERAGE

#: Settings that are shown of figures whose own were not recorded: none that names a person, a secret
#: or a place.
_CHOICES = (
    "window_days",
    "session_gap_minutes",
    "cohort_source",
    "conversion_event",
    "path_unit",
    "start_event",
    "end_event",
    "event_names",
    "step_property",
    "event_limit",
    "excluded_events",
    "collapse",
    "max_events",
    "min_persons",
    "min_share",
    "min_cohort_persons",
    "golden_support",
    "permutations",
    "seed",
    "confidence_level",
)


def methods_section(day: Day, settings: Settings) -> Section:
    """Methods and denominators."""
    tables = (PATHS, *READ)
    joined: list[Block] = [_coverage(rows)] if (rows := _joins(day)) else []
    patterns = day.rows(EVENT_PATTERNS)
    return Section(
        "methods",
        "Methods and denominators",
        "What each table holds and what its figures are of, as declared in the project; below a "
        "minimum of persons a figure is not stated but called insufficient.",
        [
            *joined,
            Subheading("Tables"),
            Definitions(
                [
                    (
                        table.full_name,
                        f"{table.description} One row per {table.grain}. {_stored(day, table.full_name)}",
                    )
                    for table in tables
                ]
            ),
            Subheading("Settings of these figures"),
            Definitions(_choices(day, settings)),
            *([_patterns(patterns)] if patterns else []),
        ],
    )


def _joins(day: Day) -> list[Row]:
    """The measures that say what part of one source is known to another."""
    shown = ("linkable:", "unmatched:", "anonymous_to_known:", "few_identifiers:")
    return [row for row in day.rows(COVERAGE) if row["measure"].startswith(shown)]


def _coverage(rows: Sequence[Row]) -> TableView:
    return TableView(
        "coverage",
        "How well the sources are joined to persons",
        (Heading("measure"), Heading("share", True), Heading("count", True)),
        [
            TableRow(
                (
                    Cell(_measure(row["measure"])),
                    figures.share_cell(row, Columns.of("share"), 1.0, bar=True),
                    Cell(
                        figures.count_of(row["numerator"], row["denominator"]),
                        detail=figures.word(row["unit"]),
                    ),
                )
            )
            for row in rows
        ],
        "linkable: persons of the first source whom the second knows too; unmatched: known to no "
        "other source; anonymous to known: anonymous ids whose user is known by now; few "
        "identifiers: profiles with at most two.",
    )


def _patterns(rows: Sequence[Row]) -> TableView:
    return TableView(
        "event-patterns",
        "What the patterns of event names hit",
        (
            Heading("setting"),
            Heading("pattern"),
            Heading("event names", True),
            Heading("events", True),
        ),
        [
            TableRow(
                (
                    Cell(row["setting"]),
                    figures.named(row["pattern"]),
                    figures.count(row["event_names"]),
                    figures.count(row["events"]),
                )
            )
            for row in rows
        ],
        "Over all events of the window, those that are left out included. A pattern that hits nothing is "
        "spelled otherwise than the event, or the event is gone.",
    )


def _measure(measure: str) -> str:
    """``linkable: amplitude, segment``."""
    kind, *of = measure.split(":")
    return f"{figures.word(kind)}: {', '.join(of)}"


def _stored(day: Day, name: str) -> str:
    return "" if name in day.stored else f"Not materialized for {day.as_of}."


def _choices(day: Day, settings: Settings) -> list[tuple[str, str]]:
    """The settings of the figures as recorded; the run's where an earlier version stored them."""
    if made := settled(day.made_with):
        secret = {variable(field) for field in secret_fields()}
        return [(name, value(values)) for name, values in made.items() if name not in secret]
    return [(variable(field), _shown(settings, field)) for field in _CHOICES]


def _shown(settings: Settings, field: str) -> str:
    value = getattr(settings, field)
    if value is None or value == "":
        return "not set"
    return str(int(value)) if isinstance(value, bool) else str(value)
