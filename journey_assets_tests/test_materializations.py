"""What the UI shows of assets and of their materializations."""

import json
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from journey_assets.analyses.assets import answer_facts
from journey_assets.analyses.compute import AnalysisRow
from journey_assets.definitions import build_definitions
from journey_assets.journeys.statistics.stages.table import STAGES
from journey_assets.journeys.statistics.step_matrix.table import STEP_MATRIX
from journey_assets.reports.assets import JOURNEY_REPORT
from journey_assets.shell.shown import Shown, shown
from journey_assets.shell.tables import asset_key
from journey_assets.warehouse.catalog import all_tables
from journey_assets.warehouse.database import Database
from journey_assets.warehouse.sample import ROWS, sample, sample_columns
from journey_assets.warehouse.schema import Table
from journey_assets.warehouse.tables.identity import COVERAGE, PERSONS
from journey_assets.warehouse.tables.raw import (
    AMPLITUDE_EVENTS,
    MAVENOID_CONVERSATIONS,
    SEGMENT_PROFILES,
)
from journey_assets_tests.report_rows import database_at, empty, fill

DAY = date(2026, 3, 19)
NEXT = DAY + timedelta(days=1)
ASSETS = [table for table in all_tables() if table.asset]
SECRET = "jane.doe@example.com"


@pytest.fixture(scope="module")
def definitions() -> dg.Definitions:
    return build_definitions({})


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Database:
    """Two days of events, two snapshots with an empty day between, and steps of eleven persons."""
    database = database_at(tmp_path_factory.mktemp("materializations"))
    fill(database, {AMPLITUDE_EVENTS: [*events(DAY, 4), *events(NEXT, 10)]})
    fill(database, {SEGMENT_PROFILES: profiles(DAY, 2)})
    empty(database, NEXT, SEGMENT_PROFILES)
    fill(database, {SEGMENT_PROFILES: profiles(NEXT + timedelta(days=1), 5)})
    fill(database, {STEP_MATRIX: steps(NEXT)})
    return database


def events(day: date, count: int) -> list[dict[str, Any]]:
    """Events of two users; every column that may hold personal data holds an address."""
    return [
        {
            **{c.name: SECRET for c in AMPLITUDE_EVENTS.columns if c.personal},
            "event_date": day,
            "amplitude_id": 1 + number % 2,
            "event_type": f"mail {SECRET}" if number else "E" * 200,
            "event_time": f"{day} 12:00:{number:02}",
            "source_order": 0,
            "platform": "Web" if number < count / 2 else None,
            "event_properties": {"said by": SECRET},
            "extra": {},
        }
        for number in range(count)
    ]


def profiles(day: date, count: int) -> list[dict[str, Any]]:
    return [{"snapshot_date": day, "profile_key": f"user_id:{n}"} for n in range(count)]


def steps(day: date) -> list[dict[str, Any]]:
    return [
        {
            "as_of": day,
            "cohort": "converter",
            "step": step,
            "event_type": event,
            "persons": persons,
            "share": persons / 11,
            "cohort_persons": 11,
        }
        for step, event, persons in ((2, "Buy", 11), (1, "Look", 4), (1, "Sign Up", 7))
    ]


def shown_of(
    database: Database, table: Table, rows: Mapping[date, int], *, by_itself: bool = False
) -> Shown:
    with database.session() as session:
        return shown(session, {table: rows}, 0.95, by_itself=by_itself)[table]


def test_every_asset_names_its_owner_its_layer_and_code_that_is_there(
    definitions: dg.Definitions,
) -> None:
    graph = definitions.resolve_asset_graph()
    for key in graph.materializable_asset_keys:
        node = graph.get(key)
        assert node.owners == ["team:journeys"]
        assert node.tags["layer"] == key.path[0] == node.group_name
        assert node.kinds
        references = node.metadata["dagster/code_references"].code_references
        assert references
        for reference in references:
            assert Path(reference.file_path).is_file()
            assert not Path(reference.label).is_absolute()
            assert reference.file_path.endswith(reference.label)


def test_figures_are_tagged_with_their_window_and_ingests_with_their_vendor() -> None:
    graph = build_definitions({"JOURNEY_WINDOW_DAYS": "7"}).resolve_asset_graph()
    assert graph.get(asset_key(STAGES)).tags["window_days"] == "7"
    assert graph.get(asset_key(AMPLITUDE_EVENTS)).tags["vendor"] == "amplitude"
    assert graph.get(JOURNEY_REPORT).tags["layer"] == "reports"


def test_a_partition_shows_its_rows_and_their_change_since_the_one_before(
    database: Database,
) -> None:
    facts = shown_of(database, AMPLITUDE_EVENTS, {DAY: 4, NEXT: 10})
    assert [facts[day]["rows"] for day in (DAY, NEXT)] == [4, 10]
    assert facts[NEXT]["rows_change"] == 6
    assert "rows_change" not in facts[DAY], "there is nothing before it"
    assert facts[NEXT]["dagster/partition_row_count"] == 10


def test_a_snapshot_is_compared_with_the_last_one_that_holds_anything(database: Database) -> None:
    newest = NEXT + timedelta(days=1)
    assert shown_of(database, SEGMENT_PROFILES, {newest: 5})[newest]["rows_change"] == 3


def test_shares_of_empty_values_are_those_of_the_stored_rows(database: Database) -> None:
    shares = shown_of(database, AMPLITUDE_EVENTS, {DAY: 4})[DAY]["null_shares"].value
    assert shares["platform"] == 0.5
    assert shares["country"] == 1.0
    assert "event_time" not in shares, "every row has it"
    assert "device_id" not in shares


def test_persons_are_counted_once(database: Database) -> None:
    assert shown_of(database, AMPLITUDE_EVENTS, {DAY: 4})[DAY]["persons"] == 2
    assert shown_of(database, STEP_MATRIX, {NEXT: 3})[NEXT]["persons"] == 11


def test_what_is_heavy_is_shown_of_the_newest_partition_only(database: Database) -> None:
    facts = shown_of(database, AMPLITUDE_EVENTS, {DAY: 4, NEXT: 10})
    heavy = {"picture", "sample", "null_shares"}
    assert heavy <= facts[NEXT].keys()
    assert not heavy & facts[DAY].keys()


def test_of_a_run_that_nobody_asked_for_only_the_newest_day_of_all_is_drawn(
    database: Database,
) -> None:
    heavy = {"picture", "sample"}
    older = shown_of(database, AMPLITUDE_EVENTS, {DAY: 4}, by_itself=True)
    newest = shown_of(database, AMPLITUDE_EVENTS, {NEXT: 10}, by_itself=True)
    assert not heavy & older[DAY].keys()
    assert heavy <= newest[NEXT].keys()


def test_a_partition_without_rows_has_neither_picture_nor_sample(database: Database) -> None:
    facts = shown_of(database, SEGMENT_PROFILES, {NEXT: 0})[NEXT]
    assert facts["rows"] == 0
    assert not {"picture", "sample", "persons"} & facts.keys()


def test_a_picture_is_an_image_within_the_markdown(database: Database) -> None:
    text = shown_of(database, STEP_MATRIX, {NEXT: 3})[NEXT]["picture"].value
    assert text.startswith(f"![journeys.step_matrix of {NEXT}](data:image/svg+xml;base64,")
    assert text.endswith(")")
    assert len(text) < 60_000


def test_a_sample_shows_the_first_by_place_and_then_by_size(database: Database) -> None:
    found = shown_of(database, STEP_MATRIX, {NEXT: 3})[NEXT]["sample"]
    rows = [record.data for record in found.records]
    assert [(row["step"], row["event_type"]) for row in rows] == [
        (1, "Sign Up"),
        (1, "Look"),
        (2, "Buy"),
    ]


def test_a_sample_is_a_few_of_the_newest_rows_with_texts_cut(database: Database) -> None:
    with database.session() as session, session.reading() as con:
        assert len(sample(con, AMPLITUDE_EVENTS, NEXT)) == ROWS
        rows = sample(con, AMPLITUDE_EVENTS, DAY)
    assert [row["event_time"] for row in rows] == [f"{DAY} 12:00:0{n}" for n in (3, 2, 1, 0)]
    assert len(str(rows[-1]["event_type"])) == 60


@pytest.mark.parametrize("table", ASSETS, ids=lambda table: table.full_name)
def test_no_sample_shows_a_column_with_personal_data_or_one_that_names_somebody(
    table: Table,
) -> None:
    columns = sample_columns(table)
    assert columns
    shown = [each.name for each in columns if each.personal or each.identifies]
    assert not shown
    assert "JSON" not in {column.type for column in columns}


def test_no_address_reaches_what_is_shown(database: Database) -> None:
    facts = shown_of(database, AMPLITUDE_EVENTS, {DAY: 4, NEXT: 10})
    values = [value for of in facts.values() for value in of.values()]
    text = json.dumps([v if isinstance(v, int) else dg.serialize_value(v) for v in values])
    assert "(e-mail address)" in text
    assert SECRET not in text
    assert "doe" not in text


def test_an_asset_shows_the_sql_that_fills_it_and_python_is_named(
    definitions: dg.Definitions,
) -> None:
    graph = definitions.resolve_asset_graph()
    sql = {t: graph.get(asset_key(t)).metadata["sql"].value for t in ASSETS}
    assert sql[COVERAGE].startswith("`journey_assets/identity/coverage.sql`\n\n```sql\n--")
    assert sql[MAVENOID_CONVERSATIONS] == "Filled by `journey_assets/raw/mavenoid.py`."


def test_a_run_shows_all_of_it_on_the_events_of_its_partitions(tmp_path: Path) -> None:
    database = database_at(tmp_path)
    fill(database, {AMPLITUDE_EVENTS: [*events(DAY, 4), *events(NEXT, 10)]})
    definitions = build_definitions({"JOURNEY_DATABASE": str(database.path)})
    with dg.DagsterInstance.ephemeral() as instance:
        result = definitions.resolve_implicit_global_asset_job_def().execute_in_process(
            instance=instance,
            asset_selection=[asset_key(PERSONS), asset_key(COVERAGE)],
            tags={
                "dagster/asset_partition_range_start": DAY.isoformat(),
                "dagster/asset_partition_range_end": NEXT.isoformat(),
            },
        )
    found: dict[str | None, Mapping[str, Any]] = {
        event.partition: event.materialization.metadata
        for event in result.get_asset_materialization_events()
        if event.asset_key == asset_key(PERSONS)
    }
    older, newest = found[DAY.isoformat()], found[NEXT.isoformat()]
    light = {"rows", "persons", "window_days_stored", "settings_hash"}
    assert older.keys() == light
    once = {"window", "seconds", "peak_memory_mb", "picture", "sample", "settings"}
    assert light | once | {"rows_change"} <= newest.keys()
    assert newest["window"].value == f"{NEXT - timedelta(days=29)} … {NEXT}"
    assert newest["peak_memory_mb"].value > 10
    assert newest["persons"].value == 1, "both ids are of one user id"


def test_an_analysis_shows_what_it_was_asked_what_it_cost_and_whether_it_was_reused() -> None:
    row = AnalysisRow(
        as_of=DAY,
        kind="journey_map",
        status="reused",
        prompt_version="2.2",
        prompt_sha256="a" * 64,
        content="**41%** convert",
        credits_used=0.0,
        latency_ms=2_345,
        numbers_total=3,
        numbers_grounded=2,
        numbers_derived=1,
    )
    facts = answer_facts(row)
    assert facts["journey_map: prompt"] == "2.2, aaaaaaaaaaaa"
    assert facts["journey_map: latency"] == "2.3 s"
    assert facts["journey_map: reused"] is True
    assert facts["journey_map: credits"] == 0.0
    assert facts["journey_map: numbers grounded"] == "2 of 3, 1 of them derived"
    assert facts["journey_map: answer"].value == "**41%** convert"


def test_an_analysis_that_was_not_asked_for_shows_why() -> None:
    row = AnalysisRow(as_of=DAY, kind="journey_map", status="not_asked", reason="no budget")
    assert answer_facts(row) == {"journey_map: status": "not_asked: no budget"}
