"""Faults of vendors and killed runs: nothing is lost, paid twice or told to anybody.

Faults: each is met by the real clients in a run over the simulator, over an empty database or over
stored days; then the run is repeated without it. Kills: runs of raw tables, of figures, of analyses,
of reports and of all are killed (``kill -9``) at random moments, several in a row on one database;
then everything is run once to its end. Counted are

* tables that differ from those of an undisturbed run after the last run,
* stored rows that a run with a fault took away,
* answers of Mave that were paid for twice,
* private words (addresses, comments, queries) in what was printed, in Dagster's events, in tables
  outside ``raw``, in reports and in other files beside the database,
* failures that do not end in a line of our own words.

Exits with 1 when any of them is not 0.

    python benchmarks/bench_faults.py [--faults 600] [--kills 200] [--seed N] [--jobs 2] [--json FILE]

Takes about 25 minutes of two cores. ``--faults`` up to 2,600 meets every fault at every endpoint;
``--only TEXT`` chooses the cases whose name holds TEXT.
"""

import argparse
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from journey_assets_tests.command_line import end, let_mave_finish, start
from journey_assets_tests.hostile_faults import cases
from journey_assets_tests.hostile_world import (
    FIGURES,
    FIRST,
    LAST,
    SCHEMAS,
    World,
    differing,
)

#: Kills in a row on one database, before it is run to its end.
KILLS_IN_A_ROW = 5
#: Every so many cases what follows from the raw tables is run and compared, too.
WHOLE_EVERY = 40
#: A run is killed this many seconds after a line of its output, at most.
LONGEST_DELAY = 0.05


@dataclass(frozen=True)
class Phase:
    """Runs to kill. begins: the database of ``World.made`` that they begin with, None for none."""

    name: str
    begins: str | None
    schemas: tuple[str, ...]


PHASES = (
    Phase("raw", None, ("raw",)),
    Phase("figures", "raw", FIGURES),
    Phase("analyses", "figures", ("analyses",)),
    Phase("reports", "mave", ("reports",)),
    Phase("everything", None, SCHEMAS),
    Phase("everything again", "all", SCHEMAS),
)


@dataclass
class Chain:
    """Some kills in a row and what they left; ``killed``: the phase and the line of each."""

    name: str
    killed: list[str] = field(default_factory=list)
    differs: list[str] = field(default_factory=list)
    paid_twice: int = 0
    leaks: list[str] = field(default_factory=list)
    seconds: float = 0.0


# A worker -----------------------------------------------------------------------------------------

_worlds: list[World] = []


def world() -> World:
    """This process's world, made at the first call."""
    if not _worlds:
        warnings.simplefilter("ignore")
        folder = Path(tempfile.mkdtemp(prefix="faults-", dir=os.environ["FAULTS_FOLDER"]))
        _worlds.append(World(folder / "world").__enter__())
    return _worlds[0]


def met(order: tuple[int, int, int]) -> dict[str, Any]:
    """Meet one case: (seed, number of cases, its place)."""
    seed, number, place = order
    case = cases(seed, number)[place]
    try:
        outcome = world().meet(case, whole=place % WHOLE_EVERY == 0)
    except Exception:  # noqa: BLE001 - a case that breaks the harness is told, and the others go on
        world().simulator.clear_faults()
        return {"case": str(case), "broken": traceback.format_exc(), "bad": True}
    return {**asdict(outcome), "bad": outcome.bad}


def killed(order: tuple[int, int]) -> dict[str, Any]:
    """Kill :data:`KILLS_IN_A_ROW` runs of a phase, then run all to the end: (seed, its number)."""
    seed, number = order
    chance = random.Random(seed * 1_000_003 + number)
    phase = PHASES[number % len(PHASES)]
    begun = time.monotonic()
    home = world()
    right = home.prints(home.made("all"))
    home.begin(phase.begins)
    chain = Chain(f"{number}: {phase.name}")
    while len(chain.killed) < KILLS_IN_A_ROW:
        line = chance.randrange(_lines(phase))
        if _killed_at(home, phase, line, chance.uniform(0, LONGEST_DELAY)):
            chain.killed.append(f"{phase.name} at line {line}")
        else:
            home.begin(phase.begins)  # it came to its end: that is no kill
    _forget_calls(home)
    let_mave_finish(home.work)
    again = home.run("all")
    chain.differs = [] if again.success else [f"not mended: {'; '.join(again.lines)}"]
    chain.differs += differing(right, home.prints())
    chain.differs += [f"{name}: left behind" for name in _left(home.work)]
    chain.paid_twice = home.paid_twice()
    chain.leaks = home.leaks()
    chain.seconds = time.monotonic() - begun
    return {**asdict(chain), "bad": bool(chain.differs or chain.paid_twice or chain.leaks)}


_counted: dict[str, int] = {}


def _lines(phase: Phase) -> int:
    """Lines that an undisturbed run of the phase prints."""
    if phase.name not in _counted:
        home = world()
        kept = home.folder / "kept"
        shutil.copytree(home.work, kept)
        home.begin(phase.begins)
        _started(home, phase, home.folder / "lines.txt")
        if end():
            raise AssertionError(f"an undisturbed run of {phase.name} failed")
        _counted[phase.name] = len((home.folder / "lines.txt").read_text().splitlines())
        home.begin(None)
        shutil.rmtree(home.work)
        kept.rename(home.work)
    return _counted[phase.name]


def _started(home: World, phase: Phase, output: Path) -> int:
    if not output.exists():
        output.touch()
    _forget_calls(home)
    return start(
        *("range_run", str(FIRST), str(LAST), ",".join(phase.schemas)),
        env=home.environment,
        folder=home.work,
        output=output,
    )


def _killed_at(home: World, phase: Phase, line: int, delay: float) -> bool:
    """Kill a run ``delay`` seconds after it printed a line; False when it ended before."""
    pipe = home.folder / "pipe"
    os.mkfifo(pipe)
    process = _started(home, phase, pipe)
    try:
        with pipe.open() as printed, home.printed.open("a") as kept:
            kept.writelines(islice(printed, line))
            time.sleep(delay)
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
            kept.writelines(printed)
    finally:
        pipe.unlink()
        exit_code = end()
    return exit_code == -signal.SIGKILL


def _forget_calls(home: World) -> None:
    """As if the quotas' windows had passed."""
    shutil.rmtree(home.work / "quota", ignore_errors=True)


def _left(work: Path) -> list[str]:
    """What a run may not leave behind."""
    folders = [work / "staging", work / "spill"]
    left = [path for folder in folders if folder.exists() for path in folder.iterdir()]
    return [str(path.relative_to(work)) for path in (*left, *work.rglob("*.part"))]


# All of it ----------------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, print, and return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--faults", type=int, default=600)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", default="", help="cases whose name holds this text")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args(arguments)
    chosen = cases(given.seed, given.faults or 0)
    places = [place for place, case in enumerate(chosen) if given.only in str(case)]
    chains = -(-given.kills // KILLS_IN_A_ROW)
    print(
        f"seed {given.seed}: {len(places)} faults, {chains * KILLS_IN_A_ROW} kills in {chains} rows",
        flush=True,
    )
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["FAULTS_FOLDER"] = folder
        with get_context("spawn").Pool(given.jobs) as pool:
            faults: list[dict[str, Any]] = []
            kills: list[dict[str, Any]] = []
            orders = [(given.seed, given.faults, place) for place in places]
            rows = [(given.seed, number) for number in range(chains)]
            with suppress(KeyboardInterrupt):  # what is done by then is summed up
                faults.extend(_told("fault", pool.imap_unordered(met, orders), len(orders)))
                kills.extend(_told("kills", pool.imap_unordered(killed, rows), chains))
                pool.close()
                pool.join()
    found = _summary(faults, kills) | {
        "seed": given.seed,
        "seconds": round(time.monotonic() - begun),
    }
    for name, value in found.items():
        print(f"{name.replace('_', ' '):40} {value}")
    if given.json:
        written = {**found, "cases": faults, "chains": kills}
        given.json.write_text(json.dumps(written, indent=1, default=str))
    return int(any(one["bad"] for one in (*faults, *kills)))


def _told(what: str, results: Iterator[dict[str, Any]], total: int) -> Iterator[dict[str, Any]]:
    """Pass results on; tell what is not as it must be at once, and how far it is now and then."""
    told = time.monotonic()
    for number, one in enumerate(results, 1):
        if one["bad"]:
            wrong = {
                key: value
                for key, value in one.items()
                if value and key not in {"bad", "seconds", "met", "failed", "case", "name"}
            }
            print(f"NOT SO: {what}: {one.get('case') or one.get('name')}: {wrong}", flush=True)
        if time.monotonic() - told > 10 or number == total:
            told = time.monotonic()
            print(f"{what}: {number} of {total}", flush=True)
        yield one


def _summary(faults: Sequence[dict[str, Any]], kills: Sequence[dict[str, Any]]) -> dict[str, Any]:
    both = [*faults, *kills]
    met_endpoints = Counter(" ".join(one["case"].partition(":")[:1]) for one in faults)
    return {
        "faults": len(faults),
        "endpoints": len(met_endpoints),
        "runs_that_failed": sum(one.get("failed", False) for one in faults),
        "kills": sum(len(one["killed"]) for one in kills),
        "tables_that_differ": sum(len(one.get("differs", ())) for one in both),
        "stored_days_that_shrank": sum(len(one.get("lost", ())) for one in faults),
        "answers_paid_twice": sum(one.get("paid_twice", 0) for one in both),
        "private_words_outside_raw": sum(len(one.get("leaks", ())) for one in both),
        "failures_without_a_clear_line": sum(one.get("unclear", False) for one in faults),
        "cases_that_broke_the_harness": sum("broken" in one for one in faults),
    }


if __name__ == "__main__":
    sys.exit(main())
