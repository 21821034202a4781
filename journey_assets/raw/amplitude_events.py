"""Amplitude's events, by user activity or by export, into ``raw.amplitude_events``.

Belongs here: which users and hours are asked for, staging the answers, and the store. Repeats and
order are settled in ``amplitude_events.sql``. Does not belong here: who is tracked
(:mod:`journey_assets.raw.amplitude_users`), what is on the wire (``vendors/amplitude.py``).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from threading import Event
from typing import Any

from journey_assets.raw.amplitude_users import check_tracked
from journey_assets.raw.in_threads import in_threads, users_done
from journey_assets.raw.ingested import Ingested
from journey_assets.raw.parse import Parsed, parse_records
from journey_assets.raw.staging import RecordWriter, staging_folder
from journey_assets.settings import Settings, SettingsError
from journey_assets.vendors.amplitude import AmplitudeClient
from journey_assets.vendors.errors import UnexpectedAnswer
from journey_assets.warehouse.database import CATALOG, Session
from journey_assets.warehouse.replace import Replacement, replace_partitions, stored_columns
from journey_assets.warehouse.tables.raw import AMPLITUDE_EVENTS, AMPLITUDE_USERS, REJECTS

_DAY = timedelta(days=1)
_SQL = (Path(__file__).parent / "amplitude_events.sql").read_text(encoding="utf-8")

_USERS = f"{CATALOG}.{AMPLITUDE_USERS.full_name}"

#: The value that we add to records: the answer they came in.
_OWN = {"page": "BIGINT"}


@dataclass(frozen=True, slots=True)
class _Read:
    """A user whose activity was read, in how many calls, and what Amplitude says of merges."""

    amplitude_id: int
    calls: int
    canonical: int | None
    merged: tuple[int, ...] | None


@dataclass(frozen=True, slots=True)
class _Staged:
    """Files of records, whether each user's stand newest first, and what there is to say."""

    files: Sequence[Path]
    newest_first: bool
    notes: tuple[str, ...]
    facts: Mapping[str, int | float | str]


def ingest_events(
    session: Session,
    client: AmplitudeClient,
    settings: Settings,
    first: date,
    last: date,
    log: Callable[[str], None],
) -> Ingested:
    """Store the events of the days ``first`` to ``last`` from the source that the settings choose.

    Raises :class:`SettingsError` when the settings, or ``raw.amplitude_users``, name nobody to ask
    for, and the vendor's errors; nothing is stored then.
    """
    check_tracked(settings)
    with staging_folder(settings.directory()) as folder:
        if settings.amplitude_source == "export":
            staged = _export(client, folder, first, last)
        else:
            staged = _activity(session, client, settings, folder, (first, last), log)
        log(f"Amplitude: reading the events of {first} … {last} from {len(staged.files)} files.")
        parsed = _parse(session, staged, first, last)
    session.con.execute(_SQL, {"newest_first": staged.newest_first})
    stored = _store(session, parsed, first, last)
    return _ingested(session, staged, parsed, stored)


def _tracked(session: Session, last: date) -> tuple[date, list[int]]:
    """The snapshot of ``last``, or the newest there is: its day and its Amplitude IDs."""
    with session.reading() as con:
        snapshot = (
            con.execute(
                f"SELECT event_date FROM {_USERS} "
                "ORDER BY event_date = ? DESC, event_date DESC LIMIT 1",
                [last],
            ).fetchall()
            if stored_columns(con, AMPLITUDE_USERS)
            else []
        )
        if not snapshot:
            raise SettingsError(
                f"{AMPLITUDE_USERS.full_name} holds no tracked users: materialize "
                "raw/amplitude_users together with raw/amplitude_events."
            )
        day: date = snapshot[0][0]
        rows = con.execute(
            f"SELECT DISTINCT amplitude_id FROM {_USERS} "
            "WHERE event_date = ? AND status = 'ok' ORDER BY ALL",
            [day],
        ).fetchall()
    return day, [int(row[0]) for row in rows]


def _activity(
    session: Session,
    client: AmplitudeClient,
    settings: Settings,
    folder: Path,
    days: tuple[date, date],
    log: Callable[[str], None],
) -> _Staged:
    """One pass over each user for the whole range, a file per user."""
    first, last = days
    snapshot, users = _tracked(session, last)
    log(f"Amplitude: reading the activity of {len(users)} users from {first} to {last}.")

    def read(user: int, stop: Event) -> _Read:
        return _read_user(client, user, _midnight(first), _midnight(last + _DAY), folder, stop)

    progress = users_done(log, "read", len(users), client.seconds_for)
    done = list(in_threads(read, users, settings.amplitude_concurrency, progress))
    _remember_merges(session, snapshot, done)
    return _Staged(
        files=[file for user in users if (file := _file(folder, user)).stat().st_size],
        newest_first=True,
        notes=() if users else ("None of the tracked ids is known to Amplitude: no events.",),
        facts={"users_read": len(users), "activity_calls": sum(each.calls for each in done)},
    )


def _read_user(
    client: AmplitudeClient,
    user: int,
    since: datetime,
    until: datetime,
    folder: Path,
    stop: Event,
) -> _Read:
    read = _Read(user, 0, None, None)
    with RecordWriter(_file(folder, user)) as writer:
        for page in client.user_activity(user, since, until):
            writer.write((_of_user(event, user) for event in page.events), {"page": read.calls})
            read = _Read(
                user, read.calls + 1, page.canonical_amplitude_id, page.merged_amplitude_ids
            )
            if stop.is_set():
                break
    return read


def _file(folder: Path, user: int) -> Path:
    return folder / f"{user}.ndjson"


def _of_user(event: Any, user: int) -> Any:
    """The record, with the id of the user it was read for when it names none."""
    if isinstance(event, dict) and event.get("amplitude_id") is None:
        return {**event, "amplitude_id": user}
    return event


def _remember_merges(session: Session, day: date, read: Sequence[_Read]) -> None:
    """Add to the snapshot of ``day`` which ids Amplitude merged: only user activity tells.

    Events keep the id they were recorded under, which may be one that was merged later.
    """
    told = [each for each in read if each.canonical is not None or each.merged is not None]
    if not told:
        return
    session.con.execute(
        "CREATE OR REPLACE TEMP TABLE told_merges AS SELECT unnest($users::BIGINT[]) AS "
        "amplitude_id, unnest($canonical::BIGINT[]) AS canonical, unnest($merged::BIGINT[][]) AS "
        "merged",
        {
            "users": [each.amplitude_id for each in told],
            "canonical": [each.canonical for each in told],
            "merged": [each.merged for each in told],
        },
    )
    # The snapshot is read within the transaction that exchanges it: nobody can change it between.
    replace_partitions(
        session,
        day,
        day,
        Replacement(
            AMPLITUDE_USERS,
            "SELECT users.* REPLACE ("
            "coalesce(canonical, canonical_amplitude_id) AS canonical_amplitude_id, "
            "coalesce(merged, merged_amplitude_ids) AS merged_amplitude_ids) "
            f"FROM {_USERS} AS users LEFT JOIN told_merges USING (amplitude_id) "
            f"WHERE event_date = DATE '{day}'",
        ),
    )


def _export(client: AmplitudeClient, folder: Path, first: date, last: date) -> _Staged:
    """Uploads of the days and of the day after, which brings what devices sent late."""
    wanted = _midnight(last + 2 * _DAY) - timedelta(hours=1)
    until = min(wanted, client.now())
    files = list(client.export(_midnight(first), until, folder))
    late = (
        f"Uploads were read up to {until:%Y-%m-%d %H}h, for {last} they may arrive until "
        f"{wanted:%Y-%m-%d %H}h: materialize it again then."
    )
    return _Staged(
        files=files,
        newest_first=False,
        notes=(late,) if until < wanted else (),
        facts={"export_files": len(files)},
    )


def _parse(session: Session, staged: _Staged, first: date, last: date) -> Parsed:
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


def _store(session: Session, parsed: Parsed, first: date, last: date) -> dict[str, dict[date, int]]:
    columns = ", ".join(
        f"kept.{name}" if name == "source_order" else f"parsed.{name}"
        for name in AMPLITUDE_EVENTS.column_names
    )
    return replace_partitions(
        session,
        first,
        last,
        Replacement(
            AMPLITUDE_EVENTS,
            f"SELECT {columns} FROM {parsed.rows} AS parsed "
            "JOIN kept_events AS kept USING (line_no)",
        ),
        Replacement(
            REJECTS, f"FROM {parsed.rejects}", where={"table_name": AMPLITUDE_EVENTS.full_name}
        ),
    )


def _ingested(
    session: Session, staged: _Staged, parsed: Parsed, stored: Mapping[str, Mapping[date, int]]
) -> Ingested:
    events = AMPLITUDE_EVENTS.full_name
    rows, kept, rejects = (
        int(session.con.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0])
        for table in (parsed.rows, "kept_events", parsed.rejects)
    )
    return Ingested(
        rows={events: stored[events]},
        rejects={events: rejects},
        fields_read={events: parsed.fields},
        notes=staged.notes,
        facts={**staged.facts, "records_read": parsed.records, "repeats_dropped": rows - kept},
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
