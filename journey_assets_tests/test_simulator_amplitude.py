"""Amplitude as the simulator plays it."""

import io
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
import requests

from journey_assets.simulator import AmplitudeOptions, Limits, Options, Simulator
from journey_assets.simulator.amplitude_cohorts import CONVERTERS, NON_CONVERTERS
from journey_assets.simulator.people import epoch_day
from journey_assets_tests.simulated import NOON, Client, simulation, small_population

DAY = timedelta(days=1)


def a_busy_user(client: Client) -> tuple[int, str]:
    """Amplitude id and user id of a person with many events who came two weeks ago."""
    lives = client.simulator.population.lives(epoch_day(NOON.date()) - 14)
    person = max(lives, key=lambda life: len(life.events)).person
    assert person.user_id is not None
    return person.amplitude_id, person.user_id


def times(events: list[dict[str, object]]) -> list[str]:
    return [str(event["event_time"]) for event in events]


@pytest.mark.parametrize("keys", [("demo-amplitude-api-key", "wrong"), None])
def test_wrong_or_missing_keys_are_refused_with_the_vendors_error(
    keys: tuple[str, str] | None,
) -> None:
    with simulation() as client:
        url = client.simulator.url("amplitude") + "/api/2/usersearch?user=u"
        answer = requests.get(url, auth=keys, timeout=5)
    assert answer.status_code == 403
    assert answer.json()["error"]["http_code"] == 403
    assert "Invalid API Key" in answer.json()["error"]["message"]


def test_a_user_is_found_by_user_id_amplitude_id_and_device_id() -> None:
    with simulation() as client:
        amplitude_id, user_id = a_busy_user(client)
        life = client.simulator.population.of_amplitude_id(amplitude_id)
        assert life is not None
        asked = (user_id, str(amplitude_id), life.person.devices[0].device_id)
        answers = [client.amplitude("/api/2/usersearch", user=one).json() for one in asked]
    match = [{"user_id": user_id, "amplitude_id": amplitude_id}]
    assert [answer["matches"] for answer in answers] == [match] * 3
    kinds = [answer["type"] for answer in answers]
    assert kinds == ["match_user_or_device_id", "match_amplitude_id", "match_user_or_device_id"]


def test_the_beginning_of_a_user_id_finds_several_users() -> None:
    with simulation() as client:
        _, user_id = a_busy_user(client)
        answer = client.amplitude("/api/2/usersearch", user=user_id[:-2]).json()
    assert answer["type"] == "match_user_prefix"
    assert len(answer["matches"]) > 1


def test_an_unknown_user_is_no_error() -> None:
    with simulation() as client:
        answer = client.amplitude("/api/2/usersearch", user="nobody")
    assert (answer.status_code, answer.json()) == (200, {"type": "nomatch", "matches": []})


def test_a_user_can_be_made_ambiguous() -> None:
    with simulation() as client:
        _, user_id = a_busy_user(client)
        client.simulator.make_ambiguous(user_id)
        answer = client.amplitude("/api/2/usersearch", user=user_id).json()
    assert [match["user_id"] for match in answer["matches"]] == [user_id, user_id]


def test_activity_is_newest_first_unless_asked_otherwise() -> None:
    with simulation() as client:
        amplitude_id, _ = a_busy_user(client)
        path = "/api/2/useractivity"
        latest = client.amplitude(path, user=amplitude_id).json()["events"]
        earliest = client.amplitude(path, user=amplitude_id, direction="earliest").json()["events"]
    assert times(latest) == sorted(times(latest), reverse=True)
    assert latest == earliest[::-1]


def test_pages_begin_at_the_offset_and_keep_sessions_whole() -> None:
    with simulation() as client:
        amplitude_id, _ = a_busy_user(client)
        path = "/api/2/useractivity"
        whole = client.amplitude(path, user=amplitude_id).json()["events"]
        page = client.amplitude(path, user=amplitude_id, limit=5).json()["events"]
        rest = client.amplitude(path, user=amplitude_id, offset=len(page)).json()["events"]
    assert len(page) > 5
    assert page[-1]["session_id"] != rest[0]["session_id"]
    assert page + rest == whole


def test_the_largest_page_can_be_made_small() -> None:
    options = Options(limits=Limits.none(), amplitude=AmplitudeOptions(activity_page=20))
    with simulation(options) as client:
        amplitude_id, _ = a_busy_user(client)
        first = client.amplitude("/api/2/useractivity", user=amplitude_id).json()
        everything = client.activity(amplitude_id)
    assert len(first["events"]) < first["userData"]["num_events"] == len(everything)


def test_nothing_of_the_future_is_shown() -> None:
    now = NOON.strftime("%Y-%m-%d %H:%M:%S")
    with simulation() as client:
        lives = client.simulator.population.lives(epoch_day(NOON.date()) - 2)
        shown = [event for life in lives for event in client.activity(life.person.amplitude_id)]
    assert shown
    assert max(str(event["server_upload_time"]) for event in shown) <= now
    assert any(life.events[-1].uploaded > NOON.timestamp() * 1e6 for life in lives)


def test_seed_and_wire_forms_of_activity_differ_in_where_the_events_stand() -> None:
    amplitude = AmplitudeOptions(events_in_user_data=True, iso_times=True)
    with simulation(Options(limits=Limits.none(), amplitude=amplitude)) as client:
        amplitude_id, _ = a_busy_user(client)
        answer = client.amplitude("/api/2/useractivity", user=amplitude_id).json()
    assert "events" not in answer
    assert answer["userData"]["events"][0]["event_time"][10] == "T"


@pytest.mark.parametrize(
    "params",
    [
        {"user": "usr_1"},
        {"user": "1", "limit": 1001},
        {"user": "1", "limit": 0},
        {"user": "1", "offset": "x"},
        {"user": "1", "direction": "sideways"},
    ],
)
def test_parameters_outside_the_documented_are_refused(params: dict[str, str]) -> None:
    with simulation() as client:
        answer = client.amplitude("/api/2/useractivity", **params)
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "invalid"


def test_export_and_activity_show_the_same_events() -> None:
    with simulation() as client:
        exported = client.export("20261117T00", "20261118T23")
        of_the_day = {
            event["uuid"]: event for event in exported if event["event_time"] < "2026-11-18"
            and event["event_time"] >= "2026-11-17"
        }  # fmt: skip
        people = {event.person for event in small_population().events(NOON.date() - 3 * DAY)}
        active = {
            event["uuid"]: event
            for person in people
            for event in client.activity(person.amplitude_id)
            if event["event_time"].startswith("2026-11-17")
        }
    assert of_the_day.keys() == active.keys()
    assert len(active) > 300
    without_upload = {"server_upload_time", "server_received_time", "client_upload_time"}
    for uuid, event in active.items():
        other = of_the_day[uuid]
        assert all(event[key] == other[key] for key in event.keys() - without_upload)


def test_the_export_goes_by_the_hour_of_the_upload() -> None:
    with simulation() as client:
        hour = client.export("20261118T09", "20261118T09")
    assert {event["server_upload_time"][:13] for event in hour} == {"2026-11-18 09"}


def test_some_events_are_uploaded_late_and_some_twice() -> None:
    with simulation() as client:
        days = client.export("20261116T00", "20261118T23")
    late = [e for e in days if e["server_upload_time"][:10] > e["event_time"][:10]]
    assert late
    assert len({event["uuid"] for event in days}) < len(days)


def test_the_archive_holds_several_files_an_hour_in_a_folder_of_the_project() -> None:
    with simulation() as client:
        answer = client.amplitude("/api/2/export", start="20261118T09", end="20261118T09")
        names = zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
    assert names == ["434735/434735_2026-11-18_9#0.json.gz", "434735/434735_2026-11-18_9#1.json.gz"]


def test_a_persons_events_of_one_time_stand_in_order() -> None:
    with simulation() as client:
        events = client.export("20261118T00", "20261118T23")
    order: dict[tuple[int, str], list[int]] = {}
    seen: set[str] = set()
    for event in events:
        if event["uuid"] not in seen:
            key = (event["amplitude_id"], event["event_time"])
            order.setdefault(key, []).append(event["event_id"])
        seen.add(event["uuid"])
    ties = [numbers for numbers in order.values() if len(numbers) > 1]
    assert ties
    assert all(numbers == sorted(numbers) for numbers in ties)


def test_an_export_without_data_is_not_found() -> None:
    with simulation() as client:
        tomorrow = client.amplitude("/api/2/export", start="20261121T00", end="20261121T23")
    assert tomorrow.status_code == 404


def test_the_last_hours_cannot_be_exported_yet() -> None:
    with simulation() as client:
        before = client.amplitude("/api/2/export", start="20261120T10", end="20261120T10")
        client.clock.advance(3600)
        after = client.amplitude("/api/2/export", start="20261120T10", end="20261120T10")
    assert (before.status_code, after.status_code) == (404, 200)


def test_a_range_can_be_too_large_to_export() -> None:
    options = Options(limits=Limits.none(), amplitude=AmplitudeOptions(export_hours=12))
    with simulation(options) as client:
        day = client.amplitude("/api/2/export", start="20261118T00", end="20261118T23")
        half = client.amplitude("/api/2/export", start="20261118T00", end="20261118T11")
    assert (day.status_code, half.status_code) == (400, 200)
    assert "4GB" in day.json()["error"]["message"]


@pytest.mark.parametrize(
    ("start", "end"),
    [("", "20261118T00"), ("20261118", "20261118T00"), ("20261118T01", "20261118T00"),
     ("20251118T00", "20261118T00")],
)  # fmt: skip
def test_a_senseless_range_is_refused(start: str, end: str) -> None:
    with simulation() as client:
        assert client.amplitude("/api/2/export", start=start, end=end).status_code == 400


def download(client: Client, cohort: str) -> requests.Response:
    begun = client.amplitude(f"/api/5/cohorts/request/{cohort}", props=0)
    assert (begun.status_code, begun.json()["cohort_id"]) == (202, cohort)
    request = begun.json()["request_id"]
    status = f"/api/5/cohorts/request-status/{request}"
    polls = [client.amplitude(status) for _ in range(2)]
    assert [poll.status_code for poll in polls] == [202, 200]
    assert [p.json()["async_status"] for p in polls] == ["JOB INPROGRESS", "JOB COMPLETED"]
    return client.amplitude(f"/api/5/cohorts/request/{request}/file")


def test_a_cohort_comes_as_a_file_from_another_host() -> None:
    with simulation() as client:
        answer = download(client, CONVERTERS)
        carried = [one.had_credentials for one in client.simulator.requests("other_host")]
    assert [step.status_code for step in answer.history] == [302]
    lines = answer.text.splitlines()
    assert lines[0] == "amplitude_id,user_id"
    assert len(lines) > 20
    assert carried == [False]


def test_the_two_cohorts_have_nobody_in_common() -> None:
    with simulation() as client:
        converters = set(download(client, CONVERTERS).text.splitlines()[1:])
        others = set(download(client, NON_CONVERTERS).text.splitlines()[1:])
        listed = client.simulator.user_ids()
    assert converters.isdisjoint(others)
    assert [{row.split(",")[1] for row in part} for part in (converters, others)] == [
        set(part) for part in listed
    ]
    assert all(listed)


def test_the_other_host_refuses_credentials_and_remembers_them() -> None:
    with simulation() as client:
        location = download(client, CONVERTERS).url
        answer = requests.get(location, auth=("key", "secret"), timeout=5)
        latest = client.simulator.requests("other_host")[-1]
    assert answer.status_code == 400
    assert latest.had_credentials


def test_a_file_cannot_be_had_before_it_is_ready() -> None:
    with simulation() as client:
        begun = client.amplitude(f"/api/5/cohorts/request/{CONVERTERS}").json()
        early = client.amplitude(f"/api/5/cohorts/request/{begun['request_id']}/file")
        unknown = client.amplitude("/api/5/cohorts/request/none")
    assert (early.status_code, unknown.status_code) == (404, 404)


def test_the_cohorts_are_listed() -> None:
    with simulation() as client:
        listed = client.amplitude("/api/3/cohorts").json()["cohorts"]
    assert {one["id"] for one in listed} == {CONVERTERS, NON_CONVERTERS}
    assert all(one["size"] > 0 for one in listed)


def test_the_real_clock_is_the_default() -> None:
    with Simulator(population=small_population()) as simulator:
        assert abs(simulator.clock() - datetime.now(UTC).timestamp()) < 60
