"""Who is tracked: the ids of lists, files and Amplitude cohorts, and what Amplitude knows them as.

Belongs here: reading who was named as what, and storing it. Does not belong here: resolving the ids
(:mod:`journey_assets.raw.amplitude_ids`), their events (:mod:`journey_assets.raw.amplitude_events`).
"""

import csv
from collections.abc import Callable, Collection, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from journey_assets.names import masked
from journey_assets.raw.amplitude_ids import (
    look_among_events,
    make_found,
    recall,
    require_found,
    search,
    unresolved,
)
from journey_assets.raw.amplitude_lookups import Answers, forget_answers
from journey_assets.raw.in_threads import Failures
from journey_assets.raw.ingested import Ingested
from journey_assets.raw.staging import staging_folder
from journey_assets.settings import Settings, SettingsError, read_lines, read_list
from journey_assets.vendors.amplitude import AmplitudeClient
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

    Ids that any stored partition knows are not looked up again. With the export, ids are looked for
    among the stored events only: :func:`find_among_events` goes on when more are stored. A user whom
    both sides name has cohort NULL; with labels every id keeps its own. Raises
    :class:`SettingsError` when nobody is named although somebody must be, when the two lists share
    an id or nobody of one is found, or when the file of labels is malformed. Nothing is stored then.
    """
    check_tracked(settings)
    con, failures = session.con, Failures()
    _read_named(con, client, settings)
    make_found(con)
    with session.reading():
        recall(con)
        unknown = unresolved(con)
        if settings.amplitude_source == "export":
            look_among_events(con, unknown)
    log(
        f"Amplitude: {_count(con, 'named_users')} ids are tracked, "
        f"{len(unknown)} of them have to be looked up."
    )
    if settings.amplitude_source != "export":
        answers = Answers(session, day)
        failures = search(con, client, unknown, answers, settings.amplitude_concurrency, log)
    con.execute(_SQL, {"labelled": bool(settings.cohorts)})
    if settings.amplitude_source != "export":
        _require_found(session, failures)
    # A list that somebody shortened is meant; a cohort's members are the vendor's answer.
    from_cohorts = any(getattr(settings, field.lower()) for field in _COHORTS.values())
    of_day = _of_day(day, answered="true" if from_cohorts else "false")
    counts = replace_partitions(session, day, day, of_day, prepare=forget_answers)
    return Ingested(
        rows=counts,
        notes=(*failures.note("looked up"), *_notes(con)),
        facts={"ids_looked_up": len(unknown), "ids_failed": len(failures.ids)},
    )


def _require_found(session: Session, failures: Failures) -> None:
    """As :func:`require_found`; ids of nobody are asked for again when somebody mended the cause."""
    try:
        require_found(session.con, "that Amplitude knows", failures.first)
    except SettingsError:
        with session.writing() as con:
            forget_answers(con, "amplitude_id IS NULL")
        raise


def find_among_events(session: Session, settings: Settings, last: date) -> tuple[str, ...]:
    """Look for tracked ids that were not found among the events stored by now; returns notes.

    The snapshot that speaks for ``last`` is stored anew where that finds somebody. Raises
    :class:`SettingsError` when nobody of a list is found, in the lists or among the events.
    """
    con = session.con
    with session.reading():
        day = snapshot_day(con, last)
        missing = (
            day is not None
            and con.execute(
                f"SELECT 1 FROM {CATALOG}.{AMPLITUDE_USERS.full_name} "
                "WHERE event_date = ? AND amplitude_id IS NULL LIMIT 1",
                [day],
            ).fetchall()
        )
    if day is None or not missing:
        return ()

    def prepare(con: "DuckDBPyConnection") -> None:
        _make_named(con)
        con.execute(
            "INSERT INTO named_users SELECT requested_id, amplitude_id, user_id, cohort, NULL "
            f"FROM {CATALOG}.{AMPLITUDE_USERS.full_name} WHERE event_date = ?",
            [day],
        )
        make_found(con)
        recall(con)
        look_among_events(con, unresolved(con))
        con.execute(_SQL, {"labelled": bool(settings.cohorts)})

    replace_partitions(session, day, day, _of_day(day), prepare=prepare)
    con.execute(
        "CREATE OR REPLACE TEMP TABLE listed_users (listed_in VARCHAR, requested_id VARCHAR)"
    )
    for name, ids in _listed(settings).items():
        con.execute(
            "INSERT INTO listed_users SELECT $name, unnest($ids::VARCHAR[])",
            {"name": name, "ids": list(ids)},
        )
    require_found(con, "of the stored events")
    return _notes(con)


def snapshot_day(con: "DuckDBPyConnection", last: date) -> date | None:
    """The partition of tracked users that speaks for ``last``: its own, else the newest there is.

    None when none has any; needs the file attached.
    """
    if not stored_columns(con, AMPLITUDE_USERS):
        return None
    found = con.execute(
        f"SELECT event_date FROM {CATALOG}.{AMPLITUDE_USERS.full_name} "
        "ORDER BY event_date = ? DESC, event_date DESC LIMIT 1",
        [last],
    ).fetchall()
    return found[0][0] if found else None


def _of_day(day: date, answered: str = "false") -> Replacement:
    columns = ", ".join(name for name in AMPLITUDE_USERS.column_names if name != "event_date")
    return Replacement(
        AMPLITUDE_USERS,
        f"SELECT DATE '{day}' AS event_date, {columns} FROM {AMPLITUDE_USERS.result}",
        answered=answered,
    )


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
        label = masked(label)
        labels[id_] = min(
            labels.get(id_, label), label, key=lambda name: (name != "converter", name)
        )
    if not labels:
        raise SettingsError(f"{_LABELS} names the file {path}, which has no ids.")
    return labels


def _named() -> tuple[str, ...]:
    return (*_LISTS.values(), *_COHORTS.values())


def _read_named(con: "DuckDBPyConnection", client: AmplitudeClient, settings: Settings) -> None:
    """Table ``named_users``: one row per id and side, with what a cohort's file tells of it;
    and ``listed_users``: which setting names which ids."""
    import duckdb

    _make_named(con)
    labels = read_labels(settings.cohorts) if settings.cohorts else {}
    listed = _listed(settings)
    if shared := set.intersection(*(set(listed.get(name, ())) for name in _LISTS.values())):
        raise SettingsError(
            f"{' and '.join(_LISTS.values())} share {len(shared)} ids: a user is one or the other, "
            "so take each id out of one of them."
        )
    for side, name in _LISTS.items():
        _add_named(con, name, dict.fromkeys(listed.get(name, ()), side))
    _add_named(con, _LABELS, labels)
    for side, name in _COHORTS.items():
        if cohort_id := str(getattr(settings, name.lower())):
            with staging_folder(settings.directory()) as folder:
                file = folder / "cohort.csv"
                client.download_cohort(cohort_id, file)
                try:
                    _add_members(con, file, side, name)
                except (duckdb.InvalidInputException, UnicodeDecodeError, csv.Error):
                    raise UnexpectedAnswer(
                        "Amplitude", "cohort list", "the file is not a CSV table"
                    ) from None
    con.execute(
        "CREATE OR REPLACE TEMP TABLE listed_users AS "
        "SELECT DISTINCT listed_in, requested_id FROM named_users"
    )


def _listed(settings: Settings) -> Mapping[str, Collection[str]]:
    """The ids of the settings' own lists, by setting; those that are set."""
    named = {name: str(getattr(settings, name.lower())) for name in _LISTS.values()}
    lists: dict[str, Collection[str]] = {
        name: read_list(text, name) for name, text in named.items() if text
    }
    return lists | ({_LABELS: read_labels(settings.cohorts)} if settings.cohorts else {})


def _make_named(con: "DuckDBPyConnection") -> None:
    con.execute(
        "CREATE OR REPLACE TEMP TABLE named_users (requested_id VARCHAR, amplitude_id BIGINT, "
        "user_id VARCHAR, cohort VARCHAR, listed_in VARCHAR)"
    )


def _add_named(con: "DuckDBPyConnection", name: str, cohorts: Mapping[str, str]) -> None:
    """Add the ids of the setting ``name``, with the cohort of each."""
    con.execute(
        "INSERT INTO named_users SELECT unnest($ids::VARCHAR[]), NULL, NULL, "
        "unnest($cohorts::VARCHAR[]), $name",
        {"ids": list(cohorts), "cohorts": list(cohorts.values()), "name": name},
    )


def _add_members(con: "DuckDBPyConnection", file: Path, side: str, name: str) -> None:
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
        f"INSERT INTO named_users SELECT coalesce(a, u), TRY_CAST(a AS BIGINT), u, $side, $name FROM ("
        f"SELECT nullif(trim({place['amplitude_id']}), '') AS a, "
        f"nullif({place['user_id']}, '') AS u FROM read_csv($file, columns = {{{columns}}}, "
        "delim = ',', quote = '\"', header = true, auto_detect = false)) "
        "WHERE coalesce(a, u) IS NOT NULL",
        {"file": str(file), "side": side, "name": name},
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
