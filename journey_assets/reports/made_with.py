"""The settings of a day's figures, and what of them is unlike.

Belongs here: which settings a report speaks of (those of its figures, never those of the run that writes
it), and the sentences about figures that were made with others. Does not belong here: what a partition's
record holds (:mod:`journey_assets.warehouse.choices`).
"""

from collections.abc import Iterator, Mapping, Sequence

from journey_assets.journeys.statistics.paths.table import PATHS
from journey_assets.journeys.statistics.summary.table import SUMMARY
from journey_assets.settings import Settings
from journey_assets.warehouse.choices import Choices, as_they_were, merged, told, unlike

#: The records of a day's tables, by ``schema.table``.
Records = Mapping[str, Choices]

#: Most settings that a sentence names.
_MOST_TOLD = 5


def settled(records: Records) -> Choices:
    """The settings that the report speaks of: the journeys' own, and of other tables what those lack."""
    first = [records.get(table.full_name, {}) for table in (SUMMARY, PATHS)]
    found: dict[str, tuple[str, ...]] = {}
    for record in (*first, *(records[name] for name in sorted(records))):
        found = {**record, **found}
    return found


def settings_of(records: Records, settings: Settings) -> Settings:
    """The settings with which the figures were made, those of the run where none are recorded."""
    return as_they_were(settings, settled(records))


def is_mixed(records: Records) -> bool:
    """Whether the day's figures were made with unlike settings."""
    return any(len(values) > 1 for values in merged(*records.values()).values())


def unlike_tables(records: Records) -> frozenset[str]:
    """The tables that were made with other settings than the report speaks of."""
    main = settled(records)
    return frozenset(name for name, record in records.items() if unlike(main, record))


def notices(records: Records) -> Iterator[str]:
    """What stands above a report whose figures were made with unlike settings: a sentence a setting."""
    several = [(name, each) for name, each in merged(*records.values()).items() if len(each) > 1]
    if not several:
        return
    yield (
        "The figures of this day were made with unlike settings. They answer different questions: do not "
        "compare them. No change is shown. Materialize all of this day in one run to mend it."
    )
    for name, _ in several[:_MOST_TOLD]:
        by_value: dict[tuple[str, ...], list[str]] = {}
        for table, record in sorted(records.items()):
            if name in record:
                by_value.setdefault(record[name], []).append(table)
        yield "; ".join(
            f"{told(name, value)}: {', '.join(tables)}" for value, tables in by_value.items()
        )
    if left := len(several) - _MOST_TOLD:
        yield f"{left} more settings differ, too: warehouse.ledger has them all."


def notice(records: Records, tables: Sequence[str]) -> str | None:
    """What stands above a section of tables of which some were made with other settings."""
    main = settled(records)
    found = {each.variable: each for name in tables for each in unlike(main, records.get(name, {}))}
    if not found:
        return None
    parts = [
        f"{told(each.variable, each.other)} instead of {told(each.variable, each.one)}"
        for each in list(found.values())[:_MOST_TOLD]
    ]
    return (
        "Made with other settings than the report's own, so not to be compared with its other "
        f"figures: {'; '.join(parts)}."
    )
