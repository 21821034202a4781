"""A small world whose vendors misbehave, and what must hold in it.

Belongs here: running assets in this process against the simulator, fingerprints of tables, private
words, and one case of ``hostile_faults`` from its first run to its last. Does not belong here: which
faults there are.

Time is made short: what clients sleep has passed at once, and an answer is awaited for two seconds
where they would wait for minutes.
"""

import logging
import os
import shutil
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import IO, Any, Self

import dagster as dg
import duckdb
from requests.adapters import HTTPAdapter

from journey_assets.definitions import build_definitions
from journey_assets.simulator.amplitude_cohorts import CONVERTERS, NON_CONVERTERS
from journey_assets.simulator.clock import ManualClock, real_clock
from journey_assets.simulator.faults import Fault
from journey_assets.simulator.quotas import Limits
from journey_assets.simulator.simulator import Options, Simulator
from journey_assets.vendors.quota import Clock
from journey_assets.warehouse.catalog import all_tables
from journey_assets.warehouse.schema import Table
from journey_assets_tests.command_line import YESTERDAY, days_back, environment, let_mave_finish
from journey_assets_tests.hostile_faults import PLANTED, Case
from journey_assets_tests.private_words import PrivateWords
from journey_assets_tests.simulated import few_people

FIRST, LAST = days_back(1), YESTERDAY
SCHEMAS = ("raw", "identity", "journeys", "channels", "support", "analyses", "reports")
FIGURES = SCHEMAS[1:5]

_LONGEST_WAIT = 2.0
#: So that kills meet Mave thinking.
_MAVE_THINKS = 0.1
_USERS_OF_A_LIST = 2
#: What differs between two askings of the same question.
_OF_THE_ASKING = frozenset({"requested_at", "latency_ms", "thread_id", "message_id"})

#: (rows, sum of their hashes) by partition, by table.
Prints = dict[str, dict[Any, tuple[int, int]]]


@dataclass(frozen=True)
class Scenario:
    """A way to run: settings beside the world's, and the assets (schema or start of the key)."""

    settings: Mapping[str, str]
    assets: tuple[str, ...]


@dataclass(frozen=True)
class Ended:
    """How a run ended. lines: of its failed steps. explained: whether each is of our own words."""

    success: bool
    lines: tuple[str, ...]
    explained: bool


@dataclass
class Outcome:
    """What became of a case; the lists name what must not be."""

    case: str
    met: int
    failed: bool
    lines: tuple[str, ...]
    unclear: bool
    lost: list[str] = field(default_factory=list)
    differs: list[str] = field(default_factory=list)
    paid_twice: int = 0
    leaks: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def bad(self) -> bool:
        """Whether something is not as it must be."""
        return bool(
            self.lost or self.differs or self.paid_twice or self.leaks or self.unclear
        )  # fmt: skip


class World:
    """The vendors on a clock that stands still, and databases below ``folder``; a ``with`` block."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.work = folder / "work"
        self._stack = ExitStack()
        self._made: dict[str, Path] = {}
        self._definitions: dict[str, dg.Definitions] = {}
        self._prints: dict[str, Prints] = {}

    def __enter__(self) -> Self:
        enter = self._stack.enter_context
        now = ManualClock(datetime.now(UTC))
        self.simulator = enter(
            Simulator(
                population=few_people(),
                options=Options(limits=Limits.none(), latency={"mavera": _MAVE_THINKS}),
                clock=now,
                mave_clock=real_clock,
            )
        )
        enter(_short_time())
        self.work.mkdir(parents=True)
        self.environment = environment(self.simulator, self.work, JOURNEY_HASH_KEY="a key")
        enter(_environment(self.environment))
        _ = self.private_words
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @cached_property
    def scenarios(self) -> Mapping[str, Scenario]:
        """The runs that call the endpoints."""
        converters, others = self.simulator.user_ids()
        users = {
            "AMPLITUDE_SOURCE": "user_activity",
            "CONVERTER_USER_IDS": ",".join(converters[:_USERS_OF_A_LIST]),
            "NON_CONVERTER_USER_IDS": ",".join(others[:_USERS_OF_A_LIST]),
        }
        profiles = ",".join(f"user_id:{one}" for one in others[-_USERS_OF_A_LIST:])
        api = {"SEGMENT_API": "profile_api", "SEGMENT_PROFILE_IDS": profiles}
        return {
            "export": Scenario({}, ("raw/amplitude",)),
            "activity": Scenario(users, ("raw/amplitude",)),
            "cohorts": Scenario(
                {
                    "AMPLITUDE_CONVERTER_COHORT_ID": CONVERTERS,
                    "AMPLITUDE_NON_CONVERTER_COHORT_ID": NON_CONVERTERS,
                },
                ("raw/amplitude_users",),
            ),
            "listing": Scenario({}, ("raw/segment",)),
            "profiles": Scenario(api, ("raw/segment",)),
            "conversations": Scenario({}, ("raw/mavenoid_conversations",)),
            "sessions": Scenario({}, ("raw/mavenoid_live_support_sessions",)),
            "availabilities": Scenario({}, ("raw/mavenoid_agent_availabilities",)),
            "mave": Scenario({}, ("analyses",)),
            "lost": Scenario({}, ("analyses",)),
            "raw": Scenario({}, ("raw",)),
            "users": Scenario(users | api, ("raw/amplitude", "raw/segment")),
            "all": Scenario({}, SCHEMAS),
        }

    # Runs ----------------------------------------------------------------------------------------

    def run(self, scenario: str, *assets: str) -> Ended:
        """Materialize the two days of a scenario's assets, or of others, over ``work``."""
        wanted = assets or self.scenarios[scenario].assets
        definitions = self._defined(scenario)
        keys = definitions.resolve_asset_graph().materializable_asset_keys
        with dg.DagsterInstance.ephemeral() as instance, self._captured() as output:
            result = definitions.resolve_implicit_global_asset_job_def().execute_in_process(
                instance=instance,
                asset_selection=sorted(k for k in keys if k.to_user_string().startswith(wanted)),
                raise_on_error=False,
                tags={
                    "dagster/asset_partition_range_start": str(FIRST),
                    "dagster/asset_partition_range_end": str(LAST),
                },
            )
            # What an instance on disk would hold, beside what was printed.
            output.writelines(map(dg.serialize_value, instance.all_logs(result.run_id)))
        return _ended(result)

    def _defined(self, scenario: str) -> dg.Definitions:
        if scenario not in self._definitions:
            given = {**self.environment, **self.scenarios[scenario].settings}
            self._definitions[scenario] = build_definitions(given)
        return self._definitions[scenario]

    @contextmanager
    def _captured(self) -> Iterator[IO[str]]:
        """What is printed goes to a file."""
        sys.stdout.flush()
        sys.stderr.flush()
        saved = os.dup(1), os.dup(2)
        with self.printed.open("a") as output:
            try:
                for stream in (1, 2):
                    os.dup2(output.fileno(), stream)
                with redirect_stdout(output), redirect_stderr(output):
                    yield output
            finally:
                output.flush()
                for stream, before in zip((1, 2), saved, strict=True):
                    os.dup2(before, stream)
                    os.close(before)

    @property
    def printed(self) -> Path:
        """The file with what the runs since :meth:`begin` printed, and the events they stored."""
        return self.folder / "printed.txt"

    # Databases -----------------------------------------------------------------------------------

    def begin(self, made: str | None) -> None:
        """Put a copy of a database of :meth:`made` into ``work``, or nothing."""
        source = self.made(made) if made else None
        shutil.rmtree(self.work, ignore_errors=True)
        if source:
            shutil.copytree(source, self.work)
        shutil.rmtree(self.work / "quota", ignore_errors=True)
        self.work.mkdir(exist_ok=True)
        self.printed.unlink(missing_ok=True)
        self.simulator.mavera.forget()

    def made(self, name: str) -> Path:
        """The folder of a database that nothing disturbed: a scenario's, or one of ``figures``."""
        if name not in self._made:
            scenario = "all" if name in ("figures", "lost", "mave") else name
            self.begin("figures" if name in ("lost", "mave") else None)
            assets = {
                "figures": SCHEMAS[:5],
                "lost": ("analyses",),
                "mave": ("analyses",),
            }
            ended = self.run(scenario, *assets.get(name, ()))
            if not ended.success:
                raise AssertionError(f"an undisturbed run failed: {ended.lines}")
            shutil.copytree(self.work, self.folder / name)
            self._made[name] = self.folder / name
        return self._made[name]

    def prints(self, folder: Path | None = None) -> Prints:
        """Fingerprints of all tables that are assets."""
        return prints((folder or self.work) / "store.duckdb")

    # Cases ---------------------------------------------------------------------------------------

    def meet(self, case: Case, *, whole: bool = False) -> Outcome:
        """Run into the fault, then run again without it, and look what became of everything.

        whole: run also what follows from the raw tables, and compare it.
        """
        begun = time.monotonic()
        endpoint, simulator = case.endpoint, self.simulator
        name = endpoint.scenario
        over_answers = name in ("mave", "lost")
        right = self._right(name)
        all_right = self._whole(name) if whole and not over_answers else None
        self.begin("figures" if over_answers else name if case.filled else None)
        before = self.prints()
        simulator.clear_statistics()
        if name == "lost":
            simulator.script_fault("mavera", "*/mave/chat", Fault.lost_answer())
        simulator.script_fault(endpoint.vendor, endpoint.glob, case.fault, case.times)
        ended = self.run(name)
        simulator.clear_faults()
        outcome = Outcome(
            case=str(case),
            met=_met(simulator, endpoint.vendor, case.fault.kind),
            failed=not ended.success,
            lines=ended.lines,
            unclear=not (ended.success or ended.explained),
        )
        outcome.lost = _lost(before, self.prints(), failed=outcome.failed)
        let_mave_finish(self.work)
        again = self.run(name)
        outcome.differs = [] if again.success else [f"not mended: {'; '.join(again.lines)}"]
        outcome.differs += differing(right, self.prints())
        if all_right is not None and again.success:
            self.run(name, *SCHEMAS)
            outcome.differs += differing(all_right, self.prints())
        outcome.paid_twice = self.paid_twice()
        outcome.leaks = self.leaks()
        outcome.seconds = time.monotonic() - begun
        return outcome

    def _right(self, name: str) -> Prints:
        if name not in self._prints:
            self._prints[name] = self.prints(self.made(name))
        return self._prints[name]

    def _whole(self, name: str) -> Prints:
        """All tables as they follow from the undisturbed raw tables of a scenario."""
        key = f"{name} whole"
        if key not in self._prints:
            self.begin(name)
            self.run(name, *SCHEMAS)
            self._prints[key] = self.prints()
        return self._prints[key]

    def paid_twice(self) -> int:
        """Answers of Mave that were paid for more than once since :meth:`begin`."""
        return sum(times - 1 for times in Counter(self.simulator.mavera.messages()).values())

    # Private words -------------------------------------------------------------------------------

    @cached_property
    def private_words(self) -> PrivateWords:
        """Addresses, comments, queries and form values of the world, and those that faults plant."""
        own = PrivateWords.stored(self.made("raw") / "store.duckdb")
        self.begin(None)
        return PrivateWords(own.words | {*PLANTED})

    def leaks(self) -> list[str]:
        """Where private words stand outside of ``raw``: output, events, tables, other files."""
        found = self.private_words.found_in(self.printed, self.work)
        return [f"{file.name}: {len(words)} words" for file, words in found.items()]


#: How failures begin that tell nobody what to mend.
_UNCLEAR = ("Defect", "(an error")


def prints(database: Path) -> Prints:
    """Fingerprints of all tables that are assets, but for when Mave was asked and how long it took."""
    found: Prints = {}
    if not database.exists():
        return found
    with duckdb.connect(str(database), read_only=True) as con:
        for table in _stored(con):
            names = ", ".join(f'"{c}"' for c in table.column_names if c not in _OF_THE_ASKING)
            found[table.full_name] = {
                day: (number, total)
                for day, number, total in con.execute(
                    f"SELECT {table.partition}, count(*), sum(hash({names})::HUGEINT) "
                    f"FROM {table.full_name} GROUP BY ALL"
                ).fetchall()
            }
    return found


def differing(right: Prints, now: Prints) -> list[str]:
    """Tables of ``right`` that are not the same in ``now``, with the numbers of their rows."""
    return [
        f"{table}: {_rows(days)} rows, now {_rows(now.get(table, {}))}"
        for table, days in right.items()
        if now.get(table, {}) != days
    ]


def _rows(days: Mapping[Any, tuple[int, int]]) -> int:
    return sum(number for number, _ in days.values())


def _lost(before: Prints, after: Prints, *, failed: bool) -> list[str]:
    """Tables of which a run that failed changed a stored day, or any run took more than half."""
    found = []
    for table, days in before.items():
        for day, (number, total) in days.items():
            left = after.get(table, {}).get(day, (0, 0))
            if left[0] * 2 < number or (failed and left[0] < number and left != (number, total)):
                found.append(f"{table} of {day}: {number} rows, then {left[0]}")
    return found


def _stored(con: "duckdb.DuckDBPyConnection") -> list[Table]:
    there = {
        f"{schema}.{name}"
        for schema, name in con.execute(
            "SELECT schema_name, table_name FROM duckdb_tables()"
        ).fetchall()
    }
    return [table for table in all_tables() if table.asset and table.full_name in there]


def _met(simulator: Simulator, vendor: str, kind: str) -> int:
    served = simulator.statistics().get(vendor, {})
    return sum(one.faults[kind] for one in served.values())


def _ended(result: dg.ExecuteInProcessResult) -> Ended:
    lines: list[str] = []
    for event in result.all_events:
        if event.is_step_failure:
            data = event.step_failure_data
            said = data.user_failure_data.description if data.user_failure_data else None
            lines.append(said or "(an error without words of ours)")
    clear = all("\n" not in line and not line.startswith(_UNCLEAR) for line in lines)
    return Ended(result.success, tuple(lines), clear and (result.success or bool(lines)))


# Time and surroundings ---------------------------------------------------------------------------


class _Skipped:
    """A clock on which sleeping takes a moment, and has taken as long as asked."""

    def __init__(self) -> None:
        self._seconds = 0.0
        self._lock = threading.Lock()

    def now(self) -> float:
        with self._lock:
            return time.time() + self._seconds

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self._seconds += seconds
        # The other threads of the run get a turn, as they would while this one waits.
        time.sleep(min(seconds, 0.002))


@contextmanager
def _short_time() -> Iterator[None]:
    """Clients' clocks skip what they sleep; no client waits long for a piece of an answer."""
    skipped, usual, send = _Skipped(), Clock.__init__.__defaults__, HTTPAdapter.send

    def impatient(self: HTTPAdapter, *args: Any, **more: Any) -> Any:
        connect, read = more.get("timeout") or (_LONGEST_WAIT, _LONGEST_WAIT)
        return send(self, *args, **{**more, "timeout": (connect, min(read, _LONGEST_WAIT))})

    Clock.__init__.__defaults__ = (skipped.now, skipped.sleep)
    HTTPAdapter.send = impatient  # type: ignore[method-assign]
    try:
        yield
    finally:
        Clock.__init__.__defaults__ = usual
        HTTPAdapter.send = send  # type: ignore[method-assign]


@contextmanager
def _environment(given: Mapping[str, str]) -> Iterator[None]:
    """The environment's secrets are read when a run begins."""
    before = dict(os.environ)
    os.environ.update(given)
    logging.captureWarnings(True)
    try:
        yield
    finally:
        logging.captureWarnings(False)
        os.environ.clear()
        os.environ.update(before)
