"""Running the project's commands as a user does, against a simulator in this process.

Each command has a process of its own: its environment, folder, output and exit code are real. It is
forked from one that has imported Dagster; a fresh interpreter, with seconds of imports each, is left
to the test of the example for CI.
"""

import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from journey_assets.settings import Settings, variable
from journey_assets.simulator.quotas import Limits
from journey_assets.simulator.simulator import Options, Simulator
from journey_assets_tests.simulated import few_people

if TYPE_CHECKING:
    from journey_assets_tests.command_server import Request

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent

YESTERDAY = datetime.now(UTC).date() - timedelta(days=1)


@contextmanager
def small_simulator() -> Iterator[Simulator]:
    """The four vendors with few people and without limits."""
    with Simulator(population=few_people(), options=Options(limits=Limits.none())) as simulator:
        yield simulator


def environment(simulator: Simulator, folder: Path, **more: str) -> dict[str, str]:
    """The process's environment, the simulator's settings, a database in ``folder``, no others."""
    blank = {variable(field): "" for field in Settings.model_fields}
    own = {
        "JOURNEY_DATABASE": str(folder / "store.duckdb"),
        "JOURNEY_PERMUTATIONS": "99",
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "ignore",
    }
    # Without DAGSTER_HOME the instance is a temporary one.
    inherited = {name: value for name, value in os.environ.items() if name != "DAGSTER_HOME"}
    return inherited | blank | simulator.demo_environment() | own | more


@cache
def _server() -> "subprocess.Popen[str]":
    server = subprocess.Popen(
        [sys.executable, "-m", "journey_assets_tests.command_server"],
        cwd=ROOT,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},  # its threads would be lost in a fork
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    atexit.register(server.communicate)
    return server


def _answer() -> int:
    printed = _server().stdout
    assert printed
    return int(printed.readline())


def start(*arguments: str, env: Mapping[str, str], folder: Path, output: Path) -> int:
    """Start a command that writes to ``output``; returns its process id. :func:`end` must follow."""
    request: Request = {
        "arguments": list(arguments),
        "environment": dict(env),
        "folder": str(folder),
        "output": str(output),
    }
    requests = _server().stdin
    assert requests
    requests.write(json.dumps(request) + "\n")
    requests.flush()
    return _answer()


def end() -> int:
    """Wait for the command that was started; returns its exit code, negative for a signal."""
    return _answer()


def run(
    *arguments: str, env: Mapping[str, str], cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command of ``command_server``; stdout and stderr together in ``stdout``.

    It runs in the database's folder: the project's own instance and ``.env`` are not the tests'.
    """
    folder = cwd or Path(env["JOURNEY_DATABASE"]).parent
    with tempfile.NamedTemporaryFile() as output:
        start(*arguments, env=env, folder=folder, output=Path(output.name))
        exit_code = end()
        return subprocess.CompletedProcess(arguments, exit_code, output.read().decode())


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
    """``dg launch --assets …`` in a project's folder, with an instance beside the database.

    The folder holds what makes it ours, and not the ``.env`` that a developer may have in this one.
    """
    beside = Path(env["JOURNEY_DATABASE"]).parent
    (project := beside / "project").mkdir(exist_ok=True)
    shutil.copy(ROOT / "pyproject.toml", project)
    home = {"DAGSTER_HOME": str(beside)}
    return run("dg", "launch", "--assets", select, *arguments, env={**env, **home}, cwd=project)


def let_the_quota_recover(folder: Path, limit: str = "") -> None:
    """As if the longest window of the vendors' quotas, or of the one named, had passed since."""
    for used in (folder / "quota").glob(f"{limit}*"):
        shutil.rmtree(used)


def let_mave_finish(folder: Path) -> None:
    """As if every message had been sent so long ago that an answer would be there."""
    if not (folder / "store.duckdb").exists():
        return
    with duckdb.connect(str(folder / "store.duckdb")) as con, suppress(duckdb.CatalogException):
        con.execute(
            "UPDATE analyses.mave_attempts SET requested_at = requested_at - INTERVAL 10 MINUTES"
        )


def days_back(days: int) -> date:
    """The day ``days`` before yesterday."""
    return YESTERDAY - timedelta(days=days)


def last_line(result: subprocess.CompletedProcess[str]) -> str:
    """The last line that a command printed."""
    lines = [line for line in result.stdout.splitlines() if line.strip()]
    return lines[-1] if lines else ""
