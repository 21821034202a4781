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


@dataclass(frozen=True, slots=True)
class Parsed:
    """Names of the session tables that a parse left, and its counts.

    rows: the table's sourced columns, ``extra``, the partition and the own values.
    rejects: rows for ``raw.rejects``. records: records read. fields: field values they offered.
    """

    rows: str
    rejects: str
    records: int
    fields: int


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
    """Read NDJSON ``files`` (plain or ``.gz``) into session tables; returns their names.

    partition: SQL over the typed columns that gives the row's day, e.g. ``event_time::DATE``;
    rows of other days than ``first`` … ``last`` are left out (they belong to other partitions),
    records whose day cannot be read are noted under ``last``.
    own: values written with :class:`RecordWriter` to carry along, name → DuckDB type.
    Column ``line_no`` numbers the records in the order of ``files`` and of the lines in them.
    """
    rows, rejects = f"parsed_{table.name}", f"rejected_{table.name}"
    sourced = tuple(column for column in table.columns if column.source)
    _read_lines(con, files, sourced, own or {})
    con.execute(_typed_sql(sourced, own or {}))
    con.execute(_rejects_sql(rejects, table, sourced, partition), [last, first, last])
    con.execute(_rows_sql(rows, table, sourced, partition, own or {}), [first, last])
    records = int(con.execute("SELECT count(*) FROM typed_records").fetchall()[0][0])
    con.execute("DROP TABLE typed_records")
    return Parsed(rows, rejects, records, records * len(sourced))


def _read_lines(
    con: "DuckDBPyConnection",
    files: Sequence[Path],
    sourced: Sequence[Column],
    own: Mapping[str, str],
) -> None:
    """Lines are read as text first, so that one that is no JSON can still be shown."""
    names = [name for column in sourced if column.source for name in column.source.names]
    structure = dict.fromkeys(names, "JSON") | {f"{OWN_KEY}{name}": "JSON" for name in own}
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
        f"SELECT line, json_transform(record, {_text(json.dumps(structure))}) AS f, "
        f"json_merge_patch(record, {_text(json.dumps(dict.fromkeys(structure)))}) AS rest "
        "FROM (SELECT line, CASE WHEN json_type(TRY_CAST(line AS JSON)) = 'OBJECT' "
        f"THEN line::JSON END AS record FROM {source} WHERE trim(line) <> '')"
    )


def _typed_sql(sourced: Sequence[Column], own: Mapping[str, str]) -> str:
    columns = [f"{_typed(column)} AS {_name(column.name)}" for column in sourced]
    columns += [
        f"TRY_CAST(f.{_name(OWN_KEY + name)} ->> '$' AS {type_}) AS {name}"
        for name, type_ in own.items()
    ]
    problems = ", ".join(_problem(column) for column in sourced)
    return (
        "CREATE OR REPLACE TEMP TABLE typed_records AS WITH typed AS ("
        f"SELECT line, f, f IS NULL AS unreadable, {', '.join(columns)}, "
        "CASE WHEN rest::VARCHAR <> '{}' THEN rest END AS extra FROM source_records), "
        f"noted AS (SELECT * EXCLUDE (f), list_filter([{problems}], lambda p: p IS NOT NULL) "
        "AS problems FROM typed) "
        # The text is only needed again for the records that will be noted.
        "SELECT * REPLACE (CASE WHEN unreadable OR len(problems) > 0 THEN line END AS line) "
        "FROM noted"
    )


def _problem(column: Column) -> str:
    """A struct when the column's field is missing or mistyped in this record, else NULL."""
    raw, name = _raw(column), column.source.names[0] if column.source else column.name
    required = bool(column.source and (column.source.required or column.source.essential))
    missing = (
        f"WHEN {raw} IS NULL THEN {{'field': {_text(name)}, 'reason': 'missing'}} "
        if required
        else ""
    )
    return (
        f"CASE WHEN f IS NULL THEN NULL {missing}"
        f"WHEN {raw} IS NOT NULL AND {_name(column.name)} IS NULL "
        f"THEN {{'field': {_text(name)}, 'reason': 'not a {column.type}'}} END"
    )


def _rejects_sql(target: str, table: Table, sourced: Sequence[Column], partition: str) -> str:
    usable = _usable(sourced)
    return (
        f"CREATE OR REPLACE TEMP TABLE {target} AS "
        f"SELECT CASE WHEN day IS NULL THEN ?::DATE ELSE day END AS reject_date, "
        f"'{table.full_name}' AS table_name, problem.field AS field, problem.reason AS reason, "
        "usable AS kept, line AS record FROM ("
        f"SELECT {partition} AS day, line, {usable} AS usable, unnest("
        "CASE WHEN unreadable THEN [{'field': NULL::VARCHAR, 'reason': 'not a JSON object'}] "
        "ELSE problems END) AS problem FROM typed_records) "
        "WHERE day IS NULL OR day BETWEEN ?::DATE AND ?::DATE"
    )


def _rows_sql(
    target: str, table: Table, sourced: Sequence[Column], partition: str, own: Mapping[str, str]
) -> str:
    columns = [_name(column.name) for column in sourced] + list(own)
    return (
        f"CREATE OR REPLACE TEMP TABLE {target} AS SELECT {partition} AS {table.partition}, "
        f"{', '.join(columns)}, extra, rowid AS line_no FROM typed_records "
        f"WHERE {_usable(sourced)} AND {partition} BETWEEN ?::DATE AND ?::DATE"
    )


def _usable(sourced: Sequence[Column]) -> str:
    needed = [
        f"{_name(column.name)} IS NOT NULL"
        for column in sourced
        if column.source and column.source.essential
    ]
    return f"(NOT unreadable AND {' AND '.join(needed) or 'true'})"


def _raw(column: Column) -> str:
    """The field's JSON under the first of its spellings that has a value."""
    if column.source is None:
        raise ValueError(f"column {column.name} has no source")
    names = ", ".join(f"nullif(f.{_name(name)}, 'null'::JSON)" for name in column.source.names)
    return f"coalesce({names})"


def _typed(column: Column) -> str:
    raw = _raw(column)
    text = f"({raw} ->> '$')"
    nested = f"json_type({raw}) IN ('OBJECT', 'ARRAY')"
    match column.type:
        case "JSON":
            return raw
        case "VARCHAR":
            return f"CASE WHEN {nested} THEN NULL ELSE {text} END"
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


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
