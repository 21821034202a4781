"""What one more day costs, and how much it leaves behind, when many days are stored already.

The days of the window are fetched from the simulator and computed as the nightly run does; the store
and the event log are then filled with copies of them, shifted back, until they hold as many days as
asked for; then one more day is materialized as the schedule does it, everything in one run.

    python benchmarks/bench_growth.py [--stored 30,180] [--json FILE]

Prints, for each number of stored days, the CPU seconds of that day's run, their ratio to the first, and
the bytes that the day added to the event log and to the database. `--stored 30,329,1645` takes some
minutes.
"""

import argparse
import json
import os
import resource
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb

from journey_assets.settings import Settings, variable
from journey_assets.simulator.population import Population, PopulationConfig
from journey_assets.simulator.quotas import Limits
from journey_assets.simulator.simulator import Options, Simulator

WINDOW = 30
RUNS = 2
YESTERDAY = datetime.now(UTC).date() - timedelta(days=1)
#: Values that name a row for good: those of copied days must be others.
_NAMES = frozenset({"id", "assistant_conversation_id", "uuid", "insert_id"})


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="the cost of one more day")
    parser.add_argument("--stored", default="30,180", help="numbers of stored days, a comma list")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    given = parser.parse_args()
    stored = [int(each) for each in given.stored.split(",")]
    population = Population(PopulationConfig(newcomers_per_day=4))
    options = Options(limits=Limits.none())
    with (
        Simulator(population=population, options=options) as simulator,
        tempfile.TemporaryDirectory() as name,
    ):
        window = _window(simulator, Path(name))
        found = [_measured(simulator, window, days) for days in stored]
    print(
        f"{'stored days':>12}{'CPU s':>8}{'ratio':>7}{'event log':>12}{'of one day':>12}{'database':>12}"
    )
    for each in found:
        each["ratio"] = round(each["cpu_seconds"] / found[0]["cpu_seconds"], 3)
        print(
            f"{each['stored_days']:>12.0f}{each['cpu_seconds']:>8.1f}{each['ratio']:>7.2f}"
            f"{each['log_bytes'] / 1e6:>9.1f} MB{each['log_bytes_added'] / 1e6:>9.2f} MB"
            f"{each['database_bytes'] / 1e6:>9.1f} MB"
        )
    if given.json:
        given.json.write_text(json.dumps(found, indent=1))


def _window(simulator: Simulator, base: Path) -> Path:
    """A folder with a store and an instance that hold a window of days, the last one missing."""
    folder = base / "window"
    folder.mkdir()
    shutil.copy(Path(__file__).parents[1] / "dagster.yaml", folder)
    first, last = YESTERDAY - timedelta(days=WINDOW), YESTERDAY - timedelta(days=1)
    _materialize(simulator, folder, f"{first}...{last}")
    return folder


def _measured(simulator: Simulator, window: Path, days: int) -> dict[str, float]:
    folder = window.with_name(f"stored-{days}")
    shutil.copytree(window, folder)
    _fill(folder, days)
    seconds, added = [], []
    for _ in range(RUNS):
        before = _log_bytes(folder)
        seconds.append(_materialize(simulator, folder, f"{YESTERDAY}...{YESTERDAY}"))
        added.append(_log_bytes(folder) - before)
    return {
        "stored_days": days,
        "cpu_seconds": round(statistics.median(seconds), 2),
        "log_bytes": _log_bytes(folder),
        "log_bytes_added": statistics.median(added),
        "database_bytes": (folder / "store.duckdb").stat().st_size,
    }


def _materialize(simulator: Simulator, folder: Path, days: str) -> float:
    """Run it as a user does; returns its CPU seconds."""
    # As if the vendors' windows had passed.
    shutil.rmtree(folder / "quota", ignore_errors=True)
    command = [
        *(str(Path(sys.executable).with_name("dagster")), "asset", "materialize"),
        *("-m", "journey_assets", "--select", "*", "--partition-range", days),
    ]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = _environment(simulator, folder)
    done = subprocess.run(command, cwd=folder, env=environment, check=False, capture_output=True)
    if done.returncode:
        sys.exit(done.stdout.decode() + done.stderr.decode())
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _environment(simulator: Simulator, folder: Path) -> Mapping[str, str]:
    blank = {variable(field): "" for field in Settings.model_fields}
    own = {
        "DAGSTER_HOME": str(folder),
        "JOURNEY_DATABASE": str(folder / "store.duckdb"),
        "JOURNEY_START_DATE": str(YESTERDAY - timedelta(days=4000)),
        "JOURNEY_PERMUTATIONS": "99",
    }
    return dict(os.environ) | blank | simulator.demo_environment() | own


def _fill(folder: Path, days: int) -> None:
    """Copy the window's days back until ``days`` are stored, in the store and in the event log."""
    con = duckdb.connect()
    con.execute(f"ATTACH '{folder / 'store.duckdb'}' AS store")
    tables = con.execute(
        "SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE database_name = 'store'"
    ).fetchall()
    log = sqlite3.connect(folder / "data" / "dagster" / "history" / "runs" / "index.db")
    for back in range(WINDOW, days, WINDOW):
        first = YESTERDAY - timedelta(days=days)
        for (table,) in tables:
            _copy_back(con, table, back, first)
        log.execute(
            "INSERT INTO event_logs (run_id, event, dagster_event_type, timestamp, step_key, asset_key, "
            "partition) SELECT run_id, replace(event, partition, date(partition, ?1)), "
            "dagster_event_type, timestamp, step_key, asset_key, date(partition, ?1) FROM event_logs "
            "WHERE partition >= ?2 AND date(partition, ?1) >= ?3",
            [f"-{back} days", str(YESTERDAY - timedelta(days=WINDOW)), str(first)],
        )
    log.commit()
    log.close()
    con.close()


def _copy_back(con: duckdb.DuckDBPyConnection, table: str, back: int, first: date) -> None:
    columns = con.execute(f"DESCRIBE store.{table}").fetchall()
    partition = columns[0][0]
    if columns[0][1] != "DATE" or (table.startswith("warehouse.") and table != "warehouse.ledger"):
        return
    replaced = [f"{partition} - {back} AS {partition}", *_shifted(columns[1:], back)]
    con.execute(
        f"INSERT INTO store.{table} SELECT * REPLACE ({', '.join(replaced)}) FROM store.{table} "
        f"WHERE {partition} >= DATE '{YESTERDAY - timedelta(days=WINDOW)}' "
        f"AND {partition} - {back} >= DATE '{first}'"
    )


def _shifted(columns: Sequence[tuple[str, ...]], back: int) -> list[str]:
    times = [f'"{c[0]}" - INTERVAL {back} DAY AS "{c[0]}"' for c in columns if c[1] == "TIMESTAMP"]
    names = [f'"{c[0]}" || \'-{back}\' AS "{c[0]}"' for c in columns if c[0] in _NAMES]
    return [*times, *names]


def _log_bytes(folder: Path) -> int:
    return sum(file.stat().st_size for file in (folder / "data").rglob("*") if file.is_file())


if __name__ == "__main__":
    main()
