"""From the ids that lists name to Amplitude's users: once, and for good.

Belongs here: what earlier runs resolved, looking the others up by Amplitude's search or among the
stored events, and lists of which nobody is found. Does not belong here: who is named
(:mod:`journey_assets.raw.amplitude_users`).

An id is text, and a user id first: ``00123`` is not ``123``, and ``123`` is the user of that id. Only
where there is none it is the Amplitude ID that is written exactly so.
"""

from collections.abc import Callable, Sequence
from threading import Event
from typing import TYPE_CHECKING

from journey_assets.raw.amplitude_lookups import Answers, Match
from journey_assets.raw.in_threads import Failures, in_threads, users_done
from journey_assets.settings import SettingsError
from journey_assets.vendors.amplitude import AmplitudeClient, UserMatch
from journey_assets.vendors.errors import OF_ONE_REQUEST, VendorError
from journey_assets.warehouse.database import CATALOG
from journey_assets.warehouse.replace import stored_columns
from journey_assets.warehouse.tables.raw import AMPLITUDE_EVENTS, AMPLITUDE_USERS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_USERS = f"{CATALOG}.{AMPLITUDE_USERS.full_name}"
_EVENTS = f"{CATALOG}.{AMPLITUDE_EVENTS.full_name}"


def recall(con: "DuckDBPyConnection") -> None:
    """Table ``known_users``: what stored partitions know of ids that were found, the newest of each.

    Needs the file attached.

    resolved: whether the id was found as what it is. Of an id of digits that is known to be so only
    where ``matched_by`` says it: such ids were once taken for Amplitude IDs unseen.
    """
    con.execute(
        "CREATE OR REPLACE TEMP TABLE known_users (requested_id VARCHAR, amplitude_id BIGINT, "
        "user_id VARCHAR, canonical_amplitude_id BIGINT, merged_amplitude_ids BIGINT[], "
        "matched_by VARCHAR, resolved BOOLEAN)"
    )
    stored = stored_columns(con, AMPLITUDE_USERS)
    if not stored:
        return
    matched_by = "matched_by" if "matched_by" in stored else "NULL"
    con.execute(
        "INSERT INTO known_users SELECT requested_id, amplitude_id, user_id, canonical_amplitude_id, "
        f"merged_amplitude_ids, {matched_by}, "
        f"{matched_by} IS NOT NULL OR NOT regexp_full_match(requested_id, '[0-9]+') FROM {_USERS} "
        "WHERE status IN ('ok', 'failed') AND amplitude_id IS NOT NULL "
        "QUALIFY row_number() OVER (PARTITION BY requested_id ORDER BY event_date DESC) = 1"
    )


def unresolved(con: "DuckDBPyConnection") -> list[str]:
    """The named ids that no run has found yet."""
    rows = con.execute(
        "SELECT DISTINCT requested_id FROM named_users "
        "ANTI JOIN (FROM known_users WHERE resolved) AS known USING (requested_id) "
        "WHERE amplitude_id IS NULL ORDER BY ALL"
    ).fetchall()
    return [str(row[0]) for row in rows]


def make_found(con: "DuckDBPyConnection") -> None:
    """Make the empty tables ``found_users``, a row per match of an id, and ``failed_users``."""
    con.execute(
        "CREATE OR REPLACE TEMP TABLE found_users (requested_id VARCHAR, amplitude_id BIGINT, "
        "user_id VARCHAR, matched_by VARCHAR);"
        "CREATE OR REPLACE TEMP TABLE failed_users (requested_id VARCHAR)"
    )


def search(
    con: "DuckDBPyConnection",
    client: AmplitudeClient,
    ids: Sequence[str],
    answers: Answers,
    threads: int,
    log: Callable[[str], None],
) -> Failures:
    """Fill ``found_users`` and ``failed_users`` by Amplitude's search; returns the failures.

    answers: keeps what comes, and has what came in passes that did not come to their end.
    """
    earlier = answers.earlier(ids)
    _add_found(con, earlier)
    told = {requested_id for requested_id, *_ in earlier}
    ids = [each for each in ids if each not in told]

    def one(requested_id: str, _: Event) -> tuple[str, list[UserMatch] | VendorError]:
        try:
            return requested_id, client.search_user(requested_id)
        except OF_ONE_REQUEST as error:
            return requested_id, error

    failures = Failures()
    progress = users_done(log, "looked up", len(ids), client.seconds_for)
    try:
        for requested_id, users in in_threads(one, ids, threads, progress):
            if isinstance(users, VendorError):
                failures.add(requested_id, users)
                con.execute("INSERT INTO failed_users VALUES (?)", [requested_id])
                continue
            failures.answered += 1
            if len(users) > 1:
                candidates = " and ".join(str(user.amplitude_id) for user in users)
                log(
                    f"Amplitude: an id in the lists fits several users, Amplitude IDs {candidates}."
                )
            matches = _matches(requested_id, users)
            _add_found(con, matches)
            answers.add(matches)
    finally:
        answers.store()
    return failures


def _matches(requested_id: str, users: Sequence[UserMatch]) -> list[Match]:
    """The users whom an id fits, or that there is none."""
    if not users:
        return [(requested_id, None, None, None)]
    return [
        (
            requested_id,
            user.amplitude_id,
            user.user_id,
            "user_id" if user.user_id == requested_id else "amplitude_id",
        )
        for user in users
    ]


def _add_found(con: "DuckDBPyConnection", matches: Sequence[Match]) -> None:
    if found := [match for match in matches if match[1] is not None]:
        con.executemany("INSERT INTO found_users VALUES (?, ?, ?, ?)", found)


def look_among_events(con: "DuckDBPyConnection", ids: Sequence[str]) -> None:
    """Fill ``found_users`` from the stored events, without a call; needs the file attached.

    A user id that came with several Amplitude IDs is one user still: the smallest of them stands
    for it, and identity joins them all by the user id.
    """
    if not ids or not stored_columns(con, AMPLITUDE_EVENTS):
        return
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE sought_users AS SELECT unnest($ids::VARCHAR[]) AS requested_id;
        """,
        {"ids": list(ids)},
    )
    con.execute(
        f"INSERT INTO found_users SELECT requested_id, min(amplitude_id), requested_id, 'user_id' "
        f"FROM sought_users JOIN {_EVENTS} AS events ON events.user_id = requested_id GROUP BY ALL"
    )
    con.execute(
        "INSERT INTO found_users SELECT requested_id, amplitude_id, "
        "CASE WHEN count(DISTINCT events.user_id) = 1 THEN min(events.user_id) END, 'amplitude_id' "
        "FROM (FROM sought_users ANTI JOIN found_users USING (requested_id)) "
        f"JOIN {_EVENTS} AS events ON events.amplitude_id = TRY_CAST(requested_id AS BIGINT) "
        "AND events.amplitude_id::VARCHAR = requested_id GROUP BY requested_id, amplitude_id"
    )


def require_found(
    con: "DuckDBPyConnection", where: str, failure: VendorError | None = None
) -> None:
    """Raise when nobody of a list was found: :class:`SettingsError` that names the list.

    Reads ``listed_users`` (listed_in: a list's setting, requested_id) and the result. where: among
    what the ids were looked for. failure: raised instead when the vendor answered for nobody of it.
    """
    rows = con.execute(
        "SELECT listed_in, count(DISTINCT requested_id), "
        "count(DISTINCT requested_id) FILTER (status = 'failed') "
        f"FROM listed_users JOIN {AMPLITUDE_USERS.result} USING (requested_id) GROUP BY listed_in "
        "HAVING bool_and(status IN ('not_found', 'failed')) ORDER BY ALL"
    ).fetchall()
    for name, ids, failed in rows:
        if failure is not None and failed == ids:
            raise failure
        raise SettingsError(
            f"{name}: none of its {ids} ids is a user ID or an Amplitude ID {where}. Check that they "
            "are ids of this project, written as there (leading zeros count)."
        )
