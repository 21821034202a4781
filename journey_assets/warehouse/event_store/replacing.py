"""Replacing days of a store, by the rules of every replacement.

Belongs here: what differs from a replacement in the database, which is where it is done. The days that
a run replaces, and those around that it may take rows from, are copied from the store into a scratch
database; there :func:`journey_assets.warehouse.replace.exchange` does what it does everywhere: guards,
checks, forgotten persons, counts. The days that came out changed are laid down as files. None of this
holds the database's lock. Only then the database is opened, for the moment in which the small tables
of the same run are exchanged and the days published (:mod:`.days`). Where another run published a
version meanwhile, all of it is done again on what that run stored.

Two runs may also store one event under two days, each blind to the other's. Who publishes looks once
more: of two who were at it together one at least sees the other's rows, and settles them by doing it
again.
"""

import random
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from journey_assets.warehouse.columns import columns_within
from journey_assets.warehouse.database import CATALOG, Session
from journey_assets.warehouse.event_store.address import StoreAddress
from journey_assets.warehouse.event_store.days import (
    DAYS,
    GRACE_SECONDS,
    Conflict,
    Day,
    present_days,
    publish,
)
from journey_assets.warehouse.event_store.days import kept_out as kept_out_in
from journey_assets.warehouse.event_store.mirror import (
    files_sql,
    note,
    write_ledger,
)
from journey_assets.warehouse.event_store.objects import Objects
from journey_assets.warehouse.event_store.writing import lay_down, new_run
from journey_assets.warehouse.folders import process_folder
from journey_assets.warehouse.tables.ledger import LEDGER
from journey_assets.warehouse.tables.privacy import FORGOTTEN
from journey_assets.warehouse.tables.raw import AMPLITUDE_EVENTS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from journey_assets.warehouse.replace import Counts, Exchange
    from journey_assets.warehouse.schema import Table

#: So often a run does its days again because of others before it gives up.
_TRIES = 12
_PAUSE_SECONDS = 0.2

EVENTS = f"{CATALOG}.{AMPLITUDE_EVENTS.full_name}"
_LEDGER = f"{CATALOG}.{LEDGER.full_name}"


@dataclass(frozen=True)
class _Drafts:
    """Days to publish, with the versions of all days that were read."""

    days: Sequence[Day]
    read: dict[date, Day]
    counts: "Counts"


def replace_in_store(session: Session, address: StoreAddress, asked: "Exchange") -> "Counts":
    """Exchange the days and the small tables of ``asked``; returns what :func:`exchange` does.

    Raises what that does, :class:`.objects.StoreError`, and :class:`.days.Conflict` when other runs
    replace the same days again and again.
    """
    for attempt in range(_TRIES):
        begun = time.monotonic()
        with process_folder(session.database.path.parent / "spill") as folder:
            drafts, kept_out = _draft(session, address, asked, folder)
        if time.monotonic() - begun > GRACE_SECONDS / 2:
            continue  # what was read may have been swept, and its version given anew
        try:
            counts = _commit(session, address, asked, drafts, kept_out)
        except Conflict:
            if attempt + 1 == _TRIES:
                raise
        else:
            if not (
                _somebody_forgotten(session, address, kept_out)
                or _crossed(session, address, asked, drafts)
            ):
                return counts
        time.sleep(random.uniform(0, _PAUSE_SECONDS) * (attempt + 1))  # noqa: S311 - jitter
    raise Conflict(
        f"Other runs replace events of {asked.first} to {asked.last} again and again: run again when "
        "they are done."
    )


def _draft(
    session: Session, address: StoreAddress, asked: "Exchange", folder: Path
) -> tuple[_Drafts, frozenset[str]]:
    """Do the exchange on a copy and lay its days down; also returns who is kept out."""
    from journey_assets.warehouse.replace import exchange

    objects, con = address.objects(), session.con
    small = [each.table for each in asked.replacements if each.table is not AMPLITUDE_EVENTS]
    kept_out = _copy_small(session, [*small, FORGOTTEN], asked)
    read = present_days(objects, asked.first - asked.around, asked.last + asked.around)
    with scratch(session, folder):
        _paste_small(con, [*small, FORGOTTEN])
        load_days(con, objects, [read[day] for day in _wanted(con, objects, asked, read)])
        events = asked.only([each for each in asked.replacements if each.table is AMPLITUDE_EVENTS])
        con.execute("BEGIN")
        counts = exchange(con, session.database, events)
        con.execute("COMMIT")
        days = lay_down_days(con, objects, changed_days(con, read), read, folder)
        _keep_learned(con)
    return _Drafts(days, read, counts), kept_out


def _commit(
    session: Session,
    address: StoreAddress,
    asked: "Exchange",
    drafts: _Drafts,
    kept_out: frozenset[str],
) -> "Counts":
    from journey_assets.warehouse.replace import exchange

    small = [each for each in asked.replacements if each.table is not AMPLITUDE_EVENTS]
    with session.writing() as con:
        if _kept_out(con) != kept_out:
            raise Conflict("Persons were forgotten meanwhile: run again.")
        _remember_learned(con)
        counts = exchange(con, session.database, asked.only(small)) if small else {}
        publish(address.objects(), drafts.days)
        note(con, address, drafts.days)
    return counts | drafts.counts


def _crossed(session: Session, address: StoreAddress, asked: "Exchange", drafts: _Drafts) -> bool:
    """Whether a day around was replaced meanwhile and has rows that this run looks for."""
    if not asked.around_rows:
        return False
    objects = address.objects()
    ours = {day.day for day in drafts.days}
    now = present_days(objects, asked.first - asked.around, asked.last + asked.around)
    changed = {
        day: each
        for day, each in now.items()
        if day not in ours and (day not in drafts.read or drafts.read[day].version != each.version)
    }
    return bool(_touched(session.con, objects, asked, changed))


def _somebody_forgotten(session: Session, address: StoreAddress, kept_out: frozenset[str]) -> bool:
    """Whether somebody was forgotten, wherever, whose rows may have been stored by this run."""
    listed = {id_hash for _, id_hash in kept_out_in(address.objects().list(DAYS))}
    learned = session.con.execute("SELECT id_hash FROM learned_forgotten").fetchall()
    return bool(listed - kept_out - {id_hash for (id_hash,) in learned})


def _wanted(
    con: "DuckDBPyConnection", objects: Objects, asked: "Exchange", read: dict[date, Day]
) -> list[date]:
    """The days to copy: those that are replaced, and those around that have rows looked for."""
    own = {day for day in read if asked.first <= day <= asked.last}
    others = {day: each for day, each in read.items() if day not in own}
    return sorted(own | _touched(con, objects, asked, others))


def _touched(
    con: "DuckDBPyConnection", objects: Objects, asked: "Exchange", days: dict[date, Day]
) -> set[date]:
    """Of the days, those that have rows looked for."""
    if not asked.around_rows or not (selects := _selects(objects, list(days.values()))):
        return set()
    rows = con.execute(
        f"SELECT DISTINCT event_date FROM ({selects}) WHERE {asked.around_rows}"
    ).fetchall()
    return {day for (day,) in rows}


@contextmanager
def scratch(session: Session, folder: Path) -> Iterator[None]:
    """A database of this process in the place of the real one, with nothing but a ledger."""
    from journey_assets.warehouse.replace import ensure_table

    con = session.con
    path = str(folder / "scratch.duckdb").replace("'", "''")
    con.execute(f"ATTACH '{path}' AS {CATALOG} (STORAGE_VERSION 'latest')")
    try:
        for table in (LEDGER, AMPLITUDE_EVENTS):
            ensure_table(con, table)
        yield
    except BaseException:
        _roll_back(con)
        raise
    finally:
        con.execute(f"DETACH {CATALOG}")


def _roll_back(con: "DuckDBPyConnection") -> None:
    import duckdb

    with suppress(duckdb.TransactionException):  # none was open
        con.execute("ROLLBACK")


def load_days(con: "DuckDBPyConnection", objects: Objects, days: Sequence[Day]) -> None:
    """Copy the rows of days, and the ledger's, into the attached scratch database."""
    if selects := _selects(objects, days):
        names = ", ".join(AMPLITUDE_EVENTS.column_names)
        con.execute(f"INSERT INTO {EVENTS} BY NAME SELECT {names} FROM ({selects})")
    if kept := [day for day in days if not day.removed]:
        write_ledger(con, kept)


def _selects(objects: Objects, days: Sequence[Day]) -> str:
    """SQL: the rows of days, empty when they have no file."""
    by_columns: dict[tuple[str, ...], list[str]] = {}
    for day in days:
        by_columns.setdefault(tuple(day.columns), []).extend(file.name for file in day.files)
    return " UNION ALL ".join(
        files_sql(objects, files, columns) for columns, files in by_columns.items() if files
    )


def changed_days(con: "DuckDBPyConnection", read: Mapping[date, Day]) -> list[date]:
    """The days that were written in the attached scratch database."""
    rows = con.execute(
        f"SELECT partition, written_at::VARCHAR FROM {_LEDGER} WHERE table_name = ? ORDER BY ALL",
        [AMPLITUDE_EVENTS.full_name],
    ).fetchall()
    return [day for day, at in rows if day not in read or read[day].ledger.get("written_at") != at]


def lay_down_days(
    con: "DuckDBPyConnection",
    objects: Objects,
    days: Collection[date],
    read: dict[date, Day],
    folder: Path,
) -> list[Day]:
    """The days' rows in the attached scratch database as files, to be published after ``read``."""
    run = new_run()
    return [
        lay_down(
            con, objects, EVENTS, day, read[day].version + 1 if day in read else 1, run, folder
        )
        for day in sorted(days)
    ]


def _copy_small(session: Session, tables: Sequence["Table"], asked: "Exchange") -> frozenset[str]:
    """Copy the run's days of small tables, and who is kept out, into the session."""
    with session.reading() as con:
        for table in tables:
            rows = (
                f"FROM {CATALOG}.{table.full_name} WHERE "
                + (
                    "true"
                    if table is FORGOTTEN
                    else f"{table.partition} BETWEEN DATE '{asked.first}' AND DATE '{asked.last}'"
                )
                if columns_within(con, table)
                else _empty(table)
            )
            con.execute(f"CREATE OR REPLACE TEMP TABLE copied_{table.name} AS {rows}")
        return _kept_out(con)


def _empty(table: "Table") -> str:
    columns = ", ".join(f'NULL::{column.type} AS "{column.name}"' for column in table.columns)
    return f"SELECT {columns} WHERE false"


def _paste_small(con: "DuckDBPyConnection", tables: Sequence["Table"]) -> None:
    from journey_assets.warehouse.replace import ensure_table

    for table in tables:
        ensure_table(con, table)
        con.execute(f"INSERT INTO {CATALOG}.{table.full_name} BY NAME FROM copied_{table.name}")


def _kept_out(con: "DuckDBPyConnection") -> frozenset[str]:
    if not columns_within(con, FORGOTTEN):
        return frozenset()
    rows = con.execute(f"SELECT id_hash FROM {CATALOG}.{FORGOTTEN.full_name}").fetchall()
    return frozenset(str(each) for (each,) in rows)


def _keep_learned(con: "DuckDBPyConnection") -> None:
    """Remember what the exchange learned of forgotten persons."""
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE learned_forgotten AS FROM {CATALOG}.{FORGOTTEN.full_name} "
        "ANTI JOIN copied_forgotten USING (id_hash)"
    )


def _remember_learned(con: "DuckDBPyConnection") -> None:
    from journey_assets.warehouse.replace import ensure_table

    if con.execute("SELECT 1 FROM learned_forgotten LIMIT 1").fetchall():
        ensure_table(con, FORGOTTEN)
        con.execute(f"INSERT INTO {CATALOG}.{FORGOTTEN.full_name} BY NAME FROM learned_forgotten")
