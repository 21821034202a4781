"""A copy of a machine whose events are in a folder, and back on another one."""

from pathlib import Path

import pytest

from journey_assets.backup.__main__ import main
from journey_assets.warehouse.database import Database
from journey_assets.warehouse.event_store.address import StoreAddress
from journey_assets_tests.test_event_store import DAY, NEXT, store, stored


def machine(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Database:
    """Commands from now on are this machine's."""
    folder.mkdir(exist_ok=True)
    monkeypatch.setenv("DAGSTER_HOME", str(folder))
    monkeypatch.setenv("JOURNEY_DATABASE", "data/j.duckdb")
    monkeypatch.setenv("JOURNEY_EVENT_STORE", "events")
    return Database(folder / "data" / "j.duckdb", event_store=StoreAddress(str(folder / "events")))


def test_the_present_days_of_the_store_are_in_the_copy_and_on_the_other_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    one = machine(monkeypatch, tmp_path / "one")
    store(one, DAY, [(1, None, "old", 1)])
    store(one, DAY, [(1, None, "open", 1)])
    store(one, NEXT, [(2, "ben", "pay", 1)])
    copy = tmp_path / "copy"
    assert main(["make", "--to", str(copy)]) == 0
    assert len(list((copy / "events").rglob("*.parquet"))) == 2  # what was replaced is left behind
    store(one, NEXT, [(3, "late", "pay", 1)])
    other = machine(monkeypatch, tmp_path / "other")
    monkeypatch.delenv("JOURNEY_EVENT_STORE")
    assert main(["restore", str(copy)]) == 1
    assert "set JOURNEY_EVENT_STORE" in capsys.readouterr().err
    monkeypatch.setenv("JOURNEY_EVENT_STORE", "events")
    assert main(["restore", str(copy)]) == 0
    assert stored(other) == [(DAY, 1, None, "open"), (NEXT, 2, "ben", "pay")]
