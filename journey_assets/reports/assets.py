"""The asset ``reports/journey_report``: wiring, and where the file is."""

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import dagster as dg

from journey_assets.journeys.statistics.paths.table import PATHS
from journey_assets.reports.compute import write_reports
from journey_assets.reports.files import index_path
from journey_assets.reports.reading import READ
from journey_assets.shell.days import run_days
from journey_assets.shell.failures import clearly
from journey_assets.shell.resources import SettingsResource
from journey_assets.shell.shown import Stopwatch
from journey_assets.shell.sources import code_references
from journey_assets.shell.tables import ONE_RUN, OWNERS, POOL, asset_key

_CODE = [Path(str(files("journey_assets.reports"))) / name for name in ("compute.py", "page.py")]

JOURNEY_REPORT = dg.AssetKey(["reports", "journey_report"])


def reports_assets(partitions: dg.DailyPartitionsDefinition) -> dg.AssetsDefinition:
    """The report of each day."""

    @dg.multi_asset(
        name="reports",
        specs=[
            dg.AssetSpec(
                JOURNEY_REPORT,
                deps=[asset_key(table) for table in (PATHS, *READ)],
                description="A self-contained HTML file that an analyst sends to a manager: the day's "
                "figures with intervals and what changed, the flow, the golden path, friction, cliffs, "
                "stages, channels, support, and Mave's analyses with every number marked. Every day of "
                "a range gets its own at `reports/<as_of>/index.html` beside the database, with a "
                "list of all days at `reports/index.html`.",
                group_name="reports",
                kinds={"html"},
                owners=OWNERS,
                tags={"layer": "reports"},
                metadata={"dagster/code_references": code_references(_CODE)},
            )
        ],
        partitions_def=partitions,
        backfill_policy=ONE_RUN,
        pool=POOL,
    )
    @clearly
    def reports(
        context: dg.AssetExecutionContext, settings: SettingsResource
    ) -> Iterator[dg.MaterializeResult[Any]]:
        watch, days = Stopwatch(), run_days(context)
        read = settings.read()
        with settings.warehouse().session() as session:
            written = write_reports(session, days, read)
        newest = written[-1]
        for report in written:
            for sentence in report.notices:
                context.log.warning(f"{report.as_of}: {sentence}")
        seen = {
            # Of the newest day only: the event log keeps what is shown of every day of every run.
            "in_short": dg.MetadataValue.table(
                [dg.TableRecord(dict(row)) for row in newest.in_short]
            ),
            "sections": len(newest.sections),
            "all_reports": dg.MetadataValue.path(index_path(read.directory())),
            **watch.facts(),
        }
        for report in written:
            notices = {"notices": list(report.notices)} if report.notices else {}
            # No link: browsers do not follow one from the UI's page to a file.
            facts: dict[str, Any] = {
                "path": dg.MetadataValue.path(report.path),
                "bytes": report.size,
            }
            context.add_asset_metadata(
                {**facts, **notices, **(seen if report is newest else {})},
                asset_key=JOURNEY_REPORT,
                partition_key=report.as_of.isoformat(),
            )
        context.log.info(f"{len(written)} reports written, the newest to {newest.path}")
        yield dg.MaterializeResult(asset_key=JOURNEY_REPORT)

    return reports
