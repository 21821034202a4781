"""Journeys against the seed's loops, retentioneering and the packed yardstick, in one run.

Every contestant gets the same synthetic events from the same DuckDB file, runs in a process of its
own, and must count the same transitions. Printed per contestant: wall and CPU seconds of the
computation (reading the file included, imports not), peak memory of the process (imports included),
and CPU and memory as multiples of ours. On a shared machine trust CPU, not wall.

The tables that no contestant has follow by themselves: what each costs on top of the ordered form of
the events, which they share.

    python benchmarks/bench_journeys.py [--events 1000000] [--memory-limit 4GB]
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from journey_assets.journeys.statistics import TABLES
from journey_assets.journeys.statistics.last_events.table import LAST_EVENTS
from journey_assets.journeys.statistics.paths.table import PATHS
from journey_assets.journeys.statistics.step_frequencies.table import STEP_FREQUENCIES
from journey_assets.journeys.statistics.summary.table import SUMMARY
from journey_assets.journeys.statistics.transitions.table import TRANSITIONS
from journey_assets.settings import Settings
from journey_assets.warehouse.database import CATALOG, Database, Session
from journey_assets.warehouse.replace import ensure_table
from journey_assets.warehouse.schema import Table
from journey_assets.warehouse.tables.identity import PERSONS
from journey_assets.warehouse.tables.raw import AMPLITUDE_EVENTS, AMPLITUDE_USERS

AS_OF = date(2026, 1, 30)
EVENTS_PER_PERSON = 20
EVENT_TYPES = 40
CONVERTERS_IN_TEN = 3

#: What the seed computes, and the paths it computes it from.
COMPARED = (PATHS, SUMMARY, STEP_FREQUENCIES, TRANSITIONS, LAST_EVENTS)

Edges = Counter[tuple[str, str]]


@dataclass(frozen=True)
class Task:
    """What a contestant is given."""

    path: Path
    memory_limit: str


@dataclass
class Clock:
    """Wall and CPU seconds of what ran inside :meth:`running`."""

    wall: float = 0.0
    cpu: float = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Time the block."""
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        self.wall, self.cpu = time.perf_counter() - wall, time.process_time() - cpu


def write_events(task: Task, events: int) -> None:
    """Random walks over skewed event types; every person is on one of the two lists."""
    persons = max(events // EVENTS_PER_PERSON, 1)
    rows = f"""
        SELECT *, event_time::DATE AS event_date FROM (
            SELECT hash(7 * i + 1) % {persons} AS amplitude_id,
                'event ' || (pow(hash(3 * i + 2) % 1000000 / 1e6, 2) * {EVENT_TYPES})::INT
                    AS event_type,
                TIMESTAMP '2026-01-01' + to_milliseconds(hash(11 * i + 5) % 2592000000)
                    AS event_time,
                i AS source_order
            FROM range({events}) AS r(i)) ORDER BY event_time"""
    users = f"""
        SELECT DATE '{AS_OF}' AS event_date, i::VARCHAR AS requested_id, i AS amplitude_id,
            'ok' AS status,
            if(i % 10 < {CONVERTERS_IN_TEN}, 'converter', 'non_converter') AS cohort
        FROM range({persons}) AS r(i)"""
    owners = f"""
        SELECT DATE '{AS_OF}' AS as_of, 'person_' || i AS person_id, 'amplitude' AS source,
            'amplitude_id' AS id_type, i::VARCHAR AS id_value
        FROM range({persons}) AS r(i)"""
    with Database(task.path).session() as session, session.writing() as con:
        for table, select in (
            (AMPLITUDE_EVENTS, rows),
            (AMPLITUDE_USERS, users),
            (PERSONS, owners),
        ):
            ensure_table(con, table)
            con.execute(f"INSERT INTO {CATALOG}.{table.full_name} BY NAME {select}")


def ours(task: Task, clock: Clock) -> Edges:
    """All five tables that are compared."""
    return _ours(task, clock, COMPARED)


def ours_without_paths(task: Task, clock: Clock) -> Edges:
    """The four tables of figures: what the other contestants compute, and intervals."""
    return _ours(task, clock, (SUMMARY, STEP_FREQUENCIES, TRANSITIONS, LAST_EVENTS))


def _ours(task: Task, clock: Clock, tables: Iterable[Table]) -> Edges:
    with Database(task.path, task.memory_limit).session() as session:
        _compute(session, task, clock, tables)
        rows = session.con.execute(
            f"SELECT from_event, to_event, sum(occurrences) FROM {TRANSITIONS.result} GROUP BY ALL"
        ).fetchall()
    return _edges(rows)


def _compute(session: Session, task: Task, clock: Clock, tables: Iterable[Table]) -> None:
    from journey_assets.journeys.compute import compute

    settings = Settings.checked(
        {"database": str(task.path), "hash_key": "k", "excluded_events": ""}
    )
    with clock.running():
        compute(session, [AS_OF], settings, tuple(tables))


def our_others(task: Task) -> None:
    """Print the CPU that each further table takes on top of the ordered form, in this process."""

    def seconds(*tables: Table) -> float:
        clock = Clock()
        with Database(task.path, task.memory_limit).session() as session:
            _compute(session, task, clock, tables)
        return clock.cpu

    seconds(*TABLES)  # what is loaded once is not measured
    base = seconds()
    print(f"\n{'our other tables':20}{'cpu s':>9}\n{'ordered form':20}{base:9.2f}", flush=True)
    for table in TABLES:
        if table not in COMPARED:
            print(f"+ {table.name:18}{seconds(table) - base:9.2f}", flush=True)


def packed(task: Task, clock: Clock) -> Edges:
    """The packed yardstick: sorted lists of (milliseconds | order | code) keys, same figures.

    Counts, persons, quantiles, frequencies, last events; no intervals, no times to convert.
    """
    con = duckdb.connect(config={"memory_limit": task.memory_limit})
    con.execute(f"ATTACH '{task.path}' AS store (READ_ONLY)")
    with clock.running():
        con.execute(_PACKED)
        rows = con.execute(
            "SELECT a.event_type, b.event_type, sum(n) FROM transitions JOIN types AS a ON a.code = ev "
            "JOIN types AS b ON b.code = nxt GROUP BY ALL"
        ).fetchall()
    return _edges(rows)


_PACKED = """
CREATE TEMP TABLE types AS
SELECT (row_number() OVER () - 1)::UTINYINT AS code, event_type
FROM (SELECT DISTINCT event_type FROM store.raw.amplitude_events);
CREATE TEMP TABLE cohorts AS
SELECT amplitude_id AS person, cohort = 'converter' AS cohort FROM store.raw.amplitude_users;
CREATE TEMP TABLE person_paths AS
SELECT amplitude_id AS person,
    list_sort(list((epoch_ms(event_time) << 30) | ((source_order & 4194303) << 8) | code)) AS keys
FROM (SELECT amplitude_id, event_time - (TIMESTAMP '2026-01-01' - TIMESTAMP '1970-01-01')
        AS event_time, source_order, event_type FROM store.raw.amplitude_events)
JOIN types USING (event_type)
GROUP BY amplitude_id;
CREATE TEMP TABLE steps AS
SELECT cohort, person, (x & 255)::UTINYINT AS ev, (nx & 255)::UTINYINT AS nxt,
    (nx >> 30) - (x >> 30) AS ms
FROM (SELECT person, unnest(keys) AS x, unnest(keys[2:]) AS nx FROM person_paths)
JOIN cohorts USING (person);
CREATE TEMP TABLE transitions AS
SELECT cohort, ev, nxt, count(*) AS n, count(DISTINCT person) AS persons,
    quantile_cont(ms, [0.5, 0.75, 0.9, 0.95]) AS quantiles
FROM steps WHERE nxt IS NOT NULL GROUP BY ALL;
CREATE TEMP TABLE frequencies AS
SELECT cohort, ev, count(*) AS n, count(DISTINCT person) AS persons FROM steps GROUP BY ALL;
CREATE TEMP TABLE last_events AS
SELECT cohort, ev, count(*) AS n FROM steps WHERE nxt IS NULL GROUP BY ALL;
"""


def seed(task: Task, clock: Clock) -> Edges:
    """The seed's loops: counts only, over paths as lists of names."""
    con = duckdb.connect(str(task.path), read_only=True)
    edges: Edges = Counter()
    with clock.running():
        paths: dict[str, dict[int, list[str]]] = {"converter": {}, "non_converter": {}}
        for cohort, person, event in con.execute(
            "SELECT cohort, e.amplitude_id, event_type FROM raw.amplitude_events AS e "
            "JOIN raw.amplitude_users USING (amplitude_id) ORDER BY event_time, source_order"
        ).fetchall():
            paths[cohort].setdefault(person, []).append(event)
        for members in paths.values():
            aggregate = _aggregate_paths(members.values())
            for (one, other), count in aggregate["bigrams"].items():
                edges[one, other] += count
    return edges


def _aggregate_paths(paths: Iterable[list[str]]) -> dict[str, Any]:
    step_freq: Counter[str] = Counter()
    bigrams: Edges = Counter()
    path_lengths = []
    last_events: Counter[str] = Counter()
    for path in paths:
        path_lengths.append(len(path))
        for event in path:
            step_freq[event] += 1
        for i in range(len(path) - 1):
            bigrams[path[i], path[i + 1]] += 1
        last_events[path[-1]] += 1
    return {
        "avg_length": sum(path_lengths) / max(len(path_lengths), 1),
        "step_freq": step_freq,
        "bigrams": bigrams,
        "last_events": last_events,
    }


def retentioneering(task: Task, clock: Clock) -> Edges:
    """Its transition counts, paths, shares, medians and 95th percentiles; no cohorts."""
    os.environ["RETE_TRACKER_ENABLED"] = "false"
    os.environ["RETENTIONEERING_NO_TRACK"] = "1"
    from retentioneering import Eventstream

    con = duckdb.connect(str(task.path), read_only=True)
    with clock.running():
        frame = con.execute(
            "SELECT amplitude_id::VARCHAR AS user_id, event_type AS event, "
            "event_time::TIMESTAMP_NS AS timestamp FROM raw.amplitude_events "
            "ORDER BY event_time, source_order"
        ).df()
        stream = Eventstream(frame, {"path_cols": ["user_id"]})
        matrices = {
            weight: stream.transition_graph_data(edge_weight=weight)
            for weight in ("count", "unique_paths", "proba_out", "time_median", "time_q95")
        }
    counts = matrices["count"].stack()
    return _edges(
        (one, other, count)
        for (one, other), count in counts.items()
        if count and not {"path_start", "path_end"} & {one, other}
    )


CONTESTANTS: dict[str, Callable[[Task, Clock], Edges]] = {
    "journeys": ours,
    "journeys, no paths": ours_without_paths,
    "packed yardstick": packed,
    "seed's loops": seed,
    "retentioneering": retentioneering,
}


def _edges(rows: Iterable[tuple[str, str, int]]) -> Edges:
    return Counter({(one, other): int(count) for one, other, count in rows})


def run_one(name: str, task: Task) -> None:
    """Run a contestant in this process and print what was measured as JSON."""
    clock = Clock()
    edges = CONTESTANTS[name](task, clock)
    found = {
        "wall": clock.wall,
        "cpu": clock.cpu,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "edges": sorted([one, other, count] for (one, other), count in edges.items()),
    }
    print(json.dumps(found))


def run_all(events: int, memory_limit: str) -> None:
    """Run every contestant in a process of its own and print the table."""
    with tempfile.TemporaryDirectory() as directory:
        task = Task(Path(directory) / "bench.duckdb", memory_limit)
        write_events(task, events)
        print(f"{events:,} events, {EVENT_TYPES} types, memory limit {memory_limit}")
        found = {name: _in_a_process(name, task) for name in CONTESTANTS}
        _print_comparison(found)
        our_others(task)


def _print_comparison(found: dict[str, dict[str, Any]]) -> None:
    base = found["journeys, no paths"]
    print(f"{'':20}{'wall s':>9}{'cpu s':>9}{'peak MB':>9}{'× cpu':>8}{'× peak':>8}")
    for name, result in found.items():
        assert result["edges"] == base["edges"], f"{name} counts other transitions"
        print(
            f"{name:20}{result['wall']:9.2f}{result['cpu']:9.2f}{result['peak_mb']:9.0f}"
            f"{result['cpu'] / base['cpu']:8.2f}{result['peak_mb'] / base['peak_mb']:8.2f}"
        )


def _in_a_process(name: str, task: Task) -> dict[str, Any]:
    command = [sys.executable, __file__, "--contestant", name, "--store", str(task.path)]
    done = subprocess.run(
        [*command, "--memory-limit", task.memory_limit], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{name} failed:\n{done.stderr}")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--memory-limit", default="4GB")
    parser.add_argument("--contestant", choices=CONTESTANTS, help=argparse.SUPPRESS)
    parser.add_argument("--store", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.contestant:
        run_one(given.contestant, Task(given.store, given.memory_limit))
    else:
        run_all(given.events, given.memory_limit)


if __name__ == "__main__":
    main()
