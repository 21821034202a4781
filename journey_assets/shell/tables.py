"""An asset as its table's declaration describes it.

Belongs here: the asset's specification and the metadata of its materializations. Does not belong
here: its checks (:mod:`journey_assets.shell.checks`).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import dagster as dg

from journey_assets.shell.shown import Shown
from journey_assets.shell.sources import code_references, source_files, sql_shown
from journey_assets.warehouse.database import Session
from journey_assets.warehouse.replace import stored_days
from journey_assets.warehouse.schema import Table
from journey_assets.warehouse.warnings import warnings

#: One run for any range: figures of a range are computed together, and the CLI asks for it.
ONE_RUN = dg.BackfillPolicy.single_run()

#: What only computes from the database file shares one place, so that runs queue instead of waiting.
#: What asks a vendor has the vendor's pool: hours of waiting for a quota hold nobody else up, and the
#: file is open for moments only.
POOL = "duckdb"


#: Whom to ask about an asset.
OWNERS = ["team:journeys"]


_ASKED_BY_ITSELF = (
    "dagster/schedule_name",
    "dagster/sensor_name",
    "dagster/from_automation_condition",
)


def asset_key(table: Table) -> dg.AssetKey:
    """``schema/table``."""
    return dg.AssetKey([table.schema, table.name])


def table_spec(
    table: Table,
    deps: Iterable[dg.AssetDep | dg.AssetKey],
    *,
    kinds: Iterable[str] = (),
    tags: Mapping[str, str] | None = None,
) -> dg.AssetSpec:
    """The asset of ``table``: what is said of it comes from the declaration."""
    sources = source_files(table)
    vendor = {"vendor": table.vendor} if table.vendor else {}
    return dg.AssetSpec(
        asset_key(table),
        deps=list(deps),
        description=f"{table.description}\n\nOne row per {table.grain}.",
        group_name=table.schema,
        kinds={"duckdb", *kinds},
        owners=OWNERS,
        tags={"layer": table.schema, **vendor, **(tags or {})},
        metadata={
            "dagster/column_schema": column_schema(table),
            "dagster/table_name": table.full_name,
            "dagster/code_references": code_references(sources),
            # Of the asset, not of its materializations: it would be in the event log every day.
            "sql": sql_shown(sources),
        },
    )


def column_schema(table: Table) -> dg.TableSchema:
    """The declaration's columns as the UI shows them."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                name=column.name,
                type=column.type,
                description=column.description,
                constraints=dg.TableColumnConstraints(nullable=column.nullable),
                tags={"personal_data": ""} if column.personal else {},
            )
            for column in table.columns
        ]
    )


def materialized(
    context: dg.AssetExecutionContext,
    table: Table,
    days: Shown,
    checks: Sequence[dg.AssetCheckResult],
    facts: Mapping[str, Any],
) -> dg.MaterializeResult[Any]:
    """The result of storing a table: what is shown of each of its ``days``, ``facts`` of them all."""
    key = asset_key(table)
    for day, own in days.items():
        # The UI lists entries as they come: what is about the whole run comes last, and once.
        whole = {**own, **facts} if day == max(days) else own
        context.add_asset_metadata(whole, asset_key=key, partition_key=day.isoformat())
    return dg.MaterializeResult(asset_key=key, check_results=checks)


def warned(context: dg.AssetExecutionContext, session: Session) -> dict[str, list[str]]:
    """Log what the computation warned of, and give it as metadata: nothing when there is nothing."""
    sentences = warnings(session.con)
    for sentence in sentences:
        context.log.warning(sentence)
    return {"warnings": sentences} if sentences else {}


def by_itself(run: dg.DagsterRun) -> bool:
    """Whether a schedule, a sensor or a condition asked for the run, and not a person."""
    return any(tag in run.tags for tag in _ASKED_BY_ITSELF)


def window_facts(
    context: dg.AssetExecutionContext,
    session: Session,
    tables: Sequence[Table],
    source: Table,
    windows: Mapping[date, date],
) -> None:
    """Say per partition which window it covers and how many of its days ``source`` holds.

    windows: the first day of the trailing window of each partition.
    """
    stored = stored_days(session, source, min(windows.values()), max(windows))
    for day, first in windows.items():
        facts: dict[str, Any] = {"window_days_stored": sum(first <= each <= day for each in stored)}
        if day == max(windows):
            facts = {"window": f"{first} … {day}", "window_days": (day - first).days + 1} | facts
        for table in tables:
            context.add_asset_metadata(
                facts, asset_key=asset_key(table), partition_key=day.isoformat()
            )
