"""What an ingest did, for logs and metadata. Does not belong here: how it was done."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """A comparison of stored rows with the vendor's own summary of them.

    compared: groups compared. differences: a bounded number of lines, no personal data.
    changed_while_reading: rows excused because the vendor changed them between two reads.
    passed: no difference is left that changed rows cannot explain.
    """

    compared: int
    differences: tuple[str, ...] = ()
    changed_while_reading: int = 0
    passed: bool = True


@dataclass(frozen=True, slots=True)
class Ingested:
    """The result of one ingest.

    rows: by table (``schema.table``) and partition. rejects: noted fields and records by table.
    fields_read: how many field values those tables' records offered, the denominator of the reject
    share. notes: sentences for people. facts: further figures for the metadata. left: days outside the
    run that lost rows to its days.
    """

    rows: Mapping[str, Mapping[date, int]]
    rejects: Mapping[str, int] = field(default_factory=dict)
    fields_read: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    facts: Mapping[str, int | float | str] = field(default_factory=dict)
    reconciliation: Reconciliation | None = None
    left: frozenset[date] = frozenset()
