"""The code location: which assets there are, and what loading it costs."""

import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import dagster as dg
import pytest

import journey_assets
from journey_assets.definitions import build_definitions
from journey_assets.delivery.assets import EXPORTS, READ_COPY
from journey_assets.reports.assets import JOURNEY_REPORT
from journey_assets.shell.tables import asset_key
from journey_assets.warehouse.catalog import all_tables


@pytest.fixture(scope="module")
def definitions() -> dg.Definitions:
    return build_definitions({})


def test_every_declared_table_is_an_asset_and_every_asset_that_is_no_file_a_declared_table(
    definitions: dg.Definitions,
) -> None:
    graph = definitions.resolve_asset_graph()
    tables = {asset_key(t) for t in all_tables() if t.asset}
    assert graph.materializable_asset_keys == tables | {JOURNEY_REPORT, EXPORTS, READ_COPY}


def test_every_asset_and_sensor_tells_its_errors_in_our_words(definitions: dg.Definitions) -> None:
    repository = definitions.get_repository_def()
    assets = [cast("Any", each.op).compute_fn for each in repository.assets_defs_by_key.values()]
    sensors = [cast("Any", sensor)._raw_fn for sensor in repository.sensor_defs]
    functions = [*(each.decorated_fn for each in assets), *sensors]
    package = str(Path(journey_assets.__file__).parent)
    found = [each.__code__ for each in functions if hasattr(each, "__code__")]
    # Not those that Dagster puts around ours.
    codes = [code for code in found if code.co_filename.startswith(package)]
    assert len(codes) > 40
    assert [code.co_name for code in codes if "clear_failures" not in code.co_names] == []


def test_every_command_tells_its_errors_in_our_words() -> None:
    package = Path(journey_assets.__file__).parent
    sources = [path.read_text(encoding="utf-8") for path in package.rglob("*.py")]
    commands = [source for source in sources if '\nif __name__ == "__main__":' in source]
    assert commands
    assert [c[:200] for c in commands if "exit_code(" not in c and "told(" not in c] == []


def test_no_dependency_is_mistyped_into_an_external_asset(definitions: dg.Definitions) -> None:
    assert definitions.resolve_asset_graph().external_asset_keys == set()


def test_all_assets_share_one_partitioning_and_run_a_range_at_once(
    definitions: dg.Definitions,
) -> None:
    graph = definitions.resolve_asset_graph()
    nodes = [graph.get(key) for key in graph.materializable_asset_keys]
    assert {node.partitions_def for node in nodes} == {
        dg.DailyPartitionsDefinition(start_date="2026-01-01", timezone="UTC")
    }
    assert {node.backfill_policy for node in nodes} == {dg.BackfillPolicy.single_run()}


def test_every_asset_shows_its_columns_and_its_table(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    for table in all_tables():
        if not table.asset:
            continue
        node = graph.get(asset_key(table))
        schema = node.metadata["dagster/column_schema"]
        assert [column.name for column in schema.columns] == list(table.column_names)
        assert node.metadata["dagster/table_name"] == table.full_name
        assert node.description


def test_figures_depend_on_the_whole_window(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    mapping = graph.get_partition_mapping(
        dg.AssetKey(["journeys", "paths"]), dg.AssetKey(["raw", "amplitude_events"])
    )
    assert isinstance(mapping, dg.TimeWindowPartitionMapping)
    assert (mapping.start_offset, mapping.end_offset) == (-29, 0)


def test_secrets_are_shown_by_the_variables_name_only() -> None:
    definitions = build_definitions({"MAVERA_API_KEY": "mvra_live_secret"})
    job = definitions.resolve_implicit_global_asset_job_def()
    assert "mvra_live_secret" not in str(job.resource_defs["secrets"])
    assert "mvra_live_secret" not in repr(definitions.resources)


def test_settings_of_the_environment_are_the_launchpads_defaults() -> None:
    definitions = build_definitions({"JOURNEY_WINDOW_DAYS": "7"})
    job = definitions.resolve_implicit_global_asset_job_def()
    config: Any = job.resource_defs["settings"].config_schema.config_type
    assert config.fields["window_days"].default_value == 7


_LOAD = """
import sys
from journey_assets import defs
heavy = {"duckdb", "matplotlib", "numpy", "pandas", "plotly", "polars", "pyarrow", "scipy"}
print(sorted(heavy & set(sys.modules)))
"""


def test_loading_the_code_location_imports_no_heavy_library() -> None:
    result = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _LOAD], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"


def test_a_client_can_be_imported_without_dagster() -> None:
    code = "import sys, journey_assets.vendors.amplitude; print('dagster' in sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "False"


def test_a_statistic_can_be_imported_without_dagster() -> None:
    code = "import sys, journey_assets.journeys.compute; print('dagster' in sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "False"
