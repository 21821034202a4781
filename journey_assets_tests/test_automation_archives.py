"""Export archives dropped into the inbox: waited for, taken in, put away."""

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from journey_assets.automation.archives import (
    Refuse,
    Seen,
    Take,
    Wait,
    look,
    read_cursor,
    verdict,
    write_cursor,
)
from journey_assets.raw.amplitude_archive import ArchiveRefused, days_of, ingest_archive
from journey_assets.raw.amplitude_events import ingest_events
from journey_assets.raw.amplitude_users import ingest_users
from journey_assets.simulator import Simulator
from journey_assets.warehouse.database import Database
from journey_assets_tests.amplitude_vendor import (
    Vendor,
    client_of,
    event,
    settings_of,
    stored,
    zipped,
)
from journey_assets_tests.automation_world import World, small_simulator, world
from journey_assets_tests.loopback import Loopback
from journey_assets_tests.small_hours import NOW as MIDNIGHT
from journey_assets_tests.small_hours import YESTERDAY

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
START = date(2026, 1, 1)
DAY = date(2026, 3, 10)
RESTED = Seen(100, int((NOW - timedelta(hours=1)).timestamp() * 1e9), 5)
FOUND = (date(2026, 11, 17), date(2026, 11, 18))
ROWS = (
    "SELECT amplitude_id, event_time, source_order, event_type FROM store.raw.amplitude_events "
    "ORDER BY ALL"
)


def test_a_file_that_rests_and_is_whole_is_taken() -> None:
    assert verdict(RESTED, RESTED, lambda: FOUND, NOW, START) == Take(*FOUND)


def test_a_file_seen_for_the_first_time_is_waited_for() -> None:
    assert isinstance(verdict(None, RESTED, lambda: FOUND, NOW, START), Wait)


def test_a_file_that_grew_since_the_last_look_is_waited_for() -> None:
    grown = replace(RESTED, size=200)
    assert isinstance(verdict(RESTED, grown, lambda: FOUND, NOW, START), Wait)


def test_a_file_without_its_end_is_waited_for_and_refused_when_nothing_comes() -> None:
    fresh = replace(RESTED, changed=int((NOW - timedelta(minutes=5)).timestamp() * 1e9))
    assert isinstance(verdict(fresh, fresh, lambda: "no zip", NOW, START), Wait)
    assert verdict(RESTED, RESTED, lambda: "no zip", NOW, START) == Refuse("no zip")


def test_an_archive_of_a_day_that_is_not_over_waits_for_its_end() -> None:
    today = (NOW.date() - timedelta(days=1), NOW.date())
    assert isinstance(verdict(RESTED, RESTED, lambda: today, NOW, START), Wait)


def test_days_before_the_first_partition_are_left_out_or_refused() -> None:
    assert verdict(RESTED, RESTED, lambda: FOUND, NOW, FOUND[1]) == Take(FOUND[1], FOUND[1])
    assert isinstance(verdict(RESTED, RESTED, lambda: FOUND, NOW, date(2026, 11, 19)), Refuse)


def test_an_archive_that_names_a_day_to_come_is_refused() -> None:
    ahead = (FOUND[0], NOW.date() + timedelta(days=2))
    assert isinstance(verdict(RESTED, RESTED, lambda: ahead, NOW, START), Refuse)


def test_what_is_no_file_is_not_looked_at(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.zip")
    (tmp_path / "nowhere.zip").symlink_to(tmp_path / "gone")
    (tmp_path / "loop.zip").symlink_to(tmp_path / "loop.zip")
    assert look(tmp_path) == {}


def test_a_file_asked_for_is_not_asked_for_again() -> None:
    asked = replace(RESTED, asked=True)
    assert isinstance(verdict(asked, RESTED, lambda: FOUND, NOW, START), Wait)


def test_a_file_that_was_touched_is_asked_for_again() -> None:
    asked, touched = replace(RESTED, asked=True), replace(RESTED, moved=6)
    assert isinstance(verdict(asked, touched, lambda: FOUND, NOW, START), Wait)
    assert verdict(touched, touched, lambda: FOUND, NOW, START) == Take(*FOUND)


def test_the_cursor_survives_and_one_that_cannot_be_read_is_empty() -> None:
    files = {"a.zip": RESTED, "b.zip": replace(RESTED, asked=True)}
    assert read_cursor(write_cursor(files)) == files
    assert read_cursor("[1]") == read_cursor("not json") == read_cursor(None) == {}


def test_unfinished_downloads_and_folders_are_not_looked_at(tmp_path: Path) -> None:
    for name in ("a.zip", "b.zip.crdownload", "c.part", ".d.zip"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "done").mkdir()
    assert list(look(tmp_path)) == ["a.zip"]
    assert look(tmp_path / "nowhere") == {}


def archive(folder: Path, *events: dict[str, object], name: str = "export.zip") -> Path:
    """An archive in the inbox of the database in ``folder``: uploads of DAY."""
    inbox = folder / "inbox" / "amplitude"
    inbox.mkdir(parents=True, exist_ok=True)
    (inbox / name).write_bytes(zipped({f"434735/434735_{DAY}_{7}#0.json.gz": events}))
    return inbox / name


def take(folder: Path, name: str = "export.zip", **given: object) -> dict[date, int]:
    """Take an archive in; rows by day."""
    given = {"amplitude_source": "export", "conversion_event": "Upgrade"} | given
    chosen = settings_of(folder, **given)
    with Database(Path(chosen.database)).session() as session:
        first = DAY - timedelta(days=1)
        done = ingest_archive(session, chosen, name, first, DAY, lambda _: None)
    return dict(done.rows["raw.amplitude_events"])


def test_an_archive_holds_the_events_of_its_upload_days_and_the_day_before(tmp_path: Path) -> None:
    assert days_of(archive(tmp_path, event(1, f"{DAY} 07:00:00"))) == (
        DAY - timedelta(days=1),
        DAY,
    )


def test_members_of_other_names_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({"events.json.gz": [event(1, f"{DAY} 07:00:00")]}))
    with pytest.raises(ArchiveRefused, match="not named as Amplitude's export"):
        days_of(path)


def test_events_are_added_to_the_stored_ones_and_repeats_are_dropped(tmp_path: Path) -> None:
    archive(tmp_path, event(1, f"{DAY} 07:00:00"), event(2, f"{DAY} 07:00:00"))
    take(tmp_path)
    archive(tmp_path, event(2, f"{DAY} 07:00:00"), event(3, f"{DAY} 07:00:00"), name="second.zip")
    assert take(tmp_path, "second.zip") == {DAY - timedelta(days=1): 0, DAY: 3}
    rows = stored(Database(tmp_path / "test.duckdb"), ROWS)
    assert [(row[2], row[3]) for row in rows] == [(0, "Event 1"), (1, "Event 2"), (2, "Event 3")]


def test_the_same_archive_taken_in_twice_changes_nothing(tmp_path: Path) -> None:
    for _ in range(2):
        archive(tmp_path, *(event(n, f"{DAY} 07:00:0{n % 3}") for n in range(9)))
        take(tmp_path)
    assert len(stored(Database(tmp_path / "test.duckdb"), ROWS)) == 9


def test_with_user_activity_only_events_of_tracked_users_are_taken(tmp_path: Path) -> None:
    chosen = settings_of(tmp_path, converter_user_ids="1")
    with Loopback(Vendor()) as server, Database(Path(chosen.database)).session() as session:
        client = client_of(server.url, tmp_path)
        ingest_users(session, client, chosen, DAY, lambda _: None)
    archive(tmp_path, event(1, f"{DAY} 07:00:00", user=1), event(2, f"{DAY} 07:00:00", user=2))
    take(tmp_path, amplitude_source="user_activity", converter_user_ids="1", conversion_event="")
    assert [row[0] for row in stored(Database(tmp_path / "test.duckdb"), ROWS)] == [1]


def test_a_later_answer_of_the_vendor_replaces_the_day(tmp_path: Path) -> None:
    archive(tmp_path, event(1, f"{DAY} 07:00:00"))
    take(tmp_path)
    given: dict[str, Any] = {"amplitude_source": "export", "conversion_event": "Upgrade"}
    chosen = settings_of(tmp_path, **given)
    uploads = {f"{DAY:%Y%m%d}T07": [event(2, f"{DAY} 07:00:00")]}
    with (
        Loopback(Vendor(uploads=uploads)) as server,
        Database(Path(chosen.database)).session() as session,
    ):
        client = client_of(server.url, tmp_path)
        ingest_events(session, client, chosen, DAY, DAY, lambda _: None)
    assert [row[3] for row in stored(Database(tmp_path / "test.duckdb"), ROWS)] == ["Event 2"]


def test_an_archive_taken_in_lies_in_done_under_its_content(tmp_path: Path) -> None:
    put = archive(tmp_path, event(1, f"{DAY} 07:00:00"))
    take(tmp_path)
    assert not put.exists()
    (done,) = (put.parent / "done").iterdir()
    assert done.name.endswith("-export.zip")


def test_a_broken_archive_lies_in_rejected_with_its_reason(tmp_path: Path) -> None:
    put = archive(tmp_path, event(1, f"{DAY} 07:00:00"))
    whole = put.read_bytes()
    put.write_bytes(whole[:40] + bytes(20) + whole[60:])
    with pytest.raises(ArchiveRefused, match="was moved to"):
        take(tmp_path)
    reason = put.parent / "rejected" / "export.zip.reason.txt"
    assert (put.parent / "rejected" / "export.zip").exists()
    assert reason.read_text().startswith("It is not a whole zip archive.")


def test_an_archive_without_an_event_of_its_days_is_rejected(tmp_path: Path) -> None:
    put = archive(tmp_path, event(1, "2026-01-01 07:00:00"))
    with pytest.raises(ArchiveRefused, match="none of the 1 records is an event of"):
        take(tmp_path)
    assert (put.parent / "rejected" / "export.zip").exists()


def test_a_name_never_leads_out_of_the_inbox(tmp_path: Path) -> None:
    outside = archive(tmp_path, event(1, f"{DAY} 07:00:00")).rename(tmp_path / "secret.zip")
    with pytest.raises(ArchiveRefused, match=r"There is no archive secret\.zip"):
        take(tmp_path, "../../secret.zip")
    assert outside.exists()


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with small_simulator() as running:
        yield running


@pytest.fixture
def pipeline(simulator: Simulator, tmp_path: Path) -> Iterator[World]:
    # Who downloads by hand may have no key.
    keyless = {"AMPLITUDE_API_KEY": "", "AMPLITUDE_SECRET_KEY": ""}
    with world(tmp_path, simulator.demo_environment() | keyless) as made:
        yield made


def written(path: Path, content: bytes) -> None:
    """Write a file at the time that the sensors take for now."""
    path.write_bytes(content)
    os.utime(path, (MIDNIGHT.timestamp(), MIDNIGHT.timestamp()))


def test_an_archive_dropped_into_the_inbox_becomes_rows_without_asking_amplitude(
    simulator: Simulator, pipeline: World, tmp_path: Path
) -> None:
    inbox = tmp_path / "inbox" / "amplitude"
    inbox.mkdir(parents=True)
    last = YESTERDAY - timedelta(days=1)
    hour = int(datetime.combine(last, datetime.min.time(), UTC).timestamp() // 3600)
    packed = simulator.amplitude.archive.zip(hour, hour + 23)
    assert packed
    written(inbox / "mine.zip", packed[: len(packed) // 2])
    assert pipeline.requests("amplitude_archives") == []
    assert "not whole yet" in pipeline.reason("amplitude_archives")
    written(inbox / "mine.zip", packed)
    assert "may still be written" in pipeline.reason("amplitude_archives")
    (request,) = pipeline.requests("amplitude_archives")
    assert pipeline.requests("amplitude_archives") == []
    assert pipeline.run(request).success
    assert not simulator.statistics().get("amplitude")
    days = stored(
        Database(tmp_path / "store.duckdb"),
        "SELECT event_date, count(*) FROM store.raw.amplitude_events GROUP BY ALL ORDER BY ALL",
    )
    assert [day for day, _ in days][-1] == last
    assert sum(rows for _, rows in days) > 0

    # The same content again, under another name.
    (inbox / "again.zip").write_bytes(packed)
    pipeline.tick("amplitude_archives")
    assert "taken in before" in pipeline.reason("amplitude_archives")
    assert (inbox / "rejected" / "again.zip.reason.txt").exists()
