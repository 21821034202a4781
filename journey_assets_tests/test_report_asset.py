"""The asset reports/journey_report: a run writes every day's file and says where it is."""

from datetime import timedelta
from html import unescape
from pathlib import Path

import dagster as dg

from journey_assets.definitions import build_definitions
from journey_assets.reports.assets import JOURNEY_REPORT
from journey_assets.reports.files import index_path, report_path
from journey_assets_tests.report_rows import DAY, database_at, fill, rows


def test_a_range_writes_a_report_for_each_day_and_each_partition_names_its_file(
    tmp_path: Path,
) -> None:
    database = database_at(tmp_path)
    first = DAY - timedelta(days=1)
    fill(database, rows(first), rows(DAY))
    environment = {"JOURNEY_DATABASE": str(database.path)}
    job = build_definitions(environment).resolve_implicit_global_asset_job_def()
    with dg.DagsterInstance.ephemeral() as instance:
        result = job.execute_in_process(
            instance=instance,
            asset_selection=[JOURNEY_REPORT],
            tags={
                "dagster/asset_partition_range_start": first.isoformat(),
                "dagster/asset_partition_range_end": DAY.isoformat(),
            },
        )
        assert result.success
        found = instance.fetch_materializations(JOURNEY_REPORT, limit=2).records
    metadata = {
        record.partition_key: record.asset_materialization.metadata  # type: ignore[union-attr]
        for record in found
    }
    assert set(metadata) == {first.isoformat(), DAY.isoformat()}
    for day in (first, DAY):
        path = report_path(tmp_path, day)
        assert metadata[day.isoformat()]["path"].value == str(path)
        assert metadata[day.isoformat()]["bytes"].value == path.stat().st_size
    assert "in_short" not in metadata[first.isoformat()]
    in_short = metadata[DAY.isoformat()]["in_short"]
    assert isinstance(in_short, dg.TableMetadataValue)
    shown = [record.data for record in in_short.records]
    page = unescape(report_path(tmp_path, DAY).read_text("utf-8"))
    assert [row["what"] for row in shown][:2] == [
        "Newcomers who convert within 7 days",
        "Newcomers who convert within 14 days",
    ]
    assert "Most valuable step" in [row["what"] for row in shown]
    assert all(text in page for row in shown for text in map(str, row.values()))
    assert index_path(tmp_path).exists()
