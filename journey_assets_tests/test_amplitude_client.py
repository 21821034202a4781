"""The Amplitude client against a loopback server: search, activity, cohorts, errors."""

import itertools
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from journey_assets.vendors import amplitude
from journey_assets.vendors.amplitude import UserMatch
from journey_assets.vendors.errors import (
    CredentialsRefused,
    NotFound,
    UnexpectedAnswer,
    VendorUnavailable,
)
from journey_assets_tests.amplitude_vendor import Vendor, client_of, event, failure
from journey_assets_tests.loopback import Answer, Loopback, answer, html, redirect

DAY = datetime(2026, 3, 10, tzinfo=UTC)
NEXT = DAY + timedelta(days=1)


def test_one_exact_match_is_found(tmp_path: Path) -> None:
    matches = [{"user_id": "u1", "amplitude_id": 7}, {"user_id": "u10", "amplitude_id": 8}]
    with Loopback([answer({"type": "match_user_prefix", "matches": matches})]) as server:
        assert client_of(server.url, tmp_path).search_user("u1") == [UserMatch("u1", 7)]
    assert server.received[0].params == (("user", "u1"),)


def test_a_match_by_device_or_prefix_only_is_no_match(tmp_path: Path) -> None:
    matches = [{"user_id": "u10", "amplitude_id": 8}, {"user_id": None, "amplitude_id": 9}]
    with Loopback([answer({"type": "match_user_prefix", "matches": matches})]) as server:
        assert client_of(server.url, tmp_path).search_user("u1") == []


def test_nomatch_finds_nobody(tmp_path: Path) -> None:
    with Loopback([answer({"type": "nomatch", "matches": []})]) as server:
        assert client_of(server.url, tmp_path).search_user("u1") == []


@pytest.mark.parametrize("odd", [10**30, -1, None, "x", "9" * 5000])
def test_a_match_without_an_id_that_amplitude_can_have_is_no_match(
    tmp_path: Path, odd: object
) -> None:
    matches = [{"user_id": "u1", "amplitude_id": odd}]
    with Loopback([answer({"matches": matches})]) as server:
        assert client_of(server.url, tmp_path).search_user("u1") == []


def test_two_exact_matches_are_both_named(tmp_path: Path) -> None:
    with Loopback(Vendor(users={"u1": [7, 8]})) as server:
        found = client_of(server.url, tmp_path).search_user("u1")
    assert [match.amplitude_id for match in found] == [7, 8]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("123", [UserMatch("123", 7)]),
        ("7", [UserMatch("123", 7)]),
        ("00123", []),
        ("007", []),
        ("8", [UserMatch(None, 8)]),
    ],
)
def test_digits_are_a_user_id_first_and_an_amplitude_id_as_it_is_written(
    tmp_path: Path, asked: str, found: list[UserMatch]
) -> None:
    with Loopback(Vendor(users={"123": [7]})) as server:
        assert client_of(server.url, tmp_path).search_user(asked) == found


def test_a_user_id_that_json_holds_as_a_number_is_text_and_nothing_is_no_name(
    tmp_path: Path,
) -> None:
    matches = [{"user_id": 42, "amplitude_id": "7"}, {"user_id": None, "amplitude_id": 8}]
    with Loopback(lambda _: answer({"matches": matches})) as server:
        client = client_of(server.url, tmp_path)
        assert client.search_user("42") == [UserMatch("42", 7)]
        assert client.search_user("None") == []


def test_digits_beyond_64_bits_are_looked_up_as_a_user_id(tmp_path: Path) -> None:
    with Loopback(Vendor(users={"9" * 20: [7]})) as server:
        found = client_of(server.url, tmp_path).search_user("9" * 20)
    assert found == [UserMatch("9" * 20, 7)]


def test_activity_pages_by_the_number_received_until_an_empty_page(tmp_path: Path) -> None:
    events = [event(number, f"2026-03-10 10:00:{number:02d}.000000") for number in range(5)]
    with Loopback(Vendor(events={1: events}, page=2)) as server:
        pages = list(client_of(server.url, tmp_path).user_activity(1, DAY, NEXT))
    assert [dict(request.params)["offset"] for request in server.received] == ["0", "2", "4", "5"]
    assert [e["event_id"] for page in pages for e in page.events] == [4, 3, 2, 1, 0]


def test_a_page_that_is_served_at_every_offset_is_an_error(tmp_path: Path) -> None:
    page = answer({"events": [event(1, "2026-03-10 10:00:00.000000")]})
    with Loopback(lambda _: page) as server, pytest.raises(UnexpectedAnswer, match="same page"):
        list(client_of(server.url, tmp_path).user_activity(1, DAY, NEXT))
    assert len(server.received) == 2


def test_events_without_end_are_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(amplitude, "MOST_PAGES", 3)
    numbers = itertools.count()

    def endless(_: object) -> Answer:
        return answer({"events": [event(next(numbers), "2026-03-10 10:00:00.000000")]})

    with Loopback(endless) as server, pytest.raises(UnexpectedAnswer, match="no end after 3 pages"):
        list(client_of(server.url, tmp_path).user_activity(1, DAY, NEXT))
    assert len(server.received) == 3


@pytest.mark.parametrize(
    "text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-13-45", "", "é"]
)
def test_a_time_that_utc_has_no_year_for_cannot_be_read(text: str) -> None:
    assert amplitude.event_time({"event_time": text}) is None


def test_activity_asks_newest_first_and_the_largest_page(tmp_path: Path) -> None:
    with Loopback(Vendor()) as server:
        list(client_of(server.url, tmp_path).user_activity(1, DAY, NEXT))
    assert server.received[0].params == (
        ("user", "1"),
        ("offset", "0"),
        ("limit", "1000"),
        ("direction", "latest"),
    )


def test_activity_stops_once_a_page_reaches_back_before_the_range(tmp_path: Path) -> None:
    times = ("2026-03-08", "2026-03-08", "2026-03-09", "2026-03-10", "2026-03-10", "2026-03-11")
    events = [event(number, f"{day} 10:00:00.000000") for number, day in enumerate(times)]
    with Loopback(Vendor(events={1: events}, page=2)) as server:
        pages = list(client_of(server.url, tmp_path).user_activity(1, DAY, NEXT))
    assert len(server.received) == 2
    assert [e["event_id"] for page in pages for e in page.events] == [4, 3]


def test_one_wrong_old_time_among_newer_ones_does_not_end_the_reading(tmp_path: Path) -> None:
    times = [
        "2026-03-10 09:00:00",
        "2026-03-10 10:00:00",
        "1970-01-01 00:00:00",
        "2026-03-10 12:00:00",
    ]
    events = [event(number, at) for number, at in enumerate(times)]
    with Loopback(Vendor(events={1: events}, page=3)) as server:
        pages = list(client_of(server.url, tmp_path).user_activity(1, DAY, NEXT))
    assert [e["event_id"] for page in pages for e in page.events] == [3, 1, 0]


def test_activity_reads_events_inside_user_data(tmp_path: Path) -> None:
    vendor = Vendor(events={1: [event(0, "2026-03-10T10:00:00.000000")]}, in_user_data=True)
    with Loopback(vendor) as server:
        pages = list(client_of(server.url, tmp_path).user_activity(1, DAY, NEXT))
    assert [e["event_id"] for page in pages for e in page.events] == [0]


def test_activity_tells_which_ids_were_merged(tmp_path: Path) -> None:
    vendor = Vendor(user_data={"canonical_amplitude_id": 1, "merged_amplitude_ids": [11, "12"]})
    with Loopback(vendor) as server:
        (page,) = client_of(server.url, tmp_path).user_activity(1, DAY, NEXT)
    assert (page.canonical_amplitude_id, page.merged_amplitude_ids) == (1, (11, 12))


def test_an_event_whose_time_cannot_be_read_is_kept_for_the_rejects(tmp_path: Path) -> None:
    with Loopback(Vendor(events={1: [event(0, "yesterday")]})) as server:
        pages = list(client_of(server.url, tmp_path).user_activity(1, DAY, NEXT))
    assert [e["event_time"] for page in pages for e in page.events] == ["yesterday"]


@pytest.mark.parametrize("body", [{}, {"events": None}, [], {"userData": {}}])
def test_an_activity_answer_of_another_shape_is_an_error_and_not_empty(
    tmp_path: Path, body: object
) -> None:
    with Loopback([answer(body)]) as server, pytest.raises(UnexpectedAnswer, match="Amplitude"):
        list(client_of(server.url, tmp_path).user_activity(1, DAY, NEXT))


def test_a_page_of_html_is_an_error_and_not_empty(tmp_path: Path) -> None:
    with Loopback([html()]) as server, pytest.raises(UnexpectedAnswer):
        client_of(server.url, tmp_path).search_user("u1")


def test_a_refusal_names_vendor_status_message_and_remedy_but_no_key(tmp_path: Path) -> None:
    refusal = failure(403, "the-secret-key is not valid")
    with Loopback([refusal]) as server, pytest.raises(CredentialsRefused) as caught:
        client_of(server.url, tmp_path).search_user("u1")
    line = str(caught.value)
    assert line.startswith("Amplitude: user search: ")
    assert "HTTP 403" in line
    assert "AMPLITUDE_SECRET_KEY" in line
    assert "analytics.eu.amplitude.com" in line
    assert "the-secret-key" not in line
    assert "\n" not in line


def cohort(*steps: Answer) -> list[Answer]:
    return [answer({"request_id": "r 1", "cohort_id": "c1"}, 202), *steps]


WORKING = answer({"async_status": "JOB INPROGRESS"}, 202)
DONE = answer({"async_status": "JOB COMPLETED"})
FILE = Answer(200, b"amplitude_id,user_id\n7,u7\n", {"Content-Type": "text/csv"})


def test_a_cohort_is_asked_for_polled_and_downloaded(tmp_path: Path) -> None:
    with Loopback(cohort(WORKING, WORKING, DONE, FILE)) as server:
        client_of(server.url, tmp_path).download_cohort("c1", tmp_path / "c.csv")
    assert (tmp_path / "c.csv").read_bytes() == FILE.body
    assert [request.path for request in server.received] == [
        "/api/5/cohorts/request/c1",
        *["/api/5/cohorts/request-status/r%201"] * 3,
        "/api/5/cohorts/request/r%201/file",
    ]
    assert server.received[0].params == (("props", "0"),)


def test_a_cohort_file_on_another_host_gets_no_credentials(tmp_path: Path) -> None:
    with Loopback([FILE]) as other:
        # Another name of the same machine is another host to HTTP.
        elsewhere = other.url.replace("127.0.0.1", "localhost") + "/signed?x=1"
        with Loopback(cohort(DONE, redirect(elsewhere))) as server:
            client_of(server.url, tmp_path).download_cohort("c1", tmp_path / "c.csv")
    assert "authorization" not in other.received[0].headers
    assert all("authorization" in request.headers for request in server.received)
    assert (tmp_path / "c.csv").read_bytes() == FILE.body


def test_a_failed_cohort_says_so(tmp_path: Path) -> None:
    steps = cohort(WORKING, answer({"async_status": "JOB FAILED"}))
    with Loopback(steps) as server, pytest.raises(UnexpectedAnswer, match="could not be computed"):
        client_of(server.url, tmp_path).download_cohort("c1", tmp_path / "c.csv")
    assert not (tmp_path / "c.csv").exists()


def test_a_cohort_that_is_never_computed_ends_after_an_hour_of_polling(tmp_path: Path) -> None:
    def forever(request: object) -> Answer:
        return WORKING if "status" in str(request) else cohort()[0]

    with Loopback(forever) as server, pytest.raises(VendorUnavailable, match="within an hour"):
        client_of(server.url, tmp_path).download_cohort("c1", tmp_path / "c.csv")


def test_an_unknown_cohort_is_not_found(tmp_path: Path) -> None:
    with Loopback([failure(404, "no cohort")]) as server, pytest.raises(NotFound, match="cohort"):
        client_of(server.url, tmp_path).download_cohort("c1", tmp_path / "c.csv")
