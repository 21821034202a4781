"""The checks of every table: promises of the declaration, sums that tie, unusual volumes."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from journey_assets.journeys.statistics import TABLES
from journey_assets.journeys.statistics.last_events.table import LAST_EVENTS
from journey_assets.journeys.statistics.step_frequencies.table import STEP_FREQUENCIES
from journey_assets.journeys.statistics.transitions.table import TRANSITIONS
from journey_assets.names import MASK
from journey_assets.shell.checks import check_results, check_specs
from journey_assets.warehouse.catalog import all_tables
from journey_assets.warehouse.database import Database
from journey_assets.warehouse.history import Partition, history, unusual
from journey_assets.warehouse.replace import ReplacementRefused
from journey_assets.warehouse.schema import Column, Source, Table
from journey_assets.warehouse.violations import violations
from journey_assets.warehouse.warnings import warnings
from journey_assets.warehouse.windows import copy_stored
from journey_assets_tests.amplitude_vendor import stored
from journey_assets_tests.automation_world import small_simulator, world
from journey_assets_tests.small_hours import YESTERDAY
from journey_assets_tests.stored import store

DAY = date(2026, 11, 19)
TABLE = Table(
    schema="journeys",
    name="things",
    grain="thing",
    description="A table.",
    columns=(
        Column("as_of", "DATE", "Day.", nullable=False),
        Column("name", "VARCHAR", "Name.", source=Source(("name",))),
        Column("names", "VARCHAR[]", "Names."),
        Column("data", "JSON", "Data."),
        Column("said", "VARCHAR", "Words.", verbatim=True),
    ),
    key=("name",),
)


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(tmp_path / "store.duckdb")


def row(name: str | None = "a", **more: Any) -> dict[str, Any]:
    return {"as_of": DAY, "name": name, **more}


def found(database: Database, table: Table = TABLE, rows: int | None = None) -> tuple[str, ...]:
    with database.session() as session, session.reading() as con:
        stored = con.execute(f"SELECT count(*) FROM store.{table.full_name}").fetchall()[0][0]
        return violations(con, table, DAY, DAY, stored if rows is None else rows)


def test_rows_as_declared_have_no_violation(database: Database) -> None:
    store(database, TABLE, [row("a"), row("b", names=["x"], data={"x": 1}, said="call")])
    assert found(database) == ()


@pytest.mark.parametrize(
    "table", [table for table in all_tables() if table.names], ids=lambda table: table.name
)
def test_names_leave_raw_masked_and_a_warning_counts_them(database: Database, table: Table) -> None:
    filled = {"VARCHAR": "to ann@example.com", "VARCHAR[]": ["x", "Ann＠Example.com"]}
    of_type = {"DATE": DAY, "TIMESTAMP": DAY, "BIGINT": 1, "UINTEGER": 1, **filled}
    store(database, table, [{each.name: of_type.get(each.type) for each in table.columns}])
    names = [each.name for each in table.names]
    with database.session() as session, session.reading() as con:
        copy_stored(con, table, names, (DAY, DAY), "copied")
        left = con.execute("FROM copied").fetchall()[0]
        told = warnings(con)
    masked = {"VARCHAR": f"to {MASK}", "VARCHAR[]": ["x", MASK]}
    assert list(left) == [masked[each.type] for each in table.names]
    assert len(told) == len(names)
    assert f"1 name in {table.full_name}.{names[0]} held an e-mail address" in told[0]


def test_a_repeated_key_is_refused_before_it_is_stored(database: Database) -> None:
    store(database, TABLE, [row("b")])
    with pytest.raises(ReplacementRefused, match="1 rows repeat the key name"):
        store(database, TABLE, [row("a"), row("a")])
    assert stored(database, "SELECT name FROM store.journeys.things") == [("b",)]


def test_lost_rows_are_named(database: Database) -> None:
    store(database, TABLE, [row("a"), row("b")])
    assert "2 rows instead of the 3 that were stored" in found(database, rows=3)


def test_a_column_of_another_type_is_named(database: Database) -> None:
    store(database, TABLE, [row("a")])
    with database.session() as session, session.writing() as con:
        con.execute("ALTER TABLE store.journeys.things ALTER names TYPE VARCHAR")
    assert any("names is stored as VARCHAR" in sentence for sentence in found(database))


@pytest.mark.parametrize(
    "given",
    [
        {"name": "ann.lee@example.com"},
        {"names": ["Page", "Page: /u/ann%40example.com/edit"]},
        {"data": {"deep": {"mail": "Ann <ann@example.co.uk>"}}},
    ],
)
def test_an_address_outside_raw_is_refused_wherever_it_stands(
    database: Database, given: Mapping[str, Any]
) -> None:
    (column,) = given
    with pytest.raises(ReplacementRefused, match=f"1 rows with an e-mail address in {column}"):
        store(database, TABLE, [row(**dict(given))])


@pytest.mark.parametrize("text", ["a @ b.c", "@handle", "10 @ 5", "user@", "50%40", "x@y"])
def test_what_is_no_address_is_no_violation(database: Database, text: str) -> None:
    store(database, TABLE, [row(text, names=[text], data={"x": text})])
    assert found(database) == ()


def test_words_of_others_may_hold_what_they_hold(database: Database) -> None:
    store(database, TABLE, [row("a", said="Write to help@example.com")])
    assert found(database) == ()


def transitions(database: Database, visits: int) -> list[dg.AssetCheckResult]:
    """Two cohort rows of which ``visits`` at A are one transition, one exit and one cut path."""
    of = {"as_of": DAY, "cohort": "converter"}
    store(database, TRANSITIONS, [{**of, "from_event": "A", "to_event": "B", "occurrences": 1}])
    ends = {"exits": 1, "conversions": 0, "censored": 0, "cut": 1, "visits": visits}
    last = {"exits": 0, "conversions": 1, "censored": 0, "cut": 0, "visits": 1}
    store(
        database,
        LAST_EVENTS,
        [{**of, "event_type": "A", **ends}, {**of, "event_type": "B", **last}],
    )
    store(
        database,
        STEP_FREQUENCIES,
        [
            {**of, "event_type": "A", "occurrences": visits},
            {**of, "event_type": "B", "occurrences": 1},
        ],
    )
    stored = {TRANSITIONS: {DAY: 1}, LAST_EVENTS: {DAY: 2}, STEP_FREQUENCIES: {DAY: 2}}
    with database.session() as session:
        return check_results(session, stored)[TRANSITIONS]


def test_visits_that_add_up_pass_and_others_do_not(database: Database) -> None:
    assert [result.passed for result in transitions(database, visits=3)] == [True]
    (result,) = transitions(database, visits=4)
    assert not result.passed
    assert str(result.description).startswith("1 sums differ: visits = transitions")


def test_a_tie_is_judged_only_between_tables_of_one_run(database: Database) -> None:
    transitions(database, visits=4)
    with database.session() as session:
        (result,) = check_results(session, {TRANSITIONS: {DAY: 1}})[TRANSITIONS]
    assert result.passed


def test_a_third_and_thrice_the_usual_rows_are_unusual() -> None:
    before = [Partition(300)] * 7
    assert unusual(Partition(101), before, ()) == unusual(Partition(899), before, ()) == []
    assert unusual(Partition(99), before, ()) == ["99 rows, where 300 are usual"]
    assert unusual(Partition(901), before, ()) == ["901 rows, where 300 are usual"]
    assert unusual(Partition(0), before, ()) == ["0 rows, where 300 are usual"]


def test_few_rows_and_few_days_before_say_nothing() -> None:
    assert unusual(Partition(2), [Partition(20)] * 7, ()) == []
    assert unusual(Partition(0), [Partition(300)] * 6, ()) == []


def test_a_share_of_empty_values_that_moved_is_unusual() -> None:
    before = [Partition(100, {"user_id": 90, "other": 90})] * 7
    now = Partition(100, {"user_id": 60, "other": 60})
    assert unusual(now, before, {"user_id"}) == ["40% of user_id empty, where 10% is usual"]
    assert unusual(Partition(100, {"user_id": 75}), before, {"user_id"}) == []


def test_the_ledger_knows_rows_and_filled_values_of_each_day(database: Database) -> None:
    later = DAY + timedelta(days=1)
    rows = [row("a", said="x"), row("b"), row("c", said="y") | {"as_of": later}]
    store(database, TABLE, rows)
    with database.session() as session, session.reading() as con:
        past = history(con, [TABLE], later, later)[TABLE.full_name]
    assert past == {
        DAY: Partition(2, {"name": 2, "names": 0, "said": 1}),
        later: Partition(1, {"name": 1, "names": 0, "said": 1}),
    }
    assert past[DAY].null_shares() == {"name": 0.0, "names": 1.0, "said": 0.5}


def test_a_day_that_lacks_most_of_its_rows_is_a_warning_on_the_first_table(
    database: Database,
) -> None:
    for days in range(8, 0, -1):
        day = DAY - timedelta(days=days)
        store(database, TABLE, [row(str(n)) | {"as_of": day} for n in range(60)])
    store(database, TABLE, [row("a")])
    with database.session() as session:
        declared, volumes = check_results(session, {TABLE: {DAY: 1}}, shown_by=TABLE)[TABLE]
    assert declared.passed
    assert not volumes.passed
    assert volumes.severity is dg.AssetCheckSeverity.WARN
    assert volumes.description == f"journeys.things of {DAY}: 1 rows, where 60 are usual"


def test_every_table_has_a_blocking_check_and_each_group_one_of_volumes() -> None:
    specs = check_specs(TABLES)
    blocking = {spec.asset_key for spec in specs if spec.blocking}
    assert blocking == {dg.AssetKey([t.schema, t.name]) for t in TABLES}
    assert [spec.name for spec in specs if not spec.blocking] == ["volumes_usual"]


@pytest.fixture(scope="module")
def evaluations(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[list[Any]]:
    """The checks of a run over everything, one day, against the simulator."""
    folder = tmp_path_factory.mktemp("checks")
    with (
        small_simulator() as simulator,
        world(folder, simulator.demo_environment(), JOURNEY_PERMUTATIONS="99") as pipeline,
    ):
        keys = pipeline.definitions.resolve_asset_graph().materializable_asset_keys
        day = str(YESTERDAY)
        result = pipeline.run(dg.RunRequest(asset_selection=sorted(keys), partition_key=day))
        assert result.success
        yield list(result.get_asset_check_evaluations())


def test_a_run_over_everything_passes_all_its_checks(evaluations: list[Any]) -> None:
    assert [f"{e.asset_key}: {e.description}" for e in evaluations if not e.passed] == []


def test_every_table_of_the_run_was_checked(evaluations: list[Any]) -> None:
    checked = {
        ".".join(e.asset_key.path) for e in evaluations if e.check_name == "rows_as_declared"
    }
    assert checked == {table.full_name for table in all_tables() if table.asset}
