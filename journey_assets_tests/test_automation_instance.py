"""The instance's configuration: what Dagster makes of it, and its variant over PostgreSQL."""

import shutil
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dg.DagsterInstance:
    shutil.copy(ROOT / "dagster.yaml", tmp_path)
    monkeypatch.chdir(tmp_path)
    return dg.DagsterInstance.from_config(str(tmp_path))


def test_a_run_that_failed_with_an_error_is_not_repeated(instance: dg.DagsterInstance) -> None:
    assert instance.run_retries_enabled
    assert instance.get_settings("run_retries")["retry_on_asset_or_op_failure"] is False


def test_a_killed_run_is_ended_and_nothing_is_sent_home(instance: dg.DagsterInstance) -> None:
    assert instance.run_monitoring_enabled
    assert not instance.telemetry_enabled


def test_whole_runs_wait_for_their_pools(instance: dg.DagsterInstance) -> None:
    pools = instance.get_concurrency_config().pool_config
    assert pools.pool_granularity is not None
    assert pools.pool_granularity.value == "run"
    assert pools.default_pool_limit == 1


def _settings(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))
    return loaded


def test_the_variant_over_postgresql_differs_in_its_storage_only() -> None:
    own, variant = _settings("dagster.yaml"), _settings("dagster-postgres.yaml")
    assert variant.pop("storage") == {"postgres": {"postgres_url": {"env": "DAGSTER_POSTGRES_URL"}}}
    assert variant == {name: value for name, value in own.items() if "storage" not in name}
