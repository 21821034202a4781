"""Who is tracked: the ids of lists, files and Amplitude cohorts, and what Amplitude knows them as.

Belongs here: reading who was named as what, and resolving user IDs once and for good. Does not
belong here: their events (:mod:`journey_assets.raw.amplitude_events`).
"""

import csv
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from journey_assets.raw.in_threads import in_threads, users_done
from journey_assets.raw.ingested import Ingested
from journey_assets.raw.staging import staging_folder
from journey_assets.settings import Settings, SettingsError, read_lines, read_list
from journey_assets.vendors.amplitude import AmplitudeClient, UserMatch
from journey_assets.vendors.errors import UnexpectedAnswer
from journey_assets.warehouse.database import CATALOG, Session
from journey_assets.warehouse.replace import Replacement, replace_partitions, stored_columns
from journey_assets.warehouse.sql import sql_of
from journey_assets.warehouse.tables.raw import AMPLITUDE_USERS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_LISTS = {"converter": "CONVERTER_USER_IDS", "non_converter": "NON_CONVERTER_USER_IDS"}
_COHORTS = {
    "converter": "AMPLITUDE_CONVERTER_COHORT_ID",
    "non_converter": "AMPLITUDE_NON_CONVERTER_COHORT_ID",
}
_LABELS = "JOURNEY_COHORTS"
_MEMBER = ("amplitude_id", "user_id")

#: Longest label of a cohort, in characters.
LONGEST_LABEL = 100
_SQL = sql_of(__package__, "amplitude_users")


def ingest_users(
    session: Session,
    client: AmplitudeClient,
    settings: Settings,
    day: date,
    log: Callable[[str], None],
) -> Ingested:
    """Store who is tracked under partition ``day``; other partitions keep what they have.

    User IDs that any stored partition holds as ``ok`` are not asked again. A user whom both sides
    name has cohort NULL; with labels every id keeps its own. Raises :class:`SettingsError` when
    nobody is named although somebody must be, when the two lists share an id, or when the file of
    labels is malformed.
    """
    check_tracked(settings)
    from_cohorts = any(getattr(settings, field.lower()) for field in _COHORTS.values())
    _read_named(session.con, client, settings)
    _recall(session)
    unknown = _unknown(session.con)
    log(
        f"Amplitude: {_count(session.con, 'named_users')} ids are tracked, "
        f"{len(unknown)} of them have to be looked up."
    )
    _look_up(session.con, client, unknown, settings.amplitude_concurrency, log)
    session.con.execute(_SQL, {"labelled": bool(settings.cohorts)})
    counts = replace_partitions(
        session,
        day,
        day,
        Replacement(
            AMPLITUDE_USERS,
            f"SELECT DATE '{day}' AS event_date, * FROM {AMPLITUDE_USERS.result}",
            # A list that somebody shortened is meant; a cohort's members are the vendor's answer.
            answered="true" if from_cohorts else "false",
        ),
    )
    return Ingested(rows=counts, notes=_notes(session.con), facts={"ids_looked_up": len(unknown)})


def check_tracked(settings: Settings) -> None:
    """Raise :class:`SettingsError` unless the settings say who is followed, and each once."""
    named = {field: bool(getattr(settings, field.lower())) for field in _named()}
    for side, listed in _LISTS.items():
        if named[listed] and named[_COHORTS[side]]:
            raise SettingsError(f"{listed} and {_COHORTS[side]} are both set: keep one of them.")
    if settings.cohorts:
        if other := next((field for field, given in named.items() if given), None):
            raise SettingsError(f"{_LABELS} and {other} are both set: keep one of them.")
        return
    if any(named.values()):
        return
    if settings.amplitude_source == "user_activity":
        raise SettingsError(
            "AMPLITUDE_SOURCE=user_activity needs users to ask for: set CONVERTER_USER_IDS and "
            "NON_CONVERTER_USER_IDS, or AMPLITUDE_CONVERTER_COHORT_ID and "
            "AMPLITUDE_NON_CONVERTER_COHORT_ID; or take every event of the project with "
            "AMPLITUDE_SOURCE=export and CONVERSION_EVENT."
        )
    if not settings.conversion_event:
        raise SettingsError(
            "AMPLITUDE_SOURCE=export without lists needs CONVERSION_EVENT, the event that makes a "
            "user a converter; or set CONVERTER_USER_IDS and NON_CONVERTER_USER_IDS."
        )


def read_labels(text: str) -> dict[str, str]:
    """The label of each id in the file ``@path`` of lines ``id,label``; order kept.

    A first line ``id,label`` is a heading. An id with several labels has ``converter``, else the
    first by name. Raises :class:`SettingsError` naming the file and line.
    """
    if not text.startswith("@"):
        raise SettingsError(f"{_LABELS} must be @path, a file with `id,label` a line.")
    path = Path(text[1:])
    labels: dict[str, str] = {}
    for number, line in enumerate(read_lines(path, _LABELS), start=1):
        if not line or (number == 1 and line.replace(" ", "").lower() == "id,label"):
            continue
        id_, comma, label = (part.strip() for part in line.partition(","))
        wrong = not (id_ and comma and label) or "," in label or not label.isprintable()
        # Tables of contacts call the sum of all cohorts `all`.
        if wrong or label == "all" or len(label) > LONGEST_LABEL:
            raise SettingsError(
                f"{_LABELS}: line {number} of {path} is not `id,label` (a label is not `all`, has "
                f"no comma and at most {LONGEST_LABEL} characters)."
            )
        labels[id_] = min(
            labels.get(id_, label), label, key=lambda name: (name != "converter", name)
        )
    if not labels:
        raise SettingsError(f"{_LABELS} names the file {path}, which has no ids.")
    return labels


def _named() -> tuple[str, ...]:
    return (*_LISTS.values(), *_COHORTS.values())


def _read_named(con: "DuckDBPyConnection", client: AmplitudeClient, settings: Settings) -> None:
    """Table ``named_users``: one row per id and side, with what a cohort's file tells of it."""
    import duckdb

    con.execute(
        "CREATE OR REPLACE TEMP TABLE named_users "
        "(requested_id VARCHAR, amplitude_id BIGINT, user_id VARCHAR, cohort VARCHAR)"
    )
    lists = {
        side: read_list(str(getattr(settings, name.lower())), name) for side, name in _LISTS.items()
    }
    if settings.cohorts:
        labels = read_labels(settings.cohorts)
        con.execute(
            "INSERT INTO named_users SELECT unnest($ids::VARCHAR[]), NULL, NULL, "
            "unnest($labels::VARCHAR[])",
            {"ids": list(labels), "labels": list(labels.values())},
        )
    if shared := set(lists["converter"]) & set(lists["non_converter"]):
        raise SettingsError(
            f"{' and '.join(_LISTS.values())} share {len(shared)} ids: a user is one or the other, "
            "so take each id out of one of them."
        )
    for side, ids in lists.items():
        con.execute(
            "INSERT INTO named_users SELECT unnest($ids::VARCHAR[]), NULL, NULL, $side",
            {"ids": list(ids), "side": side},
        )
    for side, name in _COHORTS.items():
        if cohort_id := str(getattr(settings, name.lower())):
            with staging_folder(settings.directory()) as folder:
                file = folder / "cohort.csv"
                client.download_cohort(cohort_id, file)
                try:
                    _add_members(con, file, side)
                except (duckdb.InvalidInputException, UnicodeDecodeError, csv.Error):
                    raise UnexpectedAnswer(
                        "Amplitude", "cohort list", "the file is not a CSV table"
                    ) from None


def _add_members(con: "DuckDBPyConnection", file: Path, side: str) -> None:
    """Add a cohort's file; of its columns only ``amplitude_id`` and ``user_id`` are read."""
    with file.open(encoding="utf-8-sig", newline="") as opened:
        header = [name.strip().lower() for name in next(csv.reader(opened), [])]
    if not {"amplitude_id", "user_id"} & set(header) or len(set(header)) < len(header):
        raise UnexpectedAnswer(
            "Amplitude", "cohort list", "the file has no columns amplitude_id and user_id"
        )
    # Names from the file stay out of the SQL: columns are read by their place.
    place = {name: f"c{header.index(name)}" if name in header else "NULL" for name in _MEMBER}
    columns = ", ".join(f"'c{number}': 'VARCHAR'" for number in range(len(header)))
    con.execute(
        f"INSERT INTO named_users SELECT coalesce(a, u), TRY_CAST(a AS BIGINT), u, $side FROM ("
        f"SELECT nullif(trim({place['amplitude_id']}), '') AS a, "
        f"nullif({place['user_id']}, '') AS u FROM read_csv($file, columns = {{{columns}}}, "
        "delim = ',', quote = '\"', header = true, auto_detect = false)) "
        "WHERE coalesce(a, u) IS NOT NULL",
        {"file": str(file), "side": side},
    )


def _recall(session: Session) -> None:
    """Table ``known_users``: what stored partitions know of ids that were found, newest first."""
    known = (
        "SELECT requested_id, arg_max(amplitude_id, event_date), arg_max(user_id, event_date), "
        "arg_max(canonical_amplitude_id, event_date), arg_max(merged_amplitude_ids, event_date) "
        "FROM {source} WHERE status = 'ok' GROUP BY requested_id"
    )
    session.con.execute(
        "CREATE OR REPLACE TEMP TABLE known_users "
        "(requested_id VARCHAR, amplitude_id BIGINT, user_id VARCHAR, "
        "canonical_amplitude_id BIGINT, merged_amplitude_ids BIGINT[])"
    )
    with session.reading() as con:
        if stored_columns(con, AMPLITUDE_USERS):
            source = f"{CATALOG}.{AMPLITUDE_USERS.full_name}"
            con.execute("INSERT INTO known_users " + known.format(source=source))


def _unknown(con: "DuckDBPyConnection") -> list[str]:
    rows = con.execute(
        "SELECT DISTINCT requested_id FROM named_users ANTI JOIN known_users USING (requested_id) "
        "WHERE amplitude_id IS NULL ORDER BY ALL"
    ).fetchall()
    return [str(row[0]) for row in rows]


def _look_up(
    con: "DuckDBPyConnection",
    client: AmplitudeClient,
    ids: Sequence[str],
    threads: int,
    log: Callable[[str], None],
) -> None:
    """Table ``found_users``: one row per match of each id; an id without a row was not found."""
    con.execute(
        "CREATE OR REPLACE TEMP TABLE found_users "
        "(requested_id VARCHAR, amplitude_id BIGINT, user_id VARCHAR)"
    )

    def search(requested_id: str, _: Event) -> tuple[str, list[UserMatch]]:
        return requested_id, client.search_user(requested_id)

    progress = users_done(log, "looked up", len(ids), client.seconds_for)
    for requested_id, matches in in_threads(search, ids, threads, progress):
        if len(matches) > 1:
            candidates = " and ".join(str(match.amplitude_id) for match in matches)
            log(f"Amplitude: an id in the lists fits several users, Amplitude IDs {candidates}.")
        for match in matches:
            con.execute(
                "INSERT INTO found_users VALUES (?, ?, ?)",
                [requested_id, match.amplitude_id, match.user_id],
            )


def _notes(con: "DuckDBPyConnection") -> tuple[str, ...]:
    rows = con.execute(
        "SELECT count(*) FILTER (status = 'not_found'), count(*) FILTER (status = 'ambiguous'), "
        f"count(*) FILTER (status = 'ok' AND cohort IS NULL) FROM {AMPLITUDE_USERS.result}"
    ).fetchall()
    missing, ambiguous, contradictory = rows[0]
    notes = (
        (missing, "ids were not found in Amplitude (status not_found)."),
        (ambiguous, "ids fit several users (status ambiguous); the log has their Amplitude IDs."),
        (
            contradictory,
            "users are named as converter and as non-converter: they have no cohort.",
        ),
    )
    return tuple(f"{number} {text}" for number, text in notes if number)


def _count(con: "DuckDBPyConnection", table: str) -> int:
    return int(con.execute(f"SELECT count(DISTINCT requested_id) FROM {table}").fetchall()[0][0])
