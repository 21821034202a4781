"""The command line: exit codes, and the line that says what to mend.

A run over everything is in ``test_github_actions``.
"""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from journey_assets.simulator.simulator import Simulator
from journey_assets_tests.command_line import (
    YESTERDAY,
    days_back,
    environment,
    last_line,
    launch,
    materialize,
    run,
    small_simulator,
)

DAY = str(YESTERDAY)
SUPPORT = "raw/mavenoid_agent_availabilities"

Start = Callable[..., subprocess.CompletedProcess[str]]
BOTH = pytest.mark.parametrize("start", [materialize, launch], ids=["dagster", "dg"])


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with small_simulator() as running:
        yield running


def _count(folder: Path, table: str) -> int:
    with duckdb.connect(str(folder / "store.duckdb"), read_only=True) as con:
        return int(con.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0])


def test_one_asset_succeeds_with_dg_launch(simulator: Simulator, tmp_path: Path) -> None:
    result = launch(environment(simulator, tmp_path), "--partition", DAY, select=SUPPORT)
    assert result.returncode == 0, result.stdout
    assert _count(tmp_path, "raw.mavenoid_agent_availabilities") > 0


@BOTH
def test_a_refused_key_exits_1_and_the_last_line_says_what_to_mend(
    start: Start, simulator: Simulator, tmp_path: Path
) -> None:
    env = environment(simulator, tmp_path, MAVENOID_TOKEN="wrong-token")
    result = start(env, "--partition", DAY, select=SUPPORT)
    assert result.returncode == 1
    assert last_line(result).startswith("Mavenoid: ")
    assert "401" in last_line(result)
    assert "MAVENOID_TOKEN" in last_line(result)
    assert "wrong-token" not in result.stdout


def test_without_credentials_nothing_is_fetched_and_make_demo_is_named(
    simulator: Simulator, tmp_path: Path
) -> None:
    simulator.clear_statistics()
    env = environment(simulator, tmp_path, MAVERA_API_KEY="")
    result = materialize(env, "--partition", DAY)
    assert result.returncode == 1
    assert last_line(result).startswith("Mavera: MAVERA_API_KEY not set")
    assert "make demo" in last_line(result)
    assert simulator.requests() == []


@BOTH
def test_a_missing_partition_exits_1(start: Start, simulator: Simulator, tmp_path: Path) -> None:
    result = start(environment(simulator, tmp_path), select=SUPPORT)
    assert result.returncode == 1
    assert last_line(result).startswith("Dagster: ")
    assert "--partition" in last_line(result)


def test_a_reversed_range_exits_1(simulator: Simulator, tmp_path: Path) -> None:
    reversed_range = f"{DAY}...{days_back(3)}"
    env = environment(simulator, tmp_path)
    result = materialize(env, "--partition-range", reversed_range, select=SUPPORT)
    assert result.returncode == 1
    assert last_line(result).startswith("The partition range is empty")


@BOTH
def test_bad_run_configuration_exits_1(start: Start, simulator: Simulator, tmp_path: Path) -> None:
    config = '{"resources": {"settings": {"config": {"window_days": "many"}}}}'
    env = environment(simulator, tmp_path)
    result = start(env, "--partition", DAY, "--config-json", config, select=SUPPORT)
    assert result.returncode == 1


def test_run_configuration_reaches_the_settings(simulator: Simulator, tmp_path: Path) -> None:
    config = '{"resources": {"settings": {"config": {"vendors": "amplitude"}}}}'
    env = environment(simulator, tmp_path)
    result = materialize(env, "--partition", DAY, "--config-json", config, select=SUPPORT)
    assert result.returncode == 0, result.stdout
    assert "Mavenoid is not configured" in result.stdout


def test_no_module_exits_2(simulator: Simulator, tmp_path: Path) -> None:
    env = environment(simulator, tmp_path)
    result = run("dagster", "asset", "materialize", "--select", "*", env=env)
    assert result.returncode == 2


def test_a_dagster_home_that_is_missing_exits_1(simulator: Simulator, tmp_path: Path) -> None:
    env = environment(simulator, tmp_path, DAGSTER_HOME=str(tmp_path / "absent"))
    result = materialize(env, "--partition", DAY, select=SUPPORT)
    assert result.returncode == 1


def test_a_bad_setting_exits_1_and_is_named(simulator: Simulator, tmp_path: Path) -> None:
    env = environment(simulator, tmp_path, JOURNEY_WINDOW_DAYS="soon")
    result = materialize(env, "--partition", DAY, select=SUPPORT)
    assert result.returncode == 1
    assert "JOURNEY_WINDOW_DAYS" in last_line(result)


@BOTH
@pytest.mark.parametrize("days", ["2031-01-01", "2026-11-31...2026-12-02"], ids=["future", "odd"])
def test_days_that_are_no_partitions_end_with_the_line_that_says_which_are(
    start: Start, days: str, simulator: Simulator, tmp_path: Path
) -> None:
    option = "--partition-range" if "..." in days else "--partition"
    result = start(environment(simulator, tmp_path), option, days, select=SUPPORT)
    assert result.returncode == 1
    assert last_line(result).startswith(f"Dagster: not all days of {days} are partitions")
    assert "JOURNEY_START_DATE" in last_line(result)
