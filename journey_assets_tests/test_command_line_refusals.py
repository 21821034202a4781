"""What Dagster's command line refuses whatever the location, and the instances it works with."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from journey_assets_tests.command_line import ROOT, run

if TYPE_CHECKING:
    import subprocess

LOCATION = str(Path(__file__).with_name("other_location.py"))
RANGE = ("--partition-range", "2026-01-02...2026-01-04")


def _other(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    env = _environment()
    return run("dagster", "asset", "materialize", "-f", LOCATION, *arguments, env=env, cwd=folder)


def _environment() -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if name != "DAGSTER_HOME"}
    return inherited | {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}


def test_a_range_in_one_run_is_accepted(tmp_path: Path) -> None:
    assert _other(tmp_path, "--select", "by_day", *RANGE).returncode == 0


def test_mixed_partition_definitions_exit_1(tmp_path: Path) -> None:
    result = _other(tmp_path, "--select", "by_day,by_hour", "--partition", "2026-01-02")
    assert result.returncode == 1
    assert "PartitionsDefinition shared by all" in result.stdout


def test_a_range_over_an_asset_that_is_not_single_run_exits_1(tmp_path: Path) -> None:
    result = _other(tmp_path, "--select", "day_by_day", *RANGE)
    assert result.returncode == 1
    assert "single_run" in result.stdout


@pytest.mark.parametrize("home", [None, "absent"], ids=["unset", "missing"])
def test_dg_launch_runs_without_dagster_home_and_makes_a_missing_one(
    home: str | None, tmp_path: Path
) -> None:
    # The `dagster` form refuses a missing one: test_command_line.
    (tmp_path / "pyproject.toml").write_text(
        '[tool.dg]\ndirectory_type = "project"\n'
        '[tool.dg.project]\nroot_module = "other_location"\n'
        'code_location_target_module = "other_location"\n'
    )
    (tmp_path / "other_location.py").write_text(Path(LOCATION).read_text())
    env = _environment() | {"PYTHONPATH": str(tmp_path)}
    if home:
        env["DAGSTER_HOME"] = str(tmp_path / home)
    result = run(
        "dg", "launch", "--assets", "by_day", "--partition", "2026-01-02", env=env, cwd=tmp_path
    )
    assert result.returncode == 0, result.stdout
    assert not home or (tmp_path / home).is_dir()
