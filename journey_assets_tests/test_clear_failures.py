"""Every error is told by one line of ours; foreign texts reach neither the screen nor the instance."""

import errno
import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import OperationalError

from journey_assets.errors import LONGEST_LINE, ExplainedError, exit_code, told
from journey_assets.shell.failures import clearly

PRIVATE = "ann.lee@example.com asked “where is my refund”"


def _raised(raising: Callable[[], object]) -> Exception:
    with pytest.raises(Exception) as caught:  # noqa: PT011 - any kind
        raising()
    assert isinstance(caught.value, Exception)
    return caught.value


def _sql(statement: str) -> Exception:
    with duckdb.connect() as con:
        return _raised(lambda: con.execute(statement))


def test_an_error_of_ours_is_told_by_its_own_words_on_one_line() -> None:
    assert told(ExplainedError("Mavenoid: refused.\n Check MAVENOID_TOKEN.")) == (
        "Mavenoid: refused. Check MAVENOID_TOKEN."
    )
    assert len(told(ExplainedError("x" * 10_000))) == LONGEST_LINE


@given(st.text(min_size=1))
def test_a_defect_is_told_by_kind_and_place_and_never_by_its_text(text: str) -> None:
    line = told(_raised(lambda: int(f"{text} ann@example.com")))
    assert line.startswith("Defect in journey_assets: ValueError at test_clear_failures.py:")
    assert "ann@example.com" not in line


def test_two_texts_of_one_defect_are_told_apart() -> None:
    assert told(KeyError("a")) != told(KeyError("b"))


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "the disk is full. Make room"),
        (errno.EDQUOT, "the disk is full. Make room"),
        (errno.EACCES, "permission denied"),
        (errno.EPERM, "permission denied"),
        (errno.EROFS, "the file system is read-only"),
        (errno.EISDIR, "it is a folder"),
        (errno.EMFILE, "ulimit -n"),
    ],
)
def test_an_error_of_the_system_names_the_path_and_what_to_mend(number: int, words: str) -> None:
    line = told(OSError(number, os.strerror(number), "/data/store.duckdb"))
    assert line.startswith("/data/store.duckdb: ")
    assert words in line


def test_a_disk_that_is_full_below_duckdb_is_told_as_such(tmp_path: Path) -> None:
    full = _sql("COPY (SELECT range FROM range(1000000)) TO '/dev/full' (FORMAT csv)")
    assert told(full).startswith("DuckDB: the disk is full.")
    assert "spilling" in told(
        _sql(
            f"SET temp_directory = '{tmp_path}'; SET max_temp_directory_size = '1MB'; "
            "SET memory_limit = '20MB'; CREATE TABLE t AS SELECT md5(range::VARCHAR) FROM range(5000000)"
        )
    )


def test_a_damaged_block_is_told_without_its_content(tmp_path: Path) -> None:
    path = tmp_path / "store.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute("CREATE TABLE t AS SELECT range, range::VARCHAR AS s FROM range(2000000)")
    content = bytearray(path.read_bytes())
    for offset in range(20_000, len(content), 50_000):
        content[offset] ^= 0xFF
    path.write_bytes(content)
    damaged = _sql(f"ATTACH '{path}' AS store (READ_ONLY); SELECT sum(range), max(s) FROM store.t")
    assert told(damaged).startswith("DuckDB: the file is damaged")


def test_a_value_that_duckdb_cannot_convert_is_a_defect_without_the_value() -> None:
    line = told(_sql("SELECT 'ann@example.com'::INTEGER"))
    assert line.startswith("Defect in journey_assets: ConversionException")
    assert "ann@example.com" not in line


def test_sqlite_in_trouble_is_told(tmp_path: Path) -> None:
    broken = tmp_path / "calls.sqlite"
    broken.write_bytes(b"no database" * 1000)
    with sqlite3.connect(broken) as state:
        assert "SQLite: the file is damaged" in told(
            _raised(lambda: state.execute("SELECT 1 FROM t"))
        )


def test_an_error_of_the_instances_storage_is_told_without_its_statement() -> None:
    cause = sqlite3.OperationalError("disk I/O error")
    error = OperationalError("INSERT INTO event_logs", {"event": PRIVATE}, cause)
    assert told(error).startswith("Dagster's instance (DAGSTER_HOME): its file cannot be read or")


def test_a_command_ends_with_the_line_and_exit_code_1(capsys: pytest.CaptureFixture[str]) -> None:
    def main() -> int:
        raise ValueError(PRIVATE)

    assert exit_code(main) == 1
    printed = capsys.readouterr()
    assert printed.err.startswith("Defect in journey_assets: ValueError")
    assert PRIVATE not in printed.err + printed.out
    assert exit_code(lambda: None) == 0


def _run(compute: Callable[[], Iterator[dg.MaterializeResult[Any]]]) -> tuple[str, str]:
    """The failed step's description, and everything that the instance stored of the run."""

    @dg.multi_asset(
        specs=[dg.AssetSpec("a")],
        check_specs=[dg.AssetCheckSpec("sums", asset="a", blocking=True)],
    )
    @clearly
    def asset(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[Any]]:
        context.log.info("computing")
        yield from compute()

    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize([asset], instance=instance, raise_on_error=False)
        assert not result.success
        stored = "\n".join(
            dg.serialize_value(record.event_log_entry)
            for record in instance.get_records_for_run(result.run_id).records
        )
    (failure,) = [event for event in result.all_events if event.is_step_failure]
    data = failure.step_failure_data.user_failure_data
    assert data
    return str(data.description), stored


def test_a_foreign_text_in_an_asset_reaches_neither_description_nor_instance() -> None:
    def compute() -> Iterator[dg.MaterializeResult[Any]]:
        try:
            json.loads(PRIVATE)
        except ValueError as error:
            raise RuntimeError(PRIVATE) from error
        yield dg.MaterializeResult("a")

    description, stored = _run(compute)
    assert description.startswith(
        "Defect in journey_assets: RuntimeError at test_clear_failures.py:"
    )
    assert "refund" not in stored
    assert "ann.lee" not in stored
    # The way of the error is there for whoever mends it.
    assert "in compute" in stored


def test_a_blocking_check_that_fails_ends_the_step_with_its_own_line() -> None:
    def compute() -> Iterator[dg.MaterializeResult[Any]]:
        check = dg.AssetCheckResult(
            passed=False, asset_key="a", check_name="sums", description="2 rows repeat the key id"
        )
        yield dg.MaterializeResult("a", check_results=[check])

    description, stored = _run(compute)
    assert description.startswith("a: check sums failed: 2 rows repeat the key id. What reads it")
    assert '"ASSET_CHECK_EVALUATION"' in stored
    assert '"ASSET_MATERIALIZATION"' in stored
