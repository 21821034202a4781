"""What every run pays: importing the code location, and a day on which nothing happened.

Prints medians of several runs beside what Dagster alone costs in the same minute.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from journey_assets.settings import Settings, variable
from journey_assets.simulator.population import Population, PopulationConfig
from journey_assets.simulator.simulator import Simulator

RUNS = 3
#: A day long before the population's first newcomer.
EMPTY_DAY = "2026-01-02"


def main() -> None:
    """Measure and print."""
    python = [sys.executable, "-W", "ignore", "-c"]
    dagster = _seconds([*python, "import dagster"])
    location = _seconds([*python, "import journey_assets; journey_assets.defs"])
    print(f"import dagster             {dagster:5.2f} s")
    print(f"import the code location   {location:5.2f} s  ({location / dagster:.2f} x)")
    population = Population(PopulationConfig(newcomers_per_day=1, first_day=date(2026, 6, 1)))
    with Simulator(population=population) as simulator, tempfile.TemporaryDirectory() as folder:
        command = [
            *(str(Path(sys.executable).with_name("dagster")), "asset", "materialize"),
            *("-m", "journey_assets", "--select", "*", "--partition", EMPTY_DAY),
        ]
        empty = _seconds(command, _environment(simulator, folder), folder)
    print(f"a day without data         {empty:5.2f} s  ({empty / dagster:.2f} x)")


def _environment(simulator: Simulator, folder: str) -> dict[str, str]:
    # As in a place of its own: modules are compiled once, not by every process.
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    blank = {variable(field): "" for field in Settings.model_fields}
    # One vendor: Mavenoid's quota would make repeated runs wait.
    own = {"JOURNEY_DATABASE": f"{folder}/store.duckdb", "JOURNEY_VENDORS": "amplitude"}
    # An instance that stays, as the README sets it up: a temporary one costs about 1.5 s a run.
    shutil.copy(Path(__file__).parents[1] / "dagster.yaml", folder)
    home = {"DAGSTER_HOME": folder}
    return kept | blank | simulator.demo_environment() | own | home


def _seconds(
    command: list[str], env: Mapping[str, str] | None = None, folder: str | None = None
) -> float:
    """Median wall seconds of RUNS runs after one that is not counted."""
    taken = []
    for _ in range(RUNS + 1):
        started = time.perf_counter()
        subprocess.run(command, env=env, cwd=folder, check=True, capture_output=True)
        taken.append(time.perf_counter() - started)
    return statistics.median(taken[1:])


if __name__ == "__main__":
    main()
