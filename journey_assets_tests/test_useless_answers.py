"""An answer of HTTP 200 that says nothing, or next to nothing, empties no day that is filled."""

import io
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from journey_assets.raw.amplitude_events import ingest_events
from journey_assets.raw.amplitude_users import ingest_users
from journey_assets.raw.mavenoid import ingest_conversations
from journey_assets.raw.segment import ingest_profiles
from journey_assets.vendors.mavenoid import MavenoidClient
from journey_assets.vendors.segment import segment_client
from journey_assets.warehouse.database import Database
from journey_assets.warehouse.replace import ReplacementRefused
from journey_assets.warehouse.tables.raw import MAVENOID_CONVERSATIONS
from journey_assets_tests.amplitude_vendor import (
    Vendor,
    client_of,
    event,
    failure,
    settings_of,
    stored,
    zipped,
)
from journey_assets_tests.automation_world import world
from journey_assets_tests.loopback import Answer, Loopback, answer
from journey_assets_tests.mavenoid_server import DAY, NOW, conversation
from journey_assets_tests.small_hours import YESTERDAY
from journey_assets_tests.stored import settings_for, store

EVENT_DAY = date(2026, 3, 10)


def count(database: Database, table: str) -> int:
    return int(stored(database, f"SELECT count(*) FROM store.raw.{table}")[0][0])


def read_events(folder: Path, answers: Any, **given: Any) -> Database:
    chosen = settings_of(folder, **given)
    database = Database.of(chosen)
    with Loopback(answers) as server, database.session() as session:
        client = client_of(server.url, folder)
        if chosen.amplitude_source == "user_activity":
            ingest_users(session, client, chosen, EVENT_DAY, lambda _: None)
        ingest_events(session, client, chosen, EVENT_DAY, EVENT_DAY, lambda _: None)
    return database


def packed(name: str, content: bytes) -> Answer:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        archive.writestr(name, content)
    return Answer(200, body.getvalue())


@pytest.mark.parametrize(
    "useless",
    [
        packed("4/4_2026-03-10_9#0.json.gz", b"<html><body>Sign in</body></html>\n"),
        Answer(200, zipped({"4/4_2026-03-10_9#0.json.gz": [event(9, "2026-01-01 09:00:00")]})),
        Answer(200, zipped({})),
        failure(404, "Raw data files were not found."),
    ],
    ids=["HTML", "other days", "nothing", "404"],
)
def test_a_useless_export_empties_no_day(tmp_path: Path, useless: Answer) -> None:
    given = {"amplitude_source": "export", "conversion_event": "Upgrade"}
    uploads = {"20260310T09": [event(n, "2026-03-10 09:00:00") for n in range(4)]}
    database = read_events(tmp_path, Vendor(uploads=uploads), **given)
    with pytest.raises(ReplacementRefused, match=r"^Amplitude: .* 0 rows would replace 4 stored"):
        read_events(tmp_path, [useless], **given)
    assert count(database, "amplitude_events") == 4
    read_events(tmp_path, [useless], **given, replace_anyway=True)
    assert count(database, "amplitude_events") == 0


def test_activity_without_the_events_that_were_there_empties_no_day(tmp_path: Path) -> None:
    events = {user: [event(user, "2026-03-10 09:00:00", user)] for user in (1, 2, 3)}
    ids = {"converter_user_ids": "1,2,3"}
    database = read_events(tmp_path, Vendor(events=events), **ids)
    with pytest.raises(ReplacementRefused, match="1 rows would replace 3 stored"):
        read_events(tmp_path, Vendor(events={1: events[1]}), **ids)
    assert count(database, "amplitude_events") == 3


def test_an_empty_cohort_empties_no_list_but_a_shorter_list_is_meant(tmp_path: Path) -> None:
    def cohort(members: str) -> Any:
        def answers(request: Any) -> Answer:
            if request.path.endswith("/file"):
                return Answer(200, f"amplitude_id,user_id\n{members}".encode())
            if "request-status" in request.path:
                return answer({"async_status": "JOB COMPLETED"}, 200)
            return answer({"request_id": "r", "cohort_id": "c"}, 202)

        return answers

    def read(answers: Any, **given: str) -> None:
        chosen = settings_of(tmp_path, **given)
        with Loopback(answers) as server, Database.of(chosen).session() as session:
            client = client_of(server.url, tmp_path)
            ingest_users(session, client, chosen, EVENT_DAY, lambda _: None)

    given = {"amplitude_converter_cohort_id": "c", "amplitude_non_converter_cohort_id": ""}
    read(cohort("1,u1\n2,u2\n3,u3\n"), **given)
    with pytest.raises(ReplacementRefused, match=r"^Amplitude: raw\.amplitude_users"):
        read(cohort(""), **given)
    read(Vendor(users={"u1": [1]}), converter_user_ids="u1")
    assert count(Database(tmp_path / "test.duckdb"), "amplitude_users") == 1


def test_a_listing_without_profiles_empties_no_snapshot(tmp_path: Path) -> None:
    database = Database(tmp_path / "test.duckdb")
    profiles = [
        {"traits": {}, "external_ids": [{"type": "user_id", "id": f"u{n}"}]} for n in range(3)
    ]

    def read(listed: list[Any]) -> None:
        with Loopback([answer({"data": {"profiles": listed}})]) as server:
            chosen = settings_for(
                database, segment_base_url=server.url, segment_token="t", segment_space_id="s"
            )
            with database.session() as session:
                client = segment_client(chosen, lambda _: None)
                ingest_profiles(session, client, chosen, DAY, DAY, lambda _: None)

    read(profiles)
    with pytest.raises(ReplacementRefused, match=r"^Segment: .* 0 rows would replace 3 stored"):
        read([])
    assert count(database, "segment_profiles") == count(database, "segment_external_ids") == 3


@pytest.mark.parametrize("useless", [[], [1, 2]])
def test_rows_of_mavenoid_that_are_none_empty_no_day(tmp_path: Path, useless: list[Any]) -> None:
    database = Database(tmp_path / "test.duckdb")

    def read(rows: list[Any], groups: list[Any], database: Database) -> None:
        with Loopback([answer(rows), answer(groups)]) as server, database.session() as session:
            chosen = settings_for(database, mavenoid_base_url=server.url, mavenoid_token="m")
            client = MavenoidClient.from_settings(chosen, lambda _: None)
            ingest_conversations(session, client, chosen, DAY, DAY, lambda _: None, NOW)

    group = {"date": str(DAY), "flow_name": "Scooter Support", "count": 2}
    read([conversation("a"), conversation("b")], [group], database)
    with pytest.raises(ReplacementRefused, match=r"^Mavenoid: .* 0 rows would replace 2 stored"):
        read(useless, [], database)
    assert count(database, "mavenoid_conversations") == 2
    read(useless, [], replace(database, may_shrink=True))
    assert count(database, "mavenoid_conversations") == 0


def test_a_vendor_left_out_keeps_what_is_stored_unless_the_run_insists(tmp_path: Path) -> None:
    at = datetime.combine(YESTERDAY, datetime.min.time(), UTC).replace(tzinfo=None)
    row = {"conversation_date": YESTERDAY, "id": "a", "created_at": at}
    database = Database(tmp_path / "store.duckdb")
    store(database, MAVENOID_CONVERSATIONS, [row])
    key = dg.AssetKey(["raw", "mavenoid_conversations"])
    with world(tmp_path, {}, JOURNEY_VENDORS="amplitude") as pipeline:
        for tags, left in (({}, 1), ({"journey/replace_anyway": "1"}, 0)):
            request = dg.RunRequest(asset_selection=[key], partition_key=str(YESTERDAY), tags=tags)
            assert pipeline.run(request).success
            assert count(database, "mavenoid_conversations") == left
