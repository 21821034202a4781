"""What every run pays: importing the code location, and a day on which nothing happened.

Beside what Dagster alone costs in the same minute.

    python benchmarks/bench_fixed_costs.py [--json FILE]
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from measuring import Mark, Measured, Run, print_rows, rows_of, several

from journey_assets.settings import Settings, variable
from journey_assets.simulator.population import Population, PopulationConfig
from journey_assets.simulator.simulator import Simulator

RUNS = 3
#: A day long before the population's first newcomer.
EMPTY_DAY = "2026-01-02"
ABOUT = "a day on which nothing happened, all assets of Amplitude"
MARKS = (
    Mark("a day without data", "empty day", "import dagster", 4),
    Mark("importing the code location", "code location", "import dagster", None),
)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = rows_of(MARKS, several(RUNS, lambda: run_once(Path(folder))), ABOUT)
    print_rows(rows)
    if given.json:
        given.json.write_text(json.dumps(rows, indent=1))


def run_once(folder: Path) -> Run:
    """Each command once; the very first run in ``folder`` also makes the instance and the database."""
    python = [sys.executable, "-W", "ignore", "-c"]
    home = folder / "empty_day"
    population = Population(PopulationConfig(newcomers_per_day=1, first_day=date(2026, 6, 1)))
    with Simulator(population=population) as simulator:
        command = [
            *(str(Path(sys.executable).with_name("dagster")), "asset", "materialize"),
            *("-m", "journey_assets", "--select", "*", "--partition", EMPTY_DAY),
        ]

        def empty_day() -> Measured:
            return _measured(command, _environment(simulator, str(home)), str(home))

        if not home.exists():
            home.mkdir()
            empty_day()  # not counted
        return {
            "import dagster": _measured([*python, "import dagster"]),
            "code location": _measured([*python, "import journey_assets; journey_assets.defs"]),
            "empty day": empty_day(),
        }


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


def _measured(
    command: list[str], env: Mapping[str, str] | None = None, folder: str | None = None
) -> Measured:
    """What a process took, with those that it started and waited for."""
    load, began = os.getloadavg()[0], time.monotonic()
    process = subprocess.Popen(
        command, env=env, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, taken = os.wait4(process.pid, 0)
    wall = time.monotonic() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return {
        "wall": wall,
        "cpu": taken.ru_utime + taken.ru_stime,
        "peak_mb": taken.ru_maxrss * 1024 / 1e6,
        "load": load,
    }


if __name__ == "__main__":
    main()
