"""The same partition gives the same rows, whatever was run, killed and run again in between."""

import os
import random
import shutil
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import pytest

from journey_assets.simulator.simulator import Simulator
from journey_assets.warehouse.catalog import all_tables
from journey_assets.warehouse.schema import Table
from journey_assets_tests.command_line import (
    days_back,
    end,
    environment,
    let_mave_finish,
    let_the_quota_recover,
    run,
    small_simulator,
    start,
)

# None of them yesterday: soon after midnight its last shifts still go on, and end with every look.
FIRST, INSIDE, LAST = days_back(3), days_back(2), days_back(1)
RANGE = (str(FIRST), str(LAST))

#: Tables whose rows belong to the newest partition of the run that made them, by contract.
_OF_THE_RUN = {"raw.amplitude_users", "raw.segment_profiles", "raw.segment_external_ids"}
#: What follows from them, and Mave, who is asked for the last day of a run only. Where a journey meets
#: a channel or a conversation, it is through the profiles that join the identifiers.
_AFTER_THE_RUN = {"channels", "analyses", "identity"}
_OF_JOINED = {
    "journeys.segment_transitions",
    "support.journey_contacts",
    "support.contact_topics",
}

Rows = dict[str, list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Finished:
    """A run that nothing disturbed: its folder, its rows, the lines it printed."""

    folder: Path
    rows: Rows
    lines: int


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with small_simulator() as running:
        yield running


def _tables() -> list[Table]:
    return [table for table in all_tables() if table.asset]


def _dump(folder: Path, where: str = "true", skip: tuple[str, ...] = ()) -> Rows:
    """All rows of all assets, but for when Mave was asked and how long it took."""
    rows: Rows = {}
    with duckdb.connect(str(folder / "store.duckdb"), read_only=True) as con:
        for table in _tables():
            if table.schema in skip:
                continue
            names = [c for c in table.column_names if c not in {"requested_at", "latency_ms"}]
            columns = ", ".join(f'"{name}"' for name in names)
            condition = where.replace("partition", table.partition)
            rows[table.full_name] = con.execute(
                f"SELECT {columns} FROM {table.full_name} WHERE {condition} ORDER BY ALL"
            ).fetchall()
    return rows


def _of_the_day(rows: Rows) -> Rows:
    return {
        name: values
        for name, values in rows.items()
        if name not in _OF_THE_RUN | _OF_JOINED and name.partition(".")[0] not in _AFTER_THE_RUN
    }


@pytest.fixture(scope="module")
def finished(simulator: Simulator, tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """A database of the range, filled without a break."""
    folder = tmp_path_factory.mktemp("finished")
    result = run("range_run", *RANGE, env=environment(simulator, folder, JOURNEY_HASH_KEY="a key"))
    assert result.returncode == 0, result.stdout
    return Finished(folder, _dump(folder), len(result.stdout.splitlines()))


def _killed_at_line(folder: Path, env: dict[str, str], line: int) -> None:
    """Start the range and kill it, hard, when it prints its ``line``-th line."""
    pipe = folder / "printed"
    os.mkfifo(pipe)
    process = start("range_run", *RANGE, env=env, folder=folder, output=pipe)
    try:
        with pipe.open() as printed:
            next(islice(printed, line, None))
            os.kill(process, signal.SIGKILL)
    finally:
        exit_code = end()
    assert exit_code == -signal.SIGKILL
    pipe.unlink()


def _half_partitions(folder: Path, whole: Rows) -> list[tuple[str, date]]:
    """Partitions that hold neither no rows nor those of the finished run."""
    if not (folder / "store.duckdb").exists():
        return []
    found: list[tuple[str, date]] = []
    with duckdb.connect(str(folder / "store.duckdb"), read_only=True) as con:
        stored = {f"{s}.{t}" for s, t in con.execute(
            "SELECT schema_name, table_name FROM duckdb_tables()"
        ).fetchall()}  # fmt: skip
        for table in _tables():
            if table.full_name not in stored:
                continue
            counts = con.execute(
                f"SELECT {table.partition}, count(*) FROM {table.full_name} GROUP BY ALL"
            ).fetchall()
            expected = [row[0] for row in whole[table.full_name]]
            found += [(table.full_name, day) for day, n in counts if n != expected.count(day)]
    return found


def test_runs_killed_at_random_points_leave_whole_partitions_and_the_next_run_ends_the_same(
    simulator: Simulator, finished: Finished, tmp_path: Path
) -> None:
    """Once on an empty and once on a filled store: ``benchmarks/bench_faults.py`` kills hundreds."""
    env = environment(simulator, tmp_path, JOURNEY_HASH_KEY="a key")
    for line in random.Random(20_260).sample(range(finished.lines // 4, finished.lines), 2):
        _killed_at_line(tmp_path, env, line)
        let_the_quota_recover(tmp_path)
        assert _half_partitions(tmp_path, finished.rows) == []
    let_mave_finish(tmp_path)
    assert run("range_run", *RANGE, env=env).returncode == 0
    mave = ("analyses",)  # asked once for each database: another thread, the same answer
    assert _dump(tmp_path, skip=mave) == _dump(finished.folder, skip=mave)
    assert list((tmp_path / "staging").iterdir()) == []
    assert list((tmp_path / "spill").iterdir()) == []


def test_a_day_inside_a_stored_range_changes_no_day(
    simulator: Simulator, finished: Finished, tmp_path: Path
) -> None:
    shutil.copytree(finished.folder, tmp_path, dirs_exist_ok=True)
    env = environment(simulator, tmp_path, JOURNEY_HASH_KEY="a key")
    day = f"partition = DATE '{INSIDE}'"
    before = _of_the_day(_dump(tmp_path, day))
    others = _dump(tmp_path, f"NOT {day}")
    let_the_quota_recover(tmp_path)
    assert run("range_run", str(INSIDE), str(INSIDE), env=env).returncode == 0
    assert _of_the_day(_dump(tmp_path, day)) == before
    assert _dump(tmp_path, f"NOT {day}") == others
    assert all(before[name] for name in ("raw.amplitude_events", "journeys.transitions"))
