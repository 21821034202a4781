"""An export archive to stored rows, against DuckDB's own reader of NDJSON on the unzipped files.

Each contestant runs in a process of its own over the same synthetic events, which have the fields of
Amplitude's export. Printed: wall and CPU seconds of the work (imports and making the files not
counted), peak memory of the process, and the ratios. Two peers read the files into a table in memory:
one the columns that our table declares, one every field that we store (what no column names goes to
``extra``). Ours begins at the zip and ends with the rows in the database file. On a shared machine
trust CPU, not wall.

    python benchmarks/bench_ingest.py [--events 1000000] [--memory-limit 4GB] [--json FILE]
"""

import argparse
import gzip
import json
import random
import subprocess
import sys
import tempfile
import time
import uuid
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
from measuring import Mark, Run, print_rows, rows_of, several, since

from journey_assets.raw.amplitude_store import Staged, store_staged
from journey_assets.vendors.archives import unpack
from journey_assets.warehouse.database import Database
from journey_assets.warehouse.tables.raw import AMPLITUDE_EVENTS

DAY = date(2026, 3, 10)
FILES = 48
EVENTS = 1_000_000
RUNS = 3
ABOUT = f"an export archive of {EVENTS:,} events to stored rows"
MARKS = (
    Mark("export archive against read_ndjson, our columns", "ours", "declared columns", 2),
    Mark("export archive against read_ndjson, every field", "ours", "every field", None),
)
USERS = 50_000

#: The fields of an event as Amplitude exports it; those not written here are empty.
CONSTANT = {
    "app": 434735, "platform": "Web", "os_name": "Chrome", "os_version": "120", "device_family": "Mac",
    "device_type": None, "device_carrier": None, "country": "Sweden", "region": "Stockholm",
    "city": "Stockholm", "dma": None, "language": "Swedish", "library": "amplitude-ts/2.11",
    "version_name": None, "start_version": None, "ip_address": "192.0.2.17", "location_lat": None,
    "location_lng": None, "group_properties": {}, "groups": {}, "data": {"path": "/2/httpapi"},
    "paying": None, "user_creation_time": None, "sample_rate": None, "is_attribution_event": False,
    "amplitude_event_type": None, "amplitude_attribution_ids": None, "adid": None, "idfa": None,
    "$schema": 13,
}  # fmt: skip
PROPERTIES = (
    "{}",
    '{"path":"/pricing","referrer":"https://example.com/a?b=c"}',
    '{"plan":"pro","seats":12,"trial":true}',
    '{"query":"how to reset","results":[1,2,3],"nested":{"a":{"b":1}}}',
)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=EVENTS)
    parser.add_argument("--memory-limit", default="4GB")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--contestant", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.contestant:
        print(
            json.dumps(_measured(CONTESTANTS[given.contestant], given.folder, given.memory_limit))
        )
        return
    with tempfile.TemporaryDirectory() as folder:
        runs = several(RUNS, lambda: run_once(Path(folder), given.events, given.memory_limit))
    rows = rows_of(MARKS, runs, f"an export archive of {given.events:,} events")
    print_rows(rows)
    if given.json:
        given.json.write_text(json.dumps(rows, indent=1))


def run_once(folder: Path, events: int = EVENTS, memory_limit: str = "4GB") -> Run:
    """Every contestant once; the files are made in the first run."""
    files = folder / f"export_{events}"
    if not files.exists():
        files.mkdir()
        make_files(files, events)
    return {name: _run(name, files, memory_limit) for name in CONTESTANTS}


def make_files(folder: Path, events: int) -> None:
    """``export.zip`` as Amplitude answers it, and its files unzipped: ``00.json`` and so on."""
    draw = random.Random(1)
    midnight = int(datetime(DAY.year, DAY.month, DAY.day, tzinfo=UTC).timestamp())
    rest = json.dumps(CONSTANT, separators=(",", ":"))[1:]
    with zipfile.ZipFile(folder / "export.zip", "w", zipfile.ZIP_STORED) as archive:
        for number in range(FILES):
            begins = midnight + number * 1800
            count = events * (number + 1) // FILES - events * number // FILES
            lines = [_line(draw, begins, n, rest) for n in range(count)]
            content = ("\n".join(lines) + "\n").encode()
            (folder / f"{number:02d}.json").write_bytes(content)
            name = f"434735/434735_{DAY}_{number // 2}#{number % 2}.json.gz"
            archive.writestr(name, gzip.compress(content, 6))


def _line(draw: random.Random, begins: int, number: int, rest: str) -> str:
    user, at = draw.randrange(USERS), begins + draw.randrange(1799)
    event, upload = (
        f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d %H:%M:%S}.{draw.randrange(1000):03d}000"
        for moment in (at, at + 1)
    )
    named = f'"user-{user}"' if user % 3 else "null"
    own = str(uuid.UUID(int=draw.getrandbits(128)))
    return (
        f'{{"amplitude_id":{10**9 + user},"user_id":{named},"device_id":"dev-{user:08d}-aaaa-bbbb",'
        f'"event_time":"{event}","client_event_time":"{event}","client_upload_time":"{upload}",'
        f'"server_received_time":"{upload}","server_upload_time":"{upload}",'
        f'"processed_time":"{upload}","event_id":{number},"session_id":{begins * 1000 + user},'
        f'"event_type":"Event {draw.randrange(40)}","event_properties":{draw.choice(PROPERTIES)},'
        f'"user_properties":{{"role":"owner","team_size":{user % 40}}},"uuid":"{own}",'
        f'"$insert_id":"{own[::-1]}",{rest}'
    )


def _run(name: str, folder: Path, memory_limit: str) -> dict[str, float]:
    command = [sys.executable, __file__, "--contestant", name, "--folder", str(folder)]
    command += ["--memory-limit", memory_limit]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)
    figures: dict[str, float] = json.loads(answer.stdout)
    return figures


def _measured(work: Callable[[Path, str], int], folder: Path, memory_limit: str) -> dict[str, Any]:
    began, cpu = time.monotonic(), time.process_time()
    rows = work(folder, memory_limit)
    return {**since(began, cpu), "rows": rows}


def _declared(folder: Path, memory_limit: str) -> int:
    columns = {c.source.names[0]: c.type for c in AMPLITUDE_EVENTS.columns if c.source}
    return _peer(folder, memory_limit, columns)


def _every_field(folder: Path, memory_limit: str) -> int:
    with (folder / "00.json").open() as file:
        fields = json.loads(file.readline())
    columns = {c.source.names[0]: c.type for c in AMPLITUDE_EVENTS.columns if c.source}
    return _peer(folder, memory_limit, {name: columns.get(name, "JSON") for name in fields})


def _peer(folder: Path, memory_limit: str, columns: dict[str, str]) -> int:
    con = duckdb.connect()
    con.execute("SET memory_limit = ?", [memory_limit])
    files = [str(path) for path in sorted(folder.glob("*.json"))]
    rows: list[Any] = con.execute(
        f"CREATE TEMP TABLE events AS FROM read_ndjson({files}, columns = {columns})"
    ).fetchall()
    return int(rows[0][0])


def _ours(folder: Path, memory_limit: str) -> int:
    with tempfile.TemporaryDirectory(dir=folder) as place:
        database = Database(Path(place) / "store.duckdb", memory_limit=memory_limit)
        with database.session() as session:
            unpacked = unpack(folder / "export.zip", Path(place) / "out")
            staged = Staged(unpacked, newest_first=False)
            done = store_staged(session, staged, DAY, DAY, lambda _: None)
        return done.rows[AMPLITUDE_EVENTS.full_name][DAY]


CONTESTANTS: dict[str, Callable[[Path, str], int]] = {
    "declared columns": _declared,
    "every field": _every_field,
    "ours": _ours,
}


if __name__ == "__main__":
    main()
