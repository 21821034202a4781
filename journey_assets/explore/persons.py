"""A store that holds the events of some persons alone.

Belongs here: the copy that is computed over where a question is about some persons, what tells persons
apart, and taking the others' events out. The copy lives beside the database for as long as a question
is answered; the database itself is only read.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from journey_assets.explore.question import UNKNOWN, ExploreError, Where
from journey_assets.journeys.compute import compute
from journey_assets.journeys.statistics.changes.periods import Periods
from journey_assets.journeys.statistics.paths.table import PATHS
from journey_assets.names import plain_name
from journey_assets.raw.coded_events import uncoded_days
from journey_assets.settings import Settings, did_you_mean
from journey_assets.warehouse.columns import stored_columns
from journey_assets.warehouse.database import CATALOG, Database, Session
from journey_assets.warehouse.folders import process_folder
from journey_assets.warehouse.pseudonyms import hash_key
from journey_assets.warehouse.replace import ensure_table
from journey_assets.warehouse.schema import Table
from journey_assets.warehouse.tables.channels import PROFILE_CHANNELS
from journey_assets.warehouse.tables.identity import PERSONS
from journey_assets.warehouse.tables.ledger import LEDGER
from journey_assets.warehouse.tables.raw import (
    AMPLITUDE_EVENTS,
    AMPLITUDE_USERS,
    CODED_EVENTS,
    EVENT_NAMES,
    EVENT_OWNERS,
    OWNER_DAYS,
)
from journey_assets.warehouse.windows import first_day

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_READ = (
    LEDGER,
    PERSONS,
    AMPLITUDE_USERS,
    EVENT_NAMES,
    EVENT_OWNERS,
    CODED_EVENTS,
    OWNER_DAYS,
    PROFILE_CHANNELS,
)
_EVENTS = f"{CATALOG}.{AMPLITUDE_EVENTS.full_name}"
_COPY = "copied"

#: Whose an owner's events are at an as_of, as the paths have them.
_OWNERS = """
SELECT owner
FROM journey_ids
LEFT JOIN (FROM journey_identified WHERE as_of = $as_of) AS identified USING (id)
LEFT JOIN journey_unidentified AS unidentified USING (id)
JOIN journey_names ON journey_names.person = coalesce(identified.person, unidentified.person)
WHERE owner IS NOT NULL AND list_contains($persons::VARCHAR[], person_id)
"""

_KNOWN = f"""
SELECT person_id, platform, country, plan, segment
FROM {PATHS.result}
LEFT JOIN (
    SELECT
        person_id,
        first(segment ORDER BY total DESC, profile_key) AS segment,
        first(plan ORDER BY total DESC, profile_key) FILTER (plan IS NOT NULL) AS plan
    FROM explored_profiles
    GROUP BY person_id
) USING (person_id)
"""


@dataclass(frozen=True)
class Persons:
    """What is known of the persons of a window: by person, by dimension."""

    known: Sequence[Mapping[str, str | None]]

    def counts(self, dimension: str) -> dict[str | None, int]:
        """How many persons have each value, the most first."""
        counts: dict[str | None, int] = {}
        for person in self.known:
            counts[person[dimension]] = counts.get(person[dimension], 0) + 1
        return dict(sorted(counts.items(), key=lambda each: (-each[1], str(each[0]))))

    def matching(self, where: Where) -> "Persons":
        """Those who have one of the values of each dimension."""
        return Persons(
            [
                person
                for person in self.known
                if all(person[dimension] in values for dimension, values in where.items())
            ]
        )

    def required(self, where: Where) -> "Persons":
        """Those who match; raises :class:`ExploreError` with near values when there is nobody."""
        found = self.matching(where)
        if found.known:
            return found
        asked = ", ".join(
            f"{dimension}={' or '.join(plain_name(value or UNKNOWN) for value in values)}"
            for dimension, values in where.items()
        )
        hints = ""
        for dimension, values in where.items():
            stored = [value for value in self.counts(dimension) if value is not None]
            for value in values:
                if value is not None and value not in stored:
                    near = did_you_mean(value, stored)
                    most = ", ".join(plain_name(each) for each in stored[:5]) or "none"
                    hints += near or f" Most persons have {dimension} {most}."
        raise ExploreError(f"Nobody in the window has {asked}.{hints}")


@contextmanager
def copied(session: Session, settings: Settings, last: date) -> Iterator[Session]:
    """A session over a copy of what the journeys of days until ``last`` read; ``session`` reads its own.

    The copy has no figures: of other persons none was published.
    """
    database, con = session.database, session.con
    with process_folder(database.path.parent / "spill") as folder:
        copy = Session(
            con,
            Database(
                folder / "persons.duckdb",
                memory_limit=database.memory_limit,
                key_given=hash_key(settings),
            ),
        )
        stale = bool(uncoded_days(session, date.min, last))
        whole = stale or bool(settings.step_property)
        tables = (*_READ, *((AMPLITUDE_EVENTS,) if whole else ()))
        with copy.writing():
            for table in tables:
                ensure_table(con, table)
        with session.reading():
            con.execute(
                f"ATTACH '{str(copy.database.path).replace(chr(39), chr(39) * 2)}' AS {_COPY}"
            )
            try:
                for table in tables:
                    _copy(con, table)
            finally:
                con.execute(f"DETACH {_COPY}")
        if not whole:
            with copy.writing():
                _leave_event_days(con)
        yield copy


def _copy(con: "DuckDBPyConnection", table: Table) -> None:
    columns = [name for name in table.column_names if name in stored_columns(con, table)]
    if columns:
        names = ", ".join(f'"{name}"' for name in columns)
        con.execute(
            f"INSERT INTO {_COPY}.{table.full_name} BY NAME "
            f"SELECT {names} FROM {CATALOG}.{table.full_name}"
        )


def _leave_event_days(con: "DuckDBPyConnection") -> None:
    """The days of events, which say that the codes are of them: more is not read of records here."""
    con.execute(
        f"CREATE OR REPLACE TABLE {_EVENTS} AS "
        f"SELECT event_date FROM {CATALOG}.{CODED_EVENTS.full_name}"
    )


def persons_of(
    copy: Session, settings: Settings, as_of: date, days: int, profiles: date
) -> Persons:
    """The persons of the window of ``days`` until ``as_of``; profiles: the as_of of what Segment knows."""
    con = copy.con
    # Persons are told apart, not their paths: those have no part in it.
    whole = settings.model_copy(
        update={
            "window_days": days,
            "path_unit": "person",
            "start_event": "",
            "end_event": "",
            "max_events": None,
        }
    )
    compute(copy, [as_of], whole, [PATHS])
    with copy.reading():
        con.execute(
            "CREATE OR REPLACE TEMP TABLE explored_profiles AS "
            f"SELECT * FROM {CATALOG}.{PROFILE_CHANNELS.full_name} WHERE as_of = ?",
            [profiles],
        )
    found = con.execute(_KNOWN)
    names = [str(column[0]) for column in found.description]
    return Persons([dict(zip(names, row, strict=True)) for row in found.fetchall()])


def keep(copy: Session, kept: Persons, as_of: date, days: int) -> None:
    """Take the events of all other persons out of the window that :func:`persons_of` looked at."""
    con, window = copy.con, [first_day(as_of, days), as_of]
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE explored_owners AS {_OWNERS}",
        {"as_of": as_of, "persons": [person["person_id"] for person in kept.known]},
    )
    of_window = "event_date BETWEEN ? AND ?"
    with copy.writing():
        if "amplitude_id" in stored_columns(con, AMPLITUDE_EVENTS):
            con.execute(
                f"DELETE FROM {_EVENTS} AS events WHERE {of_window} AND NOT EXISTS ("
                f"FROM {CATALOG}.{EVENT_OWNERS.full_name} AS owners JOIN explored_owners USING (owner) "
                "WHERE owners.amplitude_id = events.amplitude_id "
                "AND owners.user_id IS NOT DISTINCT FROM events.user_id)",
                window,
            )
        for table in (CODED_EVENTS, OWNER_DAYS):
            con.execute(
                f"DELETE FROM {CATALOG}.{table.full_name} WHERE {of_window} "
                "AND owner NOT IN (SELECT owner FROM explored_owners)",
                window,
            )
        if "amplitude_id" not in stored_columns(con, AMPLITUDE_EVENTS):
            _leave_event_days(con)
    con.execute("DROP TABLE explored_owners")


def keep_matching(copy: Session, settings: Settings, as_of: date, where: Where) -> None:
    """Leave the events of those who match ``where`` alone, in the window and in what it is compared with."""
    period = Periods.of(as_of, settings)
    windows = [(as_of, settings.window_days)]
    if period.then < first_day(as_of, settings.window_days) or period.then_first > as_of:
        windows.append((period.then, period.days))
    for last, days in windows:
        persons = persons_of(copy, settings, last, days, as_of)
        kept = persons.required(where) if last == as_of else persons.matching(where)
        keep(copy, kept, last, days)
