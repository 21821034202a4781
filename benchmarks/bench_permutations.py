"""Divergence and friction over 100,000 persons against a plain loop over permutations with scipy.

Ours: the two tables, from the events in a database file to rows, imports taken off. The loop: as one
writes it first, over arrays that are made before its clock starts: permute the cohorts, then for each
event a table of next events with its Pearson statistic and a table of who has the event with its risk
ratio. The loop runs a tenth of the permutations and is counted ten times. Both must find the same
Pearson statistics.

    python benchmarks/bench_permutations.py [--persons 100000] [--json FILE]
"""

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

from bench_journeys import AS_OF, Task, write_events
from measuring import Mark, Measured, Run, contest, less, print_rows, rows_of, several, since

PERSONS = 100_000
EVENTS_PER_PERSON = 10
EVENT_TYPES = 60
#: How much rarer the rare types are: of some, next events are too few for chi².
SKEW = 4
PERMUTATIONS = 2_000
TENTH = 10
RUNS = 3
ABOUT = (
    f"{PERSONS:,} persons, {EVENT_TYPES} event types, {PERMUTATIONS:,} permutations (the loop is timed "
    f"on a tenth of them)"
)
MARKS = (Mark("divergence and friction: permutations", "ours", "loop", 50, faster=True),)
SETTINGS = {"hash_key": "k", "excluded_events": "", "permutations": PERMUTATIONS}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--persons", type=int, default=PERSONS)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--contestant", help=argparse.SUPPRESS)
    parser.add_argument("--store", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--began", type=float, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.contestant:
        print(json.dumps(CONTESTANTS[given.contestant](given.store, given.began)))
        return
    with tempfile.TemporaryDirectory() as folder:
        runs = several(RUNS, lambda: run_once(Path(folder), given.persons))
    rows = rows_of(MARKS, runs, ABOUT)
    print_rows(rows)
    if given.json:
        given.json.write_text(json.dumps(rows, indent=1))


def run_once(folder: Path, persons: int = PERSONS) -> Run:
    """Every contestant once; the store is made in the first run."""
    store = folder / f"permutations_{persons}.duckdb"
    if not store.exists():
        events = persons * EVENTS_PER_PERSON
        write_events(Task(store, "4GB"), events, EVENTS_PER_PERSON, EVENT_TYPES, skew=SKEW)
        contest(__file__, ["--contestant", "ours", "--store", str(store)])  # codes the events
    found = {
        name: contest(__file__, ["--contestant", name, "--store", str(store)])
        for name in CONTESTANTS
    }
    found["ours"] = less(found["ours"], found["bare import"])
    _require_the_same(found["ours"].pop("chi2"), found["loop"].pop("chi2"))
    return found


def _ours(store: Path, began: float) -> Measured:
    from journey_assets.journeys.compute import compute
    from journey_assets.journeys.statistics.divergence_points.table import DIVERGENCE_POINTS
    from journey_assets.journeys.statistics.friction_signals.table import FRICTION_SIGNALS
    from journey_assets.settings import Settings
    from journey_assets.warehouse.database import Database

    settings = Settings.checked({"database": str(store), **SETTINGS})
    with Database.of(settings).session() as session:
        compute(session, [AS_OF], settings, [DIVERGENCE_POINTS, FRICTION_SIGNALS])
        found = since(began)
        rows = session.con.execute(
            f"SELECT event_type, chi2, method = 'permutation' FROM {DIVERGENCE_POINTS.result} "
            "WHERE chi2 IS NOT NULL"
        ).fetchall()
    found["chi2"] = {name: chi2 for name, chi2, _ in rows}
    found["by_permutations"] = sum(permuted for *_, permuted in rows)
    return found


def _bare(_store: Path, began: float) -> Measured:
    import numba
    import pyarrow
    import scipy.special

    import journey_assets.journeys.compute

    del numba, pyarrow, scipy, journey_assets
    return since(began)


def _loop(store: Path, _began: float) -> Measured:
    import numpy as np
    from scipy.stats import chi2_contingency
    from scipy.stats.contingency import relative_risk

    names, converter, firsts = _arrays(store)
    began, cpu = time.monotonic(), time.process_time()
    draw = np.random.default_rng(1)
    observed: dict[str, float] = {}
    exceeding = np.zeros((2, len(names)), dtype=np.int64)
    seen = np.zeros((2, len(names)))
    for permutation in range(-1, PERMUTATIONS // TENTH):
        labels = converter if permutation < 0 else draw.permutation(converter)
        for event, (persons, following) in enumerate(firsts):
            goes_on = following >= 0
            table = np.zeros((2, len(names)), dtype=np.int64)
            np.add.at(table, (labels[persons[goes_on]], following[goes_on]), 1)
            table = table[:, table.sum(axis=0) > 0]
            chi2 = float(chi2_contingency(table, correction=False).statistic)
            converts = int(labels[persons].sum())
            risk = relative_risk(
                len(persons) - converts, len(persons), *_without(labels, persons, converts)
            ).relative_risk
            if permutation < 0:
                observed[names[event]], seen[:, event] = chi2, (chi2, risk)
            else:
                exceeding[:, event] += (chi2, risk) >= seen[:, event]
    found = since(began, cpu)
    return {**found, "wall": TENTH * found["wall"], "cpu": TENTH * found["cpu"], "chi2": observed}


def _without(labels: Any, persons: Any, converts: int) -> tuple[int, int]:
    """Of those without the event: who does not convert, and how many they are."""
    others = len(labels) - len(persons)
    return others - (int(labels.sum()) - converts), others


def _arrays(store: Path) -> tuple[list[str], Any, list[tuple[Any, Any]]]:
    """The names of events; who is a converter; by event: the persons with it, and the event after their
    first visit, −1 without.
    """
    import duckdb
    import numpy as np

    with duckdb.connect(str(store), read_only=True) as con:
        names = [
            name
            for (name,) in con.execute(
                "SELECT DISTINCT event_type FROM raw.amplitude_events ORDER BY 1"
            ).fetchall()
        ]
        rows = con.execute(
            """
            SELECT person, list_position($names, event_type) - 1 AS event,
                coalesce(list_position($names, following) - 1, -1) AS following
            FROM (
                SELECT amplitude_id AS person, event_type, event_time, source_order,
                    lead(event_type) OVER person_events AS following
                FROM raw.amplitude_events
                WINDOW person_events AS (PARTITION BY amplitude_id ORDER BY event_time, source_order)
            )
            QUALIFY row_number() OVER (
                PARTITION BY person, event_type ORDER BY event_time, source_order
            ) = 1
            """,
            {"names": names},
        ).fetchnumpy()
        users = con.execute(
            "SELECT amplitude_id AS person, cohort = 'converter' AS converter "
            "FROM raw.amplitude_users SEMI JOIN raw.amplitude_events USING (amplitude_id) "
            "ORDER BY person"
        ).fetchnumpy()
    place = np.searchsorted(users["person"], rows["person"])
    firsts = [
        (place[chosen], np.asarray(rows["following"])[chosen].astype(np.int64))
        for chosen in (rows["event"] == event for event in range(len(names)))
    ]
    return names, np.asarray(users["converter"]).astype(np.int64), firsts


def _require_the_same(ours: dict[str, float], loop: dict[str, float]) -> None:
    for name, chi2 in ours.items():
        if abs(chi2 - loop[name]) > 1e-9 * max(1.0, chi2):
            raise SystemExit(f"{name}: Pearson's {chi2} of ours, {loop[name]} of the loop")


CONTESTANTS = {"bare import": _bare, "ours": _ours, "loop": _loop}


if __name__ == "__main__":
    main()
