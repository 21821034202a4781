"""A Mave on loopback with threads and bills, and a store of figures to ask it about."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from journey_assets.analyses.compute import Analysed, ask_all
from journey_assets.journeys.statistics.last_events.table import LAST_EVENTS
from journey_assets.journeys.statistics.step_frequencies.table import STEP_FREQUENCIES
from journey_assets.journeys.statistics.summary.table import SUMMARY
from journey_assets.journeys.statistics.transitions.table import TRANSITIONS
from journey_assets.settings import Settings
from journey_assets.vendors.mavera import MaveraClient
from journey_assets.vendors.quota import Clock
from journey_assets.warehouse.database import CATALOG, Database
from journey_assets.warehouse.replace import Replacement, replace_partitions
from journey_assets.warehouse.schema import Table
from journey_assets.warehouse.tables.analyses import MAVE_ANALYSES
from journey_assets.warehouse.tables.channels import SEGMENTS
from journey_assets.warehouse.tables.support import CONVERSATION_STATISTICS
from journey_assets_tests.loopback import Answer, Loopback, Received, answer, reset
from journey_assets_tests.stored import store

DAY = date(2026, 11, 20)
NEXT = date(2026, 11, 21)
NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


def kind_of(message: str) -> str:
    """The kind of analysis that a message asks for: prompts end with it."""
    return message.rsplit("(Prompt ", 1)[1].partition(",")[0]


@dataclass
class FakeMave:
    """Mavera as far as an analysis needs it.

    content: what is answered. credits_used: by each message, None leaves it out. forgets: whether a
    message with a fault leaves no thread; silent: whether its thread has no answer. faults: what
    happens to messages of a kind instead of an answer, by kind, each once.
    """

    content: str = "Nothing to add."
    credits_used: int | None = 23
    forgets: bool = False
    silent: bool = False
    faults: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    threads: list[dict[str, Any]] = field(default_factory=list)
    when_asked: Callable[[str], None] | None = None
    looked: int = 0

    def __call__(self, received: Received) -> Answer:
        if received.path == "/mave/chat":
            return self._chat(received.json()["message"])
        self.looked += 1
        return answer({"data": self.threads, "has_more": False})

    def _chat(self, message: str) -> Answer:
        kind = kind_of(message)
        self.asked.append(kind)
        if self.when_asked:
            self.when_asked(kind)
        fault = self.faults.pop(kind, None)
        if fault and fault.fault is None:
            return fault
        said = self._said(f"{kind}_{self.asked.count(kind)}")
        if not (fault and self.forgets):
            heard = {"role": "user", "content": message, "created_at": NOW.isoformat()}
            replies = [] if fault and self.silent else [said]
            self.threads.append({"id": said["thread_id"], "messages": [heard, *replies]})
        return fault or answer(said)

    def _said(self, name: str) -> dict[str, Any]:
        usage = {} if self.credits_used is None else {"credits_used": self.credits_used}
        return {
            "id": f"msg_{name}",
            "object": "mave_message",
            "thread_id": f"mave_thread_{name}",
            "role": "assistant",
            "content": self.content,
            "sources": [{"title": "A page", "url": "https://example.com", "domain": "example.com"}],
            "usage": usage,
            "created_at": NOW.isoformat(),
        }


def never(_seconds: float) -> None:
    """No test waits."""


def lost() -> Answer:
    """The connection breaks after Mave got the message."""
    return reset()


def refused(status: int, code: str, message: str) -> Answer:
    """An error in Mavera's shape."""
    return answer({"error": {"message": message, "type": "error", "code": code}}, status)


@dataclass
class House:
    """A database and a Mave for it. log: the lines of all runs; now: the time of the next one."""

    database: Database
    mave: FakeMave
    url: str
    directory: Path
    log: list[str] = field(default_factory=list)
    now: datetime = NOW

    def run(self, *days: date, **settings: object) -> Analysed:
        """A run over ``days``, its rows stored as the asset does."""
        chosen = Settings.checked(
            {"mavera_api_key": "mvra_live_test", "database": str(self.database.path), **settings}
        )
        client = MaveraClient(
            api_key=chosen.mavera_api_key,
            base_url=self.url,
            quota_directory=self.directory,
            log=self.log.append,
            clock=Clock(sleep=never),
        )
        try:
            with self.database.session() as session:
                done = ask_all(
                    session, client, chosen, days or (DAY,), self.log.append, lambda: self.now
                )
                replace_partitions(
                    session,
                    min(days or (DAY,)),
                    max(days or (DAY,)),
                    Replacement(MAVE_ANALYSES, f"FROM {MAVE_ANALYSES.result}"),
                )
                return done
        finally:
            client.close()

    def rows(self, table: Table = MAVE_ANALYSES) -> list[dict[str, Any]]:
        """The stored rows, in the order of day and kind."""
        with self.database.session() as session, session.reading() as con:
            names = ", ".join(f'"{name}"' for name in table.column_names)
            rows = con.execute(
                f"SELECT {names} FROM {CATALOG}.{table.full_name} ORDER BY as_of, kind"
            ).fetchall()
        return [dict(zip(table.column_names, row, strict=True)) for row in rows]

    def statuses(self) -> dict[tuple[date, str], str]:
        """Status by day and kind."""
        return {(row["as_of"], row["kind"]): row["status"] for row in self.rows()}


@contextmanager
def house(database: Database, mave: FakeMave) -> Iterator[House]:
    """``database`` with ``mave`` on loopback."""
    with Loopback(mave) as server:
        yield House(database, mave, server.url, database.path.parent)


def fill(database: Database, day: date, persons: int = 412) -> None:
    """Figures of one day for all three kinds."""
    at = {"as_of": day}
    cohorts = [("converter", persons), ("non_converter", 1203)]
    store(
        database,
        SUMMARY,
        [
            {
                **at,
                "cohort": cohort,
                "persons": n,
                "population": persons + 1203,
                "share_of_population": n / (persons + 1203),
                "avg_length": 8.43,
                "median_length": 7,
                "median_seconds_to_convert": 276480,
            }
            for cohort, n in cohorts
        ],
    )
    events = ["Sign Up", "Complete Profile", "Help Doc Visit"]
    store(
        database,
        STEP_FREQUENCIES,
        [
            {
                **at,
                "cohort": cohort,
                "event_type": event,
                "occurrences": n - 10 * place,
                "persons": n - 20 * place,
                "cohort_persons": n,
                "share_of_persons": (n - 20 * place) / n,
            }
            for cohort, n in cohorts
            for place, event in enumerate(events)
        ],
    )
    pair = {"from_event": "Sign Up", "to_event": "Complete Profile", "median_seconds": 5430}
    store(
        database,
        TRANSITIONS,
        [
            {**at, **pair, "cohort": cohort, "occurrences": 201, "departures": n, "p_out": 201 / n}
            for cohort, n in cohorts
        ],
    )
    store(
        database,
        LAST_EVENTS,
        [{**at, "cohort": "non_converter", "event_type": "Sign Up", "persons": 44, "exits": 44}],
    )
    store(
        database,
        SEGMENTS,
        [{**at, "segment": "web_dominant", "profiles": 77, "avg_ltv": 338.9, "top_plans": ["pro"]}],
    )
    store(
        database,
        CONVERSATION_STATISTICS,
        [{**at, "flow_name": "Billing", "conversations": 120, "resolved": 50, "rated": 40}],
    )
