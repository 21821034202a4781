"""Keeping forgotten persons out of ``raw``: one filter that every ingest passes.

Belongs here: the hashes of forgotten identifiers, and removing what carries one of them from rows
that are about to be stored or are stored. Does not belong here: finding a person's identifiers
(:mod:`journey_assets.privacy`).

A row goes when one of its identifiers is forgotten. What names its record (an Amplitude id, a profile,
a conversation) is then forgotten, too: the same person's rows without the identifier go as well, and
later ones. Where rows of others quote a forgotten address, the address is replaced.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

from journey_assets.names import mail_address, readable
from journey_assets.warehouse.columns import columns_within
from journey_assets.warehouse.database import CATALOG, Database, WarehouseError
from journey_assets.warehouse.event_store import days as in_store
from journey_assets.warehouse.pseudonyms import pseudonym, register_pseudonym
from journey_assets.warehouse.schema import Column, Table
from journey_assets.warehouse.tables.privacy import FORGOTTEN

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: An identifier: its type and its value as the vendor writes them.
Identifier = tuple[str, str]

#: What stands in the place of an address.
REPLACED = "(forgotten)"

_TABLE = f"{CATALOG}.{FORGOTTEN.full_name}"
#: Types that name a record of a vendor; what they name belongs to one person.
_RECORDS = frozenset({"amplitude_id", "profile_key", "conversation"})


def normal(identifier: Identifier) -> Identifier:
    """The form in which identifiers are compared.

    An e-mail address is one however it is written (:mod:`journey_assets.names`); of another identifier
    that holds one, case and the way to write @ do not count.
    """
    kind, value = identifier
    kind, value = kind.strip().lower(), value.strip()
    plain = readable(value).lower() if "@" in readable(value) else value
    return kind, (mail_address(value) or plain) if kind == "email" else plain


def id_hash(database: Database, identifier: Identifier) -> str:
    """The keyed hash under which an identifier is kept out."""
    return pseudonym(database.hash_key(), "forgotten", ":".join(normal(identifier)))


def remember(
    con: "DuckDBPyConnection", database: Database, identifiers: Collection[Identifier], day: date
) -> None:
    """Keep the ``identifiers`` out from now on; needs the table, and the file for writing."""
    check = _key_check(database)
    hashes = sorted({id_hash(database, each) for each in identifiers})
    if database.event_store:
        # Before any row goes: who stores events elsewhere sees it when he looks once more.
        objects = database.event_store.objects()
        for each in hashes:
            in_store.keep_out(objects, check, each)
    con.execute(
        f"INSERT INTO {_TABLE} SELECT ?, id_hash, ? FROM (SELECT unnest(?::VARCHAR[]) AS id_hash) "
        f"ANTI JOIN {_TABLE} USING (id_hash)",
        [day, check, hashes],
    )


def is_forgotten(con: "DuckDBPyConnection", database: Database, identifier: Identifier) -> bool:
    """Whether the identifier is kept out; needs the file."""
    if not columns_within(con, FORGOTTEN):
        return False
    found = con.execute(
        f"SELECT 1 FROM {_TABLE} WHERE id_hash = ?", [id_hash(database, identifier)]
    ).fetchall()
    return bool(found)


def keep_out(
    con: "DuckDBPyConnection", database: Database, table: Table, relation: str, day: date
) -> int:
    """Remove from ``relation``, which holds rows of ``table``, what is of forgotten persons.

    day: noted of identifiers that are learned. Needs the file for writing. Returns the number of
    rows. Raises :class:`WarehouseError` when persons were forgotten with another key.
    """
    if table.schema != "raw" or not _anybody(con, database):
        return 0
    register_pseudonym(con, database.hash_key())
    present = {str(row[0]) for row in con.execute(f"DESCRIBE {relation}").fetchall()}
    columns = [column for column in table.columns if column.name in present]
    removed = 0
    # Each round learns what names the records of the rows it removes, until one removes none.
    while found := _found(con, columns, relation):
        remember(con, database, _records(con, columns, relation, found), day)
        done = con.execute(
            f"DELETE FROM {relation} WHERE {_carries(columns)}", {"found": _strings(found)}
        )
        gone = int(done.fetchall()[0][0])
        if not gone:
            break
        removed += gone
    for column in columns:
        if column.type in {"VARCHAR", "JSON"}:
            _replace_addresses(con, f'"{column.name}"', relation)
    return removed


def carrying_days(
    con: "DuckDBPyConnection", database: Database, table: Table, relation: str
) -> set[date]:
    """The partitions of ``relation``, which holds rows of ``table``, that :func:`keep_out` changes."""
    if not _anybody(con, database):
        return set()
    register_pseudonym(con, database.hash_key())
    texts = [column.name for column in table.columns if column.type in {"VARCHAR", "JSON"}]
    quoted = [_addresses(f'"{name}"::VARCHAR', "email") for name in texts]
    lists = [identifiers_sql(table.columns), *quoted]
    rows = con.execute(
        f"SELECT DISTINCT day FROM (SELECT DISTINCT {table.partition} AS day, "
        f"unnest(flatten([{', '.join(lists)}])) AS id FROM {relation}) "
        f"WHERE pseudonym('forgotten', id) IN (SELECT id_hash FROM {_TABLE})"
    ).fetchall()
    return {day for (day,) in rows}


def _anybody(con: "DuckDBPyConnection", database: Database) -> bool:
    if not columns_within(con, FORGOTTEN):
        return False
    checks = {
        str(row[0]) for row in con.execute(f"SELECT DISTINCT key_check FROM {_TABLE}").fetchall()
    }
    if checks - {_key_check(database)}:
        raise WarehouseError(
            "Persons were forgotten under another hash key, and could not be kept out with this one: "
            "set JOURNEY_HASH_KEY to the key of that time, or put the file hash_key back beside "
            "the database."
        )
    return bool(checks)


def _key_check(database: Database) -> str:
    return pseudonym(database.hash_key(), "key", "check")


def identifiers_sql(columns: Sequence[Column]) -> str:
    """SQL: the list of a row's identifiers as ``type:value``, normal; NULL stands for one it lacks."""
    lists = [each for column in columns for each in _of_column(column)]
    return f"flatten([{', '.join(lists)}])" if lists else "[]::VARCHAR[]"


def _of_column(column: Column) -> Iterator[str]:
    name = f'"{column.name}"'
    for kind in column.identifies:
        if column.type == "JSON":
            yield _addresses(f"{name}::VARCHAR", kind)
            continue
        type_ = f"lower(trim({kind[1:]}))" if kind.startswith("@") else f"'{kind}'"
        if column.type.endswith("[]"):
            yield f"list_transform({name}, lambda v: {type_} || ':' || {_normal(type_, 'v::VARCHAR')})"
        else:
            yield f"[{type_} || ':' || {_normal(type_, f'{name}::VARCHAR')}]"


def _normal(kind: str, value: str) -> str:
    """SQL: as :func:`normal`. kind: SQL of the type."""
    tidy = rf"trim({value}, E' \t\r\n')"
    return (
        f"CASE WHEN NOT may_hold_address({value}) THEN {tidy} "
        f"WHEN {kind} = 'email' AND mail_address({tidy}) IS NOT NULL THEN mail_address({tidy}) "
        f"WHEN contains(readable_name({value}), '@') THEN lower(readable_name({tidy})) "
        f"ELSE {tidy} END"
    )


def _addresses(text: str, kind: str) -> str:
    """SQL: the list of the e-mail addresses in a text as identifiers of a type."""
    return f"list_transform(written_addresses({text}), lambda a: '{kind}:' || plain_address(a))"


def _found(con: "DuckDBPyConnection", columns: Sequence[Column], relation: str) -> list[Identifier]:
    """The forgotten identifiers that rows of the relation carry."""
    if not any(column.identifies for column in columns):
        return []
    rows = con.execute(
        f"SELECT id FROM (SELECT DISTINCT unnest({identifiers_sql(columns)}) AS id FROM {relation}) "
        f"WHERE pseudonym('forgotten', id) IN (SELECT id_hash FROM {_TABLE})"
    ).fetchall()
    return [(kind, value) for kind, _, value in (str(row[0]).partition(":") for row in rows)]


def _records(
    con: "DuckDBPyConnection",
    columns: Sequence[Column],
    relation: str,
    found: Sequence[Identifier],
) -> list[Identifier]:
    """What names the records of rows that carry ``found``, unless a stranger's row is named so, too."""
    stranger = next(
        (f'"{column.name}" IS NOT NULL' for column in columns if column.identifies == ("user_id",)),
        "false",
    )
    records: list[Identifier] = []
    for column in columns:
        if len(column.identifies) != 1 or column.identifies[0] not in _RECORDS:
            continue  # of a column with several types it is not known which the value is
        if column.type.endswith("[]"):
            continue
        rows = con.execute(
            f'SELECT name FROM (SELECT "{column.name}"::VARCHAR AS name, {_carries(columns)} AS own, '
            f"{stranger} AND NOT own AS stranger FROM {relation}) WHERE name IS NOT NULL "
            # A profile that is named by a user id is that user's, whatever it shares.
            "AND NOT starts_with(name, 'user_id:') "
            "GROUP BY name HAVING bool_or(own) AND NOT bool_or(stranger)",
            {"found": _strings(found)},
        ).fetchall()
        records += [(column.identifies[0], str(name)) for (name,) in rows]
    return records


def _carries(columns: Sequence[Column]) -> str:
    """SQL: whether a row has one of the identifiers ``$found``.

    A profile of another user id that shares an address is not the forgotten person's.
    """
    carries = f"coalesce(list_has_any({identifiers_sql(columns)}, $found::VARCHAR[]), false)"
    if {"profile_key", "email"} <= {column.name for column in columns}:
        carries += (
            " AND NOT (starts_with(profile_key, 'user_id:') "
            "AND NOT list_contains($found::VARCHAR[], 'profile_key:' || profile_key))"
        )
    return f"({carries})"


def _strings(identifiers: Collection[Identifier]) -> list[str]:
    return [":".join(normal(each)) for each in identifiers]


def _replace_addresses(con: "DuckDBPyConnection", name: str, relation: str) -> None:
    """Replace forgotten addresses in the column ``name`` of rows that stay."""
    text = f"{name}::VARCHAR"
    rows = con.execute(
        "SELECT written FROM ("
        f"SELECT DISTINCT unnest(written_addresses({text})) AS written FROM {relation}) "
        "WHERE pseudonym('forgotten', 'email:' || plain_address(written)) "
        f"IN (SELECT id_hash FROM {_TABLE})"
    ).fetchall()
    for (written,) in rows:
        con.execute(
            f"UPDATE {relation} SET {name} = without_address({text}, $written, '{REPLACED}') "
            f"WHERE list_contains(written_addresses({text}), $written)",
            {"written": written},
        )
