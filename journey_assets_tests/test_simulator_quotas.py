"""The simulated limits: sliding windows on a clock, and requests under way at once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from journey_assets.simulator import Limits, ManualClock, Options, Rate
from journey_assets.simulator.quotas import Quota
from journey_assets_tests.simulated import NOON, Client, simulation


def tries(quota: Quota, number: int) -> list[bool]:
    """Which of so many attempts, one after the other, are accepted."""
    accepted = []
    for _ in range(number):
        with quota.attempt() as refusal:
            accepted.append(refusal is None)
    return accepted


def test_a_window_slides_instead_of_starting_anew() -> None:
    clock = ManualClock(NOON)
    quota = Quota(Rate(3, 60), clock)
    assert tries(quota, 2) == [True, True]
    clock.advance(40)
    assert tries(quota, 2) == [True, False]
    clock.advance(20)
    assert tries(quota, 3) == [True, True, False]


def test_a_refusal_says_how_long_to_wait() -> None:
    clock = ManualClock(NOON)
    quota = Quota(Rate(1, 60), clock)
    tries(quota, 1)
    clock.advance(10)
    with quota.attempt() as refusal:
        assert refusal is not None
    clock.advance(refusal.retry_after)
    assert tries(quota, 1) == [True]


def test_refused_calls_do_not_count() -> None:
    clock = ManualClock(NOON)
    quota = Quota(Rate(1, 60), clock)
    assert tries(quota, 5) == [True, False, False, False, False]
    clock.advance(60)
    assert tries(quota, 1) == [True]


def test_only_so_many_calls_are_under_way_at_once() -> None:
    quota = Quota(Rate(100, 1), ManualClock(NOON), concurrency=2)
    with quota.attempt() as first, quota.attempt() as second, quota.attempt() as third:
        assert (first, second) == (None, None)
        assert third is not None
    assert tries(quota, 1) == [True]


def test_the_defaults_are_the_vendors_numbers() -> None:
    limits = Limits()
    assert limits.amplitude_users == Rate(360, 3600)
    assert limits.amplitude_users_concurrency == 10
    assert limits.mavenoid_last_day == Rate(60, 60)
    assert limits.mavenoid_longer == Rate(10, 60)
    assert limits.segment == Rate(100, 1)


def test_user_search_and_user_activity_share_one_limit() -> None:
    options = Options(limits=replace(Limits.none(), amplitude_users=Rate(2, 3600)))
    with simulation(options) as client:
        answers = [
            client.amplitude("/api/2/usersearch", user="a"),
            client.amplitude("/api/2/useractivity", user="1"),
            client.amplitude("/api/2/usersearch", user="b"),
        ]
        client.clock.advance(3600)
        again = client.amplitude("/api/2/usersearch", user="b")
        refused = client.simulator.statistics()["amplitude"]["/api/2/usersearch"].refused_by_quota
    assert [answer.status_code for answer in answers] == [200, 404, 429]
    assert "Retry-After" not in answers[2].headers
    assert "2 requests per 3600 seconds" in answers[2].json()["error"]["message"]
    assert again.status_code == 200
    assert refused == 1


def test_too_many_at_once_are_refused_and_the_peak_is_counted() -> None:
    limits = replace(Limits.none(), amplitude_users_concurrency=2)
    with simulation(Options(limits=limits, latency={"amplitude": 0.3})) as client:
        with ThreadPoolExecutor(6) as pool:
            calls = [pool.submit(client.amplitude, "/api/2/usersearch", user="a") for _ in range(6)]
        statuses = [call.result().status_code for call in calls]
        served = client.simulator.statistics()["amplitude"]["/api/2/usersearch"]
    assert 2 <= statuses.count(200) < 6
    assert statuses.count(429) == served.refused_by_quota >= 1
    assert served.peak_concurrency > 2
    assert served.calls == 6


def a_day(client: Client, number: int, query: str) -> list[int]:
    """Statuses of so many requests for Mavenoid's conversations."""
    url = f"{client.simulator.url('mavenoid')}/v1/assistant-conversations.json?{query}"
    headers = {"Authorization": f"Bearer {client.keys.mavenoid_token}"}
    return [client.session.get(url, headers=headers, timeout=5).status_code for _ in range(number)]


def test_mavenoid_allows_more_for_the_last_day() -> None:
    limits = replace(Limits.none(), mavenoid_last_day=Rate(3, 60), mavenoid_longer=Rate(1, 60))
    with simulation(Options(limits=limits)) as client:
        assert a_day(client, 4, "days=1") == [200, 200, 200, 429]
        assert a_day(client, 2, "days=2") == [200, 429]


def test_mavenoid_counts_a_request_right_only_when_days_stands_last() -> None:
    limits = replace(Limits.none(), mavenoid_last_day=Rate(3, 60), mavenoid_longer=Rate(1, 60))
    with simulation(Options(limits=limits)) as client:
        assert a_day(client, 2, "days=1&group_by=status") == [200, 429]
        assert a_day(client, 2, "group_by=status&days=1") == [200, 200]


@pytest.mark.parametrize("header", [True, False])
def test_refusals_come_with_or_without_retry_after(header: bool) -> None:
    named = frozenset({"mavera"} if header else ())
    limits = replace(Limits.none(), mavera=Rate(1, 60), retry_after=named)
    with simulation(Options(limits=limits)) as client:
        client.mavera("GET", "/mave/threads")
        refused = client.mavera("GET", "/mave/threads")
    assert refused.status_code == 429
    assert ("Retry-After" in refused.headers) is header
    assert refused.headers["X-RateLimit-Limit"] == "1"
    assert refused.headers["X-RateLimit-Remaining"] == "0"


def test_segment_refuses_with_its_own_error() -> None:
    with simulation(Options(limits=replace(Limits.none(), segment=Rate(1, 1)))) as client:
        client.segment_listing()
        refused = client.segment_listing()
    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "rate_limit_error")
