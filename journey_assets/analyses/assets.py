"""The asset ``analyses/mave_analyses``: wiring and what the UI shows of an answer."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import dagster as dg

from journey_assets.analyses.compute import AnalysisRow, ask_all
from journey_assets.analyses.marks import Status
from journey_assets.analyses.safe_markdown import safe_markdown
from journey_assets.journeys import statistics
from journey_assets.shell.checks import check_results, check_specs
from journey_assets.shell.days import run_days
from journey_assets.shell.failures import clearly
from journey_assets.shell.resources import SettingsResource
from journey_assets.shell.shown import Stopwatch, shown
from journey_assets.shell.tables import (
    ONE_RUN,
    asset_key,
    by_itself,
    materialized,
    table_spec,
)
from journey_assets.vendors.mavera import MaveraClient
from journey_assets.warehouse.replace import Replacement, replace_partitions
from journey_assets.warehouse.schema import Table
from journey_assets.warehouse.tables import channels, identity, support
from journey_assets.warehouse.tables.analyses import MAVE_ANALYSES

#: What the evidence is made of: every table of statistics, of the same day.
_EVIDENCE: tuple[Table, ...] = (
    *identity.TABLES,
    *statistics.TABLES,
    *channels.TABLES,
    *support.TABLES,
)


#: Longest answer that the UI shows whole, in characters: the event log keeps what is shown.
_MOST_SHOWN = 50_000

_GROUNDED = dg.AssetCheckSpec(
    "numbers_grounded",
    asset=asset_key(MAVE_ANALYSES),
    description="Every number of Mave's answers is found in the evidence it was given. A warning that "
    "holds nothing up: the report marks each number that is not.",
)


def analyses_assets(partitions: dg.DailyPartitionsDefinition) -> dg.AssetsDefinition:
    """Mave's analyses of a day's statistics."""

    @dg.multi_asset(
        name="mave_analyses",
        specs=[
            table_spec(
                MAVE_ANALYSES,
                [asset_key(table) for table in _EVIDENCE if table.asset],
                kinds=("ai",),
            )
        ],
        check_specs=[*check_specs([MAVE_ANALYSES], volumes=False), _GROUNDED],
        partitions_def=partitions,
        backfill_policy=ONE_RUN,
        pool="mavera",
    )
    @clearly
    def analyses(
        context: dg.AssetExecutionContext, settings: SettingsResource
    ) -> Iterator[dg.MaterializeResult[Any]]:
        watch, days = Stopwatch(), run_days(context)
        read = settings.read()
        with (
            settings.warehouse().session() as session,
            closing(
                MaveraClient(
                    api_key=read.mavera_api_key,
                    base_url=read.mavera_base_url,
                    quota_directory=read.directory() / "quota",
                    log=context.log.info,
                )
            ) as client,
        ):
            done = ask_all(session, client, read, days, context.log.info, lambda: datetime.now(UTC))
            rows = replace_partitions(
                session,
                days[0],
                days[-1],
                Replacement(MAVE_ANALYSES, f"FROM {MAVE_ANALYSES.result}"),
                read=_EVIDENCE,
            )
            _show(context, done.rows)
            stored = {MAVE_ANALYSES: rows[MAVE_ANALYSES.full_name]}
            checks = [*check_results(session, stored)[MAVE_ANALYSES], _grounded(done.rows)]
            facts = {**watch.facts(), "credits_spent_by_run": done.credits_spent}
            seen = shown(session, stored, read.confidence_level, by_itself=by_itself(context.run))[
                MAVE_ANALYSES
            ]
            yield materialized(context, MAVE_ANALYSES, seen, checks, facts)

    return analyses


def _grounded(rows: Sequence[AnalysisRow]) -> dg.AssetCheckResult:
    """Whether every number of the answers was found in the evidence."""
    lost = {
        f"{row.as_of} {row.kind}": f"{len(row.ungrounded)} of {row.numbers_total}"
        for row in rows
        if row.ungrounded
    }
    return dg.AssetCheckResult(
        check_name=_GROUNDED.name,
        asset_key=asset_key(MAVE_ANALYSES),
        passed=not lost,
        severity=dg.AssetCheckSeverity.WARN,
        metadata=lost,
        description="; ".join(f"{of}: {numbers} numbers" for of, numbers in lost.items()) or None,
    )


def _show(context: dg.AssetExecutionContext, rows: Sequence[AnalysisRow]) -> None:
    """Each partition shows its own analyses, and after all of them the long tables of numbers."""
    shown: dict[str, dict[str, Any]] = {}
    for facts_of in (answer_facts, answer_numbers):
        for row in rows:
            shown.setdefault(row.as_of.isoformat(), {}).update(facts_of(row))
    for day, facts in shown.items():
        context.add_asset_metadata(facts, asset_key=asset_key(MAVE_ANALYSES), partition_key=day)


def answer_facts(row: AnalysisRow) -> dict[str, Any]:
    """What the UI shows of an analysis: the answer, how it holds, what it cost, what was asked.

    Each key begins with the kind.
    """
    status = row.status if not row.reason else f"{row.status}: {row.reason}"
    if row.content is None:
        return {f"{row.kind}: status": status}
    facts = {
        "status": status,
        "answer": dg.MetadataValue.md(_shown(row.content)),
        "numbers grounded": f"{row.numbers_grounded} of {row.numbers_total}, "
        f"{row.numbers_derived} of them derived",
        "credits": "not said" if row.credits_used is None else row.credits_used,
        "latency": _latency(row.latency_ms),
        "reused": row.status == "reused",
        "prompt": f"{row.prompt_version}, {str(row.prompt_sha256)[:12]}",
    }
    return {f"{row.kind}: {name}": value for name, value in facts.items()}


def _shown(content: str) -> str:
    """The answer as the UI may show it; of a very long one the beginning."""
    if len(content) <= _MOST_SHOWN:
        return safe_markdown(content)
    rest = f"… and {len(content) - _MOST_SHOWN:,} more characters, in {MAVE_ANALYSES.full_name}."
    return f"{safe_markdown(content[:_MOST_SHOWN])}\n\n{rest}"


def answer_numbers(row: AnalysisRow) -> dict[str, Any]:
    """The numbers of an answer with their marks; nothing where there is no answer."""
    if not row.number_marks:
        return {}
    return {f"{row.kind}: numbers": _numbers(json.loads(row.number_marks))}


def _latency(milliseconds: int | None) -> str:
    """An answer found among Mave's threads was not waited for by this run."""
    return "not measured" if milliseconds is None else f"{milliseconds / 1000:.1f} s"


def _numbers(marks: Sequence[Mapping[str, Any]]) -> dg.TableMetadataValue:
    """Each number of an answer with what its look-up gave, those not to be relied on first."""
    bad = (Status.NOT_FOUND, Status.MISATTRIBUTED)
    ranked = sorted(marks, key=lambda mark: mark["status"] not in bad)
    return dg.MetadataValue.table(
        [
            dg.TableRecord(
                {"number": mark["text"], "status": mark["status"], "rows": ", ".join(mark["rows"])}
            )
            for mark in ranked
        ],
        dg.TableSchema([dg.TableColumn(name) for name in ("number", "status", "rows")]),
    )
