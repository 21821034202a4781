"""Running the project's commands as a user does, against a simulator in this process."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from journey_assets.settings import Settings, variable
from journey_assets.simulator.population import Population, PopulationConfig
from journey_assets.simulator.simulator import Simulator

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent

YESTERDAY = datetime.now(UTC).date() - timedelta(days=1)


@contextmanager
def small_simulator() -> Iterator[Simulator]:
    """The four vendors with some dozens of users a week: enough to flow through every table."""
    with Simulator(population=Population(PopulationConfig(newcomers_per_day=4))) as simulator:
        yield simulator


def environment(simulator: Simulator, folder: Path, **more: str) -> dict[str, str]:
    """The process's environment, the simulator's settings, a database in ``folder``, no others."""
    blank = {variable(field): "" for field in Settings.model_fields}
    own = {"JOURNEY_DATABASE": str(folder / "store.duckdb"), "PYTHONWARNINGS": "ignore"}
    inherited = {name: value for name, value in os.environ.items() if name != "DAGSTER_HOME"}
    return inherited | blank | simulator.demo_environment() | own | more


def run(
    *arguments: str, env: Mapping[str, str], cwd: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    """Run a command of the virtual environment; stdout and stderr together in ``stdout``."""
    return subprocess.run(
        [str(BIN / arguments[0]), *arguments[1:]],
        env=dict(env),
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def materialize(
    env: Mapping[str, str], *arguments: str, select: str = "*", cwd: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    """``dagster asset materialize -m journey_assets --select …``."""
    return run(
        "dagster", "asset", "materialize", "-m", "journey_assets", "--select", select, *arguments,
        env=env, cwd=cwd,
    )  # fmt: skip


def days_back(days: int) -> date:
    """The day ``days`` before yesterday."""
    return YESTERDAY - timedelta(days=days)


def last_line(result: subprocess.CompletedProcess[str]) -> str:
    """The last line that a command printed."""
    lines = [line for line in result.stdout.splitlines() if line.strip()]
    return lines[-1] if lines else ""
