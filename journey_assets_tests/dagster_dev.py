"""``dagster dev``, the webserver and the daemon, as a person starts it, on a port of its own.

Belongs here: starting and ending it, and keeping what helps when a test over it fails.
"""

import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest
import requests

from journey_assets.automation.alerts import days_of_tags
from journey_assets_tests.command_line import BIN, ROOT

#: Longest wait for the webserver's first answer, in seconds; it takes a tenth on an idle machine.
_START = 120.0
_PAUSE = 1.0
_TAIL = 60
_RUNS = """
{
  runsOrError {
    ... on Runs { results { runId status endTime tags { key value } assetSelection { path } } }
  }
}
"""

Found = TypeVar("Found")


def until(condition: Callable[[], Found | None], seconds: float, waited_for: str) -> Found:
    """The first truthy answer of ``condition``; fails the test when none came in ``seconds``."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while not (found := condition()):
        if time.monotonic() > deadline:
            pytest.fail(f"{waited_for}: not within {seconds:.0f} s")
        pause.wait(_PAUSE)
    return found


@dataclass(frozen=True)
class Run:
    """A run. sensor: what asked for it, empty for a person. days: its partition or range."""

    run_id: str
    status: str
    sensor: str
    days: str
    assets: frozenset[str]
    ended: bool


@dataclass(frozen=True)
class DagsterDev:
    """A running ``dagster dev``: its address, and the file with what its processes print."""

    url: str
    log: Path
    process: subprocess.Popen[bytes]

    def runs(self, sensor: str = "") -> list[Run]:
        """The runs that ``sensor`` asked for, or all, newest first."""
        answer = requests.post(f"{self.url}/graphql", json={"query": _RUNS}, timeout=60).json()
        runs = [_run(each) for each in answer["data"]["runsOrError"]["results"]]
        return [run for run in runs if sensor in ("", run.sensor)]

    def ended(self, run_id: str, seconds: float) -> Run:
        """Wait until a run has ended; returns it."""

        def found() -> Run | None:
            return next((run for run in self.runs() if run.run_id == run_id and run.ended), None)

        return until(found, seconds, f"the end of the run {run_id}")

    def first_run(self, sensor: str, seconds: float) -> Run:
        """Wait until the first run that ``sensor`` asks for has ended; returns it."""
        first = until(lambda: self.runs(sensor)[-1:], seconds, f"a run that {sensor} asks for")
        return self.ended(first[0].run_id, seconds)

    def tail(self) -> str:
        """The last lines that its processes printed."""
        return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-_TAIL:])

    def answers(self) -> bool:
        """Whether the webserver answers; fails the test when the process has ended."""
        if self.process.poll() is not None:
            pytest.fail(f"dagster dev ended with {self.process.returncode}:\n{self.tail()}")
        try:
            return requests.get(f"{self.url}/server_info", timeout=5).ok
        except requests.ConnectionError:
            return False


def _run(given: Mapping[str, Any]) -> Run:
    tags = {tag["key"]: tag["value"] for tag in given["tags"]}
    return Run(
        run_id=given["runId"],
        status=given["status"],
        sensor=tags.get("dagster/sensor_name", ""),
        days=days_of_tags(tags),
        assets=frozenset("/".join(key["path"]) for key in given["assetSelection"] or ()),
        ended=given["endTime"] is not None,
    )


@contextmanager
def dagster_dev(module: str, environ: Mapping[str, str], folder: Path) -> Iterator[DagsterDev]:
    """``dagster dev`` over the code location ``module``, with the project's instance in ``folder``."""
    home = folder / "dagster"
    home.mkdir()
    shutil.copy(ROOT / "dagster.yaml", home)
    port, log = _free_port(), folder / "dagster_dev.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [BIN / "dagster", "dev", "-m", module, "--host", "127.0.0.1", "--port", str(port)],
            env={**environ, "DAGSTER_HOME": str(home)},
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    dev = DagsterDev(f"http://127.0.0.1:{port}", log, process)
    try:
        until(dev.answers, _START, "the webserver's first answer")
        yield dev
    finally:
        # It ignores SIGTERM, and what it started would outlive it.
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
