"""Journeys against retentioneering, pm4py and the seed's loops, in one run.

Every contestant gets the same synthetic events from the same DuckDB file, as names in a table, runs in a
process of its own, and must count the same transitions. Taken per contestant: wall and CPU seconds of
the computation (reading the file included, imports not), peak memory of the process (imports included).
On a shared machine trust CPU, not wall.

retentioneering comes with the tests. pm4py is compared where it is installed (dependency group
``peers`` of ``pyproject.toml``), and is no part of the lock.

What the tables cost by themselves, against counting in NumPy, is ``bench_statistics.py``'s.

    python benchmarks/bench_journeys.py [--events 1000000] [--memory-limit 4GB] [--json FILE]
"""

import argparse
import json
import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import duckdb
from measuring import Mark, Measured, Run, contest, peak_mb, print_rows, rows_of, several

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
EVENTS = 1_000_000
RUNS = 3
ABOUT = f"{EVENTS:,} events as names in a table, {EVENT_TYPES} types"
_OURS = "journeys, no paths"
MARKS = (
    *(
        Mark(f"{what} against {peer}", _OURS, peer, mark, of=of, faster=True)
        for peer in ("retentioneering", "pm4py")
        for what, of, mark in (("names to results", "cpu", 20), ("memory", "peak_mb", 3))
    ),
    Mark("names to results against the seed's loops", _OURS, "seed's loops", None, faster=True),
)

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


def write_events(
    task: Task,
    events: int,
    per_person: int = EVENTS_PER_PERSON,
    types: int = EVENT_TYPES,
    skew: int = 2,
) -> None:
    """Random walks over skewed event types; every person is on one of the two lists."""
    persons = max(events // per_person, 1)
    rows = f"""
        SELECT *, event_time::DATE AS event_date FROM (
            SELECT hash(7 * i + 1) % {persons} AS amplitude_id,
                'event ' || (pow(hash(3 * i + 2) % 1000000 / 1e6, {skew}) * {types})::INT
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
    # The others' imports are not measured either.
    from journey_assets.journeys import kernels
    from journey_assets.journeys.compute import compute

    del kernels
    settings = Settings.checked(
        {"database": str(task.path), "hash_key": "k", "excluded_events": ""}
    )
    with clock.running():
        compute(session, [AS_OF], settings, tuple(tables))


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


def pm4py(task: Task, clock: Clock) -> Edges:
    """Its performance and frequency graphs, variants, start and end activities; no cohorts."""
    import pandas as pd
    import pm4py

    con = duckdb.connect(str(task.path), read_only=True)
    with clock.running():
        frame = con.execute(
            "SELECT amplitude_id::VARCHAR AS user_id, event_type AS event, "
            "event_time::TIMESTAMP_NS AS timestamp FROM raw.amplitude_events "
            "ORDER BY amplitude_id, event_time, source_order"
        ).df()
        frame["timestamp"] = pd.to_datetime(frame["timestamp"], utc=True)
        log = pm4py.format_dataframe(
            frame, case_id="user_id", activity_key="event", timestamp_key="timestamp"
        )
        counts, _, _ = pm4py.discover_dfg(log)
        pm4py.discover_performance_dfg(log)
        pm4py.get_variants(log)
    return _edges((one, other, count) for (one, other), count in counts.items())


CONTESTANTS: dict[str, Callable[[Task, Clock], Edges]] = {
    "journeys": ours,
    _OURS: ours_without_paths,
    "seed's loops": seed,
    "retentioneering": retentioneering,
    "pm4py": pm4py,
}
_INSTALLED = ("retentioneering", "pm4py")


def _edges(rows: Iterable[tuple[str, str, int]]) -> Edges:
    return Counter({(one, other): int(count) for one, other, count in rows})


def run_one(name: str, task: Task) -> None:
    """Run a contestant in this process and print what was measured as JSON."""
    clock = Clock()
    edges = CONTESTANTS[name](task, clock)
    found = {
        "wall": clock.wall,
        "cpu": clock.cpu,
        "peak_mb": peak_mb(),
        "edges": sorted([one, other, count] for (one, other), count in edges.items()),
    }
    print(json.dumps(found))


def run_once(folder: Path, events: int = EVENTS, memory_limit: str = "4GB") -> Run:
    """Every contestant once; the store is made in the first run. Raises when they count differently."""
    task = Task(folder / f"peers_{events}.duckdb", memory_limit)
    if not task.path.exists():
        write_events(task, events)
    found = {name: _contestant(name, task) for name in CONTESTANTS}
    base = found[_OURS]["edges"]
    for name, result in found.items():
        assert result.pop("edges", base) == base, f"{name} counts other transitions"
    return found


def _contestant(name: str, task: Task) -> Measured:
    if name in _INSTALLED and find_spec(name) is None:
        return {"missing": f"{name} is not installed"}
    more = ("--store", str(task.path), "--memory-limit", task.memory_limit)
    return contest(__file__, ["--contestant", name, *more])


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--events", type=int, default=EVENTS)
    parser.add_argument("--memory-limit", default="4GB")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--contestant", choices=CONTESTANTS, help=argparse.SUPPRESS)
    parser.add_argument("--store", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--began", type=float, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.contestant:
        run_one(given.contestant, Task(given.store, given.memory_limit))
        return
    with tempfile.TemporaryDirectory() as folder:
        runs = several(RUNS, lambda: run_once(Path(folder), given.events, given.memory_limit))
    rows = rows_of(MARKS, runs, f"{given.events:,} events as names in a table")
    print_rows(rows)
    if given.json:
        given.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
