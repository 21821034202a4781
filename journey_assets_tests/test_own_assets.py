"""The example of an asset of one's own: it stands behind ours, and one run makes a range of both."""

import importlib.util
from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest

from journey_assets.journeys.statistics.golden_transitions.table import GOLDEN_TRANSITIONS
from journey_assets_tests.command_line import ROOT
from journey_assets_tests.report_rows import DAY, database_at, fill, rows

KEY = dg.AssetKey(["growth", "step_to_win"])
FIRST = DAY - timedelta(days=1)


@pytest.fixture
def definitions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dg.Definitions:
    """The example's, over a database of two days."""
    database = database_at(tmp_path)
    fill(database, rows(FIRST), rows(DAY))
    monkeypatch.chdir(tmp_path)  # away from a developer's .env
    monkeypatch.setenv("JOURNEY_DATABASE", str(database.path))
    spec = importlib.util.spec_from_file_location("own", ROOT / "docs/examples/own_assets.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found = module.defs
    assert isinstance(found, dg.Definitions)
    return found


def test_it_is_loaded_with_all_of_ours_and_reads_one_of_them(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    assert graph.get(KEY).parent_keys == {dg.AssetKey(["journeys", "golden_transitions"])}
    assert dg.AssetKey(["reports", "journey_report"]) in graph.materializable_asset_keys


def test_a_range_tells_the_step_of_each_day(definitions: dg.Definitions) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        result = definitions.resolve_implicit_global_asset_job_def().execute_in_process(
            instance=instance,
            asset_selection=[KEY],
            tags={
                "dagster/asset_partition_range_start": FIRST.isoformat(),
                "dagster/asset_partition_range_end": DAY.isoformat(),
            },
        )
        assert result.success
        records = instance.fetch_materializations(KEY, limit=2).records
    told = {
        record.partition_key: record.asset_materialization.metadata["step"].value  # type: ignore[union-attr]
        for record in records
    }
    (critical,) = [row for row in rows(DAY)[GOLDEN_TRANSITIONS] if row["critical"]]
    step = f"{critical['from_event']} → {critical['to_event']}"
    assert told == {FIRST.isoformat(): step, DAY.isoformat(): step}
