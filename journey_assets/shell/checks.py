"""The checks of every table, folded so that each says something and costs two events.

Belongs here: the specifications and results of what all tables are checked for. Does not belong
here: the tests themselves (``warehouse/violations.py``, ``ties.py``, ``history.py``), and checks of
one vendor or package.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import dagster as dg

from journey_assets.warehouse.database import Session
from journey_assets.warehouse.history import Partition, history, unusual
from journey_assets.warehouse.schema import Table
from journey_assets.warehouse.ties import ties_of, untied
from journey_assets.warehouse.violations import violations

_DECLARED = "rows_as_declared"
_USUAL = "volumes_usual"

#: Sentences shown of a check; more say nothing more.
_MOST_SHOWN = 20

#: Rows stored by partition, of every table that a run stored.
StoredRows = Mapping[Table, Mapping[date, int]]


def check_specs(tables: Sequence[Table], *, volumes: bool = True) -> list[dg.AssetCheckSpec]:
    """The checks of tables that are computed together; the first shows what is about all.

    volumes: whether the number of rows says anything.
    """
    declared = [
        dg.AssetCheckSpec(
            _DECLARED,
            asset=dg.AssetKey([table.schema, table.name]),
            blocking=True,
            description="Columns have their types, keys are unique, required columns filled, all "
            "rows there"
            + ("" if table.schema == "raw" else ", no e-mail address left `raw`")
            + "".join(f"; {tie.says}" for tie in ties_of(table, tables))
            + ". Blocking: what is computed from such rows would be wrong.",
        )
        for table in tables
    ]
    if not volumes:
        return declared
    return [
        *declared,
        dg.AssetCheckSpec(
            _USUAL,
            asset=dg.AssetKey([tables[0].schema, tables[0].name]),
            description="Rows, and shares of empty values in raw tables, are near the median of the 28 "
            f"days before the run, in {', '.join(table.full_name for table in tables)}. A warning that "
            "holds nothing up: a campaign is as unusual as a broken source.",
        ),
    ]


def check_results(
    session: Session, stored: StoredRows, *, shown_by: Table | None = None
) -> dict[Table, list[dg.AssetCheckResult]]:
    """The results by table, from one look at the file.

    shown_by: the table that shows what is about all of them, if any does; when it is not among the
    ``stored`` nobody shows it.
    """
    results: dict[Table, list[dg.AssetCheckResult]] = {}
    with session.reading() as con:
        for table, rows in stored.items():
            first, last = min(rows), max(rows)
            found = list(violations(con, table, first, last, sum(rows.values())))
            found += [
                f"{sums} sums differ: {tie.says}"
                for tie in ties_of(table, stored)
                if (sums := untied(con, tie, first, last))
            ]
            results[table] = [_declared(table, found)]
        if shown_by is not None and shown_by in stored:
            days = [day for rows in stored.values() for day in rows]
            past = history(con, list(stored), min(days), max(days))
            results[shown_by].append(_usual(shown_by, stored, past))
    return results


def _declared(table: Table, found: Sequence[str]) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        check_name=_DECLARED,
        asset_key=dg.AssetKey([table.schema, table.name]),
        passed=not found,
        metadata={"violations": list(found[:_MOST_SHOWN])} if found else {},
        description="; ".join(found[:_MOST_SHOWN]) or None,
    )


def _usual(
    shown_by: Table, stored: StoredRows, past: Mapping[str, Mapping[date, Partition]]
) -> dg.AssetCheckResult:
    found = [
        f"{table.full_name} of {day}: {sentence}"
        for table, rows in stored.items()
        for day, sentence in _unusual(table, rows, past[table.full_name])
    ]
    return dg.AssetCheckResult(
        check_name=_USUAL,
        asset_key=dg.AssetKey([shown_by.schema, shown_by.name]),
        passed=not found,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"unusual": list(found[:_MOST_SHOWN])} if found else {},
        description="; ".join(found[:_MOST_SHOWN]) or None,
    )


def _unusual(
    table: Table, rows: Mapping[date, int], past: Mapping[date, Partition]
) -> Iterator[tuple[date, str]]:
    """The run's days against those before its first: days of one run come from the same rows.

    Of a snapshot only the last day is filled. Empty values say something of what vendors send; in
    figures they stand for what is not claimed.
    """
    before = [each for day, each in past.items() if day < min(rows)]
    if table.snapshot:
        before = [each for each in before if each.rows]
    columns = {column.name for column in table.columns if column.source}
    for day in [max(rows)] if table.snapshot else sorted(rows):
        for sentence in unusual(past[day], before, columns):
            yield day, sentence
