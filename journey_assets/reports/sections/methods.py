"""The section that says how figures come about: joins, denominators, settings, what is stored."""

from collections.abc import Sequence
from typing import cast

from journey_assets.journeys.statistics.event_patterns.table import EVENT_PATTERNS
from journey_assets.journeys.statistics.paths.table import PATHS
from journey_assets.journeys.statistics.summary.table import SUMMARY
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
from journey_assets.settings import VENDOR_NAMES, Settings, Vendor, secret_fields, variable
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
        "minimum of persons a figure is not stated: there are too few people to tell.",
        [
            *([_compared(summary)] if (summary := day.rows(SUMMARY)) else []),
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


#: Whom the figures of ``journeys.summary`` count, and what that means.
_PEOPLE = (
    ("population", "persons with a path", "described in all tables that compare nobody"),
    ("newcomers", "newcomers", "no event is stored of them from before the window"),
    (
        "came_before",
        "came before the window",
        "how they began is not known: left out of comparisons",
    ),
    (
        "earlier_converters",
        "converted before the window",
        "left out of comparisons and of the rates",
    ),
    ("both_lists", "on several lists", "by different ids: left out of comparisons"),
    (
        "heavy_persons",
        "heavy persons",
        "far more events than others: left out of what counts occurrences",
    ),
    ("compared", "compared", "whom converters and others are compared among"),
)


def _compared(rows: Sequence[Row]) -> TableView:
    """Who is compared, and who was left out and why."""
    said = dict(rows[0])
    population, newcomers = said["population"], said["newcomers"]
    if population is not None and newcomers is not None:
        said["came_before"] = population - newcomers
    compared = [row["compared"] for row in rows if row["compared"] is not None]
    said["compared"] = sum(compared) if compared else None
    return TableView(
        "who-is-compared",
        "Who is compared, and who was left out",
        (Heading("persons"), Heading("number", True), Heading("why")),
        [
            TableRow((Cell(label), figures.count(said.get(name)), Cell(meaning)))
            for name, label, meaning in _PEOPLE
        ],
        "Where cohorts are labels and not the outcome, nobody has to be new. One person may be left out "
        "for several reasons.",
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


#: What a measure of the join says, before the sources it is of.
_MEASURES = {
    "linkable": "persons whom the second knows too:",
    "unmatched": "known to no other source:",
    "anonymous_to_known": "anonymous ids whose user is known by now:",
    "few_identifiers": "profiles with at most two identifiers:",
}


def _measure(measure: str) -> str:
    """``linkable:amplitude:segment`` in words."""
    kind, *of = measure.split(":")
    names = [VENDOR_NAMES.get(cast("Vendor", each), figures.word(each)) for each in of]
    return f"{_MEASURES[kind]} {' → '.join(names)}".strip()


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
