"""From staged files of Amplitude's events to ``raw.amplitude_events``, whatever source staged them.

Belongs here: reading the records, settling repeats and order (``amplitude_events.sql``), and the
store. Does not belong here: where the files come from (the modules of activity, export, archive).

A run replaces of its days only what its source stands for: rows uploaded in the hours that an export
read, rows of the users whose activity was read; an archive that somebody downloaded only adds. All
other stored rows of the days are joined to the records, and repeats and order are settled over both,
within the transaction that exchanges the days: there is one way into the table, no run takes away
what another stored, and what was read last does not show in the rows.

An event is the same under whatever day it comes: senders repeat uploads with another clock. Its first
upload counts, and stored rows of the days around lose an event, or keep it, by that rule too.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from journey_assets.raw.batches import FileBroken
from journey_assets.raw.ingested import Ingested
from journey_assets.raw.parse import SAME_REJECT, Parsed, parse_records
from journey_assets.vendors.errors import UnexpectedAnswer
from journey_assets.vendors.telling import telling
from journey_assets.warehouse.database import CATALOG, Session
from journey_assets.warehouse.replace import (
    Replacement,
    ensure_table,
    remove_rows,
    replace_partitions,
)
from journey_assets.warehouse.sql import sql_of
from journey_assets.warehouse.tables.raw import (
    AMPLITUDE_EVENTS,
    AMPLITUDE_READINGS,
    REJECTS,
)

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_SQL = sql_of(__package__, "amplitude_events")
_STORED = f"{CATALOG}.{AMPLITUDE_EVENTS.full_name}"
_READINGS = f"{CATALOG}.{AMPLITUDE_READINGS.full_name}"
_REJECTS = f"{CATALOG}.{REJECTS.full_name}"

#: The value that we add to records: the answer they came in.
_OWN = {"page": "BIGINT"}

#: The same event is looked for among the stored days so far around.
_AROUND = timedelta(days=7)

_HOUR = timedelta(hours=1)

#: So long before a day uploads are read for it: of clocks that run ahead.
AHEAD = timedelta(hours=12)

#: What names an event, whenever it was uploaded; NULL without any id.
_IDENTITY = (
    "CREATE OR REPLACE TEMP MACRO event_identity("
    "uuid, insert_id, amplitude_id, event_id, client_event_time, device_id) AS CASE "
    "WHEN uuid IS NOT NULL THEN 'u' || uuid "
    "WHEN insert_id IS NOT NULL THEN 'i' || amplitude_id || ' ' || insert_id "
    "WHEN event_id IS NOT NULL AND client_event_time IS NOT NULL "
    "THEN concat_ws(' ', 'e', event_id, epoch_us(client_event_time), device_id) END"
)
_NAMED_BY = "event_identity(uuid, insert_id, amplitude_id, event_id, client_event_time, device_id)"

#: SQL over stored rows: whether one is an event of the records, too.
_IS_FRESH = f"{_NAMED_BY} IN (SELECT {_NAMED_BY} FROM fresh_events)"


@dataclass(frozen=True, slots=True)
class Staged:
    """Records on disk and what they are.

    newest_first: whether each user's records stand newest first. hours: the first and last upload
    hour of which the files hold everything (UTC), None when the source does not go by hours.
    read_users: users whose activity the files hold in full, None when it does not go by users.
    of_users: only events of these Amplitude IDs are taken, None takes all. never_empty: files
    without an event of the days are an error.
    """

    files: Sequence[Path]
    newest_first: bool
    hours: tuple[datetime, datetime] | None = None
    read_users: Sequence[int] | None = None
    of_users: Sequence[int] | None = None
    never_empty: bool = False
    notes: tuple[str, ...] = ()
    facts: Mapping[str, int | float | str] | None = None

    def answered(self) -> str:
        """SQL over stored rows: those that the files hold anew, or that are there no more."""
        if self.hours is not None:
            begins, ends = (at.replace(tzinfo=None) for at in self.hours)
            return (
                f"coalesce(server_upload_time >= TIMESTAMP '{begins}' "
                f"AND server_upload_time < TIMESTAMP '{ends + _HOUR}', false)"
            )
        if self.read_users is not None:
            return "(amplitude_id IN (FROM read_users))"
        return "false"


def store_staged(
    session: Session, staged: Staged, first: date, last: date, log: Callable[[str], None]
) -> Ingested:
    """Store the staged events of the days ``first`` to ``last``; others are left out.

    log: is told every few seconds how far it is.
    Raises :class:`UnexpectedAnswer` when a file is cut, or holds nothing although it must; nothing
    is stored then.
    """
    parsed = _parse(session, staged, first, last, log)
    in_days, noted = _count(session, parsed.rows), _count(session, parsed.rejects)
    if staged.never_empty and not in_days:
        raise UnexpectedAnswer(
            "Amplitude",
            "export",
            f"none of the {parsed.records} records is an event of {first} to {last}",
        )
    with telling(log, lambda: f"Amplitude: storing the events of {first} … {last}"):
        stored, left = _store(session, staged, parsed, first, last)
    events = AMPLITUDE_EVENTS.full_name
    return Ingested(
        rows={events: stored[events]},
        rejects={events: noted},
        fields_read={events: parsed.fields},
        notes=staged.notes,
        facts={
            **(staged.facts or {}),
            "records_read": parsed.records,
            "records_unreadable": parsed.unusable,
            "records_of_other_days": parsed.elsewhere,
            "records_left_out": parsed.records - in_days,
            "repeats_dropped": _count(session, "read_events") - _count(session, "kept_events"),
        },
        left=left,
    )


def midnight(day: date) -> datetime:
    """The day's beginning, UTC."""
    return datetime.combine(day, time(), UTC)


def _parse(
    session: Session, staged: Staged, first: date, last: date, log: Callable[[str], None]
) -> Parsed:
    try:
        return parse_records(
            session.con,
            AMPLITUDE_EVENTS,
            staged.files,
            partition="event_time::DATE",
            first=first,
            last=last,
            own=_OWN,
            log=log,
        )
    except FileBroken as error:
        # The archive's checksums were right, so the vendor packed it so.
        again = "Run again; if it stays so, ask Amplitude's support about this export."
        raise UnexpectedAnswer(
            "Amplitude", "export", str(error), remedy=error.remedy or again
        ) from None


def _store(
    session: Session, staged: Staged, parsed: Parsed, first: date, last: date
) -> tuple[dict[str, dict[date, int]], frozenset[date]]:
    """Returns the rows by table and day, and the other days that lost rows to these."""
    days = f"BETWEEN DATE '{first}' AND DATE '{last}'"
    left: set[date] = set()

    _leave_fresh(session.con, staged, parsed)

    def prepare(con: "DuckDBPyConnection") -> None:
        for table in (AMPLITUDE_EVENTS, AMPLITUDE_READINGS, REJECTS):
            ensure_table(con, table)
        _join_stored(con, staged, first, last)
        con.execute(_SQL, {"newest_first": staged.newest_first})
        left.clear()  # where all is done again
        left.update(_settle_moved(con, staged, first, last))
        # What was noted of rows that stay is noted still.
        con.execute(
            f"INSERT INTO {parsed.rejects} BY NAME FROM {_REJECTS} AS old "
            f"ANTI JOIN {parsed.rejects} AS new ON {SAME_REJECT} "
            f"WHERE old.reject_date {days} AND old.table_name = '{AMPLITUDE_EVENTS.full_name}'"
        )

    columns = ", ".join(
        f"kept.{name}" if name == "source_order" else f"events.{name}"
        for name in AMPLITUDE_EVENTS.column_names
    )
    new = [
        Replacement(
            AMPLITUDE_EVENTS,
            f"SELECT {columns} FROM read_events AS events "
            "JOIN (FROM kept_events WHERE NOT elsewhere) AS kept USING (line_no)",
            answered=staged.answered(),
        ),
        Replacement(
            REJECTS, f"FROM {parsed.rejects}", where={"table_name": AMPLITUDE_EVENTS.full_name}
        ),
    ]
    if staged.read_users is not None:
        all_days = f"generate_series(DATE '{first}', DATE '{last}', INTERVAL 1 DAY)"
        new.append(
            Replacement(
                AMPLITUDE_READINGS,
                f"SELECT unnest({all_days})::DATE AS event_date, amplitude_id FROM read_users UNION "
                f"SELECT event_date, amplitude_id FROM {_READINGS} WHERE event_date {days}",
            )
        )
    stored = replace_partitions(
        session, first, last, *new, prepare=prepare, around=_AROUND, around_rows=_IS_FRESH
    )
    return stored, frozenset(day for day in left if not first <= day <= last)


def _leave_fresh(con: "DuckDBPyConnection", staged: Staged, parsed: Parsed) -> None:
    """View ``fresh_events``: the records; and macro ``event_identity``, table ``read_users``."""
    con.execute(_IDENTITY)
    _make_users(con, "read_users", staged.read_users or ())
    _make_users(con, "wanted_users", staged.of_users or ())
    wanted = "SEMI JOIN wanted_users USING (amplitude_id)" if staged.of_users is not None else ""
    con.execute(
        "CREATE OR REPLACE TEMP VIEW fresh_events AS SELECT *, false AS stored, false AS elsewhere, "
        f"{'-' if staged.newest_first else ''}line_no AS place FROM {parsed.rows} {wanted}"
    )


def _join_stored(con: "DuckDBPyConnection", staged: Staged, first: date, last: date) -> None:
    """View ``read_events``: the records, the stored rows that stay, and the same events elsewhere.

    Stored rows have numbers below those of the records, in the order that keeps their rank.
    """
    days = f"event_date BETWEEN DATE '{first}' AND DATE '{last}'"
    around = f"event_date BETWEEN DATE '{first - _AROUND}' AND DATE '{last + _AROUND}'"
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE stored_events AS SELECT * REPLACE (-place AS line_no) FROM ("
        "SELECT *, -1::BIGINT AS page, true AS stored, 0::BIGINT AS line_no, row_number() OVER "
        "(ORDER BY amplitude_id, event_time, source_order) AS place FROM ("
        f"SELECT *, false AS elsewhere FROM {_STORED} WHERE {days} AND NOT {staged.answered()} "
        f"UNION ALL SELECT *, true AS elsewhere FROM {_STORED} WHERE {around} AND NOT ({days}) "
        f"AND {_IS_FRESH}))"
    )
    con.execute(
        "CREATE OR REPLACE TEMP VIEW read_events AS FROM fresh_events UNION ALL BY NAME "
        "SELECT * EXCLUDE (source_order) FROM stored_events"
    )


def _make_users(con: "DuckDBPyConnection", name: str, users: Sequence[int]) -> None:
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT unnest($users::BIGINT[]) AS amplitude_id",
        {"users": list(users)},
    )


def _settle_moved(
    con: "DuckDBPyConnection", staged: Staged, first: date, last: date
) -> frozenset[date]:
    """Take events that now stand under another day away from the old one, and close its ranks.

    A day of the run that only lost them to another has not shrunk. Returns the days that lost some.
    """
    con.execute(
        "CREATE OR REPLACE TEMP TABLE moved_events AS SELECT event_date, amplitude_id, event_time, "
        "source_order FROM stored_events ANTI JOIN kept_events USING (line_no) WHERE elsewhere "
        "UNION ALL SELECT event_date, amplitude_id, event_time, source_order FROM ("
        f"SELECT *, {_NAMED_BY} AS identity FROM {_STORED} "
        f"WHERE event_date BETWEEN DATE '{first}' AND DATE '{last}' AND {staged.answered()}) AS old "
        f"SEMI JOIN (SELECT event_date, {_NAMED_BY} AS identity FROM fresh_events "
        "SEMI JOIN kept_events USING (line_no)) AS new "
        "ON old.identity = new.identity AND old.event_date <> new.event_date"
    )
    moved = "(event_date, amplitude_id, event_time, source_order) IN (FROM moved_events)"
    left = remove_rows(con, AMPLITUDE_EVENTS, moved)
    if not left:
        return left
    con.execute(
        f"UPDATE {_STORED} AS events SET source_order = source_order - (SELECT count(*) "
        "FROM moved_events AS moved WHERE moved.amplitude_id = events.amplitude_id "
        "AND moved.event_time = events.event_time AND moved.source_order < events.source_order) "
        "WHERE (amplitude_id, event_time) IN (SELECT (amplitude_id, event_time) FROM moved_events)"
    )
    return left


def _count(session: Session, table: str) -> int:
    return int(session.con.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0])
