"""The example for GitHub Actions, its steps executed in order as a runner would.

A runner's own actions are stood in for: a checkout is a copy of what git tracks, the cache a folder.
The copy's ``.venv`` is the present environment under a fresh stamp, and beside its sources lies what
was compiled of them here, so that ``make install`` runs and finds nothing to do instead of installing
and compiling for minutes.
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
from journey_assets_tests.command_line import (
    BIN,
    ROOT,
    YESTERDAY,
    days_back,
    let_the_quota_recover,
    small_simulator,
)

_WORKFLOW = yaml.safe_load((ROOT / "docs/examples/github-actions.yml").read_text("utf-8"))
_JOB = _WORKFLOW["jobs"]["materialize"]
#: The condition of the last steps, and the name of the step that it waits for.
_ALWAYS, _DECRYPT = "always() && steps.decrypt.outcome == 'success'", "Decrypt"
_EXPRESSION = re.compile(r"\$\{\{\s*(.+?)\s*\}\}")

EARLIER = days_back(6)


Ran = list[tuple[str, subprocess.CompletedProcess[str]]]


@dataclass(frozen=True)
class Runner:
    """A machine that runs the job: its folder, where caches are kept, what expressions stand for."""

    folder: Path
    caches: Path
    values: Mapping[str, str]
    environment: Mapping[str, str]

    def job(self, *only: str) -> Ran:
        """The shell steps that ran, by name; after one that failed only what is always done.

        only: names of steps or actions, instead of all.
        """
        ran: Ran = []
        for step in _JOB["steps"]:
            if only and step.get("name", step.get("uses", "").partition("@")[0]) not in only:
                continue
            failed = {name for name, step in ran if step.returncode}
            if failed and (step.get("if") != _ALWAYS or _DECRYPT in failed):
                continue
            if "uses" in step:
                self._use(step["uses"].partition("@")[0], step.get("with", {}))
            else:
                ran.append((step["name"], self._shell(step)))
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

    def _use(self, action: str, given: Mapping[str, str]) -> None:
        if action == "actions/checkout":
            _check_out(self.folder)
        elif action == "actions/setup-python":
            (self.folder / ".venv").mkdir()
            (self.folder / ".venv/bin").symlink_to(BIN)
            (self.folder / ".venv/installed").touch()
            for compiled in (ROOT / "journey_assets").rglob("*.nb[ci]"):
                beside = self.folder / compiled.relative_to(ROOT)
                beside.parent.mkdir(exist_ok=True)
                shutil.copy2(compiled, beside)
        elif action == "actions/cache/restore":
            for cache in sorted(self.caches.glob(f"{given['restore-keys']}*"))[-1:]:
                shutil.copy(cache, self.folder / given["path"])
        elif action == "actions/cache/save":
            self.caches.mkdir(exist_ok=True)
            shutil.copy(self.folder / given["path"], self.caches / self._filled(given["key"]))
        else:
            pytest.fail(f"the example uses {action}, which nothing here stands in for")


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


def _runner(
    simulator: Simulator, folder: Path, caches: Path, run_id: int, days: str, **more: str
) -> Runner:
    """A fresh machine; ``more`` are secrets."""
    made = {"JOURNEY_HASH_KEY": "a key", "JOURNEY_CACHE_KEY": "a key of caches"}
    keys = simulator.demo_environment() | made | more
    values = {"inputs.range": days, "github.run_id": str(run_id), "github.run_attempt": "1"}
    for context in ("secrets", "vars"):
        values |= {f"{context}.{name}": value for name, value in keys.items()}
    folder.mkdir()
    # The example means the vendors' own addresses; the copy's package goes before the installed one.
    addresses = {name: value for name, value in keys.items() if name.endswith("_BASE_URL")}
    machine = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    own = {"LANG": "C.UTF-8", "PYTHONPATH": str(folder)}
    return Runner(folder, caches, values, machine | addresses | own)


@dataclass(frozen=True)
class Finished:
    """A runner whose job is done, and the steps that ran."""

    runner: Runner
    steps: Ran


@pytest.fixture(scope="module")
def refused(simulator: Simulator, tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """A job started by hand for one day, before anything is cached, that one vendor refuses."""
    folder, days = tmp_path_factory.mktemp("refused"), f"{EARLIER}...{EARLIER}"
    wrong = {"MAVENOID_TOKEN": "wrong-token"}
    runner = _runner(simulator, folder / "work", folder / "caches", 1, days, **wrong)
    return Finished(runner, runner.job())


@pytest.fixture(scope="module")
def mended(
    refused: Finished, simulator: Simulator, tmp_path_factory: pytest.TempPathFactory
) -> Finished:
    """The next job, by itself and with the right key."""
    runner = _again(refused, simulator, tmp_path_factory.mktemp("mended"))
    return Finished(runner, runner.job())


def _again(refused: Finished, simulator: Simulator, folder: Path, **more: str) -> Runner:
    """The next machine, an hour later: it finds what the first one cached."""
    shutil.copytree(refused.runner.caches, caches := folder / "caches")
    between = _runner(simulator, folder / "between", caches, 2, "")
    between.job("actions/cache/restore", "Decrypt")
    let_the_quota_recover(between.folder / "data")
    between.job("Encrypt", "actions/cache/save")
    return _runner(simulator, folder / "work", caches, 3, "", **more)


def _days(folder: Path, table: str, partition: str) -> set[date]:
    with duckdb.connect(str(folder / "data/journey_assets.duckdb"), read_only=True) as con:
        query = f"SELECT DISTINCT {partition} FROM {table}"
        return {day for (day,) in con.execute(query).fetchall()}


def test_a_wrong_key_fails_at_materialize_and_names_the_variable(refused: Finished) -> None:
    *_, (name, step), _ = refused.steps
    assert (name, step.returncode) == ("Materialize", 1)
    assert "MAVENOID_TOKEN" in step.stdout.splitlines()[-1]
    assert "wrong-token" not in step.stdout


def test_what_came_before_a_failure_is_kept(refused: Finished) -> None:
    last, kept = refused.steps[-1]
    assert (last, kept.returncode) == ("Encrypt", 0)
    assert [cache.name for cache in refused.runner.caches.iterdir()] == ["journeys-1-1"]


def test_only_an_encrypted_file_is_cached(refused: Finished) -> None:
    (cache,) = refused.runner.caches.iterdir()
    content = cache.read_bytes()
    assert content.startswith(b"Salted__")
    assert not any(sign in content for sign in (b"DUCK", b"SQLite format 3", b"raw", b"a key"))


def test_with_the_right_key_all_steps_succeed(mended: Finished) -> None:
    assert [(name, step.returncode) for name, step in mended.steps] == [
        ("Decrypt", 0),
        ("Install", 0),
        ("Materialize", 0),
        ("Encrypt", 0),
    ], mended.steps[-1][1].stdout
    with duckdb.connect(str(mended.runner.folder / "data/journey_assets.duckdb")) as con:
        kinds = con.execute("SELECT count(*) FROM analyses.mave_analyses WHERE content <> ''")
        assert kinds.fetchall() == [(3,)]


def test_by_itself_a_job_adds_the_last_three_days_to_the_cached_ones(mended: Finished) -> None:
    last = {days_back(2), days_back(1), YESTERDAY}
    assert _days(mended.runner.folder, "journeys.summary", "as_of") == last
    assert _days(mended.runner.folder, "raw.amplitude_events", "event_date") == {EARLIER, *last}


def test_install_found_the_environment_that_stands_in(mended: Finished) -> None:
    assert "Nothing to be done" in mended.steps[1][1].stdout


def test_what_a_run_leaves_is_in_the_folder_that_is_cached(
    mended: Finished, tmp_path: Path
) -> None:
    _check_out(tmp_path)
    left = {path.name for path in mended.runner.folder.iterdir()}
    assert left - {path.name for path in tmp_path.iterdir()} == {".venv", "journeys.enc"}
    kept = {path.name for path in (mended.runner.folder / "data").iterdir()}
    assert kept > {"journey_assets.duckdb", "dagster", "reports"}


def test_another_key_of_the_cache_ends_the_job_and_leaves_the_cache_as_it_is(
    refused: Finished, simulator: Simulator, tmp_path: Path
) -> None:
    runner = _again(refused, simulator, tmp_path, JOURNEY_CACHE_KEY="another key")
    before = {cache: cache.read_bytes() for cache in runner.caches.iterdir()}
    assert [(name, bool(step.returncode)) for name, step in runner.job()] == [("Decrypt", True)]
    assert {cache: cache.read_bytes() for cache in runner.caches.iterdir()} == before


def test_without_a_key_of_the_cache_the_job_ends_and_names_the_secret(
    simulator: Simulator, tmp_path: Path
) -> None:
    runner = _runner(simulator, tmp_path / "work", tmp_path / "caches", 1, "", JOURNEY_CACHE_KEY="")
    ((name, step),) = runner.job()
    assert (name, step.returncode) == ("Decrypt", 1)
    assert step.stdout.startswith("Set the repository's secret JOURNEY_CACHE_KEY")
