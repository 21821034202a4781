"""Where relative paths start from, and that nobody but the owner reads what is kept."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from journey_assets.places import close_to_others, home, placed
from journey_assets.settings import Settings, environment
from journey_assets.warehouse.database import Database

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder that is not the project's, without DAGSTER_HOME."""
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.usefixtures("elsewhere")
def test_from_another_folder_the_home_is_the_project() -> None:
    assert home() == ROOT
    assert Settings.from_env({}).database_path() == ROOT / "data/journey_assets.duckdb"


def test_dagster_home_is_the_home(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(elsewhere.parent / "instance"))
    assert home() == elsewhere.parent / "instance"
    assert Settings.from_env({}).inbox_folder() == home() / "data/inbox/amplitude"


def test_a_folder_with_the_project_s_instance_is_the_home(elsewhere: Path) -> None:
    shutil.copy(ROOT / "dagster.yaml", elsewhere)
    assert home() == elsewhere


def test_another_project_s_instance_is_not(elsewhere: Path) -> None:
    (elsewhere / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    assert home() == ROOT


def test_an_absolute_path_stays_as_it_is(tmp_path: Path) -> None:
    assert placed(tmp_path / "a.duckdb") == (tmp_path / "a.duckdb").resolve()


def test_the_env_file_is_that_of_the_home(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at_home = elsewhere.parent / "home"
    at_home.mkdir()
    for folder, days in ((elsewhere, "7"), (at_home, "9")):
        (folder / ".env").write_text(f"JOURNEY_WINDOW_DAYS={days}\n")
    monkeypatch.setenv("DAGSTER_HOME", str(at_home))
    monkeypatch.setattr(os, "environ", dict(os.environ))
    assert environment()["JOURNEY_WINDOW_DAYS"] == "9"


def test_lists_of_ids_are_found_from_any_folder(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from journey_assets.settings import read_list

    (elsewhere / "ids.txt").write_text("a\nb\n")
    monkeypatch.setenv("DAGSTER_HOME", str(elsewhere))
    monkeypatch.chdir("/")
    assert read_list("@ids.txt", "CONVERTER_USER_IDS") == ("a", "b")


_RUN = """
import dagster as dg
from journey_assets.warehouse.database import Database
from journey_assets.settings import Settings
with dg.DagsterInstance.get(), Database.of(Settings.from_env({})).session() as session:
    with session.writing() as con:
        con.execute("CREATE TABLE store.main.t AS SELECT 1 AS a")
"""


def _kept(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that an instance and a database were made in, by a process started elsewhere."""
    at_home, elsewhere = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("elsewhere")
    shutil.copy(ROOT / "dagster.yaml", at_home)
    for folder in (at_home / "data", at_home / "data/spill"):
        folder.mkdir(mode=0o755)
    (at_home / "data/README.md").touch(0o644)
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _RUN],
        cwd=elsewhere,
        env={**os.environ, "DAGSTER_HOME": str(at_home)},
        check=True,
    )
    assert _kept(elsewhere) == set()
    return at_home


def test_instance_and_database_are_made_at_home_and_nothing_where_one_stands(made: Path) -> None:
    assert {
        "data/journey_assets.duckdb",
        "data/dagster/history/runs.db",
        "data/dagster/history/runs/index.db",
        "data/dagster/schedules/schedules.db",
    } <= _kept(made)


def test_nobody_else_reads_what_is_kept(made: Path) -> None:
    modes = {path: path.stat().st_mode & 0o777 for path in (made / "data").rglob("*")}
    assert made.joinpath("data").stat().st_mode & 0o777 == 0o700
    assert {mode for path, mode in modes.items() if path.is_dir()} == {0o700}
    files = {mode for path, mode in modes.items() if path.is_file() and path.suffix != ".md"}
    assert files == {0o600}


def test_a_database_that_an_older_version_left_open_is_closed_to_others(tmp_path: Path) -> None:
    database = Database(tmp_path / "store.duckdb")
    with database.session() as session, session.writing():
        pass
    database.path.chmod(0o644)
    with database.session() as session, session.reading():
        assert database.path.stat().st_mode & 0o777 == 0o600


def test_closing_what_is_not_there_does_nothing(tmp_path: Path) -> None:
    close_to_others(tmp_path / "absent")
    assert list(tmp_path.iterdir()) == []
