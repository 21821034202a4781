"""A person's rows out of the database, in one transaction.

Belongs here: which rows and which days' figures go, and the audit row that says so. Does not belong
here: files beside the database, computing figures anew (:mod:`journey_assets.privacy.forget`).

Figures cannot be corrected by one person: the days whose windows held a row of the person lose all
their figures, to be computed anew. Their answers of Mave are removed, too, and are not asked for again
by themselves, since that costs credits.
"""

import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from journey_assets.privacy.person import Person
from journey_assets.settings import Settings
from journey_assets.warehouse.catalog import all_tables
from journey_assets.warehouse.columns import columns_within
from journey_assets.warehouse.database import CATALOG, Database, Session
from journey_assets.warehouse.event_store.changing import TAKEN, Changing
from journey_assets.warehouse.event_store.days import Conflict
from journey_assets.warehouse.event_store.mirror import VIEWS
from journey_assets.warehouse.event_store.moving import MOVING
from journey_assets.warehouse.forgotten import (
    REPLACED,
    Identifier,
    carrying_days,
    id_hash,
    keep_out,
    remember,
)
from journey_assets.warehouse.replace import ensure_table, recount
from journey_assets.warehouse.tables.analyses import MAVE_ANALYSES, MAVE_ATTEMPTS
from journey_assets.warehouse.tables.ledger import LEDGER
from journey_assets.warehouse.tables.privacy import FORGOTTEN, REMOVALS
from journey_assets.warehouse.tables.raw import AMPLITUDE_EVENTS, REJECTS
from journey_assets.warehouse.tables.raw import TABLES as RAW
from journey_assets.warehouse.windows import first_day

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_REMOVALS = f"{CATALOG}.{REMOVALS.full_name}"
_LEDGER = f"{CATALOG}.{LEDGER.full_name}"

#: Schemas whose rows are no figures.
_NO_FIGURES = ("raw", "warehouse", "analyses")

#: So often other runs may come between when events are in a store.
_TRIES = 5

#: SQL over duckdb_tables(): a table's whole name.
_QUOTED = " || '.' || ".join(
    f"""'"' || replace({part}, '"', '""') || '"'"""
    for part in ("database_name", "schema_name", "table_name")
)

_REASON = (
    "Removed: the evidence had counted a person who was forgotten since. Materialize this day's "
    "analyses/mave_analyses to ask again."
)


@dataclass(frozen=True, slots=True)
class Removal:
    """What a removal did. rows: removed, by table. days: whose figures were removed, ascending;
    computable: of them, those whose windows ``raw`` still holds. analyses: days without answers."""

    removed_at: datetime
    rows: Mapping[str, int]
    days: Sequence[date]
    computable: Sequence[date]
    analyses: Sequence[date]
    raw_days: Mapping[str, Sequence[date]]


def remove(
    session: Session, settings: Settings, given: Identifier, person: Person, now: datetime
) -> Removal:
    """Remove the person's rows and everything that counted them, and keep them out from now on.

    now: UTC, naive. Where events are in a store, other runs may replace its days meanwhile: it is done
    again then.
    """
    for _ in range(_TRIES):
        with suppress(Conflict):
            return _remove(session, settings, given, person, now)
    return _remove(session, settings, given, person, now)


def _remove(
    session: Session, settings: Settings, given: Identifier, person: Person, now: datetime
) -> Removal:
    with session.writing() as con:
        for table in (LEDGER, FORGOTTEN, REMOVALS):
            ensure_table(con, table)
        remember(con, session.database, person.identifiers, now.date())
        events = _events_of_store(con, session.database)
        rows, raw_days = _remove_raw(con, session.database, now.date(), events)
        figures = _figure_tables(con)
        counted = _counting_days(raw_days, settings) | _naming_days(con, figures, person)
        days = sorted(counted & _stored_figure_days(con))
        analyses = _remove_analyses(con, days, rows)
        for name, partition in figures.items():
            rows[name] = _delete(con, name, f"list_contains($days::DATE[], {partition})", days=days)
        con.execute(
            f"DELETE FROM {_LEDGER} WHERE list_contains($days::DATE[], partition) AND table_name "
            f"NOT SIMILAR TO '({'|'.join(_NO_FIGURES)})\\..*'",
            {"days": days},
        )
        _remove_rejects(con, person, rows)
        _replace_texts(con, person, events)
        if events:
            events.publish()
        removal = Removal(
            now,
            {name: count for name, count in rows.items() if count},
            days,
            [day for day in days if _computable(con, day, settings)],
            analyses,
            raw_days,
        )
        _note(con, session.database, given, removal)
    return removal


def unfinished(session: Session) -> Sequence[Removal]:
    """The removals of persons whose files or figures are not done."""
    with session.reading() as con:
        if not columns_within(con, REMOVALS):
            return []
        rows = con.execute(
            "SELECT removed_at, rows, figure_days, computed_days, analyses_days "
            f"FROM {_REMOVALS} WHERE kind = 'forget' AND finished_at IS NULL ORDER BY removed_at"
        ).fetchall()
    return [Removal(at, json.loads(rows), days, todo, of, {}) for at, rows, days, todo, of in rows]


def finished(session: Session, removal: Removal, now: datetime) -> None:
    """Note that files, free pages and figures are done, too."""
    with session.writing() as con:
        con.execute(
            f"UPDATE {_REMOVALS} SET finished_at = ? WHERE removed_at = ? AND kind = 'forget'",
            [now, removal.removed_at],
        )


def _events_of_store(con: "DuckDBPyConnection", database: Database) -> Changing | None:
    """The events to be changed, where they are in a store.

    Rows on their way back from it are given up: whoever moves them begins anew.
    """
    if database.event_store is None:
        return None
    con.execute(f"DROP TABLE IF EXISTS {CATALOG}.{MOVING.full_name}")
    con.execute(f"DELETE FROM {_LEDGER} WHERE table_name = ?", [MOVING.full_name])
    return Changing(con, database, database.event_store)


def _remove_raw(
    con: "DuckDBPyConnection", database: Database, today: date, events: Changing | None
) -> tuple[dict[str, int], dict[str, Sequence[date]]]:
    """Rows removed and partitions they were in, by table.

    The tables are passed until none loses a row: a record learned from one names rows of another.
    """
    rows: dict[str, int] = {}
    days: dict[str, set[date]] = {}
    names = {table: f"{CATALOG}.{table.full_name}" for table in RAW if columns_within(con, table)}
    if events:
        names = {table: name for table, name in names.items() if table not in VIEWS}
        names[AMPLITUDE_EVENTS] = TAKEN
    while True:
        gone = 0
        for table, name in names.items():
            if events and name == TAKEN:
                events.take(carrying_days(con, database, table, events.unread()))
            before = _by_day(con, name, table.partition)
            removed = keep_out(con, database, table, name, today)
            if not removed:
                continue
            after = _by_day(con, name, table.partition)
            touched = {day for day, count in before.items() if after.get(day, 0) != count}
            if name != TAKEN:
                recount(con, table, touched)
            days.setdefault(table.full_name, set()).update(touched)
            rows[table.full_name] = rows.get(table.full_name, 0) + removed
            gone += removed
        if not gone:
            return rows, {name: sorted(of) for name, of in days.items()}


def _by_day(con: "DuckDBPyConnection", name: str, partition: str) -> dict[date, int]:
    rows = con.execute(f"SELECT {partition}, count(*) FROM {name} GROUP BY ALL").fetchall()
    return dict(rows)


def _counting_days(raw_days: Mapping[str, Sequence[date]], settings: Settings) -> set[date]:
    """The days whose windows hold one of the raw days, and those compared with such a window."""
    span = 2 * settings.window_days
    raw = {day for days in raw_days.values() for day in days}
    return {day + timedelta(days=offset) for day in raw for offset in range(span)}


def _naming_days(
    con: "DuckDBPyConnection", figures: Mapping[str, str], person: Person
) -> set[date]:
    """The days of tables of persons that have the person."""
    found: set[date] = set()
    for name, partition in figures.items():
        if "person_id" in _columns(con, name):
            rows = con.execute(
                f"SELECT DISTINCT {partition} FROM {_whole(name)} "
                "WHERE list_contains($persons::VARCHAR[], person_id)",
                {"persons": sorted(person.pseudonyms)},
            ).fetchall()
            found |= {day for (day,) in rows}
    return found


def _figure_tables(con: "DuckDBPyConnection") -> dict[str, str]:
    """The partition column of every table of figures that the file has, declared or not.

    Figures have ``as_of`` first; a calendar of somebody's own in the same file has not.
    """
    rows = con.execute(
        "SELECT schema_name || '.' || table_name, column_name FROM duckdb_columns() "
        "SEMI JOIN duckdb_tables() USING (database_name, schema_name, table_name) "
        "WHERE database_name = $catalog AND column_index = 1 AND data_type = 'DATE' "
        "AND column_name = 'as_of' "
        "AND NOT list_contains($others::VARCHAR[], schema_name)",
        {"catalog": CATALOG, "others": list(_NO_FIGURES)},
    ).fetchall()
    return dict(rows)


def _columns(con: "DuckDBPyConnection", name: str) -> dict[str, str]:
    schema, _, table = name.partition(".")
    rows = con.execute(
        "SELECT column_name, data_type FROM duckdb_columns() "
        "WHERE database_name = ? AND schema_name = ? AND table_name = ?",
        [CATALOG, schema, table],
    ).fetchall()
    return dict(rows)


def _stored_figure_days(con: "DuckDBPyConnection") -> set[date]:
    rows = con.execute(
        f"SELECT DISTINCT partition FROM {_LEDGER} WHERE table_name NOT LIKE 'raw.%'"
    ).fetchall()
    return {day for (day,) in rows}


def _delete(con: "DuckDBPyConnection", name: str, where: str, **values: object) -> int:
    done = con.execute(f"DELETE FROM {_whole(name)} WHERE {where}", values)
    return int(done.fetchall()[0][0])


def _remove_analyses(
    con: "DuckDBPyConnection", days: Sequence[date], rows: dict[str, int]
) -> Sequence[date]:
    """Empty the answers of the days; what was paid for them goes, too. Returns their days."""
    if not columns_within(con, MAVE_ANALYSES):
        return []
    name = f"{CATALOG}.{MAVE_ANALYSES.full_name}"
    asked = con.execute(
        f"SELECT as_of, prompt_sha256 FROM {name} WHERE list_contains($days::DATE[], as_of) "
        "AND content IS NOT NULL",
        {"days": days},
    ).fetchall()
    if columns_within(con, MAVE_ATTEMPTS):
        # An attempt without an answer is kept: Mave may have been paid for it.
        rows[MAVE_ATTEMPTS.full_name] = _delete(
            con,
            MAVE_ATTEMPTS.full_name,
            "content IS NOT NULL AND (list_contains($hashes::VARCHAR[], prompt_sha256) "
            "OR list_contains($days::DATE[], as_of))",
            hashes=[sha256 for _, sha256 in asked],
            days=days,
        )
    emptied = ", ".join(
        f"{column.name} = NULL"
        for column in MAVE_ANALYSES.columns
        if column.nullable and column.name != "reason"
    )
    con.execute(
        f"UPDATE {name} SET {emptied}, status = 'not_asked', reason = $reason "
        "WHERE list_contains($days::DATE[], as_of) AND content IS NOT NULL",
        {"days": days, "reason": _REASON},
    )
    rows[MAVE_ANALYSES.full_name] = len(asked)
    return sorted({day for day, _ in asked})


def _remove_rejects(con: "DuckDBPyConnection", person: Person, rows: dict[str, int]) -> None:
    """Rejects that quote a record, as databases of earlier versions hold them."""
    if "record" in columns_within(con, REJECTS):
        rows[REJECTS.full_name] = _delete(
            con,
            REJECTS.full_name,
            "regexp_matches(record, $pattern, 'i')",
            pattern=_pattern(sorted({value for _, value in person.identifiers})),
        )


def _pattern(texts: Sequence[str]) -> str:
    """Any of the texts, but not within a longer name: ``user_10234`` stands in ``user_102345``."""
    listed = "|".join(re.escape(text) for text in texts)
    return rf"(^|[^\w.@%-])({listed})($|[^\w@-])"


def _replace_texts(con: "DuckDBPyConnection", person: Person, events: Changing | None) -> None:
    """Replace the person's addresses and other names in every text of every table."""
    if not person.texts:
        return
    names = con.execute(
        f"SELECT {_QUOTED}, column_name, data_type "
        "FROM duckdb_columns() JOIN duckdb_tables() USING (database_name, schema_name, table_name) "
        "WHERE database_name = ? AND data_type IN ('VARCHAR', 'JSON')",
        [CATALOG],
    ).fetchall()
    pattern = _pattern(person.texts)
    if events:
        texts = [c for c in AMPLITUDE_EVENTS.columns if c.type in {"VARCHAR", "JSON"}]
        said = " OR ".join(f"regexp_matches(\"{c.name}\"::VARCHAR, $pattern, 'i')" for c in texts)
        rows = con.execute(
            f"SELECT DISTINCT event_date FROM {events.unread()} WHERE {said}", {"pattern": pattern}
        ).fetchall()
        events.take({day for (day,) in rows})
        names += [(TAKEN, column.name, column.type) for column in texts]
    for table, column, type_ in names:
        name = _quoted(column)
        con.execute(
            f"UPDATE {table} SET {name} = regexp_replace({name}::VARCHAR, $pattern, "
            f"'\\1{REPLACED}\\3', 'gi')::{type_} "
            f"WHERE regexp_matches({name}::VARCHAR, $pattern, 'i')",
            {"pattern": pattern},
        )


def tables_of_others(session: Session, person: Person) -> list[str]:
    """Tables that the project did not declare and that hold an identifier of the person as a value."""
    values = sorted({value.lower() for _, value in person.identifiers})
    declared = [table.full_name for table in all_tables()]
    found = []
    with session.reading() as con:
        tables = con.execute(
            f"SELECT {_QUOTED}, schema_name || '.' || table_name AS name, list(column_name) "
            "FROM duckdb_columns() JOIN duckdb_tables() USING (database_name, schema_name, table_name) "
            "WHERE database_name = ? AND NOT list_contains(?::VARCHAR[], name) GROUP BY ALL ORDER BY 2",
            [CATALOG, declared],
        ).fetchall()
        for table, name, columns in tables:
            texts = ", ".join(f"lower({_quoted(column)}::VARCHAR)" for column in columns)
            if con.execute(
                f"SELECT 1 FROM {table} WHERE list_has_any([{texts}], ?::VARCHAR[]) LIMIT 1",
                [values],
            ).fetchall():
                found.append(str(name))
    return found


def _whole(name: str) -> str:
    """``schema.table`` as SQL names it."""
    schema, _, table = name.partition(".")
    return f"{CATALOG}.{_quoted(schema)}.{_quoted(table)}"


def _quoted(name: str) -> str:
    """Others name their tables and columns as they like."""
    return '"' + name.replace('"', '""') + '"'


def _computable(con: "DuckDBPyConnection", day: date, settings: Settings) -> bool:
    """Whether retention left all raw days of the day's window."""
    ((kept_from,),) = con.execute(f"SELECT max(kept_from) FROM {_REMOVALS}").fetchall()
    return kept_from is None or first_day(day, settings.window_days) >= kept_from


def _note(
    con: "DuckDBPyConnection", database: Database, given: Identifier, removal: Removal
) -> None:
    con.execute(
        f"INSERT INTO {_REMOVALS} BY NAME SELECT ?::DATE AS removed_on, 'forget' AS kind, "
        "? AS subject, ?::TIMESTAMP AS removed_at, ?::JSON AS rows, ?::DATE[] AS figure_days, "
        "?::DATE[] AS computed_days, ?::DATE[] AS analyses_days",
        [
            removal.removed_at.date(),
            id_hash(database, given),
            removal.removed_at,
            json.dumps(dict(removal.rows)),
            list(removal.days),
            list(removal.computable),
            list(removal.analyses),
        ],
    )
