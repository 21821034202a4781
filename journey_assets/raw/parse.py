"""From a vendor's JSON records to typed columns, as the table's declaration says.

Belongs here: the one reader of records for all raw tables. Each declared :class:`Source` becomes a
typed column; keys that no column names go to ``extra``; what is missing, mistyped or unreadable is
noted for ``raw.rejects`` with the reason and its place, never with its text. Does not belong here:
unpacking and lines (:mod:`journey_assets.raw.batches`), what is wrong with a line
(:mod:`journey_assets.raw.unreadable`), and what a vendor's record means beyond its fields (keys,
order, repeats), which stands in the module of each vendor.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from journey_assets.errors import ExplainedError
from journey_assets.raw.batches import Batch, Line, batches
from journey_assets.raw.staging import OWN_KEY
from journey_assets.raw.unreadable import FEWEST_BRACKETS, mended, reason, too_deep
from journey_assets.vendors.telling import telling
from journey_assets.warehouse.schema import Column, Table

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: SQL: whether the noted rows ``old`` and ``new`` say the same, wherever they were read.
SAME_REJECT = (
    "old.hash = new.hash AND old.table_name = new.table_name "
    "AND old.field IS NOT DISTINCT FROM new.field"
)

#: Types whose fields are kept as JSON instead of text.
_NESTED = frozenset({"JSON", "VARCHAR[]"})

#: The value by which a mended record names the unreadable one that it stands for.
_MENDS = "mends"

#: Records of fewer bytes are not looked at for their nesting: counting brackets in every record costs
#: a tenth of reading it, and what fits in here is nested less deep than what readers mind most.
_SHALLOW_BYTES = 4000

#: Longest object that DuckDB is told to expect: its buffers hold two, and grow for none.
_OBJECT_BYTES = 16 << 20


class RecordsLost(ExplainedError):  # noqa: N818 - reads as what happened
    """Records were read that are neither usable nor noted nor of other days."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """Names of the session's tables and views that a parse left, and its counts.

    rows: a view with the table's sourced columns, ``extra``, the partition and the own values.
    rejects: rows for ``raw.rejects``. records: records read. fields: field values they offered.
    usable, unusable, elsewhere: records that ``rows`` has, that cannot be stored, and that are of
    other days; together they are all.
    """

    rows: str
    rejects: str
    records: int
    fields: int
    usable: int
    unusable: int
    elsewhere: int


@dataclass(frozen=True, slots=True)
class _Reading:
    """A parse under way: what is read, and the names in the session that it uses.

    read: the one copy of all records. places: where those stand of which something is noted.
    """

    con: "DuckDBPyConnection"
    table: Table
    partition: str
    days: tuple[date, date]
    own: Mapping[str, str]

    @property
    def sourced(self) -> tuple[Column, ...]:
        return tuple(column for column in self.table.columns if column.source)

    @property
    def read(self) -> str:
        return f"read_{self.table.name}"

    @property
    def places(self) -> str:
        return f"places_{self.table.name}"

    @property
    def rows(self) -> str:
        return f"parsed_{self.table.name}"

    @property
    def rejects(self) -> str:
        return f"rejected_{self.table.name}"

    def count(self, relation: str) -> int:
        return int(self.con.execute(f"SELECT count(*) FROM {relation}").fetchall()[0][0])


def parse_records(
    con: "DuckDBPyConnection",
    table: Table,
    files: Sequence[Path],
    *,
    partition: str,
    first: date,
    last: date,
    own: Mapping[str, str] | None = None,
    log: Callable[[str], None] = lambda _: None,
) -> Parsed:
    """Read NDJSON ``files`` (plain or gzip) into the session; returns the names to read there.

    partition: SQL over the typed columns that gives the row's day, e.g. ``event_time::DATE``;
    rows of other days than ``first`` … ``last`` are left out (they belong to other partitions),
    records whose day cannot be read are noted under ``last``.
    own: values written with :class:`RecordWriter` to carry along, name → DuckDB type.
    log: is told every few seconds how far reading is.
    Column ``line_no`` numbers the records in the order of ``files`` and of the lines in them.
    Raises :class:`~journey_assets.raw.batches.FileBroken` when a file cannot be unpacked.
    """
    reading = _Reading(con, table, partition, (first, last), own or {})
    con.execute(f"CREATE OR REPLACE TEMP TABLE {reading.read} AS {_select(reading, None)}")
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {reading.places} "
        "(record BIGINT, file VARCHAR, line BIGINT, hash VARCHAR, reason VARCHAR)"
    )
    records = 0
    with telling(log, lambda: f"{table.full_name}: {records} records read"):
        for batch in batches(files, files[0].parent) if files else ():
            records += _read(reading, batch)
        con.execute(_rejects_sql(reading), [last, first, last])
        con.execute(_rows_sql(reading))
        return _accounted(reading, records)


def _read(reading: _Reading, batch: Batch) -> int:
    """Append the batch's records; returns how many they are."""
    con, read = reading.con, reading.read
    before = reading.count(read)
    ((records,),) = con.execute(f"INSERT INTO {read} {_select(reading, batch.path)}").fetchall()
    if records != batch.lines and records != (found := batch.count()):
        raise RecordsLost(f"{reading.table.full_name}: {found} lines gave {records} records.")
    noted = con.execute(
        f"SELECT rowid - $1, unreadable, deep FROM {read} "
        "WHERE rowid >= $1 AND (unreadable OR deep OR problems IS NOT NULL)",
        [before],
    ).fetchall()
    if noted:
        wanted = {number for number, _, _ in noted}
        lines = {before + line.record: line for line in batch.records(wanted)}
        unreadable = {before + number for number, unread, _ in noted if unread}
        deep = {before + number for number, _, deep in noted if deep} - unreadable
        reasons = {record: reason(lines[record]) for record in unreadable}
        reasons |= {record: too_deep(lines[record]) for record in deep}
        _note(reading, lines, reasons)
        again = {record: lines[record] for record in unreadable if not reasons[record]}
        _mend(reading, again, batch.path.with_suffix(".mended"))
    return int(records)


def _note(reading: _Reading, lines: Mapping[int, Line], reasons: Mapping[int, str | None]) -> None:
    """Keep the places of records, and which of them are unreadable for what reason."""
    reading.con.execute(
        f"INSERT INTO {reading.places} SELECT unnest($1::BIGINT[]), unnest($2::VARCHAR[]), "
        "unnest($3::BIGINT[]), unnest($4::VARCHAR[]), unnest($5::VARCHAR[])",
        [
            list(lines),
            [line.file for line in lines.values()],
            [line.line for line in lines.values()],
            [line.sha256 for line in lines.values()],
            [reasons.get(record) for record in lines],
        ],
    )
    wrong = [record for record, why in reasons.items() if why]
    reading.con.execute(
        f"UPDATE {reading.read} SET unreadable = true WHERE rowid IN "
        "(SELECT unnest($1::BIGINT[])) AND NOT unreadable",
        [wrong],
    )


def _mend(reading: _Reading, lines: Mapping[int, Line], scratch: Path) -> None:
    """Read records again in words that DuckDB takes; the unreadable ones before them stay unused."""
    if not lines:
        return
    with scratch.open("wb") as file:
        for record, line in lines.items():
            file.write(mended(line, {f"{OWN_KEY}{_MENDS}": record}) + b"\n")
    reading.con.execute(f"INSERT INTO {reading.read} {_select(reading, scratch)}")
    scratch.unlink()


def _accounted(reading: _Reading, records: int) -> Parsed:
    """The counts; raises :class:`RecordsLost` unless they are all records."""
    usable = _usable(reading.sourced)
    of_days = _of_days(reading)
    ((here, elsewhere, unusable),) = reading.con.execute(
        f"SELECT count(*) FILTER ({usable} AND {of_days}), "
        f"count(*) FILTER ({usable} AND NOT {of_days}), "
        f"count(*) FILTER (NOT {usable} AND (NOT unreadable OR reason IS NOT NULL)) "
        f"FROM {_with_places(reading)}"
    ).fetchall()
    if here + elsewhere + unusable != records:
        raise RecordsLost(
            f"{reading.table.full_name}: of {records} records read {here} can be stored, {unusable} "
            f"cannot, {elsewhere} are of other days: the sum is another."
        )
    fields = records * len(reading.sourced)
    return Parsed(reading.rows, reading.rejects, records, fields, here, unusable, elsewhere)


def _select(reading: _Reading, path: Path | None) -> str:
    """A SELECT of the records in the file ``path``; None: of none.

    A line that DuckDB cannot read is a row without values. Each use of a JSON function parses the
    record again, so there are two: the fields as text, and the rest.
    """
    sourced = reading.sourced
    own = {**reading.own, _MENDS: "BIGINT"}
    structure = {
        name: "JSON" if column.type in _NESTED else "VARCHAR"
        for column in sourced
        if column.source
        for name in column.source.names
    } | {f"{OWN_KEY}{name}": "VARCHAR" for name in own}
    source = "(SELECT NULL::JSON AS json WHERE false)"
    if path is not None:
        source = (
            f"read_ndjson_objects({_text(str(path))}, ignore_errors = true, compression = 'none', "
            f"maximum_object_size = {_OBJECT_BYTES})"
        )
    columns = [f"{_typed(column)} AS {_name(column.name)}" for column in sourced]
    columns += [
        f"TRY_CAST(f.{_name(OWN_KEY + name)} AS {type_}) AS {name}" for name, type_ in own.items()
    ]
    wrong = " OR ".join(f"{_missing(column)} OR {_mistyped(column)}" for column in sourced)
    problems = ", ".join(_problem(column) for column in sourced)
    # Twice replace takes a tenth of the time that translate takes once.
    without = "strlen(replace(record, '[', '')) - strlen(replace(record, '{', ''))"
    return (
        "WITH texts AS (SELECT CASE WHEN json ^@ '{' THEN json END AS record FROM "
        f"{source}), fields AS (SELECT record, record IS NULL AS unreadable, "
        f"json_transform(record, {_text(json.dumps(structure))}) AS f, "
        f"json_merge_patch(record, {_text(json.dumps(dict.fromkeys(structure)))}) AS rest "
        f"FROM texts), typed AS (SELECT f, unreadable, {', '.join(columns)}, "
        "CASE WHEN rest::VARCHAR <> '{}' THEN rest END AS extra, "
        f"CASE WHEN strlen(record) < {_SHALLOW_BYTES} THEN false "
        f"ELSE 2 * strlen(record) - {without} >= {FEWEST_BRACKETS} END IS true AS deep FROM fields) "
        "SELECT * EXCLUDE (f), CASE WHEN NOT unreadable AND "
        f"({wrong}) THEN list_filter([{problems}], lambda p: p IS NOT NULL) END AS problems "
        "FROM typed"
    )


def _with_places(reading: _Reading) -> str:
    """The records read, each with the place of the line that it came from, if that was noted."""
    return (
        f"(SELECT * FROM (SELECT *, coalesce({_MENDS}, rowid) AS line_no FROM {reading.read}) "
        f"LEFT JOIN {reading.places} ON record = line_no)"
    )


def _rejects_sql(reading: _Reading) -> str:
    return (
        f"CREATE OR REPLACE TEMP TABLE {reading.rejects} AS "
        "SELECT CASE WHEN day IS NULL THEN ?::DATE ELSE day END AS reject_date, "
        f"'{reading.table.full_name}' AS table_name, problem.field AS field, "
        "problem.reason AS reason, usable AS kept, file, line, hash FROM ("
        f"SELECT {reading.partition} AS day, {_usable(reading.sourced)} AS usable, "
        "file, line, hash, unnest(CASE WHEN NOT unreadable THEN problems WHEN reason IS NOT NULL "
        "THEN [{'field': NULL::VARCHAR, 'reason': reason}] END) AS problem "
        f"FROM {_with_places(reading)} WHERE record IS NOT NULL) "
        "WHERE day IS NULL OR day BETWEEN ?::DATE AND ?::DATE"
    )


def _rows_sql(reading: _Reading) -> str:
    """A view: the records are the bulk of a run's memory and stand there once."""
    columns = [_name(column.name) for column in reading.sourced] + list(reading.own)
    return (
        f"CREATE OR REPLACE TEMP VIEW {reading.rows} AS SELECT "
        f"{reading.partition} AS {reading.table.partition}, {', '.join(columns)}, extra, "
        f"coalesce({_MENDS}, rowid) AS line_no FROM {reading.read} "
        f"WHERE {_usable(reading.sourced)} AND {_of_days(reading)}"
    )


def _of_days(reading: _Reading) -> str:
    first, last = reading.days
    return f"coalesce({reading.partition} BETWEEN DATE '{first}' AND DATE '{last}', false)"


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
            # Only what looks like an object or a list is asked: that parses the record again.
            return (
                f"CASE WHEN {text} ^@ '{{' OR {text} ^@ '[' "
                f"THEN CASE WHEN {_nested(column)} THEN NULL ELSE {text} END ELSE {text} END"
            )
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
