"""A database with hand-made raw rows, and identity computed over it, for the identity tests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from journey_assets.identity.compute import compute
from journey_assets.settings import Settings
from journey_assets.warehouse.database import Database, Session
from journey_assets.warehouse.replace import ensure_table
from journey_assets.warehouse.schema import Table
from journey_assets.warehouse.tables.identity import TABLES
from journey_assets.warehouse.tables.raw import (
    AMPLITUDE_EVENTS,
    AMPLITUDE_USERS,
    MAVENOID_CONVERSATIONS,
    SEGMENT_EXTERNAL_IDS,
    SEGMENT_PROFILES,
)

#: The as_of of a test that needs only one.
DAY = date(2026, 5, 31)

KEY = "a key for tests"

Row = Mapping[str, object]


@dataclass
class Raw:
    """Rows of the raw tables; a table left None was never materialized."""

    events: Sequence[Row] | None = None
    users: Sequence[Row] | None = None
    profiles: Sequence[Row] | None = None
    external_ids: Sequence[Row] | None = None
    conversations: Sequence[Row] | None = None

    def tables(self) -> dict[Table, Sequence[Row] | None]:
        return {
            AMPLITUDE_EVENTS: self.events,
            AMPLITUDE_USERS: self.users,
            SEGMENT_PROFILES: self.profiles,
            SEGMENT_EXTERNAL_IDS: self.external_ids,
            MAVENOID_CONVERSATIONS: self.conversations,
        }


def event(
    amplitude_id: int, user_id: str | None, day: date = DAY, device: str | None = None
) -> Row:
    return {
        "event_date": day,
        "amplitude_id": amplitude_id,
        "user_id": user_id,
        "event_type": "open",
        "event_time": day,
        "source_order": 0,
        "device_id": device,
    }


def tracked(amplitude_id: int | None, user_id: str | None, **more: object) -> Row:
    given = {"event_date": DAY, "requested_id": "r", "status": "ok"}
    return given | {"amplitude_id": amplitude_id, "user_id": user_id} | more


def profile(key: str, email: str | None = None, day: date = DAY) -> Row:
    return {"snapshot_date": day, "profile_key": key, "email": email}


def external_id(key: str, id_type: str, value: str, day: date = DAY) -> Row:
    return {"snapshot_date": day, "profile_key": key, "id_type": id_type, "id_value": value}


def conversation(id_: str, form: str, day: date = DAY) -> Row:
    return {"conversation_date": day, "id": id_, "created_at": day, "form_data": form}


def resolved(
    folder: Path,
    raw: Raw,
    days: Sequence[date] = (DAY,),
    window_days: int = 30,
    **given: object,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The rows of identity.persons and identity.coverage for ``days``."""
    settings = Settings.checked({"hash_key": KEY, "window_days": window_days, **given})
    with Database(folder / "identity.duckdb").session() as session:
        with session.writing() as con:
            for table, rows in raw.tables().items():
                if rows is not None:
                    ensure_table(con, table)
                    for row in rows:
                        con.execute(
                            f"INSERT INTO store.{table.full_name} ({', '.join(row)}) "
                            f"VALUES ({', '.join('?' * len(row))})",
                            list(row.values()),
                        )
        compute(session, days, settings, TABLES)
        persons, coverage = (_rows(session, table) for table in TABLES)
    return persons, coverage


def _rows(session: Session, table: Table) -> list[dict[str, Any]]:
    names = table.column_names
    rows = session.con.execute(f"SELECT {', '.join(names)} FROM {table.result} ORDER BY ALL")
    return [dict(zip(names, row, strict=True)) for row in rows.fetchall()]


def last_days(count: int) -> list[date]:
    return [DAY - timedelta(days=back) for back in reversed(range(count))]
