"""The example for GitHub Actions, its steps executed in order as a runner would.

A runner's own actions are stood in for: a checkout is a copy of what git tracks, the cache a folder.
The copy's ``.venv`` is the present environment under a fresh stamp, so that ``make install`` runs and
finds nothing to do instead of installing for minutes.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from journey_assets.simulator.simulator import Simulator
from journey_assets_tests.command_line import BIN, ROOT, YESTERDAY, days_back, small_simulator

_WORKFLOW = yaml.safe_load((ROOT / "docs/examples/github-actions.yml").read_text("utf-8"))
_JOB = _WORKFLOW["jobs"]["materialize"]
_EXPRESSION = re.compile(r"\$\{\{\s*(.+?)\s*\}\}")

EARLIER = days_back(6)


@dataclass(frozen=True)
class Runner:
    """A machine that runs the job: its folder, what it caches where, what expressions stand for."""

    folder: Path
    cache: Path
    values: Mapping[str, str]
    environment: Mapping[str, str]

    def job(self) -> list[tuple[str, subprocess.CompletedProcess[str]]]:
        """The shell steps that ran, by name, up to the first that failed."""
        ran: list[tuple[str, subprocess.CompletedProcess[str]]] = []
        for step in _JOB["steps"]:
            if "uses" in step:
                self._use(step)
                continue
            ran.append((step["name"], self._shell(step)))
            if ran[-1][1].returncode:
                return ran
        shutil.copytree(self.folder / self._cached(), self.cache, dirs_exist_ok=True)
        return ran

    def _shell(self, step: Mapping[str, Any]) -> subprocess.CompletedProcess[str]:
        given = {**_JOB["env"], **step.get("env", {})}
        return subprocess.run(
            ["bash", "-e", "-c", step["run"]],
            cwd=self.folder,
            env={**self.environment, **{name: self._filled(text) for name, text in given.items()}},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    def _filled(self, text: str) -> str:
        """The text with its expressions replaced; one that is not known is a ``KeyError``."""
        return _EXPRESSION.sub(lambda found: self.values[found[1]], text)

    def _use(self, step: Mapping[str, Any]) -> None:
        action = step["uses"].partition("@")[0]
        if action == "actions/checkout":
            _check_out(self.folder)
        elif action == "actions/setup-python":
            (self.folder / ".venv").mkdir()
            (self.folder / ".venv/bin").symlink_to(BIN)
            (self.folder / ".venv/installed").touch()
        elif action == "actions/cache":
            assert step["with"]["path"] == self._cached()
            if self.cache.exists():
                shutil.copytree(self.cache, self.folder / self._cached(), dirs_exist_ok=True)
        else:
            pytest.fail(f"the example uses {step['uses']}, which nothing here stands in for")

    @staticmethod
    def _cached() -> str:
        (path,) = (s["with"]["path"] for s in _JOB["steps"] if "cache" in s.get("uses", ""))
        return str(path)


def _check_out(folder: Path) -> None:
    """Copy the files that git tracks, as they are now."""
    tracked = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if tracked.returncode:
        pytest.skip(f"the files of a checkout are not known: {tracked.stderr.strip()}")
    for name in filter(None, tracked.stdout.split("\0")):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).exists():
            shutil.copy2(ROOT / name, target)


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with small_simulator() as running:
        yield running


def _runner(simulator: Simulator, folder: Path, cache: Path, days: str, **more: str) -> Runner:
    """A fresh machine; ``more`` are secrets."""
    keys = simulator.demo_environment() | {"JOURNEY_HASH_KEY": "a key"} | more
    values = {"inputs.range": days, "github.run_id": "1"}
    for context in ("secrets", "vars"):
        values |= {f"{context}.{name}": value for name, value in keys.items()}
    folder.mkdir()
    # The example means the vendors' own addresses; the copy's package goes before the installed one.
    addresses = {name: value for name, value in keys.items() if name.endswith("_BASE_URL")}
    machine = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    own = {"LANG": "C.UTF-8", "PYTHONPATH": str(folder)}
    return Runner(folder, cache, values, machine | addresses | own)


@dataclass(frozen=True)
class Finished:
    """A runner whose job is done, the steps that ran, and what was in its folder before it began."""

    runner: Runner
    steps: list[tuple[str, subprocess.CompletedProcess[str]]]


@pytest.fixture(scope="module")
def first(simulator: Simulator, tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """A job started by hand for one day, before anything is cached."""
    folder = tmp_path_factory.mktemp("first")
    runner = _runner(simulator, folder / "work", folder / "cache", f"{EARLIER}...{EARLIER}")
    return Finished(runner, runner.job())


def _days(folder: Path, table: str) -> set[date]:
    with duckdb.connect(str(folder / "data/journey_assets.duckdb"), read_only=True) as con:
        return {day for (day,) in con.execute(f"SELECT DISTINCT as_of FROM {table}").fetchall()}


def test_its_steps_succeed_and_the_days_asked_for_are_there(first: Finished) -> None:
    assert [(name, step.returncode) for name, step in first.steps] == [
        ("Install", 0),
        ("Materialize", 0),
    ], first.steps[-1][1].stdout
    assert _days(first.runner.folder, "journeys.summary") == {EARLIER}
    with duckdb.connect(str(first.runner.folder / "data/journey_assets.duckdb")) as con:
        kinds = con.execute("SELECT count(*) FROM analyses.mave_analyses").fetchall()
    assert kinds == [(3,)]


def test_install_found_the_environment_that_stands_in(first: Finished) -> None:
    assert "Nothing to be done" in first.steps[0][1].stdout


def test_what_a_run_leaves_is_in_the_folder_that_is_cached(first: Finished, tmp_path: Path) -> None:
    _check_out(tmp_path)
    left = {path.name for path in first.runner.folder.iterdir()}
    assert left - {path.name for path in tmp_path.iterdir()} == {".venv"}
    assert {path.name for path in first.runner.cache.iterdir()} > {
        "journey_assets.duckdb",
        "dagster",
        "reports",
    }


def test_by_itself_the_next_run_adds_the_last_three_days_to_the_cached_ones(
    first: Finished, simulator: Simulator, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    shutil.copytree(first.runner.cache, cache)
    runner = _runner(simulator, tmp_path / "work", cache, days="")
    name, step = runner.job()[-1]
    assert (name, step.returncode) == ("Materialize", 0), step.stdout
    expected = {EARLIER, days_back(2), days_back(1), YESTERDAY}
    assert _days(runner.folder, "journeys.summary") == expected


def test_a_wrong_key_fails_at_materialize_and_names_the_variable(
    simulator: Simulator, tmp_path: Path
) -> None:
    days = f"{YESTERDAY}...{YESTERDAY}"
    runner = _runner(
        simulator, tmp_path / "work", tmp_path / "cache", days, MAVENOID_TOKEN="wrong-token"
    )
    name, step = runner.job()[-1]
    assert (name, step.returncode) == ("Materialize", 1)
    assert "MAVENOID_TOKEN" in step.stdout.splitlines()[-1]
    assert "wrong-token" not in step.stdout
    assert not runner.cache.exists()
