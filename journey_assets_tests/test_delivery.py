"""Figures for other tools: files of every table, and the copy that stops no run."""

import csv
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from journey_assets.delivery.exports import export_folder, exported_tables, write_exports
from journey_assets.delivery.read_copy import renew_read_copy
from journey_assets.journeys.statistics.step_frequencies.table import STEP_FREQUENCIES
from journey_assets.journeys.statistics.variants.table import VARIANTS
from journey_assets.warehouse.database import CATALOG, Database
from journey_assets_tests.stored import store

DAY = date(2026, 11, 20)


@pytest.fixture
def database(tmp_path: Path) -> Database:
    database = Database(tmp_path / "figures.duckdb", lock_timeout_seconds=5)
    events = ["open", "=HYPERLINK(1)", '"quoted", cut', None]
    store(database, STEP_FREQUENCIES, [_frequency(name) for name in events if name])
    store(
        database,
        VARIANTS,
        [{"as_of": DAY, "cohort": "converter", "rank": 1, "path": ["@a", "b"], "persons": 3}],
    )
    return database


def _frequency(event: str) -> dict[str, Any]:
    return {"as_of": DAY, "cohort": "converter", "event_type": event, "persons": 4}


def _exported(database: Database) -> Path:
    with database.session() as session:
        return write_exports(session, [DAY], database.path.parent)[DAY]


def _cells(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def test_a_day_is_files_that_other_tools_read(database: Database) -> None:
    folder = _exported(database)
    assert folder == export_folder(database.path.parent, DAY)
    assert pl.read_parquet(folder / "journeys.variants.parquet")["path"].to_list() == [["@a", "b"]]
    names = [row["event_type"] for row in _cells(folder / "journeys.step_frequencies.csv")]
    assert sorted(names) == sorted(["open", "'=HYPERLINK(1)", '"quoted", cut'])


def test_a_list_is_text_in_csv_and_no_cell_is_a_formula(database: Database) -> None:
    (row,) = _cells(_exported(database) / "journeys.variants.csv")
    assert row["path"] == "'@a > b"
    assert row["persons"] == "3"


def test_no_personal_column_goes_out(database: Database) -> None:
    _exported(database)
    named = {
        column.name for table in exported_tables() for column in table.columns if column.personal
    }
    assert named
    for path in (database.path.parent / "exports").rglob("*.parquet"):
        table = next(each for each in exported_tables() if each.full_name == path.stem)
        personal = {column.name for column in table.columns if column.personal}
        assert personal.isdisjoint(pl.read_parquet_schema(path))


def test_an_export_replaces_the_one_before_and_leaves_nothing_beside(database: Database) -> None:
    folder = _exported(database)
    (folder / "journeys.gone.csv").write_text("old")
    assert _exported(database) == folder
    assert not (folder / "journeys.gone.csv").exists()
    assert [path.name for path in folder.parent.iterdir()] == [DAY.isoformat()]


def test_the_read_copy_can_stay_open_while_runs_write(database: Database) -> None:
    with database.session() as session:
        path = renew_read_copy(session)
    assert path.name == "figures.read.duckdb"
    reader = duckdb.connect(str(path), read_only=True)
    count = "SELECT count(*) FROM journeys.step_frequencies"
    try:
        store(database, STEP_FREQUENCIES, [_frequency("late")])
        with database.session() as session:
            assert renew_read_copy(session) == path
        assert reader.execute(count).fetchall() == [(3,)]
    finally:
        reader.close()
    with duckdb.connect(str(path), read_only=True) as again:
        assert again.execute(count).fetchall() == [(1,)]
    assert not list(path.parent.glob(".read.*"))


def test_a_reader_of_the_copy_keeps_nobody_from_the_database(database: Database) -> None:
    with database.session() as session:
        renew_read_copy(session)
        with session.reading() as con:
            found = con.execute(f"SELECT count(*) FROM {CATALOG}.journeys.variants").fetchall()
    assert found == [(1,)]
