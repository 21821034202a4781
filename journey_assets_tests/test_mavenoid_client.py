"""Mavenoid's Analytics API on the wire."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey_assets.vendors.errors import CredentialsRefused, UnexpectedAnswer
from journey_assets.vendors.mavenoid import (
    AVAILABILITIES,
    CONVERSATIONS,
    MOST_DAYS,
    SESSIONS,
    Endpoint,
    MavenoidClient,
    days_back_to,
    first_whole_day,
)
from journey_assets_tests.loopback import Answer, Loopback, answer, html

TOKEN = "ma_a-token-of-our-own"
MOMENTS = st.datetimes(
    datetime(2024, 1, 1),
    datetime(2027, 1, 1),
    timezones=st.just(UTC),
)


def client(server: Loopback, directory: Path, token: str = TOKEN) -> MavenoidClient:
    return MavenoidClient(
        base_url=server.url, token=token, quota_directory=directory, log=lambda _: None
    )


@pytest.mark.parametrize(
    ("endpoint", "path"),
    [
        (CONVERSATIONS, "/v1/assistant-conversations.json"),
        (SESSIONS, "/v1/live-support-sessions.json"),
        (AVAILABILITIES, "/v1/agent-availabilities.json"),
    ],
)
def test_rows_are_asked_for_with_the_token_and_days(
    tmp_path: Path, endpoint: Endpoint, path: str
) -> None:
    with Loopback([answer([{"id": "F1"}])]) as server:
        assert client(server, tmp_path).rows(endpoint, 30) == [{"id": "F1"}]
    (asked,) = server.received
    assert asked.path == path
    assert asked.params == (("days", "30"),)
    assert asked.headers["authorization"] == f"Bearer {TOKEN}"


def test_days_is_the_last_parameter_of_a_summary(tmp_path: Path) -> None:
    with Loopback([answer([])]) as server:
        client(server, tmp_path).summary(CONVERSATIONS, ("date", "flow_name"), 2)
    assert server.received[0].params == (("group_by", "date,flow_name"), ("days", "2"))


@pytest.mark.parametrize(
    "token", ["ma_15prljrk6_uvsb2u6aknvutrr6cvtu9t43odabsdd0o2vg", "{{ACCESS_TOKEN}}"]
)
def test_a_token_of_the_documentation_is_refused_before_anything_is_asked(
    tmp_path: Path, token: str
) -> None:
    with Loopback([]) as server, pytest.raises(CredentialsRefused) as raised:
        client(server, tmp_path, token)
    assert server.received == []
    assert str(raised.value).startswith("Mavenoid: ")
    assert "MAVENOID_TOKEN" in str(raised.value)
    assert "dummy data" in str(raised.value)
    assert token not in str(raised.value)


def test_refused_credentials_name_the_setting(tmp_path: Path) -> None:
    with (
        Loopback([answer({"error": "nope"}, 401)]) as server,
        pytest.raises(CredentialsRefused, match="MAVENOID_TOKEN"),
    ):
        client(server, tmp_path).rows(CONVERSATIONS, 1)


@pytest.mark.parametrize(
    "given_answer",
    [html(), answer({"data": []}), answer(None), Answer(200, b'[{"id": "F1"},]'), Answer(200)],
)
def test_an_answer_that_is_no_json_array_is_an_error(tmp_path: Path, given_answer: Answer) -> None:
    with Loopback([given_answer] * 2) as server, pytest.raises(UnexpectedAnswer):
        client(server, tmp_path).rows(CONVERSATIONS, 1)


def test_one_day_and_more_days_have_limits_of_their_own(tmp_path: Path) -> None:
    with Loopback(lambda _: answer([])) as server:
        asking = client(server, tmp_path)
        for days in [1] * 12 + [2] * 3:
            asking.rows(CONVERSATIONS, days)
    files = sorted(path.name for path in tmp_path.iterdir())
    assert any("one-day" in name for name in files)
    assert any("many-days" in name for name in files)


@pytest.mark.parametrize(
    ("now", "first", "days"),
    [
        ((2026, 11, 21, 10, 0), (2026, 11, 21), 1),
        ((2026, 11, 21, 10, 0), (2026, 11, 20), 2),
        ((2026, 11, 21, 0, 1), (2026, 11, 20), 2),
        ((2026, 11, 21, 10, 0), (2026, 10, 23), 30),
        ((2026, 11, 21, 10, 0), (2026, 1, 1), 120),
        ((2026, 11, 21, 10, 0), (2026, 11, 23), 1),
        # The vendor's clock will be past midnight before it answers.
        ((2026, 11, 21, 23, 59), (2026, 11, 21), 2),
    ],
)
def test_days_are_as_few_as_reach_back_to_the_first_day(
    now: tuple[int, int, int, int, int], first: tuple[int, int, int], days: int
) -> None:
    year, month, day, hour, minute = now
    at = datetime(year, month, day, hour, minute, tzinfo=UTC)
    assert days_back_to(date(*first), at) == days


@given(MOMENTS, st.integers(0, 200))
def test_the_days_asked_for_hold_the_first_day_whole_unless_it_is_out_of_reach(
    now: datetime, back: int
) -> None:
    first = now.date() - timedelta(days=back)
    days = days_back_to(first, now)
    whole = first_whole_day(days, now, timedelta(seconds=30))
    assert 1 <= days <= MOST_DAYS
    assert whole <= first or days == MOST_DAYS
    fewer = first_whole_day(days - 1, now, timedelta(seconds=30))
    assert fewer > first or days == 1


@given(MOMENTS, st.integers(1, 120), st.integers(0, 7200))
def test_a_whole_day_begins_within_the_answer_and_the_day_before_does_not(
    now: datetime, days: int, seconds: int
) -> None:
    elapsed = timedelta(seconds=seconds)
    whole = first_whole_day(days, now, elapsed)
    midnight = datetime(whole.year, whole.month, whole.day, tzinfo=UTC)
    assert midnight >= now + elapsed - timedelta(days=days)
    assert midnight - timedelta(days=1) < now + max(elapsed, timedelta(hours=1)) - timedelta(
        days=days
    )
