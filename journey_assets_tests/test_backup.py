"""A copy of everything that is kept, made while a writer writes, and back again."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import duckdb
import pytest

from journey_assets.backup.__main__ import main
from journey_assets.backup.parts import MANIFEST
from journey_assets.reports.files import report_path, write_report
from journey_assets.vendors.quota import MAVERA, Limit, Quota
from journey_assets.warehouse.database import Database, WarehouseError
from journey_assets.warehouse.pseudonyms import KEY_FILE, kept_key

ROOT = Path(__file__).resolve().parents[1]
DAY = date(2026, 11, 20)
ASKED = Limit("asked", ((100, 3600.0),))

_WRITER = """
import sys
from pathlib import Path
from datetime import date
import dagster as dg
from journey_assets.warehouse.database import Database
from journey_assets.warehouse.replace import Replacement, replace_partitions
from journey_assets.journeys.statistics.summary.table import SUMMARY
from journey_assets.journeys.statistics.variants.table import VARIANTS

DAY = date(2026, 11, 20)

def rows(n):
    day = f"SELECT DATE '{DAY}' AS as_of, "
    return (
        Replacement(SUMMARY, f"{day} 'converter' AS cohort, {n} AS persons, 0 AS events"),
        Replacement(VARIANTS, f"{day} 'converter' AS cohort, range AS rank, ['a'] AS path, "
                              f"{n} AS persons FROM range(1, 2000)"),
    )

@dg.asset
def noted() -> None:
    pass

n = 0
with dg.DagsterInstance.get() as instance, Database(Path(sys.argv[1])).session() as session:
    while True:
        n += 1
        # As in a run, most of the time is computing, with the file free.
        session.con.execute("SELECT sum(hash(range)) FROM range(5000000)").fetchall()
        replace_partitions(session, DAY, DAY, *rows(n))
        if n == 1:
            dg.materialize([noted], instance=instance)
            print("written", flush=True)
        if len(sys.argv) > 2:
            break
"""


class Machine:
    """A folder with everything that a machine keeps, and the commands over it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        shutil.copy(ROOT / "dagster.yaml", folder)
        self.folder = folder
        self.data = folder / "data"
        self.database = Database(self.data / "journey_assets.duckdb")

    def writer(self, *once: str) -> "subprocess.Popen[str]":
        """A process that writes, without end unless ``once``; it has written when this returns."""
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", _WRITER, str(self.database.path), *once],
            env={**os.environ, "DAGSTER_HOME": str(self.folder)},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert process.stdout
        assert process.stdout.readline() == "written\n"
        return process

    def run(self, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
        """A command over this machine; returns its exit code."""
        monkeypatch.setenv("DAGSTER_HOME", str(self.folder))
        monkeypatch.delenv("JOURNEY_DATABASE", raising=False)
        return main(arguments)

    def rows(self) -> tuple[list[tuple[object, ...]], ...]:
        """The rows of all tables, ordered."""
        with duckdb.connect(str(self.database.path), read_only=True) as con:
            names = con.execute(
                "SELECT schema_name || '.' || table_name FROM duckdb_tables() ORDER BY ALL"
            ).fetchall()
            return (
                names,
                *(con.execute(f"FROM {name} ORDER BY ALL").fetchall() for (name,) in names),
            )

    def runs(self) -> int:
        """Runs of Dagster's instance, each with a file of its events."""
        history = self.data / "dagster/history"
        with closing(sqlite3.connect(history / "runs.db")) as con:
            ids = con.execute("SELECT run_id FROM runs").fetchall()
        for (run_id,) in ids:
            with closing(sqlite3.connect(history / f"runs/{run_id}.db")) as con:
                assert con.execute("SELECT count(*) FROM event_logs").fetchone()[0] > 3
        return len(ids)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """A machine that has run once; tests take copies of it."""
    machine = Machine(tmp_path_factory.mktemp("filled"))
    machine.writer("once").wait()
    kept_key(machine.data)
    write_report(machine.data, DAY, "a report")
    quota = Quota(machine.data / "quota", ASKED, "account")
    with quota.attempt(lambda _: None):
        pass
    quota.close()
    Quota(machine.data / "quota", MAVERA, "account").close()
    return machine


@pytest.fixture
def machine(filled: Machine, tmp_path: Path) -> Machine:
    shutil.copytree(filled.folder, tmp_path / "machine")
    return Machine(tmp_path / "machine")


@pytest.fixture
def copy(machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the machine."""
    assert machine.run(monkeypatch, "make", "--to", str(tmp_path / "copy")) == 0
    return tmp_path / "copy"


@pytest.fixture
def other(tmp_path: Path) -> Machine:
    """Another machine, on which nothing is stored yet."""
    return Machine(tmp_path / "other")


def test_everything_is_on_the_other_machine_as_it_was(
    machine: Machine, copy: Path, other: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert other.run(monkeypatch, "restore", str(copy)) == 0
    assert other.rows() == machine.rows()
    assert (other.data / KEY_FILE).read_text() == (machine.data / KEY_FILE).read_text()
    assert report_path(other.data, DAY).read_text("utf-8") == "a report"
    assert other.runs() == machine.runs() == 1
    there = Quota(other.data / "quota", ASKED, "account")
    assert there.seconds_for(99) < 1 < there.seconds_for(100)
    there.close()


@pytest.fixture(scope="module")
def writing(filled: Machine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A machine with a process that writes all the time."""
    folder = tmp_path_factory.mktemp("writing") / "machine"
    shutil.copytree(filled.folder, folder)
    machine = Machine(folder)
    process = machine.writer()
    yield machine
    process.kill()
    process.communicate()


def test_a_copy_made_while_a_writer_writes_is_of_one_moment(
    writing: Machine, other: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = []
    for number in range(2):
        copy = tmp_path / f"copy{number}"
        assert writing.run(monkeypatch, "make", "--to", str(copy)) == 0
        assert other.run(monkeypatch, "restore", str(copy), "--overwrite") == 0
        with duckdb.connect(str(other.database.path), read_only=True) as con:
            moments += con.execute(
                "SELECT (SELECT max(persons) FROM journeys.summary), min(persons), max(persons), "
                "count(*), (SELECT rows FROM warehouse.ledger WHERE table_name = 'journeys.variants') "
                "FROM journeys.variants"
            ).fetchall()
        assert other.runs() >= 1
        shutil.rmtree(other.data)
    assert all(
        summary == least == most and rows == noted == 1999
        for summary, least, most, rows, noted in moments
    )
    assert len({summary for summary, *_ in moments}) == 2


def test_what_is_there_is_not_overwritten_unasked(
    machine: Machine,
    copy: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = {path: path.stat().st_mtime_ns for path in machine.data.rglob("*")}
    assert machine.run(monkeypatch, "restore", str(copy)) == 1
    assert "OVERWRITE=1" in capsys.readouterr().err
    assert {path: path.stat().st_mtime_ns for path in machine.data.rglob("*")} == before


def test_overwriting_puts_aside_what_was_there(
    machine: Machine, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_report(machine.data, DAY, "a later report")
    assert machine.run(monkeypatch, "restore", str(copy), "--overwrite") == 0
    assert report_path(machine.data, DAY).read_text("utf-8") == "a report"
    (aside,) = machine.data.glob("reports.before-*")
    assert (aside / str(DAY) / "index.html").read_text("utf-8") == "a later report"
    assert len(list(machine.data.glob("journey_assets.duckdb.before-*"))) == 1


def test_a_damaged_database_and_its_log_are_put_aside(
    machine: Machine, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = machine.rows()
    machine.database.path.write_bytes(b"a disk error" * 1000)
    log = machine.database.path.with_name("journey_assets.duckdb.wal")
    log.write_bytes(b"of the damaged file")
    assert machine.run(monkeypatch, "restore", str(copy), "--overwrite") == 0
    assert machine.rows() == rows
    assert not log.exists()


@pytest.mark.parametrize("change", ["changed", "missing", "new"])
def test_a_copy_that_is_not_whole_is_refused_and_nothing_is_changed(
    copy: Path,
    other: Machine,
    change: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    report = copy / "reports" / str(DAY) / "index.html"
    if change == "missing":
        report.unlink()
    else:
        (report if change == "changed" else report.with_name("more.html")).write_text("more")
    assert other.run(monkeypatch, "restore", str(copy)) == 1
    assert "is not as it was made" in capsys.readouterr().err
    assert not other.data.exists()


def test_a_folder_that_is_no_copy_is_refused(
    other: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert other.run(monkeypatch, "restore", str(other.folder)) == 1
    assert MANIFEST in capsys.readouterr().err


class Killed(BaseException):
    """As if the process had ended there."""


@pytest.mark.parametrize("moves", [0, 1, 4])
def test_a_restore_that_is_killed_is_completed_before_anybody_opens_the_database(
    machine: Machine, copy: Path, moves: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = machine.rows()
    write_report(machine.data, DAY, "a later report")
    rename, left = Path.rename, [None] * moves

    def killed(path: Path, target: Path) -> Path:
        if not left:
            raise Killed
        left.pop()
        return rename(path, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", killed)
        with pytest.raises(Killed):
            machine.run(patched, "restore", str(copy), "--overwrite")
    with (
        machine.database.session() as session,
        pytest.raises(WarehouseError, match="Complete it: make restore"),
        session.reading(),
    ):
        pass
    assert machine.run(monkeypatch, "restore") == 0
    assert machine.rows() == rows
    assert report_path(machine.data, DAY).read_text("utf-8") == "a report"
    assert machine.runs() == 1
    assert not list(machine.data.glob(".*restored"))


def test_nothing_is_restored_under_a_running_dagster(
    writing: Machine,
    filled: Machine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert filled.run(monkeypatch, "make", "--to", str(tmp_path / "copy")) == 0
    assert writing.run(monkeypatch, "restore", str(tmp_path / "copy"), "--overwrite") == 1
    assert "stop Dagster" in capsys.readouterr().err


def test_a_copy_is_its_owner_s_alone_and_never_written_over(
    machine: Machine,
    copy: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    modes = {path.stat().st_mode & 0o777 for path in (copy, *copy.rglob("*")) if path.is_dir()}
    assert modes == {0o700}
    assert {path.stat().st_mode & 0o777 for path in copy.rglob("*") if path.is_file()} == {0o600}
    assert machine.run(monkeypatch, "make", "--to", str(copy)) == 1
    assert "is there already" in capsys.readouterr().err


def test_a_copy_is_not_made_within_what_is_copied(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    target = machine.data / "reports" / "copy"
    assert machine.run(monkeypatch, "make", "--to", str(target)) == 1
    assert "name another folder" in capsys.readouterr().err
    assert not target.exists()


def test_without_a_database_there_is_nothing_to_copy(
    other: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert other.run(monkeypatch, "make") == 1
    assert "There is no database" in capsys.readouterr().err
    assert not other.data.exists()


def test_an_instance_kept_elsewhere_is_told_and_left_out(
    machine: Machine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    shutil.copy(ROOT / "dagster-postgres.yaml", machine.folder / "dagster.yaml")
    assert machine.run(monkeypatch, "make", "--to", str(tmp_path / "copy")) == 0
    assert "Dagster's instance is not in it" in capsys.readouterr().out
    assert not (tmp_path / "copy/dagster").exists()
