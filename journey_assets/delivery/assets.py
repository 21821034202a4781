"""The assets ``delivery/exports`` and ``delivery/read_copy``, and the message of the day: wiring."""

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import dagster as dg

from journey_assets.delivery.exports import exported_tables, write_exports
from journey_assets.delivery.read_copy import renew_read_copy
from journey_assets.delivery.summary import post_summary
from journey_assets.shell.days import run_days
from journey_assets.shell.failures import clearly
from journey_assets.shell.resources import SettingsResource
from journey_assets.shell.shown import Stopwatch
from journey_assets.shell.sources import code_references
from journey_assets.shell.tables import ONE_RUN, OWNERS, POOL, asset_key

_CODE = [Path(str(files(__package__))) / name for name in ("exports.py", "read_copy.py")]

EXPORTS = dg.AssetKey(["delivery", "exports"])
READ_COPY = dg.AssetKey(["delivery", "read_copy"])

_SAYS = {
    EXPORTS: "Every table of figures of a day as `exports/<as_of>/<schema>.<table>.parquet` and `.csv` "
    "beside the database, exchanged together. CSV has text in the place of lists. No personal data. With "
    "SUMMARY_WEBHOOK_URL the newest day's figures and findings are posted there, once.",
    READ_COPY: "A copy of the whole database, `<name>.read.duckdb` beside it, exchanged at once: tools "
    "that keep a file open read it and stop no run. It holds personal data, as the database does.",
}


def delivery_assets(partitions: dg.DailyPartitionsDefinition) -> dg.AssetsDefinition:
    """Figures for other tools, made anew after each run that changes them."""

    @dg.multi_asset(
        name="delivery",
        specs=[
            dg.AssetSpec(
                key,
                deps=[asset_key(table) for table in exported_tables()],
                description=says,
                group_name="delivery",
                kinds={kind},
                owners=OWNERS,
                tags={"layer": "delivery"},
                metadata={"dagster/code_references": code_references(_CODE)},
            )
            for (key, says), kind in zip(_SAYS.items(), ("parquet", "duckdb"), strict=True)
        ],
        partitions_def=partitions,
        backfill_policy=ONE_RUN,
        pool=POOL,
    )
    @clearly
    def delivery(
        context: dg.AssetExecutionContext, settings: SettingsResource
    ) -> Iterator[dg.MaterializeResult[Any]]:
        watch, days = Stopwatch(), run_days(context)
        with settings.warehouse().session() as session:
            folders = write_exports(session, days, settings.read().directory())
            copy = renew_read_copy(session)
            told = post_summary(session, days, settings.read(), context.log.warning)
        newest = folders[days[-1]]
        context.log.info(f"{len(folders)} days exported, the newest to {newest}; read copy {copy}")
        yield dg.MaterializeResult(
            asset_key=EXPORTS,
            metadata={
                "path": dg.MetadataValue.path(newest),
                "tables": len(exported_tables()),
                "summary": told,
                **watch.facts(),
            },
        )
        yield dg.MaterializeResult(
            asset_key=READ_COPY,
            metadata={"path": dg.MetadataValue.path(copy), "bytes": copy.stat().st_size},
        )

    return delivery
