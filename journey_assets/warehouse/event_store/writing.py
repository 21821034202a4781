"""Laying the rows of days down in a store.

Belongs here: the order of a day's rows, its files and row groups, and the manifest that goes with
them. Does not belong here: which rows, and whether they may replace what is there
(:mod:`.replacing`).
"""

import secrets
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from journey_assets.warehouse.database import CATALOG
from journey_assets.warehouse.event_store.days import EVENTS, Day, EventFile
from journey_assets.warehouse.event_store.objects import Objects
from journey_assets.warehouse.tables.ledger import LEDGER
from journey_assets.warehouse.tables.raw import AMPLITUDE_EVENTS, SHARDS

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

#: A row group has whole shards until it has so many rows …
GROUP_ROWS = 16_384
#: … and none has more than so many.
_MOST_ROWS = 1_048_576
#: A file ends with the row group that brings it to so many.
_FILE_ROWS = 16_000_000

#: SQL: the shard of an owner, the same on every machine. Persons are counted in shards.
SHARD = f"(md5_number_upper(coalesce(user_id, amplitude_id::VARCHAR)) % {SHARDS})::UTINYINT"

#: SQL: the code of an owner, the same on every machine. That two of a shard have the same is as likely
#: as a disk's error, and is found where owners are read (``window.sql``).
OWNER = "md5_number_upper(concat_ws(' ', amplitude_id, user_id))"

#: The columns that stand first in a file: those that are read to count.
CODED = ("shard", "owner", "event_type", "event_time", "source_order")


def new_run() -> str:
    """The name under which a run lays files down."""
    return secrets.token_hex(8)


def lay_down(
    con: "DuckDBPyConnection",
    objects: Objects,
    relation: str,
    day: date,
    version: int,
    run: str,
    folder: Path,
) -> Day:
    """Write the rows of ``day`` that ``relation`` (columns of ``raw.amplitude_events``) has.

    folder: of this process, for files before they are in the store. Returns the manifest to publish
    as ``version``.
    """
    of_shards = _counts(con, relation, day, SHARD)
    rows = sum(of_shards.values())
    files: list[EventFile] = []
    if rows:
        for number, groups in enumerate(_files(_groups(of_shards))):
            name = f"{EVENTS}/event_date={day.isoformat()}/{version:010d}-{run}-{number}.parquet"
            local = folder / f"{run}-{number}.parquet"
            shards = (groups[0][0], groups[-1][1])
            _write(con, relation, day, shards, [n for _, _, n in groups], local)
            objects.put(local, name)
            files.append(EventFile(name, sum(n for _, _, n in groups), shards))
    return Day(
        day=day,
        version=version,
        run=run,
        rows=rows,
        files=tuple(files),
        names=_counts(con, relation, day, "event_type"),
        shards=of_shards,
        columns={column.name: column.type for column in AMPLITUDE_EVENTS.columns[1:]},
        ledger=_ledger(con, day),
    )


def _counts(con: "DuckDBPyConnection", relation: str, day: date, of: str) -> dict[Any, int]:
    """The day's rows by ``of``, in its order."""
    return dict(
        con.execute(
            f"SELECT {of} AS each, count(*) FROM {relation} WHERE event_date = ? "
            "GROUP BY each ORDER BY each",
            [day],
        ).fetchall()
    )


def _ledger(con: "DuckDBPyConnection", day: date) -> dict[str, str | None]:
    """The day's row in the attached database's ledger."""
    names = LEDGER.column_names[2:]
    rows = con.execute(
        f"SELECT {', '.join(f'{name}::VARCHAR' for name in names)} FROM {CATALOG}.{LEDGER.full_name} "
        "WHERE table_name = ? AND partition = ?",
        [AMPLITUDE_EVENTS.full_name, day],
    ).fetchall()
    return dict(zip(names, rows[0], strict=True)) if rows else {}


#: First shard, last shard, rows.
_Group = tuple[int, int, int]


def _groups(shards: dict[int, int]) -> Iterator[_Group]:
    """The row groups: small shards together, and a large one in several."""
    gathered: list[tuple[int, int]] = []
    for shard, rows in shards.items():
        gathered.append((shard, rows))
        if (total := sum(n for _, n in gathered)) >= GROUP_ROWS:
            yield from _cut(gathered[0][0], shard, total)
            gathered.clear()
    if gathered:
        yield from _cut(gathered[0][0], gathered[-1][0], sum(n for _, n in gathered))


def _cut(first: int, last: int, rows: int) -> Iterator[_Group]:
    while rows > _MOST_ROWS:
        yield first, last, _MOST_ROWS
        rows -= _MOST_ROWS
    yield first, last, rows


def _files(groups: Iterator[_Group]) -> Iterator[list[_Group]]:
    """Row groups by file; a shard is in one file."""
    file: list[_Group] = []
    for group in groups:
        if file and sum(n for _, _, n in file) >= _FILE_ROWS and group[0] > file[-1][1]:
            yield file
            file = []
        file.append(group)
    if file:
        yield file


def _write(
    con: "DuckDBPyConnection",
    relation: str,
    day: date,
    shards: tuple[int, int],
    groups: Sequence[int],
    local: Path,
) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    rest = [name for name in AMPLITUDE_EVENTS.column_names[1:] if name not in CODED]
    columns = ", ".join([*CODED[2:], *rest])
    reader = con.sql(
        f"SELECT * FROM (SELECT {SHARD} AS shard, {OWNER} AS owner, {columns} FROM {relation} "
        f"WHERE event_date = DATE '{day}') WHERE shard BETWEEN {shards[0]} AND {shards[1]} "
        "ORDER BY shard, owner, event_time, source_order"
    ).to_arrow_reader(GROUP_ROWS)
    schema = _schema(reader.schema)
    with pq.ParquetWriter(
        local, schema, compression="zstd", use_dictionary=_dictionaries()
    ) as writer:
        for table in _cut_rows(reader, groups):
            cast = [_as(table.column(place), each.type) for place, each in enumerate(schema)]
            writer.write_table(pa.table(cast, schema=schema), row_group_size=table.num_rows)


def _dictionaries() -> list[str]:
    """Columns of which a row group has few values; of the others a dictionary is in the way."""
    return ["shard", "owner", "event_type", "source_order", "amplitude_id", "user_id", "session_id",
            "platform", "country", "device_id"]  # fmt: skip


def _schema(read: "pa.Schema") -> "pa.Schema":
    """JSON is marked as such, so that it needs no check when it is read."""
    import pyarrow as pa

    json = {column.name for column in AMPLITUDE_EVENTS.columns if column.type == "JSON"}
    return pa.schema(
        [pa.field(each.name, pa.json_()) if each.name in json else each for each in read]
    )


def _as(column: "pa.ChunkedArray", type_: "pa.DataType") -> "pa.ChunkedArray":
    import pyarrow as pa

    if not isinstance(type_, pa.JsonType):
        return column
    chunks = [pa.ExtensionArray.from_storage(type_, chunk) for chunk in column.chunks]
    return pa.chunked_array(chunks, type=type_)


def _cut_rows(reader: "pa.RecordBatchReader", groups: Sequence[int]) -> Iterator["pa.Table"]:
    """The rows in tables of as many as ``groups`` say."""
    import pyarrow as pa

    held: list[pa.RecordBatch] = []
    count = 0
    for rows in groups:
        while count < rows:
            held.append(reader.read_next_batch())
            count += held[-1].num_rows
        whole = pa.Table.from_batches(held, reader.schema)
        yield whole.slice(0, rows)
        held, count = whole.slice(rows).to_batches(), count - rows
