"""The section that says how every figure comes about: settings, denominators, what is stored."""

from journey_assets.reports.reading import READ, Day
from journey_assets.reports.view import Definitions, Section, Subheading
from journey_assets.settings import Settings, variable
from journey_assets.warehouse.tables.journeys.counts import PATHS

#: Settings that a figure depends on. None that names a person, a secret or a place.
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
    return Section(
        "methods",
        "Methods and denominators",
        "What each table holds and what its figures are of, as declared in the project; below a "
        "minimum of persons a figure is not stated but called insufficient.",
        [
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
            Definitions([(variable(field), _shown(settings, field)) for field in _CHOICES]),
        ],
    )


def _stored(day: Day, name: str) -> str:
    return "" if name in day.stored else f"Not materialized for {day.as_of}."


def _shown(settings: Settings, field: str) -> str:
    value = getattr(settings, field)
    if value is None or value == "":
        return "not set"
    return str(int(value)) if isinstance(value, bool) else str(value)
