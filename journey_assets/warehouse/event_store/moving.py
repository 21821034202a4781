"""The events of a database into a store, and back.

Belongs here: moving them day by day, comparing each day row by row, and the one transaction at the end
in which the database changes from tables to views of the store, or back. Until then everything reads
what it read before. Whoever is killed begins where he was: days that are moved and the same are passed
over. Does not belong here: the commands.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from journey_assets.warehouse.columns import columns_within
from journey_assets.warehouse.database import CATALOG, Database, Session, WarehouseError
from journey_assets.warehouse.event_store.address import StoreAddress
from journey_assets.warehouse.event_store.days import (
    Day,
    came_from,
    present_days,
    publish,
    read_days,
    sweep,
    versions_of,
)
from journey_assets.warehouse.event_store.mirror import (
    drop_tables,
    drop_views,
    files_sql,
    is_mirror,
    note,
)
from journey_assets.warehouse.event_store.objects import Objects
from journey_assets.warehouse.event_store.writing import lay_down, new_run
from journey_assets.warehouse.folders import process_folder
from journey_assets.warehouse.origins import OF_EVENTS, ORIGINS
from journey_assets.warehouse.replace import ensure_table
from journey_assets.warehouse.rewrite import rewrite
from journey_assets.warehouse.tables.ledger import LEDGER
from journey_assets.warehouse.tables.raw import AMPLITUDE_EVENTS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: Where the rows gather on their way back.
MOVING = replace(AMPLITUDE_EVENTS, name="amplitude_events_moving", asset=False)

_EVENTS = f"{CATALOG}.{AMPLITUDE_EVENTS.full_name}"
_MOVING = f"{CATALOG}.{MOVING.full_name}"
_LEDGER = f"{CATALOG}.{LEDGER.full_name}"
_COLUMNS = ", ".join(f'"{name}"' for name in AMPLITUDE_EVENTS.column_names)

#: How the runs begin that lay moved days down: what differs from the database is theirs to replace.
_RUN = "moved-"

Log = Callable[[str], None]


@dataclass(frozen=True)
class Moved:
    """What was done: days and rows that were moved now, and days that had been moved before."""

    days: int
    rows: int
    before: int


def migrate(database: Database, log: Log, *, back: bool) -> list[str]:
    """Move the events; returns what was done, and what is left to do, in sentences."""
    moved = (move_back if back else move_in)(database, log)
    store = database.event_store.location if database.event_store else ""
    place = str(database.path) if back else store
    lines = [
        f"{moved.rows} events of {moved.days} days moved to {place} and compared row by row; "
        f"{moved.before} days were there before."
    ]
    if back:
        lines.append(
            "Now unset JOURNEY_EVENT_STORE, wherever runs start. What is left in the store is not "
            f"used any more; it holds personal data: remove it when you no longer need it: {store}"
        )
    return lines


def move_in(database: Database, log: Log) -> Moved:
    """Move the events of ``database`` into its event store; it is a mirror of the store then.

    Raises :class:`WarehouseError` when the setting is missing, or when the store has other events of
    one of the days that no move put there.
    """
    address = _address(database)
    objects = address.objects()
    # Without the store the database is what it was.
    with replace(database, event_store=None).session() as session:
        objects.register(session.con)
        with session.attached(read_only=True) as con:
            if is_mirror(con):
                return Moved(0, 0, len(versions_of(objects)))
        with session.writing():
            pass  # a file of an earlier version is brought up to date
        moved, before = _lay_down_all(session, objects, log)
        _become_mirror(session, address, objects)
        rewrite(session)
    sweep(objects, replaced=True)
    return Moved(len(moved), sum(day.rows for day in moved), before)


def move_back(database: Database, log: Log) -> Moved:
    """Move the events of the store back into ``database``. The store is left as it is.

    Raises :class:`WarehouseError` when the setting is missing.
    """
    address = _address(database)
    moved = rows = before = 0
    with database.session() as session:
        with session.writing() as con:
            ensure_table(con, MOVING)
            versions = _versions(con, AMPLITUDE_EVENTS.full_name)
        for day, version in versions.items():
            with session.writing() as con:
                if _versions(con, MOVING.full_name).get(day) == version:
                    before += 1
                    continue
                rows += _bring(con, day)
                moved += 1
            log(f"Events of {day} are back in the database.")
    with database.session() as session, session.writing() as con:
        _become_tables(con, address)
    return Moved(moved, rows, before)


def _address(database: Database) -> StoreAddress:
    if database.event_store is None:
        raise WarehouseError(
            "JOURNEY_EVENT_STORE is not set: name the event store to move to or from."
        )
    return database.event_store


def _lay_down_all(session: Session, objects: Objects, log: Log) -> tuple[list[Day], int]:
    """Returns the days that were moved now, and how many were moved and the same before."""
    with session.reading() as con:
        days = sorted({*_versions(con, AMPLITUDE_EVENTS.full_name), *_days_with_rows(con)})
    present = present_days(objects, days[0], days[-1]) if days else {}
    moved = []
    for day in days:
        with (
            process_folder(session.database.path.parent / "spill") as folder,
            session.reading() as con,
        ):
            there = present.get(day)
            if there and not there.removed:
                if _same(con, objects, there):
                    continue
                if not there.run.startswith(_RUN):
                    raise WarehouseError(
                        f"The event store has other events of {day} than the database, and no move put "
                        "them there. Name an empty store, or take that day's manifests out of it."
                    )
            version = there.version + 1 if there else 1
            new = lay_down(con, objects, _EVENTS, day, version, _RUN + new_run(), folder)
            if not _same(con, objects, new):
                raise WarehouseError(
                    f"The events of {day} do not read from the event store as they were written. Nothing "
                    "was changed in the database."
                )
        publish(objects, [new])
        moved.append(new)
        log(f"{new.rows} events of {day} are in the event store.")
    return moved, len(days) - len(moved)


def _same(con: "DuckDBPyConnection", objects: Objects, day: Day) -> bool:
    """Whether the day's files and the attached database hold the same rows, each as often."""
    own = f"SELECT {_COLUMNS} FROM {_EVENTS} WHERE event_date = DATE '{day.day}'"
    ((count,),) = con.execute(f"SELECT count(*) FROM ({own})").fetchall()
    if count != day.rows:
        return False
    if not day.files:
        return True
    rows = files_sql(objects, [file.name for file in day.files], [*day.columns])
    return _none(con, f"{own} EXCEPT ALL SELECT {_COLUMNS} FROM ({rows})")


def _none(con: "DuckDBPyConnection", select: str) -> bool:
    return not con.execute(f"SELECT 1 FROM ({select}) LIMIT 1").fetchall()


def _days_with_rows(con: "DuckDBPyConnection") -> list[date]:
    if not columns_within(con, AMPLITUDE_EVENTS):
        return []
    rows = con.execute(f"SELECT DISTINCT event_date FROM {_EVENTS}").fetchall()
    return [day for (day,) in rows]


def _versions(con: "DuckDBPyConnection", name: str) -> dict[date, str]:
    """When the days of a table were written, as the ledger has it."""
    if not columns_within(con, LEDGER):
        return {}
    return dict(
        con.execute(
            f"SELECT partition, written_at::VARCHAR FROM {_LEDGER} WHERE table_name = ? ORDER BY ALL",
            [name],
        ).fetchall()
    )


def _become_mirror(session: Session, address: StoreAddress, objects: Objects) -> None:
    """Put views of the store in the tables' place, if nobody has written to them since."""
    present = read_days(objects, versions_of(objects))
    moved = {day.day: day.ledger.get("written_at") for day in present}
    with session.writing() as con:
        now = _versions(con, AMPLITUDE_EVENTS.full_name)
        late = [day for day, at in now.items() if moved.get(day) != at]
        if late:
            raise WarehouseError(
                f"Events of {late[0]} were stored in the database while they were moved: run again, "
                "with no other run under way."
            )
        if columns_within(con, ORIGINS):
            for (host,) in con.execute(
                f"SELECT host FROM {CATALOG}.{ORIGINS.full_name} WHERE vendor = ?", [OF_EVENTS]
            ).fetchall():
                came_from(objects, host)
        drop_tables(con)
        note(con, address, present)


def _bring(con: "DuckDBPyConnection", day: date) -> int:
    """Copy a day's rows into the table on the way back, and compare them."""
    of_day = f"WHERE event_date = DATE '{day}'"
    con.execute(f"DELETE FROM {_MOVING} {of_day}")
    con.execute(f"INSERT INTO {_MOVING} BY NAME SELECT {_COLUMNS} FROM {_EVENTS} {of_day}")
    for one, other in ((_EVENTS, _MOVING), (_MOVING, _EVENTS)):
        if not _none(
            con,
            f"SELECT {_COLUMNS} FROM {one} {of_day} EXCEPT ALL SELECT {_COLUMNS} FROM {other} {of_day}",
        ):
            raise WarehouseError(
                f"The events of {day} do not read as they were written. Run again."
            )
    con.execute(
        f"DELETE FROM {_LEDGER} WHERE table_name = ? AND partition = ?", [MOVING.full_name, day]
    )
    con.execute(
        f"INSERT INTO {_LEDGER} SELECT * REPLACE (? AS table_name) FROM {_LEDGER} "
        "WHERE table_name = ? AND partition = ?",
        [MOVING.full_name, AMPLITUDE_EVENTS.full_name, day],
    )
    ((rows,),) = con.execute(f"SELECT count(*) FROM {_MOVING} {of_day}").fetchall()
    return int(rows)


def _become_tables(con: "DuckDBPyConnection", address: StoreAddress) -> None:
    """Put the table in the views' place, if it holds every day as the store has it."""
    if _versions(con, MOVING.full_name) != _versions(con, AMPLITUDE_EVENTS.full_name):
        raise WarehouseError(
            f"Events were stored in {address.location} while they were moved: run again, with no other "
            "run under way."
        )
    drop_views(con)
    con.execute(f"ALTER TABLE {_MOVING} RENAME TO {AMPLITUDE_EVENTS.name}")
    con.execute(
        f"UPDATE {_LEDGER} SET table_name = ? WHERE table_name = ?",
        [AMPLITUDE_EVENTS.full_name, MOVING.full_name],
    )
