"""Runs that overlap: figures stand on one state of what they are computed from."""

from collections.abc import Callable, Collection, Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest

from journey_assets.settings import Settings
from journey_assets.shell.statistics import compute_and_store
from journey_assets.warehouse.database import Database, Session
from journey_assets.warehouse.replace import Overtaken
from journey_assets.warehouse.schema import Column, Table
from journey_assets_tests.amplitude_vendor import stored
from journey_assets_tests.stored import settings_for, store

DAY = date(2026, 11, 20)
_COLUMNS = (Column("day", "DATE", "Day.", nullable=False), Column("rows", "BIGINT", "Number."))
SOURCES = Table("raw", "sources", "source", "Sources.", _COLUMNS, ("rows",))
FIGURES = Table("journeys", "figures", "figure", "Figures.", _COLUMNS, ())
WINDOW = {SOURCES: (DAY - timedelta(days=29), DAY)}


@pytest.fixture
def database(tmp_path: Path) -> Database:
    database = Database(tmp_path / "store.duckdb")
    store(database, SOURCES, [{"day": DAY, "rows": 0}])
    return database


def figures(database: Database, meanwhile: Callable[[int], None]) -> list[str]:
    """Compute and store how many sources there are; returns the warnings.

    meanwhile: what other runs do after the figures were computed for the n-th time.
    """
    told: list[str] = []
    tries = iter(range(100))

    def compute(
        session: Session,
        days: Sequence[date],
        settings: Settings,  # noqa: ARG001 - a computation gets them
        wanted: Collection[Table],
    ) -> None:
        with session.reading() as con:
            con.execute(
                f"CREATE OR REPLACE TEMP TABLE {next(iter(wanted)).result} AS "
                f"SELECT DATE '{days[0]}' AS day, count(*) AS rows FROM store.raw.sources"
            )
        meanwhile(next(tries))

    with database.session() as session:
        settings = settings_for(database)
        compute_and_store(session, [DAY], settings, [FIGURES], compute, WINDOW, told.append)
    return told


def written(database: Database, days_back: int) -> None:
    """Another run fills a day."""
    store(database, SOURCES, [{"day": DAY - timedelta(days=days_back), "rows": days_back}])


def test_figures_are_computed_again_when_another_run_filled_a_day_of_their_window(
    database: Database,
) -> None:
    def fill_once(computed: int) -> None:
        if computed == 0:
            written(database, 3)

    (warning,) = figures(database, fill_once)
    assert "raw.sources changed while figures were computed" in warning
    assert stored(database, "SELECT rows FROM store.journeys.figures") == [(2,)]


def test_days_outside_the_window_hold_nothing_up(database: Database) -> None:
    assert figures(database, lambda _: written(database, 40)) == []


def test_when_other_runs_do_not_end_the_run_fails_and_stores_nothing(database: Database) -> None:
    with pytest.raises(Overtaken, match="Run again when those are done"):
        figures(database, lambda computed: written(database, 1 + computed))
    assert stored(
        database, "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'figures'"
    ) == [(0,)]
