"""How often the figures are wrong: claims where nothing differs, misses where much does, bounds that lie.

Every row asks many populations whose answer is known, each through the whole computation: events in a
database file, rows of the tables out. What each row draws and asks is in ``error_rate_rows.py``. The
numbers stand in ``docs/truth.md``, before and after; ``error_rate_page.py`` draws its picture.

A promise is broken where chance explains the number less than once in a hundred times; then this exits
with 1. So small runs break fewer promises than large ones: read the numbers.

    python benchmarks/bench_error_rates.py [--seed 20260101] [--populations 100] [--rows friction,cliffs]
        [--processes 2] [--json FILE]

Takes about twenty minutes of CPU with a hundred populations.
"""

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from error_rate_rows import Measure, NotBuiltError, tasks

POPULATIONS = 100


def measured(number: int, populations: int, seed: int) -> tuple[list[Measure], float]:
    """The measurements of a task, and the seconds of CPU they took."""
    task = tasks(populations)[number]
    cpu = time.process_time()
    found: list[Measure] = []
    try:
        found.extend(task.measure(seed, task.populations))
    except NotBuiltError as missing:
        found.append(Measure(task.row, task.case, None, 0, None, (), f"not built: {missing}"))
    return found, time.process_time() - cpu


def all_measured(
    numbers: Sequence[int], populations: int, seed: int, processes: int
) -> Iterator[tuple[list[Measure], float]]:
    """The measurements of tasks, in their order."""
    same = len(numbers)
    if processes == 1:
        yield from map(measured, numbers, [populations] * same, [seed] * same)
        return
    with ProcessPoolExecutor(processes) as pool:
        yield from pool.map(measured, numbers, [populations] * same, [seed] * same)


def line(one: Measure) -> str:
    """One measurement as it is printed."""
    if one.value is None:
        return f"  {one.case:58}{one.said}"
    share = f"{one.value:.1%}" if one.asks != "within" else f"{one.value:.3f}"
    promised = f"{one.asks} {' to '.join(f'{p:g}' for p in one.promise)}" if one.asks else ""
    broken = "  BROKEN" if one.kept is False else ""
    return f"  {one.case:58}{share:>8} of {one.of:<7,} {promised:22}{one.said}{broken}"


def main() -> int:
    """Read the command line and run the rows."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seed", type=int, default=20260101)
    parser.add_argument("--populations", type=int, default=POPULATIONS)
    parser.add_argument("--rows", help="only these, by name, between commas")
    parser.add_argument("--processes", type=int, default=1, choices=(1, 2))
    parser.add_argument("--json", type=Path, help="write the measurements to this file")
    given = parser.parse_args()
    wanted = {name.strip() for name in given.rows.split(",")} if given.rows else None
    every = tasks(given.populations)
    numbers = [n for n, task in enumerate(every) if wanted is None or task.row in wanted]
    if not numbers:
        parser.error(f"no such row; there are {', '.join(dict.fromkeys(t.row for t in every))}")
    print(f"seeds from {given.seed} on, {given.populations} populations a cell", flush=True)
    found: list[Measure] = []
    cpu = 0.0
    row = ""
    for measures, seconds in all_measured(numbers, given.populations, given.seed, given.processes):
        for one in measures:
            if one.row != row:
                row = one.row
                print(f"\n{row}", flush=True)
            print(line(one), flush=True)
        found += measures
        cpu += seconds
    broken = sum(one.kept is False for one in found)
    print(f"\n{broken} promises broken; {cpu:.0f} s of CPU")
    if given.json:
        given.json.write_text(json.dumps(_document(given, found, cpu), indent=1) + "\n")
    return 1 if broken else 0


def _document(given: argparse.Namespace, found: Sequence[Measure], cpu: float) -> dict[str, Any]:
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "seed": given.seed,
        "populations": given.populations,
        "cpu_seconds": round(cpu),
        "measures": [asdict(one) | {"kept": one.kept} for one in found],
    }


if __name__ == "__main__":
    sys.exit(main())
