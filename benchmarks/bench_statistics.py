"""The marks of speed: what the tables of schema ``journeys`` and their neighbours cost, in one run.

    python benchmarks/bench_statistics.py [--events 10000000] [--store FILE] [--runs 3] [--json FILE]
        [--large [--large-store FILE]] [--as-of 2026-01-30] [--only GROUP …] [--write]

The yardstick is what nobody can leave out: six tables' counts in NumPy over arrays that are in memory
and in order before its clock starts. Ours starts with the process and ends with rows in the session's
result tables; a bare import of the same libraries, in a process of its own, is taken off. Both must
find the same transitions, persons and medians.

A store is a database whose ``raw`` and ``identity`` tables are filled already, with cohorts by lists and
one id per person, as ``bench_journeys.write_events`` makes it; without one it is made. Stores are read
only, except that days which are not coded yet are coded. Every contestant is a process of its own, in
every run; a ratio is between two of the same run, and the median of the runs is shown. On a shared
machine trust the ratios of CPU; the marks are on wall time unless they say otherwise. ``--write`` writes
``docs/benchmarks.md`` and its picture; groups that were not run keep what was measured before.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import bench_fixed_costs
import bench_identity
import bench_ingest
import bench_journeys
import bench_permutations
import benchmarks_page
from measuring import (
    Mark,
    Measured,
    Run,
    contest,
    less,
    machine,
    print_rows,
    rows_of,
    several,
    since,
)

EVENTS_PER_PERSON = 37
EVENT_TYPES = 60
FIRST_EVENTS = 30
RANGE_DAYS = 30
LARGE_FACTOR = 10
LARGE_LIMIT = "2GB"
LARGE_PEAK_MB = 2300
SIX = ("summary", "step_frequencies", "transitions", "last_events", "variants", "step_matrix")

BARE, CODING = "bare import", "coding"
YARDSTICK, SORTING = "NumPy, ordered codes", "NumPy, its own sort"
LARGE = f"all tables, {LARGE_LIMIT}, ten times the events"


@dataclass(frozen=True)
class Work:
    """What is computed: tables (none named: all), settings, as_ofs."""

    tables: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    days: int = 1


_FIRST = {"max_events": str(FIRST_EVENTS)}
_LIMITED = {**_FIRST, "memory_limit": LARGE_LIMIT}

WORKS: dict[str, Work] = {
    "six tables": Work(SIX, _FIRST),
    "all tables": Work((), _FIRST),
    "plain": Work(),
    "collapse": Work((), {"collapse": "true"}),
    "sessions as paths": Work((), {"path_unit": "session"}),
    # A commoner and a rarer type: many persons have both, not all.
    "start and end event": Work((), {"start_event": "event 20", "end_event": "event 40"}),
    "first 30 events": Work((), _FIRST),
}
RANGE_WORKS: dict[str, Work] = {
    "all tables": WORKS["all tables"],
    f"{RANGE_DAYS} as_ofs": Work((), _FIRST, RANGE_DAYS),
    "six tables": WORKS["six tables"],
    f"{RANGE_DAYS} as_ofs, six tables": Work(SIX, _FIRST, RANGE_DAYS),
}
LARGE_WORKS: dict[str, Work] = {
    f"all tables, {LARGE_LIMIT}": Work((), _LIMITED),
    LARGE: Work((), _LIMITED),
}

MARKS = (
    Mark("six tables", "six tables", YARDSTICK, 3),
    Mark("six tables, against a yardstick that sorts", "six tables", SORTING, None),
    Mark("all tables", "all tables", YARDSTICK, 10),
    Mark("JOURNEY_COLLAPSE", "collapse", "plain", 1.3),
    Mark("JOURNEY_PATH_UNIT=session", "sessions as paths", "plain", 1.3),
    Mark("JOURNEY_START_EVENT, JOURNEY_END_EVENT", "start and end event", "plain", 1.3),
    Mark("JOURNEY_MAX_EVENTS=30", "first 30 events", "plain", 1.3),
)
RANGE_MARKS = (
    Mark("30 as_ofs, all tables", f"{RANGE_DAYS} as_ofs", "all tables", 6),
    Mark("30 as_ofs, six tables", f"{RANGE_DAYS} as_ofs, six tables", "six tables", None),
)
_SMALL = f"all tables, {LARGE_LIMIT}"
LARGE_MARKS = (
    Mark("ten times the events, time per event", LARGE, _SMALL, 1.15, per_event=True),
    Mark("ten times the events, memory over the mark", LARGE, "memory", 1, of="peak_mb"),
)


def compute_ours(store: Path, as_of: date, work: Work, began: float) -> Measured:
    """Compute, then say what it took since the parent started this process at ``began``."""
    from journey_assets.journeys.compute import compute
    from journey_assets.journeys.statistics import STATISTICS
    from journey_assets.settings import Settings
    from journey_assets.warehouse.database import Database

    settings = Settings.checked(
        {"database": str(store), "hash_key": "k", "excluded_events": "", **work.settings}
    )
    wanted = [
        each.table for each in STATISTICS if not work.tables or each.table.name in work.tables
    ]
    days = [as_of - timedelta(days=back) for back in reversed(range(work.days))]
    with Database.of(settings).session() as session:
        compute(session, days, settings, wanted)
        found = since(began)
        found["rows"] = {
            table.name: session.con.execute(f"SELECT count(*) FROM {table.result}").fetchall()[0][0]
            for table in wanted
        }
        if work == WORKS["six tables"]:
            (table,) = (each for each in wanted if each.name == "transitions")
            found["transitions"] = session.con.execute(
                "SELECT cohort::VARCHAR, from_event, to_event, occurrences, persons, median_seconds "
                f"FROM {table.result} ORDER BY ALL"
            ).fetchall()
    found["events"] = _events(store)
    return found


def import_bare(began: float) -> Measured:
    """Import what ours imports, and do nothing."""
    import duckdb
    import numba
    import numba.np.arraymath
    import pyarrow

    import journey_assets.journeys.compute

    del duckdb, numba, pyarrow, journey_assets
    return since(began)


def _events(store: Path) -> int:
    import duckdb

    with duckdb.connect(str(store), read_only=True) as con:
        return int(con.execute("SELECT count(*) FROM raw.coded_events").fetchall()[0][0])


def make_store(store: Path, events: int) -> Measured:
    """Write random walks and code their days."""
    from journey_assets.raw.coded_events import code_days
    from journey_assets.warehouse.database import Database

    as_of = bench_journeys.AS_OF
    task = bench_journeys.Task(store, "4GB")
    bench_journeys.write_events(task, events, EVENTS_PER_PERSON, EVENT_TYPES)
    with Database(store).session() as session:
        code_days(session, as_of - timedelta(days=RANGE_DAYS), as_of)
    return {}


def run_once(store: Path, as_of: str) -> Run:
    """Every contestant of a store once."""
    from numpy_yardstick import require_the_same

    found = {each: _contestant(each, store, as_of) for each in (BARE, YARDSTICK, SORTING)}
    for name in WORKS:
        found[name] = less(_contestant(name, store, as_of), found[BARE])
    require_the_same(found["six tables"], found[YARDSTICK])
    for each in found.values():
        each.pop("transitions", None)
    return found


def run_ranges(store: Path, as_of: str) -> Run:
    """One as_of and many once. They overlap: each is of all events up to its day."""
    found = {BARE: _contestant(BARE, store, as_of)}
    for name in RANGE_WORKS:
        found[name] = less(_contestant(name, store, as_of), found[BARE])
        found[name].pop("transitions", None)
    return found


def run_large(store: Path, large: Path, as_of: str) -> Run:
    """Both sizes once, with the small limit of memory."""
    bare = _contestant(BARE, store, as_of)
    found = {BARE: bare, "memory": {**bare, "peak_mb": LARGE_PEAK_MB}}
    for name in LARGE_WORKS:
        where = large if name == LARGE else store
        found[name] = less(_contestant(name, where, as_of), bare)
    return found


def _contestant(name: str, store: Path, as_of: str, events: int = 0) -> Measured:
    more = ("--store", str(store), "--as-of", as_of, "--events", str(events))
    return contest(__file__, ["--contestant", name, *more])


def _run_contestant(given: argparse.Namespace) -> Measured:
    if given.contestant == BARE:
        return import_bare(given.began)
    if given.contestant in (YARDSTICK, SORTING):
        from numpy_yardstick import count_in_numpy

        return count_in_numpy(given.store, ordered=given.contestant == YARDSTICK)
    if given.contestant == CODING:
        return make_store(given.store, given.events)
    work = {**WORKS, **RANGE_WORKS, **LARGE_WORKS}[given.contestant]
    return compute_ours(given.store, date.fromisoformat(given.as_of), work, given.began)


@dataclass(frozen=True)
class Group:
    """Marks that are measured together."""

    marks: tuple[Mark, ...]
    once: Callable[[], Run]
    about: str


def _groups(given: argparse.Namespace, folder: Path) -> Iterable[tuple[str, Callable[[], Group]]]:
    """The groups by name; a store is made when the turn comes to it."""

    def ready(store: Path | None, name: str, events: int) -> Path:
        if store is None:
            store = folder / name
            if not store.exists():
                _contestant(CODING, store, given.as_of, events)
        return store

    def stores() -> Group:
        store = ready(given.store, "bench.duckdb", given.events)
        about = f"{_events(store):,} events of {EVENT_TYPES} types in 2 cohorts"
        return Group(MARKS, lambda: run_once(store, given.as_of), about)

    def ranges() -> Group:
        store = ready(given.store, "bench.duckdb", given.events)
        about = f"{RANGE_DAYS} as_ofs against one, {_events(store):,} events"
        return Group(RANGE_MARKS, lambda: run_ranges(store, given.as_of), about)

    def large() -> Group:
        store = ready(given.store, "bench.duckdb", given.events)
        many = ready(given.large_store, "large.duckdb", LARGE_FACTOR * given.events)
        about = f"{_events(many):,} events, all tables, JOURNEY_MEMORY_LIMIT={LARGE_LIMIT}"
        return Group(LARGE_MARKS, lambda: run_large(store, many, given.as_of), about)

    def of(module: Any) -> Callable[[], Group]:
        return lambda: Group(module.MARKS, lambda: module.run_once(folder), module.ABOUT)

    yield "statistics", stores
    yield "ranges", ranges
    yield "peers", of(bench_journeys)
    yield "permutations", of(bench_permutations)
    yield "identity", of(bench_identity)
    yield "ingest", of(bench_ingest)
    yield "empty day", of(bench_fixed_costs)
    if given.large:
        yield "large", large


def measure(given: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Measure the groups that are asked for; what is kept in a file of the run."""
    about = machine()
    print(", ".join(f"{what} {value}" for what, value in about.items()), flush=True)
    found: dict[str, Any] = {}
    for name, group in _groups(given, folder):
        if given.only and name not in given.only:
            continue
        began, each = time.monotonic(), group()
        runs = several(given.runs, each.once)
        rows = rows_of(each.marks, runs, each.about)
        print(f"\n{each.about}; medians of {given.runs}, {time.monotonic() - began:.0f} s")
        print_rows(rows)
        found[name] = {"machine": about, "rows": rows, "runs": runs}
    return {"groups": found}


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument(
        "--store", type=Path, help="a database whose raw and identity tables are filled"
    )
    parser.add_argument("--as-of", default="2026-01-30", help="the last day of the store")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", action="append", metavar="GROUP", help="one group of the table")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("--large", action="store_true", help="ten times the events, too")
    parser.add_argument("--large-store", type=Path, help="a store of ten times the events")
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md")
    parser.add_argument("--contestant", help=argparse.SUPPRESS)
    parser.add_argument("--began", type=float, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.contestant:
        print(json.dumps(_run_contestant(given)))
        return
    with tempfile.TemporaryDirectory() as folder:
        result = measure(given, Path(folder))
    if given.json:
        given.json.write_text(json.dumps(result, indent=1))
    if given.write:
        benchmarks_page.write(result["groups"])


if __name__ == "__main__":
    main()
