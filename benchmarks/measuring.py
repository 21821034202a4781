"""What the benchmarks of speed share: contestants in processes of their own, medians, marks.

Belongs here: starting and timing contestants, and comparing what they took. Does not belong here: what
they compute (the benchmarks), how it is shown (``benchmarks_page.py``).
"""

import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

#: What a contestant took: ``wall`` and ``cpu`` in seconds, ``peak_mb``, ``load`` of the machine when it
#: began, and whatever else it found.
Measured = dict[str, Any]

#: One run of every contestant, by name. A contestant that is not installed says so under ``missing``.
Run = dict[str, Measured]

LIBRARIES = ("numpy", "numba", "duckdb", "pyarrow", "scipy", "dagster")


@dataclass(frozen=True)
class Mark:
    """A ratio between two contestants, and what it should be.

    work: what is compared, as the table names it. mark: how many times as much as ``against`` the
    contestant ``ours`` may take; with ``faster`` how many times as much ``against`` has to take; None:
    shown without a mark. of: what is compared. per_event: of each event, where the two have other events.
    """

    work: str
    ours: str
    against: str
    mark: float | None
    of: str = "wall"
    faster: bool = False
    per_event: bool = False

    def times(self, run: Run, of: str) -> float | None:
        """The ratio in one run, None where one of the two is missing."""
        ours, other = run[self.ours], run[self.against]
        if "missing" in ours or "missing" in other:
            return None
        times = float(ours[of] / other[of])
        if self.per_event:
            times /= ours["events"] / other["events"]
        return 1 / times if self.faster else times

    def met(self, times: float) -> bool:
        """Whether ``times`` is as good as the mark; without a mark everything is."""
        if self.mark is None:
            return True
        return times >= self.mark if self.faster else times <= self.mark


def rows_of(marks: Sequence[Mark], runs: Sequence[Run], about: str) -> list[dict[str, Any]]:
    """A row for each mark: the medians of the runs, as they are printed and kept in a file.

    about: what was computed, of how many events.
    """
    rows = []
    for mark in marks:
        row = {**asdict(mark), "about": about, "runs": len(runs)}
        for side in ("ours", "against"):
            name = row[side]
            row[side] = {"name": name, **_medians([run[name] for run in runs])}
        for of in {"wall", "cpu", mark.of}:
            found = [mark.times(run, of) for run in runs]
            known = [each for each in found if each is not None]
            row[f"times_{of}"] = statistics.median(known) if known else None
        times = row[f"times_{mark.of}"]
        row["met"] = None if times is None or mark.mark is None else mark.met(times)
        rows.append(row)
    return rows


def _medians(found: Sequence[Measured]) -> Measured:
    if "missing" in found[0]:
        return {"missing": found[0]["missing"]}
    return {
        what: statistics.median(each[what] for each in found)
        for what in ("wall", "cpu", "peak_mb", "load", "events")
        if all(what in each for each in found)
    }


def print_rows(rows: Sequence[Mapping[str, Any]]) -> None:
    """One line a row."""
    for row in rows:
        ours, other = row["ours"], row["against"]
        absent = ours.get("missing") or other.get("missing")
        if absent:
            print(f"{row['work']:58} {absent}", flush=True)
            continue
        times, mark = row[f"times_{row['of']}"], row["mark"]
        sign = "≥" if row["faster"] else "≤"
        wanted = f"{sign} {mark:.3g} × {'met' if row['met'] else 'MISSED'}" if mark else ""
        print(
            f"{row['work']:58}{ours['wall']:8.2f} s {ours['cpu']:8.2f} s CPU {ours['peak_mb']:6.0f} MB"
            f"{times:9.2f} × ({row['of']}; CPU {row['times_cpu']:.2f} ×) {wanted}",
            flush=True,
        )


def contest(script: str, arguments: Sequence[str]) -> Measured:
    """What ``script`` prints as JSON, started with ``arguments`` in a process of its own."""
    load = os.getloadavg()[0]
    command = [sys.executable, script, *arguments, "--began", str(time.monotonic())]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed with exit code {done.returncode}")
    result: Measured = json.loads(done.stdout.splitlines()[-1])
    return {"load": load, **result}


def since(began: float, cpu: float = 0) -> Measured:
    """What the process took since ``began`` (of ``time.monotonic``), less ``cpu`` seconds before."""
    return {
        "wall": time.monotonic() - began,
        "cpu": time.process_time() - cpu,
        "peak_mb": peak_mb(),
    }


def peak_mb() -> float:
    """The most memory that the process held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


@contextmanager
def timing(found: Measured) -> Iterator[None]:
    """Note in ``found`` what the block took."""
    began, cpu = time.monotonic(), time.process_time()
    yield
    found.update(since(began, cpu))


def less(measured: Measured, bare: Measured) -> Measured:
    """Without the time that ``bare`` took; the peak is that of the whole process."""
    return {**measured, **{what: measured[what] - bare[what] for what in ("wall", "cpu")}}


def several(runs: int, once: Callable[[], Run]) -> list[Run]:
    """``runs`` runs of all contestants, one run after the other."""
    return [once() for _ in range(runs)]


def machine() -> dict[str, Any]:
    """When, on what, with which versions."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "commit": _commit(),
        "cores": os.cpu_count(),
        "processor": models[0] if models else platform.processor(),
        "memory_gb": round(memory / 1e9),
        "system": f"{platform.system()} {platform.machine()}",
        "load": os.getloadavg()[0],
        "python": platform.python_version(),
        **{library: version(library) for library in LIBRARIES},
    }


def _commit() -> str:
    command = ["git", "-C", str(Path(__file__).parent), "rev-parse", "--short", "HEAD"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"
