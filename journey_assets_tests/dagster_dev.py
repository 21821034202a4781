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
_PAUSE = 0.25
_TAIL = 60
_RUNS = """
query ($sensor: String!) {
  runsOrError(filter: {tags: [{key: "dagster/sensor_name", value: $sensor}]}) {
    ... on Runs {
      results { runId status creationTime endTime tags { key value } assetSelection { path } }
    }
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
    created: float
    ended: float


@dataclass(frozen=True)
class DagsterDev:
    """A running ``dagster dev``: its address, and the file with what its processes print."""

    url: str
    log: Path
    process: subprocess.Popen[bytes]

    def runs(self, sensor: str) -> list[Run]:
        """The runs that ``sensor`` asked for, newest first."""
        asked = {"query": _RUNS, "variables": {"sensor": sensor}}
        answer = requests.post(f"{self.url}/graphql", json=asked, timeout=60).json()
        return [_run(each) for each in answer["data"]["runsOrError"]["results"]]

    def succeeded(self, sensor: str, seconds: float) -> Run:
        """Wait until the first run that ``sensor`` asks for has succeeded; returns it."""
        first = until(lambda: self.runs(sensor)[-1:], seconds, f"a run that {sensor} asks for")
        return self.has_succeeded(first[0], seconds)

    def has_succeeded(self, run: Run, seconds: float) -> Run:
        """Wait until a run has succeeded; returns how it ended."""

        def ended() -> Run | None:
            known = {each.run_id: each for each in self.runs(run.sensor)}
            return found if (found := known[run.run_id]).ended else None

        found = until(ended, seconds, f"the end of the run {run.run_id} of {run.sensor}")
        assert found.status == "SUCCESS", self.tail()
        return found

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
        created=given["creationTime"],
        ended=given["endTime"] or 0.0,
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
