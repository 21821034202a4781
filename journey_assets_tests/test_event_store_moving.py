"""Events moved from the database into a store and back: the same rows, the same figures."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from journey_assets.definitions import build_definitions
from journey_assets.journeys.statistics import STATISTICS
from journey_assets.migrate import main
from journey_assets.warehouse.database import CATALOG, Database, WarehouseError
from journey_assets.warehouse.event_store.address import StoreAddress
from journey_assets.warehouse.event_store.moving import move_back, move_in
from journey_assets_tests.journeys_store import Store
from journey_assets_tests.journeys_worlds import DAYS, MORNING, Happening, World, stored
from journey_assets_tests.test_event_store import DAY, NEXT, store

#: Persons of several ids, ties of time, an event told apart by a property, steps folded.
WORLD = World(
    people=[
        [
            Happening(
                ["open", "view", "go", "pay", "rare_1", "rare_2", "$x"][(person * step) % 7],
                [0, 0, 1, 29, 31, 600][(person + step) % 6],
                (person + step) % 3,
                "xyz"[step % 3] if step % 4 else None,
            )
            for step in range(2 + person % 9)
        ]
        for person in range(40)
    ],
    labels=[],
    settings={
        "conversion_event": "pay",
        "step_property": "view=page",
        "event_limit": 4,
        "min_persons": 1,
        "min_cohort_persons": 1,
        "permutations": 99,
    },
)


def rows(database: Database, what: str = "raw.amplitude_events") -> list[tuple[Any, ...]]:
    with database.session() as session, session.reading() as con:
        return con.execute(f"SELECT * FROM {CATALOG}.{what} ORDER BY ALL").fetchall()


@pytest.fixture
def database(tmp_path: Path) -> Database:
    database = Database(tmp_path / "one" / "store.duckdb")
    store(database, DAY, [(1, None, "open", 1), (1, "ann", "pay", 2)])
    store(database, NEXT, [(2, "ben", "open", 1)])
    return database


def with_store(database: Database, tmp_path: Path) -> Database:
    return replace(database, event_store=StoreAddress(str(tmp_path / "events")))


def test_rows_and_ledger_are_the_same_in_the_store_and_back_again(
    database: Database, tmp_path: Path
) -> None:
    moved = with_store(database, tmp_path)
    before = rows(database), rows(database, "warehouse.ledger")
    assert move_in(moved, print).rows == 3
    assert (rows(moved), rows(moved, "warehouse.ledger")) == before
    assert move_back(moved, print).rows == 3
    assert (rows(database), rows(database, "warehouse.ledger")) == before
    store(database, DAY, [(1, None, "open", 1), (1, "ann", "pay", 2)])  # it takes rows again


def test_a_move_goes_on_where_it_was_stopped(database: Database, tmp_path: Path) -> None:
    moved = with_store(database, tmp_path)

    def stop(line: str) -> None:
        raise KeyboardInterrupt(line)

    for move in (move_in, move_back):
        expected = rows(database if move is move_in else moved)
        with pytest.raises(KeyboardInterrupt):
            move(moved, stop)
        done = move(moved, print)
        assert (done.days, done.before) == (1, 1)
        assert rows(moved if move is move_in else database) == expected


def test_a_day_that_changed_between_two_tries_is_moved_again(
    database: Database, tmp_path: Path
) -> None:
    moved = with_store(database, tmp_path)

    def stop(line: str) -> None:
        raise KeyboardInterrupt(line)

    with pytest.raises(KeyboardInterrupt):
        move_in(moved, stop)
    store(database, DAY, [(1, None, "other", 1), (1, "ann", "pay", 2)])
    expected = rows(database)
    assert move_in(moved, print).days == 2
    assert rows(moved) == expected


def test_another_teams_days_are_not_overwritten(database: Database, tmp_path: Path) -> None:
    moved = with_store(database, tmp_path)
    other = replace(moved, path=tmp_path / "two" / "store.duckdb")
    store(other, DAY, [(9, None, "theirs", 1)])
    with pytest.raises(WarehouseError, match="no move put them there"):
        move_in(moved, print)
    assert len(rows(database)) == 3


def test_the_command_tells_what_was_moved_or_what_is_missing(
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("JOURNEY_DATABASE", str(database.path))
    monkeypatch.delenv("JOURNEY_EVENT_STORE", raising=False)
    assert main([]) == 1
    assert "JOURNEY_EVENT_STORE is not set" in capsys.readouterr().err
    monkeypatch.setenv("JOURNEY_EVENT_STORE", str(tmp_path / "events"))
    assert main([]) == 0
    assert "3 events of 2 days moved" in capsys.readouterr().out
    assert main(["--back"]) == 0
    assert "Now unset JOURNEY_EVENT_STORE" in capsys.readouterr().out


def test_the_job_moves_events_where_dagster_runs(database: Database, tmp_path: Path) -> None:
    moved = with_store(database, tmp_path)
    expected = rows(database)
    environ = {
        "JOURNEY_DATABASE": str(database.path),
        "JOURNEY_EVENT_STORE": str(tmp_path / "events"),
    }
    job = build_definitions(environ).resolve_job_def("migrate_events")
    with dg.DagsterInstance.ephemeral() as instance:
        assert job.execute_in_process(instance=instance).success
        assert rows(moved) == expected
        back = {"ops": {"move_events": {"config": {"back": True}}}}
        assert job.execute_in_process(run_config=back, instance=instance).success
    assert rows(database) == expected


def test_every_figure_about_paths_is_the_same_from_the_store(tmp_path: Path) -> None:
    world = stored(tmp_path, WORLD)
    world.materialized(MORNING.date(), *DAYS)
    before = figures(world)
    assert len(before) > 300
    world.event_store = str(tmp_path / "events")
    move_in(world.database(), print)
    assert figures(world) == before


def figures(world: Store) -> list[str]:
    """The rows of every statistic, in words and without an order."""
    found = world.all_figures(*(each.table for each in STATISTICS), days=DAYS)
    return sorted(f"{table.full_name} {row}" for table, rows in found.items() for row in rows)
