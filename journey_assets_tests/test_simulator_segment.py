"""Segment as the simulator plays it."""

from collections import defaultdict
from functools import cache
from statistics import mean
from typing import Any
from urllib.parse import quote

import pytest
import requests

from journey_assets.simulator import (
    Limits,
    Options,
    Population,
    PopulationConfig,
    SegmentOptions,
)
from journey_assets.simulator.people import epoch_day
from journey_assets.simulator.profiles import Profile, profiles
from journey_assets_tests.simulated import NOON, Client, simulation, small_population

TODAY = epoch_day(NOON.date())


@cache
def many_profiles() -> tuple[Profile, ...]:
    """Profiles of a population of forty newcomers a day."""
    return tuple(profiles(Population(PopulationConfig(newcomers_per_day=40)), TODAY))


def listed(client: Client, **params: Any) -> list[dict[str, Any]]:
    """All profiles of the listing."""
    found: list[dict[str, Any]] = []
    following: dict[str, Any] = {}
    while True:
        data = client.segment_listing(limit=100, **params, **following).json()["data"]
        found += data["profiles"]
        if not data["cursor"]["has_more"]:
            return found
        following = {"next": data["cursor"]["next"]}


def a_profile() -> dict[str, Any]:
    """A profile with many traits."""
    one = max(profiles(small_population(), TODAY), key=lambda found: len(found.traits))
    ids = [{"type": known["type"], "id": known["id"]} for known in one.external_ids]
    return {"segment_id": one.segment_id, "traits": one.traits, "external_ids": ids}


def name_of(one: dict[str, Any]) -> str:
    return next(f"{e['type']}:{e['id']}" for e in one["external_ids"] if e["type"] == "user_id")


def test_a_wrong_token_is_refused_with_the_vendors_error() -> None:
    with simulation() as client:
        url = client.simulator.url("segment") + "/spaces/spa_demo/collections/users/profiles"
        answer = requests.get(url, headers={"Authorization": "Bearer wrong"}, timeout=5)
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "authentication_error"


def test_the_listing_wants_bearer_and_the_profile_api_basic() -> None:
    with simulation() as client:
        token = client.keys.segment_token
        base = client.simulator.url("segment")
        listing = base + "/spaces/spa_demo/collections/users/profiles"
        part = base + "/v1/spaces/spa_demo/collections/users/profiles/user_id:u/traits"
        bearer = {"Authorization": f"Bearer {token}"}
        statuses = (
            requests.get(listing, auth=(token, ""), timeout=5).status_code,
            requests.get(part, headers=bearer, timeout=5).status_code,
        )
    assert statuses == (401, 401)


def test_the_listing_gives_every_profile_once() -> None:
    with simulation() as client:
        found = listed(client)
        calls = client.simulator.statistics()["segment"]
    assert len({one["segment_id"] for one in found}) == len(found) > 400
    assert calls["/spaces/{space}/collections/users/profiles"].calls == -(-len(found) // 100)


def test_the_listing_shows_only_what_is_included() -> None:
    with simulation() as client:
        page = client.segment_listing(include="traits").json()["data"]["profiles"]
    assert all("traits" in one and "external_ids" not in one for one in page)


@pytest.mark.parametrize("in_data", [True, False])
def test_the_listings_cursor_can_stand_in_two_places(in_data: bool) -> None:
    segment = SegmentOptions(cursor_in_data=in_data)
    with simulation(Options(limits=Limits.none(), segment=segment)) as client:
        answer = client.segment_listing().json()
    assert ("cursor" in answer["data"], "cursor" in answer) == (in_data, not in_data)


def test_an_unknown_space_is_not_found() -> None:
    with simulation() as client:
        url = client.simulator.url("segment") + "/spaces/other/collections/users/profiles"
        headers = {"Authorization": f"Bearer {client.keys.segment_token}"}
        answer = requests.get(url, headers=headers, timeout=5)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


def test_both_apis_tell_the_same_of_a_person() -> None:
    with simulation() as client:
        one = a_profile()
        traits = client.segment_profile(name_of(one), "traits", limit=200).json()["traits"]
        ids = client.segment_profile(name_of(one), "external_ids").json()["data"]
    assert traits == one["traits"]
    assert [{"type": e["type"], "id": e["id"]} for e in ids] == one["external_ids"]


def test_a_person_is_found_by_every_identifier() -> None:
    with simulation() as client:
        one = max(listed(client), key=lambda profile: len(profile["external_ids"]))
        answers = [
            client.segment_profile(quote(f"{e['type']}:{e['id'].lower()}", safe=":"), "metadata")
            for e in one["external_ids"]
        ]
    assert len(answers) >= 4
    assert {a.json()["metadata"]["segment_id"] for a in answers} == {one["segment_id"]}


@pytest.mark.parametrize("cursor", ["absolute", "relative", "url_only"])
def test_traits_come_ten_a_page_and_the_cursor_leads_on(cursor: Any) -> None:
    segment = SegmentOptions(cursor=cursor)
    with simulation(Options(limits=Limits.none(), segment=segment)) as client:
        one = a_profile()
        first = client.segment_profile(name_of(one), "traits").json()
        cursor_shown = first["cursor"]
        url = cursor_shown["url"]
        base = client.simulator.url("segment")
        following = client.session.get(
            url if cursor == "absolute" else base + url,
            auth=(client.keys.segment_token, ""),
            timeout=5,
        ).json()
    assert len(first["traits"]) == 10
    assert url.startswith("http") is (cursor == "absolute")
    assert bool(cursor_shown["next"]) is (cursor != "url_only")
    assert first["traits"] | following["traits"] == one["traits"]


def test_an_unknown_person_is_not_found() -> None:
    with simulation() as client:
        answers = [
            client.segment_profile(one, "traits")
            for one in ("user_id:nobody", "user_id:usr_202611010999", "email:x@example.com")
        ]
    assert [answer.status_code for answer in answers] == [404] * 3
    assert answers[0].json()["error"]["code"] == "not_found"


def test_a_forged_cursor_is_refused() -> None:
    with simulation() as client:
        answer = client.segment_listing(next="made-up")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_request_error")


def test_events_go_back_fourteen_days_newest_first() -> None:
    with simulation() as client:
        one = max(listed(client), key=lambda p: int(p["traits"].get("web_sessions_30d", 0)))
        page = client.segment_profile(name_of(one), "events", limit=100).json()["data"]
    times = [event["timestamp"] for event in page]
    assert times == sorted(times, reverse=True)
    assert times[-1] >= "2026-11-06T12"
    assert times[0] <= "2026-11-20T12"


def test_the_thirty_day_traits_are_the_sums_of_the_days() -> None:
    population = small_population()
    today = list(profiles(population, TODAY))
    opened_at_first = sum(int(one.traits.get("emails_opened_30d", 0)) for one in today)
    tomorrow = {one.segment_id: one for one in profiles(population, TODAY + 1)}
    changes = [
        int(tomorrow[one.segment_id].traits.get("emails_opened_30d", 0))
        - int(one.traits.get("emails_opened_30d", 0))
        for one in today
        if one.segment_id in tomorrow
    ]
    assert opened_at_first > 0
    assert -4 <= min(changes) <= max(changes) <= 4


def segment_of(traits: dict[str, Any]) -> str | None:
    if "web_sessions_30d" not in traits:
        return None
    names = ("web_sessions_30d", "mobile_sessions_30d", "emails_opened_30d")
    counts = [traits[name] for name in names]
    if not sum(counts):
        return "inactive"
    shares = [count / sum(counts) for count in counts]
    dominant = [f"{name.split('_')[0].rstrip('s')}_dominant" for name in names]
    return next((d for d, s in zip(dominant, shares, strict=True) if s > 0.5), "omnichannel")


def test_the_planted_difference_of_lifetime_value_is_there() -> None:
    values: defaultdict[str, list[float]] = defaultdict(list)
    for one in many_profiles():
        segment = segment_of(one.traits)
        if segment is not None and "ltv" in one.traits:
            values[segment].append(one.traits["ltv"])
    planted = small_population().truths.mean_ltv
    assert set(values) == set(planted)
    for segment, ltv in values.items():
        assert mean(ltv) == pytest.approx(planted[segment], rel=0.08)


def test_profiles_lack_what_real_ones_lack() -> None:
    found = many_profiles()
    shares = {
        name: sum(name not in one.traits for one in found) / len(found)
        for name in ("ltv", "plan", "web_sessions_30d")
    }
    few = sum(len(one.external_ids) <= 2 for one in found) / len(found)
    nameless = sum(one.external_ids[0]["type"] != "user_id" for one in found)
    capital = sum(one.traits["email"] != one.traits["email"].lower() for one in found)
    assert all(0.02 < share < 0.10 for share in shares.values())
    assert 0.2 < few < 0.5
    assert nameless > 20
    assert capital > 50
