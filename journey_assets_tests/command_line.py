"""Running the project's commands as a user does, against a simulator in this process."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from journey_assets.settings import Settings, variable
from journey_assets.simulator.population import Population, PopulationConfig
from journey_assets.simulator.quotas import Limits
from journey_assets.simulator.simulator import Options, Simulator

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent

YESTERDAY = datetime.now(UTC).date() - timedelta(days=1)


@contextmanager
def small_simulator() -> Iterator[Simulator]:
    """The four vendors with some dozens of users a week: enough to flow through every table."""
    population = Population(PopulationConfig(newcomers_per_day=4))
    with Simulator(population=population, options=Options(limits=Limits.none())) as simulator:
        yield simulator


def environment(simulator: Simulator, folder: Path, **more: str) -> dict[str, str]:
    """The process's environment, the simulator's settings, a database in ``folder``, no others."""
    blank = {variable(field): "" for field in Settings.model_fields}
    own = {
        "JOURNEY_DATABASE": str(folder / "store.duckdb"),
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "ignore",
    }
    # Without DAGSTER_HOME the instance is a temporary one.
    inherited = {name: value for name, value in os.environ.items() if name != "DAGSTER_HOME"}
    return inherited | blank | simulator.demo_environment() | own | more


def run(
    *arguments: str, env: Mapping[str, str], cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command of the virtual environment; stdout and stderr together in ``stdout``.

    It runs in the database's folder: the project's own instance and ``.env`` are not the tests'.
    """
    return subprocess.run(
        [str(BIN / arguments[0]), *arguments[1:]],
        env=dict(env),
        cwd=cwd or Path(env["JOURNEY_DATABASE"]).parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def materialize(
    env: Mapping[str, str], *arguments: str, select: str = "*"
) -> subprocess.CompletedProcess[str]:
    """``dagster asset materialize -m journey_assets --select …``."""
    return run(
        "dagster", "asset", "materialize", "-m", "journey_assets", "--select", select, *arguments,
        env=env,
    )  # fmt: skip


def launch(
    env: Mapping[str, str], *arguments: str, select: str
) -> subprocess.CompletedProcess[str]:
    """``dg launch --assets …`` in the project's folder, with an instance beside the database."""
    home = {"DAGSTER_HOME": str(Path(env["JOURNEY_DATABASE"]).parent)}
    return run("dg", "launch", "--assets", select, *arguments, env={**env, **home}, cwd=ROOT)


def let_the_quota_recover(folder: Path) -> None:
    """As if the longest window of the vendors' quotas had passed since the last run."""
    shutil.rmtree(folder / "quota", ignore_errors=True)


def days_back(days: int) -> date:
    """The day ``days`` before yesterday."""
    return YESTERDAY - timedelta(days=days)


def last_line(result: subprocess.CompletedProcess[str]) -> str:
    """The last line that a command printed."""
    lines = [line for line in result.stdout.splitlines() if line.strip()]
    return lines[-1] if lines else ""
