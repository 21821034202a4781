"""Counting on a Ray cluster: the same rows as on one machine, whatever is lost meanwhile."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from journey_assets.errors import ExplainedError
from journey_assets.identity.compute import compute as compute_identity
from journey_assets.journeys.compute import compute
from journey_assets.journeys.counting import Pass
from journey_assets.journeys.statistics import STATISTICS
from journey_assets.settings import Settings
from journey_assets.warehouse.database import CATALOG, Database
from journey_assets.warehouse.event_store.address import StoreAddress
from journey_assets.warehouse.replace import Replacement, ensure_table, replace_partitions
from journey_assets.warehouse.tables.identity import PERSONS
from journey_assets.warehouse.tables.raw import AMPLITUDE_EVENTS

ray = pytest.importorskip("ray", reason="the dependency group ray is not installed")

LAST = date(2026, 3, 12)
DAYS = [LAST - timedelta(days=back) for back in range(9, -1, -1)]
TABLES = [each.table for each in STATISTICS]

Figures = dict[str, list[tuple[Any, ...]]]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A head without processors and two machines with one each, as processes on loopback."""
    from ray.cluster_utils import Cluster

    started = Cluster(initialize_head=True, head_node_args={"num_cpus": 0})
    for _ in range(2):
        started.add_node(num_cpus=1, object_store_memory=100_000_000)
    started.wait_for_nodes()
    yield started
    ray.shutdown()
    started.shutdown()


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Database:
    """Three hundred users on one to three devices each, over ten days, in an event store."""
    directory = tmp_path_factory.mktemp("ray")
    database = Database(
        directory / "ray.duckdb", event_store=StoreAddress(str(directory / "events"))
    )
    with database.session() as session:
        for day in DAYS:
            replace_partitions(
                session,
                day,
                day,
                Replacement(AMPLITUDE_EVENTS, _events(Random(day.toordinal()), day)),
            )
        compute_identity(session, DAYS[-2:], _settings(database), [PERSONS])
        with session.writing() as con:
            ensure_table(con, PERSONS)
            con.execute(f"INSERT INTO {CATALOG}.{PERSONS.full_name} BY NAME FROM {PERSONS.result}")
    return database


def _events(random: Random, day: date) -> str:
    midnight = datetime.combine(day, datetime.min.time())
    rows: list[str] = []
    for user in random.sample(range(300), 120):
        minute = random.randrange(1300)
        for _ in range(random.randrange(1, 8)):
            device = 1000 + 3 * user + random.randrange(1 + user % 3)
            name = random.choice(["open", "search", "help", "cart", "cart", "pay"])
            known = f"'user {user}'" if random.random() < 0.7 else "NULL::VARCHAR"
            minute += random.randrange(3)
            at = f"TIMESTAMP '{midnight + timedelta(minutes=minute)}'"
            rows.append(f"(DATE '{day}', {device}, {known}, '{name}', {at}, {len(rows)})")
    return (
        f"FROM (VALUES {', '.join(rows)}) AS rows(event_date, amplitude_id, user_id, event_type, "
        "event_time, source_order)"
    )


def _settings(database: Database, **given: Any) -> Settings:
    assert database.event_store is not None
    return Settings.checked(
        {
            "database": str(database.path),
            "event_store": database.event_store.location,
            "hash_key": "k",
            "conversion_event": "pay",
            "window_days": 8,
            "min_persons": 5,
            **given,
        }
    )


def _figures(database: Database, days: Sequence[date], **given: Any) -> Figures:
    with database.session() as session:
        compute(session, days, _settings(database, **given), TABLES)
        return {
            table.full_name: session.con.execute(f"FROM {table.result} ORDER BY ALL").fetchall()
            for table in TABLES
        }


def _same(found: Figures, expected: Figures) -> None:
    for name, rows in expected.items():
        # Counts are whole numbers, so figures of the same counts are the same to the last bit.
        assert found[name] == rows, name


def _on_cluster(database: Database, cluster: Any, days: Sequence[date], **given: Any) -> Figures:
    return _figures(database, days, engine="ray", ray_address=cluster.address, **given)


@pytest.mark.parametrize(
    "given",
    [{}, {"event_limit": 3, "path_unit": "session", "collapse": True}, {"max_events": 4}],
    ids=["plain", "folded sessions", "limited"],
)
def test_every_table_is_the_same_as_counted_here(
    database: Database, cluster: Any, given: dict[str, Any]
) -> None:
    days = DAYS[-2:]
    expected = _figures(database, days, **given)
    assert expected["journeys.paths"]
    _same(_on_cluster(database, cluster, days, **given), expected)


def test_a_machine_lost_in_the_middle_changes_no_row(
    database: Database, cluster: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = _figures(database, DAYS[-1:])
    add = Pass.add
    lost: list[Any] = []

    def add_and_lose(self: Pass, counts: Any) -> None:
        add(self, counts)
        if not lost:
            lost.append(cluster.add_node(num_cpus=1, object_store_memory=100_000_000))
            gone = next(node for node in cluster.worker_nodes if node is not lost[0])
            cluster.remove_node(gone, allow_graceful=False)

    monkeypatch.setattr(Pass, "add", add_and_lose)
    found = _on_cluster(database, cluster, DAYS[-1:])
    assert lost
    _same(found, expected)


def test_a_task_is_told_no_secret_and_nobodys_id(database: Database) -> None:
    from journey_assets.journeys.on_ray import _without_secrets

    told = _without_secrets(
        _settings(database, mavenoid_token="secret-1", converter_user_ids="ann,ben")
    )
    assert "secret-1" not in repr(told.model_dump())
    assert told.converter_user_ids == ""
    assert told.conversion_event == "pay"


def test_without_an_event_store_the_engine_is_refused_by_name(tmp_path: Path) -> None:
    from journey_assets_tests.journeys_walks import walked

    store = walked(tmp_path, [["a", "b"]], engine="ray")
    with pytest.raises(ExplainedError, match=r"JOURNEY_ENGINE=ray .* JOURNEY_EVENT_STORE"):
        store.figures(TABLES[0])
