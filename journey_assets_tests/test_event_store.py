"""Events in a store of Parquet: days, versions, the database that mirrors them, reading by shard."""

import pickle
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest

from journey_assets import frames
from journey_assets.errors import told
from journey_assets.settings import Settings
from journey_assets.warehouse.database import CATALOG, Database, WarehouseError
from journey_assets.warehouse.event_store import replacing
from journey_assets.warehouse.event_store.address import StoreAddress
from journey_assets.warehouse.event_store.days import (
    GRACE_SECONDS,
    Conflict,
    present_days,
    publish,
    sweep,
)
from journey_assets.warehouse.event_store.objects import StoreError
from journey_assets.warehouse.event_store.reading import Reading
from journey_assets.warehouse.origins import check_origins
from journey_assets.warehouse.replace import (
    Replacement,
    ReplacementRefused,
    replace_partitions,
    stored_days,
)
from journey_assets.warehouse.tables.raw import AMPLITUDE_EVENTS, SHARDS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

DAY = date(2026, 3, 1)
NEXT = DAY + timedelta(days=1)

Seen = tuple[int, str | None, str, int]


@pytest.fixture
def address(tmp_path: Path) -> StoreAddress:
    return StoreAddress(str(tmp_path / "events"))


@pytest.fixture
def database(tmp_path: Path, address: StoreAddress) -> Database:
    return Database(tmp_path / "one" / "store.duckdb", event_store=address)


def select(day: date, seen: Iterable[Seen]) -> str:
    """Events of a day: (amplitude_id, user_id, event_type, minute)."""
    midnight = datetime.combine(day, datetime.min.time())
    rows = ", ".join(
        f"(DATE '{day}', {id_}, {_text(user)}, {_text(name)}, "
        f"TIMESTAMP '{midnight + timedelta(minutes=minute)}', 0, '{{\"at\": {minute}}}'::JSON)"
        for id_, user, name, minute in seen
    )
    return (
        f"FROM (VALUES {rows}) AS rows(event_date, amplitude_id, user_id, event_type, event_time, "
        "source_order, event_properties)"
    )


def store(database: Database, day: date, seen: Iterable[Seen]) -> None:
    with database.session() as session:
        replace_partitions(session, day, day, Replacement(AMPLITUDE_EVENTS, select(day, seen)))


def _text(value: str | None) -> str:
    return "NULL::VARCHAR" if value is None else f"'{value}'"


def stored(
    database: Database, columns: str = "event_date, amplitude_id, user_id, event_type"
) -> list[tuple[object, ...]]:
    with database.session() as session, session.reading() as con:
        return con.execute(
            f"SELECT {columns} FROM {CATALOG}.raw.amplitude_events ORDER BY ALL"
        ).fetchall()


def test_a_day_of_the_store_reads_as_the_table(database: Database) -> None:
    store(database, DAY, [(1, None, "open", 1), (1, "ann", "pay", 2)])
    store(database, NEXT, [(2, "ben", "open", 1)])
    assert stored(database) == [
        (DAY, 1, "ann", "pay"),
        (DAY, 1, None, "open"),
        (NEXT, 2, "ben", "open"),
    ]
    assert stored(database, "event_properties ->> 'at'") == [("1",), ("1",), ("2",)]
    with database.session() as session:
        assert stored_days(session, AMPLITUDE_EVENTS, DAY, NEXT) == {DAY, NEXT}


def test_another_database_sees_what_one_stored(
    database: Database, tmp_path: Path, address: StoreAddress
) -> None:
    other = Database(tmp_path / "two" / "store.duckdb", event_store=address)
    store(database, DAY, [(1, None, "open", 1)])
    assert stored(other) == [(DAY, 1, None, "open")]
    store(other, DAY, [(1, None, "open", 1), (2, None, "pay", 1)])
    assert stored(database) == stored(other) == [(DAY, 1, None, "open"), (DAY, 2, None, "pay")]


def test_a_reader_beside_a_long_reader_sees_the_days_as_they_were(
    database: Database, tmp_path: Path, address: StoreAddress
) -> None:
    store(database, DAY, [(1, None, "open", 1)])
    other = Database(tmp_path / "two" / "store.duckdb", event_store=address)
    impatient = replace(database, lock_timeout_seconds=0.1)
    with subprocess.Popen(
        [sys.executable, "-c", _READS_LONG, str(database.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as long:
        assert long.stdout
        assert long.stdout.readline() == b"open\n"
        store(other, DAY, [(2, None, "open", 1)])
        assert stored(impatient) == [(DAY, 1, None, "open")]
        long.communicate(b"\n")
    assert stored(impatient) == [(DAY, 2, None, "open")]


#: Has the file open for reading until its input ends.
_READS_LONG = """
import sys
import duckdb
con = duckdb.connect(sys.argv[1], read_only=True)
print("open", flush=True)
sys.stdin.read()
"""


def test_codes_of_the_view_mean_what_the_dictionaries_say(database: Database) -> None:
    store(database, DAY, [(1, None, "open", 1), (1, "ann", "pay", 2)])
    store(database, NEXT, [(1, "ann", "begin", 1)])
    with database.session() as session, session.reading() as con:
        rows = con.execute(
            f"SELECT coded.event_date, amplitude_id, user_id, event_type FROM {CATALOG}.raw.coded_events "
            f"AS coded JOIN {CATALOG}.raw.event_names USING (event) "
            f"JOIN {CATALOG}.raw.event_owners USING (owner, shard) ORDER BY ALL"
        ).fetchall()
    assert rows == stored(database)


def test_what_would_shrink_a_day_is_refused_and_the_day_stays(database: Database) -> None:
    store(database, DAY, [(id_, None, "open", 1) for id_ in range(10)])
    with pytest.raises(ReplacementRefused, match="JOURNEY_MIN_KEPT_SHARE"):
        store(database, DAY, [(1, None, "open", 1)])
    assert len(stored(database)) == 10


def test_rows_that_repeat_their_key_are_refused(database: Database) -> None:
    with pytest.raises(ReplacementRefused, match="repeat the key"):
        store(database, DAY, [(1, None, "open", 1), (1, None, "pay", 1)])
    assert stored(database) == []


def test_shards_give_every_event_once_in_its_order(
    database: Database, address: StoreAddress
) -> None:
    seen = [
        (id_, f"user {id_ % 7}" if id_ % 3 else None, f"event {id_ % 5}", minute)
        for id_ in range(60)
        for minute in range(id_ % 4 + 1)
    ]
    store(database, DAY, seen)
    store(database, NEXT, seen[::2])
    # A worker gets it as bytes.
    reading = pickle.loads(pickle.dumps(Reading.of(address, DAY, NEXT)))  # noqa: S301
    found = []
    for shard in range(SHARDS):
        events = reading.read(shard)
        owners = {
            row["owner"]: (row["amplitude_id"], row["user_id"])
            for row in reading.owners(shard).to_pylist()
        }
        assert len(events.at) == reading.rows_of.get(shard, 0)
        assert set(owners) == set(events.owner.tolist())
        for place, event, at in zip(events.index, events.event, events.at, strict=True):
            id_, user = owners[int(events.owner[place])]
            found.append((int(at), id_, user, reading.names[event]))
    several = reading.read(range(8, 24))
    assert len(several.at) == sum(reading.rows_of.get(shard, 0) for shard in range(8, 24))
    expected = stored(database, "epoch_us(event_time), amplitude_id, user_id, event_type")
    assert sorted(found, key=repr) == sorted(expected, key=repr)


def test_a_reading_can_be_of_some_days_events_and_owners(
    database: Database, address: StoreAddress
) -> None:
    store(database, DAY, [(1, None, "open", 1), (1, None, "pay", 2)])
    store(database, NEXT, [(1, None, "open", 1)])
    reading = Reading.of(address, DAY, NEXT)
    (shard,) = reading.rows_of
    whole = reading.read(shard)
    assert len(reading.read(shard, last=DAY).at) == 2
    assert len(reading.read(shard, kept=["open"]).at) == 2
    assert len(reading.read(shard, owners=whole.owner).at) == 3
    assert len(reading.read(shard, owners=whole.owner[:0]).at) == 0


def test_a_reading_stays_what_it_was(database: Database, address: StoreAddress) -> None:
    store(database, DAY, [(1, None, "open", 1)])
    reading = Reading.of(address, DAY, DAY)
    store(database, DAY, [(2, None, "pay", 1)])
    sweep(address.objects())
    assert reading.names == ("open",)
    assert sum(len(reading.read(shard).at) for shard in reading.rows_of) == 1


def test_of_two_writers_of_one_version_the_second_is_told(
    database: Database, address: StoreAddress
) -> None:
    store(database, DAY, [(1, None, "open", 1)])
    objects = address.objects()
    day = present_days(objects, DAY, DAY)[DAY]
    publish(objects, [day])  # the same again is no other writer: an answer may have been lost
    other = type(day).read(day.content().replace(day.run.encode(), b"another"))
    with pytest.raises(Conflict):
        publish(objects, [other])


def test_the_sweep_takes_what_nobody_names_and_leaves_what_readers_may_still_read(
    database: Database, address: StoreAddress, tmp_path: Path
) -> None:
    store(database, DAY, [(1, None, "open", 1)])
    store(database, DAY, [(2, None, "open", 1)])
    objects = address.objects()
    leftover = f"events/event_date={DAY}/0000000009-killed-0.parquet"
    (tmp_path / "left").write_bytes(b"half a file")
    objects.put(tmp_path / "left", leftover)
    assert sweep(objects) == 0
    newest = max(objects.list("events").values())
    assert (
        sweep(objects, newest + GRACE_SECONDS + 1) == 3
    )  # the old manifest and its file, the leftover
    assert leftover not in objects.list("events")
    assert stored(database) == [(DAY, 2, None, "open")]


def test_a_database_with_events_of_its_own_is_to_be_migrated_first(
    tmp_path: Path, address: StoreAddress
) -> None:
    path = tmp_path / "one" / "store.duckdb"
    store(Database(path), DAY, [(1, None, "open", 1)])
    with pytest.raises(WarehouseError, match="make migrate-events"):
        store(Database(path, event_store=address), NEXT, [(1, None, "open", 1)])


def test_a_database_of_a_store_is_not_used_without_it(database: Database) -> None:
    store(database, DAY, [(1, None, "open", 1)])
    with pytest.raises(WarehouseError, match="set JOURNEY_EVENT_STORE"):
        store(Database(database.path), NEXT, [(1, None, "open", 1)])


def test_sample_events_in_a_store_are_not_mixed_with_a_vendor_s(
    database: Database, tmp_path: Path, address: StoreAddress
) -> None:
    with database.session() as session:
        check_origins(session, {"Amplitude": "http://127.0.0.1:9"})
    other = Database(tmp_path / "two" / "store.duckdb", event_store=address)
    with other.session() as session, pytest.raises(WarehouseError, match="sample data"):
        check_origins(session, {"Mavenoid": "https://mavenoid.example.com"})


def test_what_another_run_stored_meanwhile_is_read_before_the_day_is_replaced(
    database: Database, tmp_path: Path, address: StoreAddress
) -> None:
    other = Database(tmp_path / "two" / "store.duckdb", event_store=address)
    found = while_another_run(database, other, DAY)
    assert found == [[], [(DAY, 9)]]
    assert present_days(address.objects(), DAY, DAY)[DAY].version == 2


def test_an_event_that_another_run_stored_under_another_day_is_settled_with_it(
    database: Database, tmp_path: Path, address: StoreAddress
) -> None:
    other = Database(tmp_path / "two" / "store.duckdb", event_store=address)
    # The run looks once more after it has published, and then knows the other's day.
    found = while_another_run(database, other, NEXT)
    assert found == [[], [(DAY, 1), (NEXT, 9)]]


def while_another_run(
    database: Database, other: Database, day: date
) -> list[list[tuple[object, ...]]]:
    """Store an event of DAY, and meanwhile by ``other`` one of ``day`` that the run looks for.

    Returns the stored rows that each try of the run found.
    """
    found: list[list[tuple[object, ...]]] = []

    def prepare(con: "DuckDBPyConnection") -> None:
        found.append(
            con.execute(
                f"SELECT event_date, amplitude_id FROM {CATALOG}.raw.amplitude_events ORDER BY ALL"
            ).fetchall()
        )
        if len(found) == 1:
            store(other, day, [(9, None, "open", 1)])

    new = Replacement(AMPLITUDE_EVENTS, select(DAY, [(1, None, "open", 1)]))
    with database.session() as session:
        replace_partitions(
            session,
            DAY,
            DAY,
            new,
            prepare=prepare,
            around=timedelta(days=7),
            around_rows="amplitude_id = 9",
        )
    return found


def test_notebooks_read_the_store_by_the_tables_name(database: Database) -> None:
    store(database, DAY, [(1, None, "open", 1)])
    assert database.event_store
    settings = Settings.checked(
        {"database": str(database.path), "event_store": database.event_store.location}
    )
    read = frames.read("raw.amplitude_events", DAY, settings=settings)
    assert read["event_type"].to_list() == ["open"]
    known = {row["table"]: row for row in frames.tables(settings=settings).to_dicts()}
    assert known["raw.amplitude_events"]["rows"] == 1


def test_a_writer_that_is_killed_before_it_publishes_leaves_the_day_as_it_was(
    database: Database, address: StoreAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(database, DAY, [(1, None, "open", 1)])
    before = address.objects().list("events")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(replacing, "publish", killed)
        store(database, DAY, [(2, None, "open", 1)])
    assert len(address.objects().list("events")) == len(before) + 1
    assert stored(database) == [(DAY, 1, None, "open")]
    store(database, DAY, [(3, None, "open", 1)])
    assert stored(database) == [(DAY, 3, None, "open")]


def test_a_column_that_is_declared_later_is_empty_in_files_of_before(database: Database) -> None:
    store(database, DAY, [(1, None, "open", 1)])
    objects = database.event_store.objects() if database.event_store else None
    assert objects
    day = present_days(objects, DAY, DAY)[DAY]
    older = {name: type_ for name, type_ in day.columns.items() if name != "extra"}
    publish(objects, [replace(day, version=2, columns=older)])
    assert stored(database, "event_type, extra") == [("open", None)]
    with database.session() as session:
        with session.attached(read_only=False) as con:  # the views of an earlier version
            con.execute(f"CREATE OR REPLACE VIEW {CATALOG}.raw.amplitude_events AS SELECT 1 AS a")
        with session.writing() as con:
            shown = con.execute(f"DESCRIBE {CATALOG}.raw.amplitude_events").fetchall()
    assert [row[0] for row in shown] == list(AMPLITUDE_EVENTS.column_names)


def test_what_is_damaged_or_gone_is_told_in_one_line(
    database: Database, tmp_path: Path, address: StoreAddress
) -> None:
    store(database, DAY, [(1, None, "open", 1)])
    (manifest,) = (tmp_path / "events" / "days").iterdir()
    (data,) = (tmp_path / "events").rglob("*.parquet")
    reading = Reading.of(address, DAY, DAY)
    data.unlink()
    with pytest.raises(duckdb.Error) as gone:
        stored(database)
    assert "a file of the event store is gone" in told(gone.value)
    with pytest.raises(StoreError, match="JOURNEY_EVENT_STORE"):
        reading.read(range(SHARDS))
    manifest.write_text("{}")
    with pytest.raises(StoreError, match="is damaged"):
        Reading.of(address, DAY, DAY)
