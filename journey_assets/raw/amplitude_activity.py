"""The activity of Amplitude's users, one pass over each, staged for the store.

Belongs here: whom to ask, reading them in threads, and what Amplitude tells of merged users. Does
not belong here: who is tracked (:mod:`journey_assets.raw.amplitude_users`), the wire
(``vendors/amplitude.py``).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

from journey_assets.raw.amplitude_store import Staged, midnight
from journey_assets.raw.in_threads import in_threads, users_done
from journey_assets.raw.staging import RecordWriter
from journey_assets.settings import Settings, SettingsError
from journey_assets.vendors.amplitude import AmplitudeClient
from journey_assets.warehouse.database import CATALOG, Session
from journey_assets.warehouse.replace import Replacement, replace_partitions, stored_columns
from journey_assets.warehouse.tables.raw import AMPLITUDE_READINGS, AMPLITUDE_USERS

_DAY = timedelta(days=1)
_USERS = f"{CATALOG}.{AMPLITUDE_USERS.full_name}"
_READINGS = f"{CATALOG}.{AMPLITUDE_READINGS.full_name}"

_NOBODY = "None of the tracked ids is known to Amplitude: no events."


@dataclass(frozen=True, slots=True)
class _Read:
    """A user whose activity was read, in how many calls, and what Amplitude says of merges."""

    amplitude_id: int
    calls: int
    canonical: int | None
    merged: tuple[int, ...] | None


def stage_activity(
    session: Session,
    client: AmplitudeClient,
    settings: Settings,
    folder: Path,
    days: tuple[date, date],
    log: Callable[[str], None],
    *,
    only_new: bool,
) -> Staged:
    """One pass over each tracked user for the whole range, a file per user.

    only_new: only users who have not been read for every day of the range; what is stored of the
    others stays. Raises :class:`SettingsError` when no tracked users are stored.
    """
    first, last = days
    snapshot, users = tracked_users(session, last)
    if only_new:
        users = sorted(set(users) - _read_already(session, days))
    log(f"Amplitude: reading the activity of {len(users)} users from {first} to {last}.")

    def read(user: int, stop: Event) -> _Read:
        return _read_user(client, user, midnight(first), midnight(last + _DAY), folder, stop)

    progress = users_done(log, "read", len(users), client.seconds_for)
    done = list(in_threads(read, users, settings.amplitude_concurrency, progress))
    _remember_merges(session, snapshot, done)
    nobody = "Every tracked user was read before." if only_new else _NOBODY
    return Staged(
        files=[file for user in users if (file := _file(folder, user)).stat().st_size],
        newest_first=True,
        read_users=users,
        notes=() if users else (nobody,),
        facts={"users_read": len(users), "activity_calls": sum(each.calls for each in done)},
    )


def _read_already(session: Session, days: tuple[date, date]) -> set[int]:
    """Users whose activity was read for every day of the range."""
    first, last = days
    with session.reading() as con:
        if not stored_columns(con, AMPLITUDE_READINGS):
            return set()
        rows = con.execute(
            f"SELECT amplitude_id FROM {_READINGS} WHERE event_date BETWEEN ? AND ? "
            "GROUP BY amplitude_id HAVING count(DISTINCT event_date) = ?",
            [first, last, (last - first).days + 1],
        ).fetchall()
    return {int(row[0]) for row in rows}


def tracked_users(session: Session, last: date) -> tuple[date, list[int]]:
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
