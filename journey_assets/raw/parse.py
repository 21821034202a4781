"""From a vendor's JSON records to typed columns, as the table's declaration says.

Belongs here: the one reader of records for all raw tables. Each declared :class:`Source` becomes a
typed column; keys that no column names go to ``extra``; what is missing, mistyped or unreadable is
noted for ``raw.rejects`` with its text and the reason. Does not belong here: what a vendor's record
means beyond its fields (keys, order, repeats), which stands in the module of each vendor.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from journey_assets.raw.staging import OWN_KEY
from journey_assets.warehouse.schema import Column, Table

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: Longest record accepted, in bytes; a longer one fails the read. DuckDB buffers 16 of them.
LONGEST_LINE = 4 * 1024 * 1024

#: Types whose fields are kept as JSON instead of text.
_NESTED = frozenset({"JSON", "VARCHAR[]"})


@dataclass(frozen=True, slots=True)
class Parsed:
    """Names of the session's tables and views that a parse left, and its counts.

    rows: a view with the table's sourced columns, ``extra``, the partition and the own values.
    rejects: rows for ``raw.rejects``. records: records read. fields: field values they offered.
    """

    rows: str
    rejects: str
    records: int
    fields: int


@dataclass(frozen=True, slots=True)
class _Names:
    """typed: the one copy of all records read. rows, rejects: what callers read."""

    typed: str
    rows: str
    rejects: str


def parse_records(
    con: "DuckDBPyConnection",
    table: Table,
    files: Sequence[Path],
    *,
    partition: str,
    first: date,
    last: date,
    own: Mapping[str, str] | None = None,
) -> Parsed:
    """Read NDJSON ``files`` (plain or ``.gz``) into the session; returns the names to read there.

    partition: SQL over the typed columns that gives the row's day, e.g. ``event_time::DATE``;
    rows of other days than ``first`` … ``last`` are left out (they belong to other partitions),
    records whose day cannot be read are noted under ``last``.
    own: values written with :class:`RecordWriter` to carry along, name → DuckDB type.
    Column ``line_no`` numbers the records in the order of ``files`` and of the lines in them.
    """
    sourced = tuple(column for column in table.columns if column.source)
    names = _Names(f"typed_{table.name}", f"parsed_{table.name}", f"rejected_{table.name}")
    _read_lines(con, files, sourced, own or {})
    con.execute(_typed_sql(names, sourced, own or {}))
    con.execute(_rejects_sql(names, table, sourced, partition), [last, first, last])
    con.execute(_rows_sql(names, table, sourced, partition, own or {}, (first, last)))
    records = int(con.execute(f"SELECT count(*) FROM {names.typed}").fetchall()[0][0])
    return Parsed(names.rows, names.rejects, records, records * len(sourced))


def _read_lines(
    con: "DuckDBPyConnection",
    files: Sequence[Path],
    sourced: Sequence[Column],
    own: Mapping[str, str],
) -> None:
    """Lines are read as text first, so that one that is no JSON can still be shown.

    Each use of a JSON function parses the record again, so there are three: is it JSON, the fields
    as text, and the rest.
    """
    structure = {
        name: "JSON" if column.type in _NESTED else "VARCHAR"
        for column in sourced
        if column.source
        for name in column.source.names
    } | {f"{OWN_KEY}{name}": "VARCHAR" for name in own}
    source = "(SELECT NULL::VARCHAR AS line WHERE false)"
    if files:
        listed = ", ".join(_text(str(path)) for path in files)
        source = (
            f"read_csv([{listed}], columns = {{'line': 'VARCHAR'}}, delim = '\x01', quote = '', "
            "escape = '', header = false, auto_detect = false, new_line = '\\n', "
            f"max_line_size = {LONGEST_LINE})"
        )
    con.execute(
        "CREATE OR REPLACE TEMP VIEW source_records AS "
        f"SELECT line, record, json_transform(record, {_text(json.dumps(structure))}) AS f, "
        f"json_merge_patch(record, {_text(json.dumps(dict.fromkeys(structure)))}) AS rest "
        "FROM (SELECT line, CASE WHEN json_valid(line) AND ltrim(line, ' \t\r')[1] = '{' "
        f"THEN line END AS record FROM {source} WHERE trim(line) <> '')"
    )


def _typed_sql(names: _Names, sourced: Sequence[Column], own: Mapping[str, str]) -> str:
    columns = [f"{_typed(column)} AS {_name(column.name)}" for column in sourced]
    columns += [
        f"TRY_CAST(f.{_name(OWN_KEY + name)} AS {type_}) AS {name}" for name, type_ in own.items()
    ]
    wrong = " OR ".join(f"({_missing(column)} OR {_mistyped(column)})" for column in sourced)
    problems = ", ".join(_problem(column) for column in sourced)
    return (
        f"CREATE OR REPLACE TEMP TABLE {names.typed} AS WITH typed AS ("
        f"SELECT line, f, record IS NULL AS unreadable, {', '.join(columns)}, "
        "CASE WHEN rest::VARCHAR <> '{}' THEN rest END AS extra FROM source_records), "
        # Most records are sound, and their text and a list of nothing are not needed again.
        f"checked AS (SELECT *, NOT unreadable AND ({wrong}) AS wrong FROM typed) "
        "SELECT * EXCLUDE (f, wrong) REPLACE (CASE WHEN unreadable OR wrong THEN line END AS line), "
        f"CASE WHEN wrong THEN list_filter([{problems}], lambda p: p IS NOT NULL) END AS problems "
        "FROM checked"
    )


def _missing(column: Column) -> str:
    required = column.source and (column.source.required or column.source.essential)
    return f"{_raw(column)} IS NULL" if required else "false"


def _mistyped(column: Column) -> str:
    return f"({_raw(column)} IS NOT NULL AND {_name(column.name)} IS NULL)"


def _problem(column: Column) -> str:
    """A struct when the column's field is missing or mistyped in this record, else NULL."""
    name = _text(column.source.names[0] if column.source else column.name)
    return (
        f"CASE WHEN {_missing(column)} THEN {{'field': {name}, 'reason': 'missing'}} "
        f"WHEN {_mistyped(column)} THEN {{'field': {name}, 'reason': 'not a {column.type}'}} END"
    )


def _rejects_sql(names: _Names, table: Table, sourced: Sequence[Column], partition: str) -> str:
    usable = _usable(sourced)
    return (
        f"CREATE OR REPLACE TEMP TABLE {names.rejects} AS "
        f"SELECT CASE WHEN day IS NULL THEN ?::DATE ELSE day END AS reject_date, "
        f"'{table.full_name}' AS table_name, problem.field AS field, problem.reason AS reason, "
        "usable AS kept, line AS record FROM ("
        f"SELECT {partition} AS day, line, {usable} AS usable, unnest("
        "CASE WHEN unreadable THEN [{'field': NULL::VARCHAR, 'reason': 'not a JSON object'}] "
        f"ELSE problems END) AS problem FROM {names.typed} WHERE line IS NOT NULL) "
        "WHERE day IS NULL OR day BETWEEN ?::DATE AND ?::DATE"
    )


def _rows_sql(
    names: _Names,
    table: Table,
    sourced: Sequence[Column],
    partition: str,
    own: Mapping[str, str],
    days: tuple[date, date],
) -> str:
    """A view: the records are the bulk of a run's memory and stand there once."""
    columns = [_name(column.name) for column in sourced] + list(own)
    return (
        f"CREATE OR REPLACE TEMP VIEW {names.rows} AS SELECT {partition} AS {table.partition}, "
        f"{', '.join(columns)}, extra, rowid AS line_no FROM {names.typed} WHERE {_usable(sourced)} "
        f"AND {partition} BETWEEN DATE '{days[0]}' AND DATE '{days[1]}'"
    )


def _usable(sourced: Sequence[Column]) -> str:
    needed = [
        f"{_name(column.name)} IS NOT NULL"
        for column in sourced
        if column.source and column.source.essential
    ]
    return f"(NOT unreadable AND {' AND '.join(needed) or 'true'})"


def _raw(column: Column) -> str:
    """The field under the first of its spellings that has a value: JSON where nested, else text."""
    if column.source is None:
        raise ValueError(f"column {column.name} has no source")
    fields = [f"f.{_name(name)}" for name in column.source.names]
    if column.type in _NESTED:
        fields = [f"nullif({field}, 'null'::JSON)" for field in fields]
    return f"coalesce({', '.join(fields)})"


def _typed(column: Column) -> str:
    raw = text = _raw(column)
    match column.type:
        case "JSON":
            return raw
        case "VARCHAR":
            return f"CASE WHEN {text}[1] IN ('{{', '[') AND {_nested(column)} THEN NULL ELSE {text} END"
        case "VARCHAR[]":
            return f"CASE WHEN json_type({raw}) = 'ARRAY' THEN TRY_CAST({raw} AS VARCHAR[]) END"
        case "TIMESTAMP":
            # Naive times are UTC; the session's time zone is UTC too.
            return f"TRY_CAST({text} AS TIMESTAMPTZ)::TIMESTAMP"
        case "DATE":
            return f"TRY_CAST({text} AS TIMESTAMPTZ)::DATE"
        case "BIGINT" | "INTEGER":
            # DuckDB would round 1.5 to 2: only whole numbers are integers.
            whole = f"TRY_CAST({text} AS {column.type})"
            return f"CASE WHEN {whole}::DOUBLE = TRY_CAST({text} AS DOUBLE) THEN {whole} END"
        case "DOUBLE":
            number = f"TRY_CAST({text} AS DOUBLE)"
            return f"CASE WHEN isfinite({number}) THEN {number} END"
        case other:
            raise ValueError(f"no reading for a column of type {other}")


def _nested(column: Column) -> str:
    """Whether the field is an object or a list; asked only of text that looks like one."""
    names = column.source.names if column.source else ()
    types = ", ".join(f"nullif(json_type(record, {_pointer(name)}), 'NULL')" for name in names)
    return f"coalesce({types}) IN ('OBJECT', 'ARRAY')"


def _pointer(name: str) -> str:
    """The JSON pointer (RFC 6901) of a record's field."""
    return _text("/" + name.replace("~", "~0").replace("/", "~1"))


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
