"""Files of earlier schema versions, of older DuckDBs, and with tables that are not as declared."""

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import pytest

from journey_assets import upgrade as command
from journey_assets.errors import words
from journey_assets.journeys.statistics.summary.table import SUMMARY
from journey_assets.warehouse import upgrade
from journey_assets.warehouse.catalog import all_tables
from journey_assets.warehouse.columns import stored_columns
from journey_assets.warehouse.database import CATALOG, Database, Session, WarehouseError
from journey_assets.warehouse.replace import Replacement, replace_partitions, stored_days
from journey_assets.warehouse.rewrite import rewrite
from journey_assets.warehouse.tables.raw import REJECTS
from journey_assets.warehouse.upgrade import VERSION, Step

VERSIONS = Path(__file__).with_name("warehouse_versions")
EARLIER = range(1, VERSION)
DAY = date(2026, 11, 20)
NEEDLE = b"needle"


def _file(path: Path, sql: str, storage: str = "latest") -> Database:
    """A database as another program left it."""
    with duckdb.connect() as con:
        con.execute(f"ATTACH '{path}' AS store (STORAGE_VERSION '{storage}')")
        con.execute(sql)
        con.execute("DETACH store")
    return Database(path)


def _of_version(path: Path, version: int) -> Database:
    return _file(path, (VERSIONS / f"{version}.sql").read_text("utf-8"))


def _write(database: Database) -> None:
    with database.session() as session, session.writing():
        pass


def _all(session: Session, sql: str) -> list[tuple[object, ...]]:
    with session.reading() as con:
        return con.execute(sql).fetchall()


def test_every_earlier_version_is_recorded() -> None:
    assert [step.version for step in upgrade.STEPS] == [version + 1 for version in EARLIER]
    assert {path.stem for path in VERSIONS.glob("*.sql")} == {str(each) for each in EARLIER}


@pytest.mark.parametrize("version", EARLIER)
def test_a_file_of_an_earlier_version_is_upgraded_by_the_first_write(
    tmp_path: Path, version: int
) -> None:
    database = _of_version(tmp_path / "store.duckdb", version)
    _write(database)
    with database.session() as session, session.reading() as con:
        assert upgrade.stored(con).is_present
        there = upgrade.relations(con)
        for table in (table for table in all_tables() if table.full_name in there):
            stored = stored_columns(con, table)
            assert {each.name: stored.get(each.name) for each in table.columns} == {
                each.name: each.type for each in table.columns
            }
    with database.session() as session:
        assert stored_days(session, SUMMARY, DAY, DAY) == {DAY}
        assert _all(session, "SELECT persons FROM store.journeys.summary") == [(7,)]
        assert _all(session, "SELECT requested_id FROM store.raw.amplitude_users") == [("00123",)]
    assert [path.name for path in tmp_path.glob("*.duckdb*")] == ["store.duckdb"]


def test_the_texts_of_rejected_records_are_gone_from_the_file(tmp_path: Path) -> None:
    database = _of_version(tmp_path / "store.duckdb", 1)
    assert NEEDLE in database.path.read_bytes()
    _write(database)
    assert NEEDLE not in database.path.read_bytes()
    with database.session() as session:
        assert _all(session, "SELECT count(*) FROM store.raw.rejects") == [(3000,)]


def test_a_reader_sees_a_file_of_an_earlier_version_as_it_is(tmp_path: Path) -> None:
    database = _of_version(tmp_path / "store.duckdb", 1)
    before = database.path.read_bytes()
    with database.session() as session:
        assert _all(session, "SELECT persons FROM store.journeys.summary") == [(7,)]
    assert database.path.read_bytes() == before


def test_a_column_declared_since_is_added_to_every_table_before_anything_is_written(
    tmp_path: Path,
) -> None:
    database = _of_version(tmp_path / "store.duckdb", 1)
    _write(database)
    with database.session() as session, session.writing() as con:
        con.execute(f"ALTER TABLE {CATALOG}.journeys.summary DROP COLUMN events")
        con.execute(f"UPDATE {CATALOG}.warehouse.schema_versions SET declared = 'others'")
    with database.session() as session, session.writing() as con:
        assert con.execute(f"SELECT events FROM {CATALOG}.journeys.summary").fetchall() == [(None,)]


def test_a_new_file_has_the_present_version_and_no_history(tmp_path: Path) -> None:
    database = Database(tmp_path / "store.duckdb")
    for _ in range(2):
        _write(database)
    with database.session() as session:
        versions = _all(session, "SELECT version FROM store.warehouse.schema_versions")
    assert versions == [(VERSION,)]


def test_a_file_of_a_later_version_is_refused_with_the_command_to_run(tmp_path: Path) -> None:
    database = Database(tmp_path / "store.duckdb")
    with database.session() as session, session.writing() as con:
        con.execute(
            f"INSERT INTO {CATALOG}.warehouse.schema_versions BY NAME "
            f"SELECT current_date AS since, {VERSION + 1} AS version"
        )
    for use in (Session.reading, Session.writing):
        with (
            database.session() as session,
            pytest.raises(WarehouseError, match="git pull && make install"),
            use(session),
        ):
            pass


def test_a_step_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(con: duckdb.DuckDBPyConnection) -> None:
        con.execute(f"DROP TABLE {CATALOG}.raw.rejects")
        raise RuntimeError

    database = _of_version(tmp_path / "store.duckdb", 1)
    monkeypatch.setattr(upgrade, "STEPS", (Step(2, "fails", fail),))
    with pytest.raises(RuntimeError):
        _write(database)
    with database.session() as session:
        assert _all(session, "SELECT count(*) FROM store.raw.rejects") == [(3000,)]


_KILLED = """
import os, sys
from pathlib import Path
from journey_assets.warehouse.database import Database
Path.replace = lambda *_: os._exit(9)
with Database(Path(sys.argv[1])).session() as session, session.writing():
    pass
"""


def test_an_upgrade_that_is_killed_leaves_the_old_file_and_is_made_again(tmp_path: Path) -> None:
    database = _of_version(tmp_path / "store.duckdb", 1)
    killed = subprocess.run([sys.executable, "-c", _KILLED, str(database.path)], check=False)
    assert killed.returncode == 9
    with database.session() as session:
        assert _all(session, "SELECT persons FROM store.journeys.summary") == [(7,)]
    _write(database)
    assert NEEDLE not in database.path.read_bytes()
    assert [path.name for path in tmp_path.glob(".*")] == []


def test_what_a_killed_writer_committed_is_in_the_rewritten_file(tmp_path: Path) -> None:
    path = tmp_path / "store.duckdb"
    code = (
        f"import duckdb, os; con = duckdb.connect({str(path)!r});"
        "con.execute('CREATE TABLE main.t AS SELECT 1 AS a'); os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", code], check=False)
    assert path.with_name("store.duckdb.wal").stat().st_size
    database = Database(path)
    with database.session() as session:
        rewrite(session)
        assert _all(session, "FROM store.main.t") == [(1,)]
    assert not path.with_name("store.duckdb.wal").exists()


def _rejected(session: Session) -> None:
    select = (
        "SELECT DATE '2026-11-20' AS reject_date, 'raw.x' AS table_name, 'bad' AS reason, "
        "true AS kept"
    )
    replace_partitions(session, DAY, DAY, Replacement(REJECTS, select))


SUMMARY_COLUMNS = "as_of DATE NOT NULL, cohort VARCHAR"


@pytest.mark.parametrize("storage", ["v1.0.0", "v1.2.0"])
def test_a_file_of_an_older_duckdb_takes_what_is_written_today(
    tmp_path: Path, storage: str
) -> None:
    sql = "CREATE SCHEMA store.own; CREATE TABLE store.own.t AS SELECT 1 AS a"
    database = _file(tmp_path / "store.duckdb", sql, storage)
    with database.session() as session:
        with session.writing() as con:
            for table in all_tables():
                con.execute(f"CREATE SCHEMA IF NOT EXISTS {CATALOG}.{table.schema}")
                con.execute(table.ddl(CATALOG))
        _rejected(session)
        assert _all(session, "FROM store.own.t") == [(1,)]


@pytest.mark.parametrize(
    ("columns", "select"),
    [
        ("reject_date DATE, table_name VARCHAR", "DATE '2026-11-19', 'raw.x'"),
        ("REJECT_DATE DATE, Table_Name VARCHAR, kept INTEGER", "DATE '2026-11-19', 'raw.x', 1"),
        ("reject_date TIMESTAMP, table_name VARCHAR", "TIMESTAMP '2026-11-19', 'raw.x'"),
        (
            "reject_date DATE, table_name VARCHAR, field VARCHAR NOT NULL",
            "DATE '2026-11-19', 'raw.x', 'f'",
        ),
        (
            "reject_date DATE, table_name VARCHAR, mine VARCHAR NOT NULL",
            "DATE '2026-11-19', 'raw.x', 'm'",
        ),
    ],
    ids=["lacks columns", "another case and type", "a wider type", "must be filled", "one more"],
)
def test_a_table_that_is_not_as_declared_is_brought_to_its_declaration(
    tmp_path: Path, columns: str, select: str
) -> None:
    sql = (
        f"CREATE SCHEMA store.raw; CREATE TABLE store.raw.rejects ({columns}); "
        f"INSERT INTO store.raw.rejects SELECT {select}"
    )
    database = _file(tmp_path / "store.duckdb", sql)
    with database.session() as session:
        _rejected(session)
        rows = _all(session, "SELECT reject_date, kept FROM store.raw.rejects ORDER BY ALL")
        with session.reading() as con:
            stored = stored_columns(con, REJECTS)
    assert [day for day, _ in rows] == [date(2026, 11, 19), DAY]
    types = {name.casefold(): type_ for name, type_ in stored.items()}
    assert {each.name: types[each.name] for each in REJECTS.columns} == {
        each.name: each.type for each in REJECTS.columns
    }


REFUSED = {
    "is a view": "CREATE VIEW store.raw.rejects AS SELECT DATE '2026-11-19' AS reject_date",
    "would lose 1 of its values": "CREATE TABLE store.raw.rejects AS "
    "SELECT 'yesterday' AS reject_date",
    "which tells their days": "CREATE TABLE store.raw.rejects AS SELECT 'raw.x' AS table_name",
}


@pytest.mark.parametrize("reason", REFUSED)
def test_what_would_lose_rows_is_refused_and_the_command_that_the_line_names_mends_it(
    tmp_path: Path,
    reason: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    database = _file(tmp_path / "store.duckdb", f"CREATE SCHEMA store.raw; {REFUSED[reason]}")
    with (
        database.session() as session,
        pytest.raises(WarehouseError, match=rf"{reason}.*make upgrade SET_ASIDE=raw\.rejects$"),
    ):
        _rejected(session)
    monkeypatch.setenv("JOURNEY_DATABASE", str(database.path))
    assert command.main([]) == 1
    assert capsys.readouterr().err.rstrip().endswith("make upgrade SET_ASIDE=raw.rejects")
    assert command.main(["--set-aside", "raw.rejects"]) == 0
    with database.session() as session:
        _rejected(session)
        assert _all(session, "SELECT count(*) FROM store.raw.rejects_aside_1") == [(1,)]


def test_what_of_somebody_s_own_stands_in_the_way_is_told(tmp_path: Path) -> None:
    database = _of_version(tmp_path / "store.duckdb", 1)
    with duckdb.connect(str(database.path)) as con:
        con.execute("CREATE INDEX mine ON raw.rejects (record)")
    with pytest.raises(WarehouseError, match=r"an index .* of your own"):
        _write(database)


def test_days_of_a_table_set_aside_are_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = _of_version(tmp_path / "store.duckdb", 1)
    monkeypatch.setenv("JOURNEY_DATABASE", str(database.path))
    assert command.main(["--set-aside", "journeys.summary"]) == 0
    with database.session() as session:
        assert stored_days(session, SUMMARY, DAY, DAY) == frozenset()


def test_only_tables_of_the_project_are_set_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JOURNEY_DATABASE", str(tmp_path / "store.duckdb"))
    assert command.main(["--set-aside", "raw.nothing"]) == 1
    assert "is no table of the project" in capsys.readouterr().err


def _no_database(path: Path) -> None:
    path.write_bytes(b"PK\\x03\\x04 an archive" * 500)


def _empty(path: Path) -> None:
    path.touch()


@pytest.mark.parametrize(
    ("make", "line"),
    [
        (_no_database, "it is no DuckDB database. Move it away, or set JOURNEY_DATABASE"),
        (_empty, "it is no DuckDB database. Move it away, or set JOURNEY_DATABASE"),
    ],
)
def test_a_file_that_is_no_database_is_refused(
    tmp_path: Path, make: Callable[[Path], None], line: str
) -> None:
    path = tmp_path / "store.duckdb"
    make(path)
    before = path.read_bytes()
    with pytest.raises(WarehouseError, match=line):
        _write(Database(path))
    assert path.read_bytes() == before


def test_a_file_that_may_not_be_written_is_read_and_named_when_written(tmp_path: Path) -> None:
    database = Database(tmp_path / "store.duckdb")
    _write(database)
    database.path.chmod(0o400)
    if os.access(database.path, os.W_OK):
        pytest.skip("this user may write whatever the mode says")
    with database.session() as session, session.reading():
        pass
    with pytest.raises(WarehouseError, match="permission denied"):
        _write(database)


def test_a_file_of_a_later_duckdb_is_told_as_one() -> None:
    text = (
        "Trying to read a database file with version number 99, but we can only read versions "
        "between 64 and 69."
    )
    assert "git pull && make install" in (words(duckdb.IOException(text)) or "")
