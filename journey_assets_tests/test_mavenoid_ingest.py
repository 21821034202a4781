"""Mavenoid's rows in the database, from a small Mavenoid on loopback."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from journey_assets.raw.ingested import Ingested
from journey_assets.raw.mavenoid import (
    SummaryDiffers,
    ingest_availabilities,
    ingest_conversations,
    ingest_sessions,
)
from journey_assets.vendors.errors import VendorError
from journey_assets.vendors.mavenoid import MavenoidClient
from journey_assets.warehouse.database import Database
from journey_assets_tests.automation_world import world
from journey_assets_tests.loopback import Loopback, answer
from journey_assets_tests.mavenoid_server import (
    DAY,
    NOW,
    MavenoidServer,
    Row,
    availability,
    conversation,
    live_session,
)
from journey_assets_tests.small_hours import YESTERDAY
from journey_assets_tests.stored import settings_for

BEFORE, AFTER = DAY - timedelta(days=1), DAY + timedelta(days=1)
LONG_BEFORE = DAY - timedelta(days=40)


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(tmp_path / "db.duckdb")


def ingest(
    database: Database,
    given: Sequence[Row] | MavenoidServer,
    first: date = DAY,
    last: date = DAY,
    how: Callable[..., Ingested] = ingest_conversations,
    log: Callable[[str], None] = lambda _: None,
) -> Ingested:
    vendor = given if isinstance(given, MavenoidServer) else MavenoidServer(given)
    with Loopback(vendor) as server, database.session() as session:
        settings = settings_for(
            database, mavenoid_base_url=server.url, mavenoid_token=f"ma_{server.url}"
        )
        client = MavenoidClient.from_settings(settings, log)
        return how(session, client, settings, first, last, log, vendor.now)


def rows(database: Database, select: str, table: str = "mavenoid_conversations") -> list[Any]:
    with database.session() as session, session.reading() as con:
        return con.execute(f"SELECT {select} FROM store.raw.{table} ORDER BY ALL").fetchall()


def rejects(database: Database) -> list[Any]:
    return rows(database, "table_name, field, reason, kept", "rejects")


def passed(done: Ingested) -> bool:
    return done.reconciliation is not None and done.reconciliation.passed


def test_a_conversation_is_stored_under_its_day_with_all_its_fields(database: Database) -> None:
    full = conversation(
        "F1246",
        latest_search_query="End my ride",
        feedback_topics=["rides", "billing"],
        feedback_comments="helpful",
        brand_new_field={"x": 1},
    )
    done = ingest(database, [full])
    ((stored, topics, form, extra),) = rows(
        database,
        "(conversation_date, id, created_at, flow_name, status, latest_search_query, "
        "feedback_comments, feedback_rating)::VARCHAR, feedback_topics, form_data, extra",
    )
    for value in ("2026-11-20", "F1246", "09:00:00", "Scooter Support", "RESOLVED", "End my ride"):
        assert value in stored
    assert topics == ["rides", "billing"]
    assert json.loads(form) == {"$customer-email": "a@example.com"}
    assert json.loads(extra) == {"brand_new_field": {"x": 1}}
    assert done.rows == {"raw.mavenoid_conversations": {DAY: 1}}
    assert rejects(database) == []
    assert passed(done)


def test_one_call_for_rows_and_one_for_the_summary_serve_a_whole_range(database: Database) -> None:
    vendor = MavenoidServer(
        [conversation(f"F{n}", f"2026-11-{n:02}T12:00:00.000Z") for n in range(1, 21)]
    )
    done = ingest(database, vendor, date(2026, 11, 1), DAY)
    assert vendor.calls == [
        (("days", "21"),),
        (("group_by", "date,flow_name"), ("days", "21")),
    ]
    assert sum(done.rows["raw.mavenoid_conversations"].values()) == 20
    assert done.reconciliation is not None
    assert done.reconciliation.compared == 20


def test_rows_of_other_days_are_left_alone(database: Database) -> None:
    neighbours = [
        conversation("before", "2026-11-19T23:59:59.999Z"),
        conversation("first", "2026-11-20T00:00:00.000Z"),
        conversation("last", "2026-11-20T23:59:59.999Z"),
        conversation("after", "2026-11-21T00:00:00.000Z"),
    ]
    ingest(database, neighbours, BEFORE, AFTER)
    changed = [row | {"label": "changed"} for row in neighbours]
    ingest(database, changed)
    assert rows(database, "id, label") == [
        ("after", ""),
        ("before", ""),
        ("first", "changed"),
        ("last", "changed"),
    ]


def test_storing_the_same_answer_twice_changes_nothing(database: Database) -> None:
    given = [conversation("a"), conversation("b")]
    ingest(database, given)
    before = rows(database, "*")
    ingest(database, given)
    assert rows(database, "*") == before


def test_rows_that_changed_at_the_vendor_are_replaced(database: Database) -> None:
    ingest(database, [conversation("a", status="OPEN"), conversation("gone")])
    ingest(database, [conversation("a", status="RESOLVED")])
    assert rows(database, "id, status") == [("a", "RESOLVED")]


def test_of_a_key_that_comes_twice_the_newest_update_counts(database: Database) -> None:
    new = conversation("a", label="new", updated_at="2026-11-20T12:00:00Z")
    old = conversation("a", label="old", updated_at="2026-11-20T11:00:00Z")
    done = ingest(database, [new, old])
    assert rows(database, "label") == [("new",)]
    assert passed(done)


def test_stored_rows_older_than_the_vendor_reaches_stay(database: Database) -> None:
    first = date(2026, 7, 20)
    old = conversation("old", "2026-07-20T12:00:00Z")
    edge = conversation("edge", "2026-07-24T05:00:00Z")
    then = MavenoidServer([old, edge], now=datetime(2026, 7, 25, tzinfo=UTC))
    ingest(database, then, first, date(2026, 7, 24))
    # 120 days before 2026-11-21 10:00 is 2026-07-24 10:00: that day is served in part.
    served = conversation("served", "2026-07-24T11:00:00Z")
    done = ingest(database, [old, edge, served], first, DAY)
    assert rows(database, "id") == [("edge",), ("old",), ("served",)]
    assert "2026-07-20 to 2026-07-24 are not wholly in Mavenoid's answer" in done.notes[0]
    assert done.facts["stored_rows_kept"] == 2
    assert passed(done)


def test_a_row_of_a_day_served_in_part_is_brought_up_to_date(database: Database) -> None:
    day = date(2026, 7, 24)
    row = conversation("x", "2026-07-24T11:00:00Z", status="OPEN")
    then = MavenoidServer([row], now=datetime(2026, 7, 25, tzinfo=UTC))
    ingest(database, then, day, day)
    ingest(database, [row | {"status": "RESOLVED"}], day, day)
    assert rows(database, "status") == [("RESOLVED",)]


def test_notes_on_days_out_of_reach_stay(database: Database) -> None:
    day = date(2026, 7, 20)
    odd = conversation("x", "2026-07-20T11:00:00Z", feedback_rating="great")
    ingest(database, MavenoidServer([odd], now=datetime(2026, 7, 25, tzinfo=UTC)), day, day)
    before = rows(database, "*", "rejects")
    done = ingest(database, [], day, DAY)
    assert rows(database, "*", "rejects") == before
    assert done.rejects["raw.mavenoid_conversations"] == 0


def test_a_range_out_of_reach_is_not_asked_for(database: Database) -> None:
    day = date(2026, 7, 1)
    row = conversation("x", "2026-07-01T11:00:00Z")
    ingest(database, MavenoidServer([row], now=datetime(2026, 7, 2, tzinfo=UTC)), day, day)
    vendor = MavenoidServer([])
    done = ingest(database, vendor, day, day)
    assert vendor.calls == []
    assert rows(database, "id") == [("x",)]
    assert done.rows == {"raw.mavenoid_conversations": {day: 1}}
    assert done.notes


def test_missing_and_mistyped_fields_are_noted_with_the_record(database: Database) -> None:
    odd = conversation("a", feedback_rating="great")
    del odd["flow_name"]
    unusable: list[Any] = [conversation("b", created_at="soon"), 7, {"id": "x"}]
    done = ingest(database, [odd, *unusable])
    table = "raw.mavenoid_conversations"
    assert (table, "feedback_rating", "not a INTEGER", True) in rejects(database)
    assert (table, "flow_name", "missing", True) in rejects(database)
    assert (table, "created_at", "not a TIMESTAMP", False) in rejects(database)
    assert (table, None, "not a JSON object", False) in rejects(database)
    assert rows(database, "id, feedback_rating, flow_name") == [("a", None, None)]
    assert done.rejects[table] == len(rejects(database))
    assert done.fields_read[table] == 4 * 17


def test_sessions_are_stored_by_conversation_and_start(database: Database) -> None:
    given = [
        live_session("F1"),
        live_session("F1", "2026-11-20T10:00:00.000Z", status="TRANSFERRED"),
        live_session("F2", agent_email=None, first_response_ms=None),
    ]
    done = ingest(database, given, how=ingest_sessions)
    assert rows(
        database,
        "assistant_conversation_id, created_at, agent_email, first_response_ms, status",
        "mavenoid_live_support_sessions",
    ) == [
        ("F1", datetime(2026, 11, 20, 9), "agent@example.com", 31000, "RESOLVED"),
        ("F1", datetime(2026, 11, 20, 10), "agent@example.com", 31000, "TRANSFERRED"),
        ("F2", datetime(2026, 11, 20, 9), None, None, "RESOLVED"),
    ]
    assert passed(done)
    assert rejects(database) == []


def test_the_documents_own_session_sample_is_read(database: Database) -> None:
    sample = live_session("F54321", "2026-11-20T15:03:00.000Z", resolution="worked")
    for name in ("resolution_label", "first_response_ms", "feedback_rating"):
        del sample[name]
    done = ingest(database, [sample], how=ingest_sessions)
    columns = "resolution_label, first_response_ms, feedback_rating, extra"
    assert rows(database, columns, "mavenoid_live_support_sessions") == [
        ("worked", None, None, None)
    ]
    assert rejects(database) == []
    assert passed(done)


def test_an_unpadded_hour_and_a_hyphen_in_agent_email_are_read(database: Database) -> None:
    period = availability("", "2026-11-20T9:00:00.000Z", "2026-11-20T17:00:00.000Z", 28800000)
    period["agent-email"] = "agent@example.com"
    del period["agent_email"]

    def as_documented(groups: list[Row]) -> list[Row]:
        return [row | {"agent-email": "agent@example.com"} for row in groups]

    vendor = MavenoidServer([period], summarize=as_documented)
    done = ingest(database, vendor, how=ingest_availabilities)
    columns = "availability_date, agent_email, start_timestamp, end_timestamp, duration_ms"
    assert rows(database, columns, "mavenoid_agent_availabilities") == [
        (DAY, "agent@example.com", datetime(2026, 11, 20, 9), datetime(2026, 11, 20, 17), 28800000)
    ]
    assert rejects(database) == []
    assert passed(done)


def test_grouped_status_values_are_stored_as_they_come(database: Database) -> None:
    ingest(database, [conversation("a", status="self_service_resolution")])
    assert rows(database, "status") == [("self_service_resolution",)]


def test_an_open_period_has_no_end_and_of_two_versions_the_closed_one_counts(
    database: Database,
) -> None:
    start = "2026-11-20T09:00:00Z"
    given = [
        availability("a@example.com", start, "2026-11-20T10:00:00Z", 3600000),
        availability("a@example.com", start, None, 1000),
        availability("b@example.com", start, None, 1000),
    ]
    ingest(database, given, how=ingest_availabilities)
    columns = "agent_email, end_timestamp, duration_ms"
    assert rows(database, columns, "mavenoid_agent_availabilities") == [
        ("a@example.com", datetime(2026, 11, 20, 10), 3600000),
        ("b@example.com", None, 1000),
    ]


def test_a_failed_summary_fails_the_ingest_and_stores_nothing(database: Database) -> None:
    script = [answer([conversation("a")]), answer({"error": "no such group"}, 400)]
    with Loopback(script) as server, database.session() as session:
        settings = settings_for(database, mavenoid_base_url=server.url, mavenoid_token="ma_x")
        client = MavenoidClient.from_settings(settings, lambda _: None)
        with pytest.raises(VendorError, match="summary of assistant conversations"):
            ingest_conversations(session, client, settings, DAY, DAY, lambda _: None, NOW)
        with session.reading() as con:
            assert (
                con.execute("SELECT * FROM duckdb_tables() WHERE schema_name = 'raw'").fetchall()
                == []
            )


def test_text_that_no_utf8_can_hold_is_stored_with_a_mark(database: Database) -> None:
    ingest(database, [conversation("a", feedback_comments="nice \ud83d")])
    assert rows(database, "feedback_comments") == [("nice ?",)]


def test_nothing_personal_is_in_what_is_told(database: Database) -> None:
    told: list[str] = []
    period = availability("secret@example.com", "2026-11-20T09:00:00Z", "2026-11-20T10:00:00Z", 9)

    def other(groups: list[Row]) -> list[Row]:
        return [row | {"duration_ms_sum": 5} for row in groups]

    with pytest.raises(SummaryDiffers) as error:
        ingest(
            database,
            MavenoidServer([period], summarize=other),
            how=ingest_availabilities,
            log=told.append,
        )
    assert error.value.verdict.differences
    assert "secret" not in " ".join([*told, str(error.value), *error.value.verdict.differences])


def at_night(name: str, day: date, **more: Any) -> Row:
    """A conversation begun on a day."""
    return conversation(name, f"{day}T23:00:00.000Z", **more)


def days_of(database: Database) -> list[Any]:
    return rows(database, "id, conversation_date")


@pytest.mark.parametrize(("old", "new"), [(DAY, BEFORE), (BEFORE, DAY)])
def test_a_conversation_that_moved_to_another_day_stands_under_that_day_only(
    database: Database, old: date, new: date
) -> None:
    others = [at_night("x", BEFORE), at_night("y", DAY)]
    ingest(database, [*others, at_night("a", old)], old, old)
    moved = [*others, at_night("a", new, updated_at="2026-11-21T01:00:00Z")]
    ingest(database, moved, new, new)
    assert ("a", new) in days_of(database)
    assert ("a", old) not in days_of(database)
    for day in (old, new):
        ingest(database, moved, day, day)
    assert days_of(database) == [("a", new), ("x", BEFORE), ("y", DAY)]


def test_a_conversation_that_moved_to_a_day_not_yet_filled_stays_where_it_is(
    database: Database,
) -> None:
    ingest(database, [at_night("x", BEFORE), at_night("a", BEFORE)], BEFORE, BEFORE)
    ingest(database, [at_night("x", BEFORE), at_night("a", DAY)], BEFORE, BEFORE)
    assert days_of(database) == [("a", BEFORE), ("x", BEFORE)]
    ingest(database, [at_night("x", BEFORE), at_night("a", DAY)])
    assert days_of(database) == [("a", DAY), ("x", BEFORE)]


def test_an_older_reading_does_not_take_a_newer_version_away(database: Database) -> None:
    newer = at_night("a", DAY, updated_at="2026-11-21T05:00:00Z")
    ingest(database, [newer, at_night("y", DAY)])
    ingest(database, [at_night("a", BEFORE), at_night("x", BEFORE)], BEFORE, BEFORE)
    assert days_of(database) == [("a", DAY), ("x", BEFORE), ("y", DAY)]


def at_night_live(of: str, day: date, hour: int = 23) -> Row:
    """A live session of a conversation, begun on a day."""
    return live_session(of, f"{day}T{hour}:00:00.000Z")


def live_days_of(database: Database) -> list[Any]:
    columns = "assistant_conversation_id, session_date"
    return rows(database, columns, "mavenoid_live_support_sessions")


@pytest.mark.parametrize(("old", "new"), [(DAY, BEFORE), (BEFORE, DAY), (LONG_BEFORE, DAY)])
def test_a_session_that_begins_on_another_day_by_now_is_stored_once(
    database: Database, old: date, new: date
) -> None:
    others = [at_night_live("x", LONG_BEFORE), at_night_live("y", BEFORE), at_night_live("z", DAY)]
    ingest(database, [*others, at_night_live("a", old)], LONG_BEFORE, DAY, ingest_sessions)
    ingest(database, [*others, at_night_live("a", new)], new, new, ingest_sessions)
    assert live_days_of(database) == [("a", new), ("x", LONG_BEFORE), ("y", BEFORE), ("z", DAY)]


def test_a_second_session_of_a_conversation_takes_the_first_one_not_away(
    database: Database,
) -> None:
    both = [at_night_live("a", LONG_BEFORE), at_night_live("a", DAY)]
    ingest(database, both, LONG_BEFORE, LONG_BEFORE, ingest_sessions)
    vendor = MavenoidServer(both)
    ingest(database, vendor, how=ingest_sessions)
    assert live_days_of(database) == [("a", LONG_BEFORE), ("a", DAY)]
    asked = len(vendor.calls)
    ingest(database, vendor, how=ingest_sessions)
    assert len(vendor.calls) == asked + 2, "what is known is read once, as is the summary"


def test_the_day_that_a_conversation_left_counts_as_changed(tmp_path: Path) -> None:
    old, new = YESTERDAY - timedelta(days=1), YESTERDAY
    at = f"{new}T23:00:00.000Z"
    database = Database(tmp_path / "store.duckdb")
    now = datetime.now(UTC)
    rows_then = [at_night("x", old), at_night("a", old)]
    ingest(database, MavenoidServer(rows_then, now=now), old, old)
    vendor = MavenoidServer([rows_then[0], conversation("a", at)], now=now)
    key = dg.AssetKey(["raw", "mavenoid_conversations"])
    with Loopback(vendor) as server:
        environ = {"MAVENOID_TOKEN": "ma_x", "MAVENOID_BASE_URL": server.url}
        with world(tmp_path, environ, JOURNEY_VENDORS="mavenoid") as pipeline:
            done = pipeline.run(dg.RunRequest(asset_selection=[key], partition_key=str(new)))
    assert done.success
    told = done.get_asset_materialization_events()
    assert [event.partition for event in told] == [str(old), str(new)]
    assert days_of(database) == [("a", new), ("x", old)]
