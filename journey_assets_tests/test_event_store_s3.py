"""Events on an object store: the same as in a folder, also when requests go wrong."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from journey_assets.settings import Settings, SettingsError
from journey_assets.warehouse.database import Database
from journey_assets.warehouse.event_store import bucket
from journey_assets.warehouse.event_store.address import StoreAddress
from journey_assets.warehouse.event_store.days import present_days, publish, sweep
from journey_assets.warehouse.event_store.objects import StoreError
from journey_assets.warehouse.event_store.reading import Reading
from journey_assets_tests.object_store import Fault, ObjectStore, object_store
from journey_assets_tests.test_event_store import DAY, NEXT, store, stored

MANY = [(id_, f"user {id_}", f"event {id_ % 7}", id_ % 1440) for id_ in range(2_000)]


@pytest.fixture(scope="module")
def server() -> Iterator[ObjectStore]:
    with object_store() as started:
        yield started


@pytest.fixture
def address(server: ObjectStore, request: pytest.FixtureRequest) -> StoreAddress:
    return server.address(f"tests/{abs(hash(request.node.nodeid))}")


@pytest.fixture
def database(tmp_path: Path, address: StoreAddress) -> Database:
    return Database(tmp_path / "store.duckdb", event_store=address)


def test_days_are_stored_read_replaced_and_swept_as_in_a_folder(
    database: Database, address: StoreAddress, tmp_path: Path
) -> None:
    store(database, DAY, [(1, None, "open", 1), (1, "ann", "pay", 2)])
    store(database, NEXT, [(2, "ben", "open", 1)])
    store(database, DAY, [(1, None, "open", 1), (3, "cy", "pay", 2)])
    other = Database(tmp_path / "two" / "store.duckdb", event_store=address)
    expected = [(DAY, 1, None, "open"), (DAY, 3, "cy", "pay"), (NEXT, 2, "ben", "open")]
    assert stored(database) == stored(other) == expected
    reading = Reading.of(address, DAY, NEXT)
    assert sum(len(reading.read(shard).at) for shard in reading.rows_of) == 3
    assert sweep(address.objects(), replaced=True) == 2
    assert stored(database) == expected


@pytest.mark.parametrize("fault", ["busy", "lost", "refused"])
def test_a_day_is_published_once_whatever_happens_to_its_requests(
    server: ObjectStore, database: Database, address: StoreAddress, fault: Fault
) -> None:
    server.breaks("PUT", "/days/", fault, "racing")
    server.breaks("PUT", "/events/", fault)
    store(database, DAY, [(1, None, "open", 1)])
    assert server.unbroken == 0
    assert stored(database) == [(DAY, 1, None, "open")]
    assert present_days(address.objects(), DAY, DAY)[DAY].version == 1


@pytest.mark.parametrize("fault", ["busy", "cut", "refused"])
def test_reading_goes_on_where_answers_break_off(
    server: ObjectStore, database: Database, address: StoreAddress, fault: Fault
) -> None:
    prefix = address.location.removeprefix("s3://events/")
    server.breaks("GET", f"{prefix}/events/", fault)  # when the database makes its views
    store(database, DAY, MANY)
    assert len(stored(database, "amplitude_id")) == len(MANY)
    assert server.unbroken == 0
    server.breaks("GET", f"{prefix}/days/", fault)
    server.breaks("GET", f"{prefix}/events/", fault)
    reading = Reading.of(address, DAY, DAY)
    assert sum(len(reading.read(shard).at) for shard in reading.rows_of) == len(MANY)
    assert server.unbroken == 0


def test_an_answer_that_does_not_come_is_asked_for_again(
    server: ObjectStore,
    database: Database,
    address: StoreAddress,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bucket, "_ANSWER_SECONDS", 1)
    store(database, DAY, MANY)
    server.breaks("GET", f"{address.location.removeprefix('s3://events/')}/events/", "slow")
    reading = Reading.of(address, DAY, DAY)
    assert sum(len(reading.read(shard).at) for shard in reading.rows_of) == len(MANY)
    assert server.unbroken == 0


def test_a_store_that_stays_away_is_one_line_and_the_day_is_as_it_was(
    server: ObjectStore, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(database, DAY, [(1, None, "open", 1)])
    monkeypatch.setattr(bucket, "_TRIES", 1)
    broken = Database(database.path, event_store=server.address("elsewhere/none"))
    server.breaks("GET", "/events", "busy")
    with pytest.raises(StoreError, match=r"could not list: SlowDown\. Check JOURNEY_EVENT_STORE"):
        store(broken, DAY, [(2, None, "open", 1)])
    assert stored(database) == [(DAY, 1, None, "open")]


def test_what_another_writer_published_first_is_not_taken_for_ours(
    server: ObjectStore, database: Database, address: StoreAddress
) -> None:
    store(database, DAY, [(1, None, "open", 1)])
    day = present_days(address.objects(), DAY, DAY)[DAY]
    other = type(day).read(day.content().replace(day.run.encode(), b"another"))
    server.breaks("PUT", "/days/", "lost")
    with pytest.raises(StoreError, match="at the same time"):
        publish(address.objects(), [other])


def test_credentials_stand_in_no_copy_and_in_no_word() -> None:
    import pickle

    given = StoreAddress("s3://events/x", access_key_id="AKIA", secret_access_key="secret")
    assert "secret" not in repr(given)
    assert "AKIA" not in repr(given)
    assert pickle.loads(pickle.dumps(given)) == StoreAddress("s3://events/x")  # noqa: S301


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("event_store", "gs://bucket/x"),
        ("event_store", "s3://UPPER/x"),
        ("event_store", "s3:///x"),
        ("event_store", "data/ev*nts"),
        ("aws_endpoint_url", "http://minio.example.org"),
        ("aws_endpoint_url", "https://minio.example.org/bucket"),
        ("aws_endpoint_url", "https://key:secret@minio.example.org"),
    ],
)
def test_a_store_that_cannot_be_meant_is_refused_by_its_setting(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name.upper()):
        Settings.checked({name: value})
