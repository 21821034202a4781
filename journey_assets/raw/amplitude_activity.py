"""The activity of Amplitude's users, one pass over each, staged for the store.

Belongs here: whom to ask, reading them in threads, and what Amplitude tells of merged users. Does
not belong here: who is tracked (:mod:`journey_assets.raw.amplitude_users`), the wire
(``vendors/amplitude.py``).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

from journey_assets.raw.amplitude_store import Staged, midnight
from journey_assets.raw.amplitude_users import snapshot_day
from journey_assets.raw.in_threads import Failures, in_threads, users_done
from journey_assets.raw.staging import RecordWriter
from journey_assets.settings import Settings, SettingsError
from journey_assets.vendors.amplitude import AmplitudeClient
from journey_assets.vendors.errors import OF_ONE_REQUEST, VendorError
from journey_assets.warehouse.database import CATALOG, Session
from journey_assets.warehouse.replace import Replacement, replace_partitions, stored_columns
from journey_assets.warehouse.tables.raw import AMPLITUDE_READINGS, AMPLITUDE_USERS

_DAY = timedelta(days=1)
_USERS = f"{CATALOG}.{AMPLITUDE_USERS.full_name}"
_READINGS = f"{CATALOG}.{AMPLITUDE_READINGS.full_name}"

_NOBODY = "None of the tracked ids is known to Amplitude: no events."


@dataclass(frozen=True, slots=True)
class _Read:
    """A user whose activity was read, in how many calls, and what Amplitude says of merges.

    error: why it could not be read to its end; nothing of it is taken then.
    """

    amplitude_id: int
    calls: int
    canonical: int | None
    merged: tuple[int, ...] | None
    error: VendorError | None = None


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
    others stays. So does what is stored of a user for whom Amplitude gives no answer: its status is
    ``failed`` until it does. Raises :class:`SettingsError` when no tracked users are stored, and the
    vendor's error when it answers for none of them.
    """
    first, last = days
    snapshot, users = tracked_users(session, last)
    tracked = len(users)
    if only_new:
        users = sorted(set(users) - _read_already(session, days))
    log(f"Amplitude: reading the activity of {len(users)} users from {first} to {last}.")

    def read(user: int, stop: Event) -> _Read:
        return _read_user(client, user, midnight(first), midnight(last + _DAY), folder, stop)

    progress = users_done(log, "read", len(users), client.seconds_for)
    failures, done = Failures(), list[_Read]()
    for each in in_threads(read, users, settings.amplitude_concurrency, progress):
        if each.error is not None:
            failures.add(str(each.amplitude_id), each.error)
            continue
        failures.answered += 1
        done.append(each)
    if failures.first is not None and len(failures.ids) == tracked:
        raise failures.first
    _remember(session, snapshot, done, failures)
    users = sorted(each.amplitude_id for each in done)
    nobody = "Every tracked user was read before." if only_new else _NOBODY
    return Staged(
        files=[file for user in users if (file := _file(folder, user)).stat().st_size],
        newest_first=True,
        read_users=users,
        notes=failures.note("read") or (() if users else (nobody,)),
        facts={
            "users_read": len(users),
            "users_failed": len(failures.ids),
            "activity_calls": sum(each.calls for each in done),
        },
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
    """The snapshot of ``last``, or the newest there is: its day and its Amplitude IDs.

    Users who failed are among them: each run tries again.
    """
    with session.reading() as con:
        day = snapshot_day(con, last)
        if day is None:
            raise SettingsError(
                f"{AMPLITUDE_USERS.full_name} holds no tracked users: materialize "
                "raw/amplitude_users together with raw/amplitude_events."
            )
        rows = con.execute(
            f"SELECT DISTINCT amplitude_id FROM {_USERS} WHERE event_date = ? "
            "AND status IN ('ok', 'failed') AND amplitude_id IS NOT NULL ORDER BY ALL",
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
    try:
        with RecordWriter(_file(folder, user)) as writer:
            for page in client.user_activity(user, since, until):
                writer.write((_of_user(event, user) for event in page.events), {"page": read.calls})
                read = _Read(
                    user, read.calls + 1, page.canonical_amplitude_id, page.merged_amplitude_ids
                )
                if stop.is_set():
                    break
    except OF_ONE_REQUEST as error:
        return replace(read, error=error)
    return read


def _file(folder: Path, user: int) -> Path:
    return folder / f"{user}.ndjson"


def _of_user(event: Any, user: int) -> Any:
    """The record, with the id of the user it was read for when it names none."""
    if isinstance(event, dict) and event.get("amplitude_id") is None:
        return {**event, "amplitude_id": user}
    return event


def _remember(session: Session, day: date, read: Sequence[_Read], failures: Failures) -> None:
    """Add to the snapshot of ``day`` who failed, and which ids Amplitude merged: only user activity
    tells.

    Events keep the id they were recorded under, which may be one that was merged later.
    """
    session.con.execute(
        "CREATE OR REPLACE TEMP TABLE told_users AS SELECT unnest($users::BIGINT[]) AS "
        "amplitude_id, unnest($canonical::BIGINT[]) AS canonical, unnest($merged::BIGINT[][]) AS "
        "merged, 'ok' AS told_status UNION ALL "
        "SELECT unnest($failed::BIGINT[]), NULL, NULL, 'failed'",
        {
            "users": [each.amplitude_id for each in read],
            "canonical": [each.canonical for each in read],
            "merged": [each.merged for each in read],
            "failed": failures.ids,
        },
    )
    with session.reading() as con:
        changes = con.execute(
            f"SELECT 1 FROM {_USERS} JOIN told_users USING (amplitude_id) WHERE event_date = ? AND "
            "(status <> told_status OR canonical IS NOT NULL OR merged IS NOT NULL) LIMIT 1",
            [day],
        ).fetchall()
    if not changes:
        return
    # The snapshot is read within the transaction that exchanges it: nobody can change it between.
    replace_partitions(
        session,
        day,
        day,
        Replacement(
            AMPLITUDE_USERS,
            "SELECT users.* REPLACE ("
            "coalesce(told_status, status) AS status, "
            "coalesce(canonical, canonical_amplitude_id) AS canonical_amplitude_id, "
            "coalesce(merged, merged_amplitude_ids) AS merged_amplitude_ids) "
            f"FROM {_USERS} AS users LEFT JOIN told_users USING (amplitude_id) "
            f"WHERE event_date = DATE '{day}'",
        ),
    )
