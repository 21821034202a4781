"""``make demo``: the whole line against the simulator, with progress and a summary.

Belongs here: starting the vendors' simulator and running the command that a user would type. What
came out is said by :mod:`journey_assets.reports.summary`.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

from journey_assets.errors import exit_code
from journey_assets.places import home
from journey_assets.reports.files import report_path
from journey_assets.reports.summary import summary
from journey_assets.settings import Settings, variable
from journey_assets.simulator.clock import ManualClock
from journey_assets.simulator.population import Population
from journey_assets.simulator.simulator import Simulator
from journey_assets.warehouse.database import Database

#: Days that the demo materializes, the last one yesterday.
DAYS = 30

#: Segment serves only the present. What moved since is seen from a snapshot of so many days before.
_SNAPSHOT_BEFORE = timedelta(days=7)
_SNAPSHOT = "raw/segment_profiles,raw/segment_external_ids"
_EVENTS = "raw/amplitude_events"

#: The settings of the process that the demo keeps: where it puts things, and where it counts.
_PLACES = (
    *("database", "event_store", "aws_access_key_id", "aws_secret_access_key"),
    *("aws_session_token", "aws_region", "aws_endpoint_url", "engine", "ray_address"),
)


def main() -> int:
    """Run the demo; returns the exit code of the materialization that failed, else 0."""
    last = datetime.now(UTC).date() - timedelta(days=1)
    first, before = last - timedelta(days=DAYS - 1), last - _SNAPSHOT_BEFORE
    population = Population()
    started = time.monotonic()
    with Simulator(population=population) as simulator, _working_folder() as folder:
        # Drawn while the commands start up, on the other core.
        Thread(
            target=simulator.prepare, args=(DAYS + population.LIFE_DAYS + 1,), daemon=True
        ).start()
        print(f"The four vendors are simulated on loopback. Segment, as it was on {before}:")
        with Simulator(population=population, clock=ManualClock(_end_of(before))) as earlier:
            code = _materialize(folder, _environment(earlier), _SNAPSHOT, before, before)
        environment = _environment(simulator)
        if not code:
            # Whoever was there before the window is no newcomer, which only earlier events tell.
            begins = first - timedelta(days=population.LIFE_DAYS)
            print(f"What people did before the window, from {begins} on:")
            code = _materialize(folder, environment, _EVENTS, begins, first - timedelta(days=1))
        if not code:
            print(f"All of it, today. Materializing {first} … {last}:")
            code = _materialize(folder, environment, "*", first, last)
    seconds = time.monotonic() - started
    if code:
        return code
    settings = Settings.from_env(environment)
    database = Database.of(settings)
    print(
        f"\nDone in {seconds:.0f} s. As of {last}, over the trailing {settings.window_days} days:\n"
    )
    with database.session() as session:
        for line in summary(session, last):
            print(line)
    print(f"\nThe tables: {database.path} (docs/tables.md describes every column)")
    print("Look at it in Dagster's UI:  make dev")
    print(f"The report: {report_path(settings.directory(), last)}")
    return 0


def _environment(simulator: Simulator) -> dict[str, str]:
    """The process's environment with the simulator's settings and no others but the places'."""
    blank = {variable(field): "" for field in Settings.model_fields if field not in _PLACES}
    named = {variable(field): os.environ.get(variable(field), "") for field in _PLACES}
    database = Settings.from_env(named).database_path()
    kept = {variable("database"): str(database), "DAGSTER_HOME": str(home())}
    return dict(os.environ) | blank | kept | simulator.demo_environment()


@contextmanager
def _working_folder() -> Iterator[Path]:
    """A folder without a ``.env``; the instance is the project's wherever the command starts.

    Dagster's commands put the settings of a ``.env`` over those of the environment: with a user's own
    credentials in it, the demo would no longer be one.
    """
    with TemporaryDirectory() as name:
        yield Path(name)


def _end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), datetime.min.time(), UTC)


def _materialize(
    folder: Path, environment: dict[str, str], select: str, first: date, last: date
) -> int:
    command = [
        *(str(Path(sys.executable).with_name("dagster")), "asset", "materialize"),
        *("-m", "journey_assets", "--select", select, "--partition-range", f"{first}...{last}"),
    ]
    with subprocess.Popen(  # noqa: S603 - our own command
        command,
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    ) as run:
        whole: list[str] = []
        for line in run.stdout or ():
            whole.append(line)
            if shown := _progress(line):
                print(f"  {shown}", flush=True)
    if run.returncode:
        print("".join(whole), file=sys.stderr)
    return run.returncode


def _progress(line: str) -> str:
    """The message of one of Dagster's INFO lines: ``time - dagster - INFO - job - run - step - text``."""
    parts = line.rstrip("\n").split(" - ", 6)
    if len(parts) < 7 or parts[2] not in {"INFO", "WARNING"}:
        return ""
    return f"{parts[5]}: {parts[6]}"


if __name__ == "__main__":
    sys.exit(exit_code(main))
