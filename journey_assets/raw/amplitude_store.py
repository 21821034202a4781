"""From staged files of Amplitude's events to ``raw.amplitude_events``, whatever source staged them.

Belongs here: reading the records, settling repeats and order (``amplitude_events.sql``), and the
store. Does not belong here: where the files come from (the modules of activity, export, archive).

A run replaces its days by what its source says, or adds to what is stored: a pass over new users
only, or an archive that somebody downloaded. Adding joins the stored rows to the records read,
settles repeats and order over both, and replaces the days by all of them: there is one way into the
table, and nothing that is stored is lost.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path

from journey_assets.raw.ingested import Ingested
from journey_assets.raw.parse import Parsed, parse_records
from journey_assets.vendors.errors import UnexpectedAnswer
from journey_assets.warehouse.database import CATALOG, Session
from journey_assets.warehouse.replace import Replacement, replace_partitions, stored_columns
from journey_assets.warehouse.tables.raw import (
    AMPLITUDE_EVENTS,
    AMPLITUDE_READINGS,
    REJECTS,
)

_SQL = (Path(__file__).parent / "amplitude_events.sql").read_text(encoding="utf-8")
_STORED = f"{CATALOG}.{AMPLITUDE_EVENTS.full_name}"
_READINGS = f"{CATALOG}.{AMPLITUDE_READINGS.full_name}"

#: The value that we add to records: the answer they came in.
_OWN = {"page": "BIGINT"}


@dataclass(frozen=True, slots=True)
class Staged:
    """Records on disk and what they are.

    newest_first: whether each user's records stand newest first. adds: the stored rows of the days
    stay. of_users: only events of these Amplitude IDs are taken, None takes all. read_users: users
    whose activity the files hold in full, None when the source does not go by users. never_empty:
    files without an event of the days are an error.
    """

    files: Sequence[Path]
    newest_first: bool
    adds: bool = False
    of_users: Sequence[int] | None = None
    read_users: Sequence[int] | None = None
    never_empty: bool = False
    notes: tuple[str, ...] = ()
    facts: Mapping[str, int | float | str] | None = None


def store_staged(session: Session, staged: Staged, first: date, last: date) -> Ingested:
    """Store the staged events of the days ``first`` to ``last``; others are left out.

    Raises :class:`UnexpectedAnswer` when a file is cut, or holds nothing although it must; nothing
    is stored then.
    """
    parsed = _parse(session, staged, first, last)
    in_days = _count(session, parsed.rows)
    if staged.never_empty and not in_days:
        raise UnexpectedAnswer(
            "Amplitude",
            "export",
            f"none of the {parsed.records} records is an event of {first} to {last}",
        )
    _join_stored(session, staged, parsed, first, last)
    session.con.execute(_SQL, {"newest_first": staged.newest_first})
    stored = _store(session, staged, parsed, first, last)
    return _ingested(session, staged, parsed, in_days, stored)


def midnight(day: date) -> datetime:
    """The day's beginning, UTC."""
    return datetime.combine(day, time(), UTC)


def _parse(session: Session, staged: Staged, first: date, last: date) -> Parsed:
    import duckdb

    try:
        return parse_records(
            session.con,
            AMPLITUDE_EVENTS,
            staged.files,
            partition="event_time::DATE",
            first=first,
            last=last,
            own=_OWN,
        )
    except duckdb.IOException as error:
        if "GZIP" not in str(error):
            raise
        # The archive's checksums were right, so the vendor packed it so.
        raise UnexpectedAnswer(
            "Amplitude",
            "export",
            "a file in the archive is not a whole gzip file",
            remedy="Run again; if it stays so, ask Amplitude's support about this export.",
        ) from None


def _join_stored(session: Session, staged: Staged, parsed: Parsed, first: date, last: date) -> None:
    """View ``read_events``: the records, and before them the stored rows when they stay.

    Stored rows have numbers below those of the records, in the order that keeps their rank.
    """
    con = session.con
    records = f"FROM {parsed.rows}"
    if staged.of_users is not None:
        con.execute(
            "CREATE OR REPLACE TEMP TABLE wanted_users AS SELECT unnest($users::BIGINT[]) AS "
            "amplitude_id",
            {"users": list(staged.of_users)},
        )
        records += " SEMI JOIN wanted_users USING (amplitude_id)"
    if not staged.adds:
        con.execute(f"CREATE OR REPLACE TEMP VIEW read_events AS {records}")
        return
    sign = "-" if staged.newest_first else f"-{1 << 62} + "
    with session.reading():
        source = f"FROM {parsed.rows} LIMIT 0"
        if stored_columns(con, AMPLITUDE_EVENTS):
            source = (
                f"SELECT * EXCLUDE (source_order), NULL::BIGINT AS page, {sign}row_number() OVER "
                f"(ORDER BY amplitude_id, event_time, source_order) AS line_no FROM {_STORED} "
                f"WHERE event_date BETWEEN DATE '{first}' AND DATE '{last}'"
            )
        con.execute(f"CREATE OR REPLACE TEMP TABLE stored_events AS {source}")
    con.execute(
        "CREATE OR REPLACE TEMP VIEW read_events AS "
        f"FROM stored_events UNION ALL BY NAME ({records})"
    )


def _store(
    session: Session, staged: Staged, parsed: Parsed, first: date, last: date
) -> dict[str, dict[date, int]]:
    columns = ", ".join(
        f"kept.{name}" if name == "source_order" else f"events.{name}"
        for name in AMPLITUDE_EVENTS.column_names
    )
    if staged.adds:
        _keep_rejects(session, parsed, first, last)
    new = [
        Replacement(
            AMPLITUDE_EVENTS,
            f"SELECT {columns} FROM read_events AS events JOIN kept_events AS kept USING (line_no)",
        ),
        Replacement(
            REJECTS, f"FROM {parsed.rejects}", where={"table_name": AMPLITUDE_EVENTS.full_name}
        ),
    ]
    if staged.read_users is not None:
        new.append(Replacement(AMPLITUDE_READINGS, _readings(session, staged, first, last)))
    return replace_partitions(session, first, last, *new)


def _keep_rejects(session: Session, parsed: Parsed, first: date, last: date) -> None:
    """What was noted of the stored rows stays noted."""
    with session.reading() as con:
        if stored_columns(con, REJECTS):
            con.execute(
                f"INSERT INTO {parsed.rejects} BY NAME FROM {CATALOG}.{REJECTS.full_name} "
                f"ANTI JOIN (SELECT record, field FROM {parsed.rejects}) AS new "
                "USING (record, field) WHERE table_name = ? AND reject_date BETWEEN ? AND ?",
                [AMPLITUDE_EVENTS.full_name, first, last],
            )


def _readings(session: Session, staged: Staged, first: date, last: date) -> str:
    """A SELECT of who has been read for which of the days once these files are stored."""
    session.con.execute(
        "CREATE OR REPLACE TEMP TABLE new_readings AS SELECT unnest(generate_series($first::DATE, "
        "$last::DATE, INTERVAL 1 DAY))::DATE AS event_date, amplitude_id "
        "FROM (SELECT unnest($users::BIGINT[]) AS amplitude_id)",
        {"first": first, "last": last, "users": list(staged.read_users or ())},
    )
    if staged.adds:
        with session.reading() as con:
            if stored_columns(con, AMPLITUDE_READINGS):
                con.execute(
                    "INSERT INTO new_readings BY NAME SELECT event_date, amplitude_id "
                    f"FROM {_READINGS} ANTI JOIN new_readings USING (event_date, amplitude_id) "
                    "WHERE event_date BETWEEN ? AND ?",
                    [first, last],
                )
    return "FROM new_readings"


def _ingested(
    session: Session,
    staged: Staged,
    parsed: Parsed,
    in_days: int,
    stored: Mapping[str, Mapping[date, int]],
) -> Ingested:
    events = AMPLITUDE_EVENTS.full_name
    return Ingested(
        rows={events: stored[events]},
        rejects={events: _count(session, parsed.rejects)},
        fields_read={events: parsed.fields},
        notes=staged.notes,
        facts={
            **(staged.facts or {}),
            "records_read": parsed.records,
            # Of other days, or unreadable: the latter are in raw.rejects.
            "records_left_out": parsed.records - in_days,
            "repeats_dropped": _count(session, "read_events") - _count(session, "kept_events"),
        },
    )


def _count(session: Session, table: str) -> int:
    return int(session.con.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0])
