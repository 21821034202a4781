"""From a package's ``compute`` to its assets.

Belongs here: what all statistics share: one computation a run for all selected tables over all
days, one transaction for their rows, the window in the metadata; and computing again when another
run replaced what was read before it was stored.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Protocol

import dagster as dg

from journey_assets.partitions import trailing_window
from journey_assets.settings import NAMES_ANYWAY, Settings
from journey_assets.shell.checks import check_results, check_specs
from journey_assets.shell.days import run_days
from journey_assets.shell.failures import clearly
from journey_assets.shell.resources import SettingsResource
from journey_assets.shell.shown import Stopwatch, shown
from journey_assets.shell.tables import (
    ONE_RUN,
    POOL,
    asset_key,
    by_itself,
    materialized,
    table_spec,
    warned,
    window_facts,
)
from journey_assets.warehouse.choices import refuse_unlike
from journey_assets.warehouse.database import Session
from journey_assets.warehouse.replace import Overtaken, Replacement, replace_partitions
from journey_assets.warehouse.schema import Table
from journey_assets.warehouse.versions import Spans, versions
from journey_assets.warehouse.windows import first_day

#: How often figures are computed when other runs keep replacing what they are computed from.
_TRIES = 4


class Compute(Protocol):
    """A package's computation: leaves the rows of every table of ``wanted`` in ``Table.result``."""

    def __call__(
        self, session: Session, days: Sequence[date], settings: Settings, wanted: Collection[Table]
    ) -> None:
        """Compute the tables ``wanted`` for ``days``."""


def statistics_assets(
    name: str,
    tables: Sequence[Table],
    compute: Compute,
    *,
    partitions: dg.DailyPartitionsDefinition,
    window_days: int,
    windowed: Collection[Table],
    same_day: Collection[Table] = (),
    source: Table,
    reads_from: Callable[[Sequence[date], Settings], date] | None = None,
) -> dg.AssetsDefinition:
    """Assets for ``tables``, computed together by ``compute``.

    windowed: tables of which every day of the trailing window is read. same_day: tables of which
    the same partition is read. source: the table whose stored days the metadata counts. reads_from:
    the first day that a run with claims reads, where that is before its windows.
    """
    deps = [
        *(
            dg.AssetDep(asset_key(t), partition_mapping=trailing_window(window_days))
            for t in windowed
        ),
        *(dg.AssetDep(asset_key(table)) for table in same_day),
    ]

    @dg.multi_asset(
        name=name,
        specs=[
            table_spec(table, deps, kinds=("sql",), tags={"window_days": str(window_days)})
            for table in tables
        ],
        check_specs=check_specs(tables),
        can_subset=True,
        partitions_def=partitions,
        backfill_policy=ONE_RUN,
        pool=POOL,
    )
    @clearly
    def assets(
        context: dg.AssetExecutionContext, settings: SettingsResource
    ) -> Iterator[dg.MaterializeResult[Any]]:
        watch, days = Stopwatch(), run_days(context)
        wanted = [t for t in tables if asset_key(t) in context.selected_asset_keys]
        with settings.warehouse().session() as session:
            read = _insisting(settings.read(), context.run.tags)
            earlier = [table for table in wanted if "is_new" in table.column_names]
            spans = _spans(windowed, same_day, earlier, days, read.window_days)
            if earlier and reads_from is not None:
                spans = _widened(spans, (*windowed, *same_day), reads_from(days, read))
            context.log.info(f"computing {len(wanted)} tables for {days[0]} … {days[-1]}")
            rows = compute_and_store(
                session, days, read, wanted, compute, spans, context.log.warning
            )
            windows = {day: first_day(day, read.window_days) for day in days}
            window_facts(context, session, wanted, source, windows)
            context.log.info(_sentence(rows, days))
            told = warned(context, session)
            stored = {table: rows[table.full_name] for table in wanted}
            checks = check_results(session, stored, shown_by=tables[0])
            cost = {**watch.facts(), **told}
            facts = shown(session, stored, read.confidence_level, by_itself=by_itself(context.run))
            for table in wanted:
                yield materialized(context, table, facts[table], checks[table], cost)

    return assets


def _insisting(settings: Settings, tags: Mapping[str, str]) -> Settings:
    """The settings, in which a run that insists may name events that were never stored."""
    insists = settings.names_anyway or tags.get(NAMES_ANYWAY) == "1"
    return settings.model_copy(update={"names_anyway": insists})


def compute_and_store(
    session: Session,
    days: Sequence[date],
    settings: Settings,
    wanted: Sequence[Table],
    compute: Compute,
    spans: Spans,
    warn: Callable[[str], None],
) -> dict[str, dict[date, int]]:
    """Compute the tables and store them, again when what was read has been replaced meanwhile.

    Returns the rows by table and partition. Raises
    :class:`~journey_assets.warehouse.replace.Overtaken` when other runs write all the time, and
    :class:`~journey_assets.warehouse.choices.UnlikeSettings` when figures that are read were made with
    other settings.
    """
    figures = [table for table in spans if table.schema != "raw" and table not in wanted]
    tries = _TRIES
    while True:
        read_from = versions(session, spans)
        refuse_unlike(session, settings, wanted[0].schema, figures, days)
        compute(session, days, settings, wanted)
        new = [Replacement(table, f"FROM {table.result}") for table in wanted]
        try:
            return replace_partitions(session, days[0], days[-1], *new, computed_from=read_from)
        except Overtaken as error:
            tries -= 1
            if not tries:
                raise
            warn(f"{error} Computing them again.")


def _spans(
    windowed: Collection[Table],
    same_day: Collection[Table],
    earlier: Collection[Table],
    days: Sequence[date],
    window_days: int,
) -> Spans:
    """The partitions that are read. Of a snapshot any may be the nearest.

    earlier: tables of which the partitions before the run's are read, as far as windows share days.
    """
    window = (first_day(days[0], window_days), days[-1])
    return {
        **dict.fromkeys(earlier, (window[0], days[0] - timedelta(days=1))),
        **{table: (date.min, date.max) if table.snapshot else window for table in windowed},
        **dict.fromkeys(same_day, (days[0], days[-1])),
    }


def _widened(spans: Spans, tables: Collection[Table], first: date) -> Spans:
    """The spans with those of ``tables`` from ``first`` on, or as they are where they begin before."""
    return {
        table: (min(first, begin), end) if table in tables else (begin, end)
        for table, (begin, end) in spans.items()
    }


def _sentence(rows: Mapping[str, Mapping[date, int]], days: Sequence[date]) -> str:
    figures = ", ".join(f"{name} {sum(counts.values()):,}" for name, counts in rows.items())
    return f"rows stored for {days[0]} … {days[-1]}: {figures}"
