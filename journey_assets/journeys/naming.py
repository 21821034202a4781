"""What an event is called in paths: which are left out, renamed, merged, and told apart.

Belongs here: how the settings that name events are read, and the name of the step that an event is.
Does not belong here: how often a step must occur to keep its name (``folded.sql``), where paths begin
and end (``started.sql``, ``ended.sql``).

An exclusion is matched against the name that the vendor gives. All other settings name a step: as it
is shown (``Checkout``, ``Page Viewed: /pricing``), or by the vendor's name of an event, which is then
renamed like the event.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Self

from journey_assets.names import masked
from journey_assets.settings import Settings, SettingsError, split_list, split_pairs, variable
from journey_assets.warehouse.tables.raw import AMPLITUDE_EVENTS
from journey_assets.warehouse.warnings import warn_masked

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: Kept with ``include_revenue`` although a glob excludes them.
REVENUE_EVENTS = frozenset({"$revenue", "revenue_amount"})

#: What stands for the events, or the values of a property, that are not kept apart.
OTHER = "(other)"

#: What stands for the value of a property that an event does not have.
NONE = "(none)"

#: Longest value of a property in a step's name, in characters.
LONGEST_VALUE = 100

#: Stands between an event's name and its property's value until both are one name.
SEPARATOR = "\x1f"


_EXCLUDED, _RENAMED, _TOLD_APART = (
    variable(field) for field in ("excluded_events", "event_names", "step_property")
)


@dataclass(frozen=True, slots=True)
class Naming:
    """The rules of one run.

    excluded: globs, in which `*` and `?` alone stand for other signs. kept: names that no glob
    excludes. renamed: glob and name, the first that matches holds. properties: by step, the property
    that tells its events apart. marks: by ``conversion``, ``start`` and ``end``, the step that the
    setting names, where there is one.
    """

    excluded: tuple[str, ...]
    kept: frozenset[str]
    renamed: tuple[tuple[str, str], ...]
    properties: Mapping[str, str]
    marks: Mapping[str, str]

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The rules of ``settings``; raises :class:`SettingsError` naming what contradicts."""
        given = {
            "conversion": settings.conversion_event,
            "start": settings.start_event,
            "end": settings.end_event,
        }
        revenue = REVENUE_EVENTS if settings.include_revenue else frozenset[str]()
        plain = cls(
            excluded=split_list(settings.excluded_events),
            kept=frozenset(given.values()) | revenue,
            renamed=split_pairs(settings.event_names),
            properties={},
            marks={},
        )
        told_apart = split_pairs(settings.step_property)
        properties = {plain.step(event): name for event, name in told_apart}
        named = replace(plain, properties=properties)
        found = replace(
            named, marks={mark: masked(named.step(name)) for mark, name in given.items() if name}
        )
        _check(settings, found)
        return found

    def keeps(self, event_type: str) -> bool:
        """Whether paths hold the event: no glob excludes its name.

        The events that paths convert, begin or end with are always kept.
        """
        return event_type in self.kept or not any(
            glob_matches(glob, event_type) for glob in self.excluded
        )

    def patterns(self) -> tuple[tuple[str, str], ...]:
        """Setting and entry of every pattern, in order."""
        return (
            *((_EXCLUDED, glob) for glob in self.excluded),
            *((_RENAMED, f"{glob}={name}") for glob, name in self.renamed),
            *((_TOLD_APART, f"{step}={name}") for step, name in self.properties.items()),
        )

    def hits(self, event_type: str) -> Iterator[tuple[str, str]]:
        """The patterns that hit the event's name: all that leave it out, else those that name it."""
        if not self.keeps(event_type):
            for glob in self.excluded:
                if glob_matches(glob, event_type):
                    yield _EXCLUDED, glob
            return
        for glob, name in self.renamed:
            if glob_matches(glob, event_type):
                yield _RENAMED, f"{glob}={name}"
                break
        step = self.renames(event_type)
        if (told_by := self.properties.get(step)) is not None:
            yield _TOLD_APART, f"{step}={told_by}"

    def renames(self, event_type: str) -> str:
        """The event's name after renaming and merging."""
        for glob, name in self.renamed:
            if glob_matches(glob, event_type):
                return name
        return event_type

    def step(self, given: str) -> str:
        """The name of the step that a setting names by its own name or an event's."""
        is_shown = any(given == name for _, name in self.renamed) or any(
            given.startswith(f"{event}: ") for event in self.properties
        )
        return given if is_shown else self.renames(given)

    def property_of(self, event_type: str) -> str | None:
        """The property that tells occurrences of the event apart."""
        return self.properties.get(self.renames(event_type))

    def shown(self, event_type: str) -> str:
        """The step's name: of an event, or of an event with its value after a separator.

        Names that hold an e-mail address are masked here, where they leave ``raw``.
        """
        event, value = self._with_value(event_type)
        name = masked(self.renames(event))
        return name if value is None else f"{name}: {value or NONE}"

    def rest_of(self, event_type: str) -> str | None:
        """The step of all values that are not kept apart; None where there is no value."""
        event, value = self._with_value(event_type)
        return f"{masked(self.renames(event))}: {OTHER}" if value else None

    def _with_value(self, event_type: str) -> tuple[str, str | None]:
        event, separator, value = event_type.partition(SEPARATOR)
        if not separator or self.property_of(event) is None:
            return event_type, None
        return event, tidy_value(value)


def glob_matches(glob: str, name: str) -> bool:
    """Whether the whole name is as the glob says: `*` any signs, `?` one sign, all others themselves."""
    return fnmatchcase(name, glob.replace("[", "[[]"))


def warn_of_masked(con: "DuckDBPyConnection", events: Iterable[str]) -> None:
    """Warn how many of the names of ``events``, and of the values after a separator, are masked."""
    parts = [event.partition(SEPARATOR) for event in events]
    for column, texts in (
        ("event_type", {event for event, _, _ in parts}),
        ("event_properties", {value for _, _, value in parts}),
    ):
        changed = sum(masked(text) != text for text in texts)
        warn_masked(con, f"{AMPLITUDE_EVENTS.full_name}.{column}", changed)


def tidy_value(value: str) -> str:
    """The value as a name shows it: no control characters, no e-mail addresses, bounded."""
    printable = "".join(
        c for c in masked(value) if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}
    )
    return printable.strip()[:LONGEST_VALUE]


def _check(settings: Settings, naming: Naming) -> None:
    told_apart = {masked(step) for step in naming.properties}
    for mark, step in naming.marks.items():
        if step in told_apart:
            raise SettingsError(
                f"{variable(f'{mark}_event')} names an event that JOURNEY_STEP_PROPERTY tells apart: "
                "name one of its steps, `event: value`, or take it out of JOURNEY_STEP_PROPERTY."
            )
    start, end = naming.marks.get("start"), naming.marks.get("end")
    if start and start == end and settings.start_occurrence == "last":
        raise SettingsError(
            "JOURNEY_START_EVENT and JOURNEY_END_EVENT are the same event: none comes after the last "
            "one, so set JOURNEY_START_OCCURRENCE=first or another event."
        )
    if settings.cohort_source == "conversion_event" and not settings.conversion_event:
        raise SettingsError("JOURNEY_COHORT_SOURCE=conversion_event needs CONVERSION_EVENT.")
