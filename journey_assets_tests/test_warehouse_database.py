"""The database file: short transactions, patience, and who holds a lock."""

import subprocess
import sys
from pathlib import Path

import pytest

from journey_assets.warehouse import database
from journey_assets.warehouse.database import CATALOG, Database, DatabaseLocked, WarehouseError

_HOLD = """
import duckdb, sys
con = duckdb.connect(sys.argv[1])
print("held", flush=True)
sys.stdin.readline()
"""


def test_a_transaction_that_fails_leaves_nothing(tmp_path: Path) -> None:
    stored = Database(tmp_path / "store.duckdb")
    with stored.session() as session:
        with pytest.raises(RuntimeError), session.writing() as con:
            con.execute(f"CREATE TABLE {CATALOG}.main.t AS SELECT 1 AS a")
            raise RuntimeError
        with session.reading() as con:
            found = con.execute(
                "SELECT count(*) FROM duckdb_tables() WHERE database_name = ? AND table_name = 't'",
                [CATALOG],
            ).fetchall()
    assert found == [(0,)]


def test_the_file_is_free_between_blocks(tmp_path: Path) -> None:
    stored = Database(tmp_path / "store.duckdb")
    with stored.session() as first, stored.session() as second:
        with first.writing() as con:
            con.execute(f"CREATE TABLE {CATALOG}.main.t AS SELECT 1 AS a")
        with second.reading() as con:
            assert con.execute(f"FROM {CATALOG}.main.t").fetchall() == [(1,)]


def test_a_file_that_stays_locked_is_told_while_waiting_and_an_error_that_names_the_holder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, lines = tmp_path / "store.duckdb", list[str]()
    monkeypatch.setattr(database, "_TOLD_EVERY_SECONDS", 0.05)
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout
    assert holder.stdout.readline() == "held\n"
    try:
        with (
            Database(path, lock_timeout_seconds=0.2, log=lines.append).session() as session,
            pytest.raises(DatabaseLocked, match=rf"process {holder.pid} .*JOURNEY_LOCK_TIMEOUT"),
            session.writing(),
        ):
            pass
    finally:
        holder.communicate("\n")
    assert lines
    assert f"in use by process {holder.pid}" in lines[0]
    assert "0 s of at most 0 s" in lines[0]


def test_a_writer_waits_until_the_file_is_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "store.duckdb"
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout
    holder.stdout.readline()
    pauses: list[float] = []

    def let_the_holder_go(seconds: float) -> None:
        if not pauses:
            holder.communicate("\n")
        pauses.append(seconds)

    monkeypatch.setattr("journey_assets.warehouse.database.time.sleep", let_the_holder_go)
    with Database(path).session() as session, session.writing() as con:
        con.execute(f"CREATE TABLE {CATALOG}.main.t AS SELECT 1 AS a")
    assert pauses


def test_a_file_that_is_no_database_is_an_error_that_names_it(tmp_path: Path) -> None:
    path = tmp_path / "store.duckdb"
    path.write_text("this is no database" * 1000)
    with (
        Database(path).session() as session,
        pytest.raises(WarehouseError, match=r"store\.duckdb cannot be used.*JOURNEY_DATABASE"),
        session.reading(),
    ):
        pass


def test_what_a_session_spills_goes_with_it(tmp_path: Path) -> None:
    with Database(tmp_path / "store.duckdb", memory_limit="32MB").session() as session:
        session.con.execute("CREATE TABLE big AS SELECT random() AS a FROM range(8000000)")
        assert any((tmp_path / "spill").rglob("*.tmp"))
    assert list((tmp_path / "spill").iterdir()) == []


def _refusal(path: Path) -> str:
    with (
        pytest.raises(WarehouseError) as caught,
        Database(path).session() as session,
        session.writing(),
    ):
        pass
    return str(caught.value)


def test_a_path_that_cannot_be_a_database_is_refused_with_the_setting_to_mend(
    tmp_path: Path,
) -> None:
    (folder := tmp_path / "folder").mkdir()
    (file := tmp_path / "file").write_text("no database")
    for path, words in (
        (folder, "is a folder"),
        (file / "store.duckdb", "a part of the path is a file"),
        (file, "it is no DuckDB database"),
        (Path("/proc/nowhere/store.duckdb"), "no such file or folder"),
    ):
        line = _refusal(path)
        assert line.startswith(f"The database {path} cannot be used: ")
        assert words in line
        assert "JOURNEY_DATABASE" in line
