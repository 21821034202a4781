"""Amplitude's events into ``raw.amplitude_events``: activity and export, order and repeats."""

import calendar
import gzip
import io
import json
import zipfile
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_assets.raw.amplitude_events import ingest_events
from journey_assets.raw.amplitude_users import find_among_events, ingest_users
from journey_assets.raw.ingested import Ingested
from journey_assets.settings import SettingsError
from journey_assets.vendors.errors import CredentialsRefused, RequestRefused, UnexpectedAnswer
from journey_assets.warehouse.database import Database
from journey_assets_tests.amplitude_vendor import (
    Vendor,
    client_of,
    event,
    failure,
    instant,
    settings_of,
    stored,
)
from journey_assets_tests.loopback import Answer, Loopback

DAY = date(2026, 3, 10)
ORDERED = (
    "SELECT event_type FROM store.raw.amplitude_events "
    "ORDER BY amplitude_id, event_time, source_order"
)


def ingest(
    url: str,
    folder: Path,
    first: date = DAY,
    last: date | None = None,
    *,
    now: datetime = datetime(2026, 6, 1),
    **given: Any,
) -> Ingested:
    """Users (when named) and events of the days."""
    given = {"converter_user_ids": "1"} | given
    chosen, last = settings_of(folder, **given), last or first
    clock = instant(lambda: calendar.timegm(now.timetuple()))
    client = client_of(url, folder, clock=clock)
    with Database(Path(chosen.database)).session() as session:
        ingest_users(session, client, chosen, last, print_nothing)
        return ingest_events(session, client, chosen, first, last, print_nothing)


def export(
    url: str, folder: Path, first: date = DAY, last: date | None = None, **given: Any
) -> Any:
    return ingest(url, folder, first, last, amplitude_source="export", **given)


def print_nothing(_: str) -> None:
    """A log for tests that do not read it."""


def rows(folder: Path, query: str = ORDERED) -> list[tuple[Any, ...]]:
    return stored(Database(folder / "test.duckdb"), query)


def names(folder: Path) -> list[int]:
    return [int(row[0].removeprefix("Event ")) for row in rows(folder)]


def at(second: int, day: str = "2026-03-10") -> str:
    return f"{day} 10:00:{second:02d}.000000"


def test_activity_becomes_typed_rows_in_utc(tmp_path: Path) -> None:
    more: dict[str, Any] = {"$insert_id": "i0", "unheard_of": [1]}
    one = event(0, "2026-03-10 14:22:10.123456", **more)
    with Loopback(Vendor(events={1: [one]})) as server:
        done = ingest(server.url, tmp_path)
    (row,) = rows(
        tmp_path,
        "SELECT event_date, amplitude_id, user_id, event_time, source_order, insert_id, "
        "event_properties ->> '$.number', extra ->> '$.unheard_of' FROM store.raw.amplitude_events",
    )
    moment = datetime(2026, 3, 10, 14, 22, 10, 123456)
    assert row == (DAY, 1, "u1", moment, 0, "i0", "0", "[1]")
    assert done.rows == {"raw.amplitude_events": {DAY: 1}}
    assert done.rejects == {"raw.amplitude_events": 0}


def test_newest_first_becomes_chronological_among_equal_times(tmp_path: Path) -> None:
    events = [event(number, at(number // 3)) for number in range(9)]
    with Loopback(Vendor(events={1: events}, page=4)) as server:
        ingest(server.url, tmp_path)
    assert names(tmp_path) == list(range(9))
    orders = rows(tmp_path, "SELECT source_order FROM store.raw.amplitude_events ORDER BY event_id")
    assert [row[0] for row in orders] == [0, 1, 2] * 3


def test_repeats_from_shifted_offsets_are_dropped(tmp_path: Path) -> None:
    events = [event(number, at(number)) for number in range(4)]
    late = {(1, 1): [event(9, at(30))]}
    with Loopback(Vendor(events={1: events}, page=2, arrivals=late)) as server:
        done = ingest(server.url, tmp_path)
    assert names(tmp_path) == [0, 1, 2, 3]
    assert done.facts["repeats_dropped"] == 1


@pytest.mark.parametrize(
    "ids",
    [
        {"uuid": None, "$insert_id": "{n}"},
        {"uuid": None, "device_id": "d", "client_event_time": "2026-03-10 10:00:00.{n:06d}"},
        {"uuid": None, "event_id": None},
    ],
)
def test_repeats_are_known_by_the_next_best_id(tmp_path: Path, ids: dict[str, Any]) -> None:
    events = [event(n, at(n), **{k: v and v.format(n=n) for k, v in ids.items()}) for n in range(4)]
    late = {(1, 1): [event(9, at(30))]}
    with Loopback(Vendor(events={1: events}, page=2, arrivals=late)) as server:
        ingest(server.url, tmp_path)
    assert names(tmp_path) == [0, 1, 2, 3]


def test_equal_events_without_any_id_in_one_answer_are_both_kept(tmp_path: Path) -> None:
    twice = {"event_type": "Event 1", "event_time": at(1)}
    with Loopback(Vendor(events={1: [twice, twice]})) as server:
        ingest(server.url, tmp_path)
    assert names(tmp_path) == [1, 1]


def test_events_inside_user_data_are_read_and_belong_to_the_user_asked_for(tmp_path: Path) -> None:
    seen = [{"event_type": "Event 1", "event_time": "2026-03-10T10:00:01.000000"}]
    with Loopback(Vendor(events={1: seen}, in_user_data=True)) as server:
        ingest(server.url, tmp_path)
    found = rows(tmp_path, "SELECT amplitude_id, event_type FROM store.raw.amplitude_events")
    assert found == [(1, "Event 1")]


def test_a_range_reads_each_user_once_and_leaves_other_days_alone(tmp_path: Path) -> None:
    days = ["2026-03-08", "2026-03-09", "2026-03-10", "2026-03-11"]
    events = {user: [event(n, at(n, day), user) for n, day in enumerate(days)] for user in (1, 2)}
    with Loopback(Vendor(events=events)) as server:
        first = ingest(server.url, tmp_path, date(2026, 3, 8), converter_user_ids="1,2")
        calls = len(server.received)
        done = ingest(
            server.url, tmp_path, date(2026, 3, 9), date(2026, 3, 10), converter_user_ids="1,2"
        )
    assert len(server.received) - calls == 2
    assert first.rows == {"raw.amplitude_events": {date(2026, 3, 8): 2}}
    assert done.rows == {"raw.amplitude_events": {date(2026, 3, 9): 2, date(2026, 3, 10): 2}}
    assert names(tmp_path) == [0, 1, 2] * 2


def test_a_user_named_twice_is_read_once(tmp_path: Path) -> None:
    vendor = Vendor(users={"u1": [1]}, events={1: [event(0, at(0))]})
    with Loopback(vendor) as server:
        ingest(server.url, tmp_path, converter_user_ids="1,u1")
    assert vendor.asked.count("/api/2/useractivity") == 2
    assert names(tmp_path) == [0]


def test_merged_ids_are_stored_with_the_user_and_survive_the_next_snapshot(tmp_path: Path) -> None:
    merges = {"canonical_amplitude_id": 5, "merged_amplitude_ids": [1, 11]}
    vendor = Vendor(events={1: [event(0, at(0), user=11)]}, user_data=merges)
    with Loopback(vendor) as server:
        ingest(server.url, tmp_path)
        chosen = settings_of(tmp_path, converter_user_ids="1")
        with Database(Path(chosen.database)).session() as session:
            ingest_users(session, client_of(server.url, tmp_path), chosen, DAY, print_nothing)
    ids = "SELECT amplitude_id, canonical_amplitude_id, merged_amplitude_ids FROM "
    assert rows(tmp_path, ids + "store.raw.amplitude_users") == [(1, 5, [1, 11])]
    # The event keeps the id it was recorded under.
    assert rows(tmp_path, "SELECT amplitude_id FROM store.raw.amplitude_events") == [(11,)]


def test_an_unreadable_field_is_noted_and_the_record_kept(tmp_path: Path) -> None:
    events = [
        event(0, at(0), session_id="soon"),
        event(1, at(1)),
        event(2, "soon", server_upload_time=at(2)),
    ]
    with Loopback(Vendor(events={1: events})) as server:
        done = ingest(server.url, tmp_path)
    assert names(tmp_path) == [0, 1]
    noted = rows(
        tmp_path,
        "SELECT reject_date, field, kept FROM store.raw.rejects ORDER BY field",
    )
    assert noted == [(DAY, "event_time", False), (DAY, "session_id", True)]
    assert done.rejects == {"raw.amplitude_events": 2}


def test_without_a_snapshot_of_users_the_error_says_what_to_materialize(tmp_path: Path) -> None:
    chosen = settings_of(tmp_path, converter_user_ids="u1")
    client = client_of("http://127.0.0.1:9", tmp_path)
    with (
        Database(Path(chosen.database)).session() as session,
        pytest.raises(SettingsError, match="raw/amplitude_users"),
    ):
        ingest_events(session, client, chosen, DAY, DAY, print_nothing)


def test_an_error_of_one_user_fails_the_run_and_keeps_what_was_stored(tmp_path: Path) -> None:
    events = {user: [event(user, at(1), user)] for user in range(1, 6)}
    with Loopback(Vendor(events=events)) as server:
        ingest(server.url, tmp_path, converter_user_ids="1,2,3")
    vendor = Vendor(events=events)
    with (
        Loopback(
            lambda r: (
                failure(403, "no")
                if r.path.endswith("activity") and ("user", "4") in r.params
                else vendor(r)
            )
        ) as server,
        pytest.raises(CredentialsRefused, match="user activity"),
    ):
        ingest(server.url, tmp_path, converter_user_ids="1,2,3,4,5")
    assert names(tmp_path) == [1, 2, 3]
    assert list((tmp_path / "staging").iterdir()) == []


def _statuses(folder: Path) -> dict[str, str]:
    return dict(rows(folder, "SELECT requested_id, status FROM store.raw.amplitude_users"))


@pytest.mark.parametrize("status", [400, 404, 422])
def test_a_user_without_an_answer_is_failed_keeps_what_is_stored_and_is_tried_again(
    tmp_path: Path, status: int
) -> None:
    events = {user: [event(user, at(1), user)] for user in (1, 2)}
    vendor = Vendor(users={"u1": [1], "u2": [2]}, events=events)
    with Loopback(vendor) as server:
        ingest(server.url, tmp_path, converter_user_ids="u1,u2")
        vendor.refuses = {"1": status}
        done = ingest(server.url, tmp_path, converter_user_ids="u1,u2")
        assert names(tmp_path) == [1, 2]
        assert _statuses(tmp_path) == {"u1": "failed", "u2": "ok"}
        assert done.notes == (f"1 users could not be read (HTTP {status}: 1): status failed.",)
        assert done.facts["users_failed"] == 1
        vendor.refuses = {}
        events[1].append(event(3, at(3), 1))
        ingest(server.url, tmp_path, converter_user_ids="u1,u2")
    assert names(tmp_path) == [1, 3, 2]
    assert _statuses(tmp_path) == {"u1": "ok", "u2": "ok"}


def test_users_of_whom_none_has_an_answer_fail_the_run_with_the_vendors_error(
    tmp_path: Path,
) -> None:
    vendor = Vendor(users={"u1": [1], "u2": [2]}, refuses={"1": 400, "2": 400})
    with Loopback(vendor) as server, pytest.raises(RequestRefused, match="user activity"):
        ingest(server.url, tmp_path, converter_user_ids="u1,u2")


def test_listed_ids_are_found_among_the_events_of_an_export_without_a_call(tmp_path: Path) -> None:
    uploads = {
        "20260310T10": [
            event(1, at(1), user=77, user_id="123"),
            event(2, at(2), user=123, user_id="00123"),
            event(3, at(3), user=9, user_id=None),
        ]
    }
    chosen = settings_of(
        tmp_path,
        amplitude_source="export",
        converter_user_ids="123,9",
        non_converter_user_ids="00123,0009",
    )
    vendor = Vendor(uploads=uploads)
    with Loopback(vendor) as server, Database(Path(chosen.database)).session() as session:
        client = client_of(server.url, tmp_path)
        ingest_users(session, client, chosen, DAY, print_nothing)
        ingest_events(session, client, chosen, DAY, DAY, print_nothing)
        notes = find_among_events(session, chosen, DAY)
        ingest_users(session, client, chosen, DAY, print_nothing)
    found = rows(
        tmp_path,
        "SELECT requested_id, amplitude_id, user_id, cohort, status, matched_by "
        "FROM store.raw.amplitude_users ORDER BY requested_id",
    )
    assert found == [
        ("0009", None, None, "non_converter", "not_found", None),
        ("00123", 123, "00123", "non_converter", "ok", "user_id"),
        ("123", 77, "123", "converter", "ok", "user_id"),
        ("9", 9, None, "converter", "ok", "amplitude_id"),
    ]
    assert set(vendor.asked) == {"/api/2/export"}
    assert notes == ("1 ids were not found in Amplitude (status not_found).",)


def test_a_list_of_whom_no_event_of_the_export_is_fails_by_its_name(tmp_path: Path) -> None:
    chosen = settings_of(
        tmp_path,
        amplitude_source="export",
        converter_user_ids="u1",
        non_converter_user_ids="stranger@example.com,x",
    )
    uploads = {"20260310T10": [event(1, at(1))]}
    with (
        Loopback(Vendor(uploads=uploads)) as server,
        Database(Path(chosen.database)).session() as session,
    ):
        client = client_of(server.url, tmp_path)
        ingest_users(session, client, chosen, DAY, print_nothing)
        ingest_events(session, client, chosen, DAY, DAY, print_nothing)
        with pytest.raises(
            SettingsError, match=r"^NON_CONVERTER_USER_IDS: none of its 2"
        ) as caught:
            find_among_events(session, chosen, DAY)
    assert "stranger" not in str(caught.value)


def test_an_export_keeps_events_of_the_day_and_reads_the_hours_around_it(tmp_path: Path) -> None:
    uploads = {
        "20260309T11": [event(0, at(0))],
        "20260309T23": [event(1, at(1))],
        "20260310T10": [event(2, at(2)), event(3, at(3, "2026-03-09"))],
        "20260311T23": [event(4, at(4)), event(5, at(5, "2026-03-11"))],
        "20260312T00": [event(6, at(6))],
    }
    with Loopback(Vendor(uploads=uploads)) as server:
        done = export(server.url, tmp_path)
    (asked,) = (dict(request.params) for request in server.received)
    assert asked == {"start": "20260309T12", "end": "20260311T23"}
    assert names(tmp_path) == [1, 2, 4]
    assert done.notes == ()


def test_an_export_asks_for_no_hour_of_the_future_and_says_so(tmp_path: Path) -> None:
    uploads = {"20260310T10": [event(1, at(1))]}
    now = datetime(2026, 3, 10, 12, 40)
    with Loopback(Vendor(uploads=uploads)) as server:
        done = export(server.url, tmp_path, now=now)
    assert dict(server.received[0].params)["end"] == "20260310T12"
    assert any("materialize it again" in note for note in done.notes)


def test_an_export_of_a_day_of_which_no_hour_exists_asks_nothing(tmp_path: Path) -> None:
    with Loopback(Vendor()) as server:
        done = export(server.url, tmp_path, now=datetime(2026, 3, 9, 11, 59))
    assert server.received == []
    assert done.rows == {"raw.amplitude_events": {DAY: 0}}


def test_an_export_of_a_range_is_one_request(tmp_path: Path) -> None:
    uploads = {
        f"202603{day:02d}T10": [event(day, at(1, f"2026-03-{day:02d}"))] for day in (8, 9, 10)
    }
    with Loopback(Vendor(uploads=uploads)) as server:
        done = export(server.url, tmp_path, date(2026, 3, 8), DAY)
    assert len(server.received) == 1
    expected = {date(2026, 3, 8): 1, date(2026, 3, 9): 1, DAY: 1}
    assert done.rows == {"raw.amplitude_events": expected}


def test_an_export_orders_equal_times_by_event_id_and_drops_repeats(tmp_path: Path) -> None:
    uploads = {
        "20260310T10": [event(3, at(1)), event(1, at(1))],
        "20260310T11": [event(2, at(1)), event(3, at(1)), event(1, at(1), user=2)],
    }
    with Loopback(Vendor(uploads=uploads)) as server:
        done = export(server.url, tmp_path)
    assert names(tmp_path) == [1, 2, 3, 1]
    assert done.facts["repeats_dropped"] == 1


def test_an_export_without_data_is_an_empty_partition(tmp_path: Path) -> None:
    with Loopback(Vendor()) as server:
        done = export(server.url, tmp_path)
    assert done.rows == {"raw.amplitude_events": {DAY: 0}}


def test_a_line_of_an_export_that_is_no_json_is_noted(tmp_path: Path) -> None:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        lines = json.dumps(event(1, at(1))) + '\n{"event_type": "Eve\n'
        archive.writestr("a.json.gz", gzip.compress(lines.encode()))
    with Loopback([Answer(200, body.getvalue())]) as server:
        done = export(server.url, tmp_path)
    assert names(tmp_path) == [1]
    assert done.rejects == {"raw.amplitude_events": 1}


def test_a_gzip_file_cut_short_inside_a_sound_archive_is_an_error(tmp_path: Path) -> None:
    body = io.BytesIO()
    lines = "".join(json.dumps(event(n, at(n % 60))) + "\n" for n in range(500))
    with zipfile.ZipFile(body, "w") as archive:
        archive.writestr("a.json.gz", gzip.compress(lines.encode())[:-100])
    with Loopback([Answer(200, body.getvalue())]) as server, pytest.raises(UnexpectedAnswer):
        export(server.url, tmp_path)


@settings(max_examples=12, deadline=None)
@given(
    seconds=st.lists(st.integers(0, 5), max_size=30).map(sorted),
    page=st.integers(1, 12),
    arrivals=st.dictionaries(st.integers(0, 6), st.integers(1, 4), max_size=4),
)
def test_any_page_size_and_shift_gives_the_same_rows(
    seconds: list[int], page: int, arrivals: dict[int, int]
) -> None:
    events = [event(number, at(second)) for number, second in enumerate(seconds)]
    # What arrives meanwhile happened after the day, so the day's rows stay the same.
    later = (datetime(2026, 3, 11) + timedelta(seconds=n) for n in range(1000))
    shifts = {
        (1, answered): [event(1000 + 10 * answered + n, str(next(later))) for n in range(count)]
        for answered, count in sorted(arrivals.items())
    }
    with TemporaryDirectory() as name:
        folder = Path(name)
        with Loopback(Vendor(events={1: events}, page=page, arrivals=shifts)) as server:
            ingest(server.url, folder)
        assert names(folder) == list(range(len(seconds)))
