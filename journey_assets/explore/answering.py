"""Answering a question: the figures, computed over the stored events and kept beside the database.

Belongs here: which day is meant, what of the store the answer stands on, where the answer is kept. The
database is opened for reading alone.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from journey_assets.explore.answer import Breakdown, Exploration
from journey_assets.explore.before import PATHS_BEFORE, leave_paths_before
from journey_assets.explore.persons import copied, keep_matching, persons_of
from journey_assets.explore.question import (
    OTHER,
    UNKNOWN,
    ExploreError,
    Question,
    checked_dimension,
)
from journey_assets.journeys.compute import compute
from journey_assets.journeys.statistics import CLAIMING, TABLES
from journey_assets.places import private_folder
from journey_assets.raw.coded_events import uncoded_days
from journey_assets.settings import Settings
from journey_assets.warehouse.columns import stored_columns
from journey_assets.warehouse.database import CATALOG, Database, Session
from journey_assets.warehouse.explored import explored_folder
from journey_assets.warehouse.folders import process_folder
from journey_assets.warehouse.pseudonyms import hash_key
from journey_assets.warehouse.replace import Replacement, replace_partitions
from journey_assets.warehouse.tables.channels import PROFILE_CHANNELS
from journey_assets.warehouse.tables.identity import PERSONS
from journey_assets.warehouse.tables.ledger import LEDGER
from journey_assets.warehouse.tables.raw import AMPLITUDE_EVENTS
from journey_assets.warehouse.windows import copy_stored, first_day

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: Most values of a dimension that stand alone in a breakdown.
_MOST_VALUES = 12


def explore(
    base: Settings, as_of: date | None, where: Mapping[str, Any], by: str, **given: Any
) -> "Exploration | Breakdown":
    """The answer, from what is kept of the same question or computed now."""
    database = Database.of(base)
    with database.session() as session:
        day = _day(session, as_of)
        question = Question.of(day, base, where, **given)
        versions = _versions(session)
        if {"plan", "segment"} & {*question.where, by}:
            _require_profiles(session, day)
        if not by:
            return _answer(session, question, versions)
        groups = _groups(session, question, checked_dimension(by))
        return Breakdown(
            by,
            {
                name: _answer(
                    session,
                    replace(question, where={**question.where, by: values}),
                    versions,
                )
                for name, values in groups.items()
            },
        )


def _answer(session: Session, question: Question, versions: str) -> Exploration:
    folder = explored_folder(session.database.path.parent)
    path = folder / f"{question.key(versions)}.duckdb"
    if not path.exists():
        private_folder(folder)
        with process_folder(session.database.path.parent / "spill") as scratch:
            made = scratch / path.name
            _compute(session, question, made)
            made.replace(path)
    return Exploration(question, path)


def _compute(session: Session, question: Question, path: Path) -> None:
    """Write the figures into a database of their own at ``path``."""
    settings, day = question.settings, question.as_of
    if question.where or uncoded_days(session, date.min, day):
        with copied(session, settings, day) as copy:
            if question.where:
                keep_matching(copy, settings, day, question.where)
            compute(copy, [day], settings, TABLES)
        if question.where:
            _leave_nothing_new(session.con)
    else:
        compute(session, [day], settings, TABLES)
    tables = TABLES
    if question.before:
        leave_paths_before(session.con, settings)
        tables = (*TABLES, PATHS_BEFORE)
    window = (first_day(day, settings.window_days), day)
    with session.reading():
        copy_stored(
            session.con,
            LEDGER,
            LEDGER.column_names,
            window,
            "explored_ledger",
            f"table_name = '{AMPLITUDE_EVENTS.full_name}'",
        )
    kept = Session(session.con, Database(path, key_given=hash_key(settings), settings=settings))
    replace_partitions(kept, day, day, *(Replacement(t, f"FROM {t.result}") for t in tables))
    with kept.writing() as con:
        con.execute(f"INSERT INTO {CATALOG}.{LEDGER.full_name} BY NAME FROM explored_ledger")


def _leave_nothing_new(con: "DuckDBPyConnection") -> None:
    """Of some persons alone no report was published that could have held a claim before."""
    for table in CLAIMING:
        con.execute(f"UPDATE {table.result} SET is_new = NULL")


def _groups(session: Session, question: Question, by: str) -> dict[str, tuple[str | None, ...]]:
    """The values that stand alone, and those of few persons together: their sum is everybody."""
    settings, day = question.settings, question.as_of
    with copied(session, settings, day) as copy:
        persons = persons_of(copy, settings, day, settings.window_days, day)
    counts = persons.required(question.where).counts(by)
    alone = [v for v, n in counts.items() if n >= settings.min_persons][:_MOST_VALUES]
    groups: dict[str, tuple[str | None, ...]] = {
        UNKNOWN if value is None else value: (value,) for value in alone
    }
    if rest := tuple(value for value in counts if value not in alone):
        groups[OTHER] = rest
    return groups


def _day(session: Session, asked: date | None) -> date:
    """The day asked for, or the newest with events and, where there are any, with persons."""
    stored = _stored(session)
    events, persons = (stored.get(t.full_name, set()) for t in (AMPLITUDE_EVENTS, PERSONS))
    if not events:
        raise ExploreError("No event is stored: materialize raw/amplitude_events first.")
    if asked is None:
        return max(events & persons or events)
    if persons and asked not in persons:
        raise ExploreError(
            f"Who is who as of {asked} was never computed. Run: dagster asset materialize "
            f"-m journey_assets --select identity/persons --partition {asked}"
        )
    return asked


def _stored(session: Session) -> dict[str, set[date]]:
    with session.reading() as con:
        if not stored_columns(con, LEDGER):
            return {}
        rows = con.execute(
            f"SELECT table_name, partition FROM {CATALOG}.{LEDGER.full_name}"
        ).fetchall()
    found: dict[str, set[date]] = {}
    for name, day in rows:
        found.setdefault(name, set()).add(day)
    return found


def _require_profiles(session: Session, day: date) -> None:
    if day not in _stored(session).get(PROFILE_CHANNELS.full_name, set()):
        raise ExploreError(
            f"Plans and segments as of {day} were never computed. Run: dagster asset materialize "
            f"-m journey_assets --select channels/profile_channels --partition {day}"
        )


def _versions(session: Session) -> str:
    """A hash of what the ledger says of the store: when it changes, questions are answered anew."""
    with session.reading() as con:
        rows = con.execute(
            f"SELECT table_name, partition, rows, written_at FROM {CATALOG}.{LEDGER.full_name} "
            "ORDER BY ALL"
        ).fetchall()
    return hashlib.sha256(json.dumps(rows, default=str).encode()).hexdigest()
