"""Segment's two APIs on the wire, against loopback servers."""

import itertools
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey_assets.vendors import segment
from journey_assets.vendors.errors import CredentialsRefused, NotFound, UnexpectedAnswer
from journey_assets.vendors.segment import SegmentListing, SegmentProfileApi, next_params
from journey_assets_tests.loopback import Answer, Loopback, answer, html

TOKEN = "sgp_a-very-secret-token"
NOT_FOUND = {"error": {"code": "not_found", "message": "Profile was not found."}}
LAST_PAGE = {"has_more": False, "next": ""}


def listing(server: Loopback, tmp_path: Path) -> SegmentListing:
    return SegmentListing(
        base_url=server.url,
        token=TOKEN,
        space_id="spa_1",
        quota_directory=tmp_path,
        log=lambda _: None,
    )


def profile_api(server: Loopback, tmp_path: Path) -> SegmentProfileApi:
    return SegmentProfileApi(
        base_url=server.url,
        token=TOKEN,
        space_id="spa_1",
        quota_directory=tmp_path,
        log=lambda _: None,
    )


def listed(*names: str, cursor: Any = None, at_top: bool = False) -> Answer:
    profiles = [{"traits": {"email": f"{name}@example.com"}} for name in names]
    data: dict[str, Any] = {"profiles": profiles}
    body: dict[str, Any] = {"data": data}
    if cursor is not None:
        (body if at_top else data)["cursor"] = cursor
    return answer(body)


def emails(pages: list[list[Any]]) -> list[str]:
    return [profile["traits"]["email"][0] for page in pages for profile in page]


def test_the_listing_is_asked_for_as_the_seed_does(tmp_path: Path) -> None:
    with Loopback([listed("a", "b")]) as server:
        assert emails(list(listing(server, tmp_path).pages())) == ["a", "b"]
    (asked,) = server.received
    assert asked.path == "/spaces/spa_1/collections/users/profiles"
    assert asked.params == (("limit", "100"), ("include", "traits,external_ids"))
    assert asked.headers["authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize("at_top", [True, False])
def test_the_listing_is_read_to_its_last_page(tmp_path: Path, at_top: bool) -> None:
    script = [
        listed("a", cursor={"has_more": True, "next": "p 2&=+"}, at_top=at_top),
        listed("b", cursor={"has_more": True, "next": "p3"}, at_top=at_top),
        listed("c", cursor=LAST_PAGE, at_top=at_top),
    ]
    with Loopback(script) as server:
        assert emails(list(listing(server, tmp_path).pages())) == ["a", "b", "c"]
    assert [dict(asked.params).get("next") for asked in server.received] == [None, "p 2&=+", "p3"]
    assert {dict(asked.params)["limit"] for asked in server.received} == {"100"}


def test_a_listing_that_is_not_there_says_which_settings_to_change(tmp_path: Path) -> None:
    with Loopback([answer(NOT_FOUND, 404)]) as server, pytest.raises(NotFound) as raised:
        list(listing(server, tmp_path).pages())
    assert str(raised.value).startswith("Segment: profile listing")
    assert "SEGMENT_SPACE_ID" in str(raised.value)
    assert "SEGMENT_API=profile_api" in str(raised.value)


def test_refused_credentials_name_the_token_and_do_not_show_it(tmp_path: Path) -> None:
    body = {"error": {"code": "authentication_error", "message": f"bad token {TOKEN}"}}
    with Loopback([answer(body, 401)]) as server, pytest.raises(CredentialsRefused) as raised:
        list(listing(server, tmp_path).pages())
    assert "SEGMENT_TOKEN" in str(raised.value)
    assert TOKEN not in str(raised.value)


@pytest.mark.parametrize(
    "given_answer", [html(), answer([]), answer({"data": {}}), answer({"data": {"profiles": {}}})]
)
def test_an_answer_of_another_shape_is_an_error_and_not_an_empty_list(
    tmp_path: Path, given_answer: Answer
) -> None:
    with Loopback([given_answer]) as server, pytest.raises(UnexpectedAnswer):
        list(listing(server, tmp_path).pages())


def test_a_profile_is_asked_for_in_lower_case_and_percent_encoded(tmp_path: Path) -> None:
    script = [
        answer({"traits": {}, "cursor": LAST_PAGE}),
        answer({"data": [], "cursor": LAST_PAGE}),
    ]
    with Loopback(script) as server:
        profile_api(server, tmp_path).profile("phone:+46 70/X")
    base = "/v1/spaces/spa_1/collections/users/profiles/phone:%2B46%2070%2Fx"
    assert [asked.path for asked in server.received] == [f"{base}/traits", f"{base}/external_ids"]


def test_the_profile_api_takes_the_token_as_user_name_without_password(tmp_path: Path) -> None:
    with Loopback([answer({"data": [], "cursor": LAST_PAGE})]) as server:
        profile_api(server, tmp_path).events("user_id:1")
    expected = b64encode(f"{TOKEN}:".encode()).decode()
    assert server.received[0].headers["authorization"] == f"Basic {expected}"


def test_traits_and_identifiers_of_all_pages_are_joined(tmp_path: Path) -> None:
    script = [
        answer({"traits": {"a": 1}, "cursor": {"has_more": True, "next": "browser"}}),
        answer({"traits": {"b": 2}, "cursor": LAST_PAGE}),
        answer({"data": [{"id": "1"}], "cursor": {"has_more": True, "next": "map_0v"}}),
        answer({"data": [{"id": "2"}], "cursor": LAST_PAGE}),
    ]
    with Loopback(script) as server:
        profile = profile_api(server, tmp_path).profile("user_id:1")
    assert profile is not None
    assert profile.traits == {"a": 1, "b": 2}
    assert profile.external_ids == ({"id": "1"}, {"id": "2"})
    assert server.received[1].params == (("limit", "200"), ("next", "browser"))
    assert server.received[3].params == (("next", "map_0v"),)


@pytest.mark.parametrize("base", ["", "https://elsewhere.example"])
def test_a_cursor_with_only_an_address_is_followed_by_its_query(tmp_path: Path, base: str) -> None:
    url = f"{base}/v1/spaces/x/collections/users/profiles/use_R/events?next=page%2B2&%3Aid=1"
    script = [
        answer({"data": [1], "cursor": {"url": url, "has_more": True, "next": ""}}),
        answer({"data": [2], "cursor": LAST_PAGE}),
    ]
    with Loopback(script) as server:
        assert profile_api(server, tmp_path).events("user_id:1") == [1, 2]
    assert server.received[1].path.endswith("/user_id:1/events")
    assert dict(server.received[1].params) == {"limit": "100", "next": "page+2", ":id": "1"}


def test_credentials_never_follow_a_cursor_to_another_host(tmp_path: Path) -> None:
    with (
        Loopback([answer({"data": [2]})]) as other,
        Loopback(
            [
                answer({"data": [1], "cursor": {"url": f"{other.url}/x?next=2", "has_more": True}}),
                answer({"data": [2]}),
            ]
        ) as server,
    ):
        assert profile_api(server, tmp_path).events("user_id:1") == [1, 2]
        assert other.received == []


@pytest.mark.parametrize(
    "cursor",
    [
        {"has_more": True},
        {"has_more": True, "next": "", "url": "/v1/spaces/spa_1/x/events"},
        {"has_more": True, "next": "", "url": "http://[broken"},
    ],
)
def test_more_pages_without_a_way_to_them_are_an_error(
    tmp_path: Path, cursor: dict[str, Any]
) -> None:
    script = [answer({"data": [1], "cursor": cursor})]
    with Loopback(script) as server, pytest.raises(UnexpectedAnswer, match="more pages"):
        profile_api(server, tmp_path).events("user_id:1")


def test_a_cursor_that_goes_round_in_circles_is_an_error(tmp_path: Path) -> None:
    with (
        Loopback(
            lambda _: answer({"data": [1], "cursor": {"has_more": True, "next": "x"}})
        ) as server,
        pytest.raises(UnexpectedAnswer, match="already read"),
    ):
        profile_api(server, tmp_path).events("user_id:1")
    assert len(server.received) == 2


def test_a_list_without_end_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segment, "MOST_PAGES", 3)
    numbers = itertools.count()

    def endless(_: object) -> Answer:
        return answer({"data": [1], "cursor": {"has_more": True, "next": f"p{next(numbers)}"}})

    with Loopback(endless) as server, pytest.raises(UnexpectedAnswer, match="no end after 3 pages"):
        profile_api(server, tmp_path).events("user_id:1")
    assert len(server.received) == 3


@pytest.mark.parametrize(
    ("call", "nothing"),
    [
        (lambda client: client.profile("email:nobody@example.com"), None),
        (lambda client: client.events("email:nobody@example.com"), []),
    ],
)
def test_an_unknown_person_is_an_answer(
    tmp_path: Path, call: Callable[[SegmentProfileApi], Any], nothing: Any
) -> None:
    with Loopback([answer(NOT_FOUND, 404)]) as server:
        assert call(profile_api(server, tmp_path)) == nothing


@pytest.mark.parametrize(
    "error",
    [
        {"code": "invalid_request_error", "message": "no such route"},
        {"code": "not_found", "message": "Space was not found."},
    ],
)
def test_a_404_that_is_not_about_a_person_is_an_error_without_the_address(
    tmp_path: Path, error: dict[str, str]
) -> None:
    body = {"error": error}
    with Loopback([answer(body, 404)]) as server, pytest.raises(NotFound) as raised:
        profile_api(server, tmp_path).profile("email:nobody@example.com")
    assert "SEGMENT_SPACE_ID" in str(raised.value)
    assert "nobody" not in str(raised.value)


@given(st.text(min_size=1), st.integers() | st.none())
def test_an_opaque_cursor_is_passed_back_as_it_came(token: str, limit: int | None) -> None:
    cursor = {"has_more": True, "next": token} | ({} if limit is None else {"limit": limit})
    for place in ({"cursor": cursor}, {"data": {"cursor": cursor}}):
        assert next_params("x", place, (("limit", "200"),)) == (("limit", "200"), ("next", token))


@given(st.dictionaries(st.text(min_size=1), st.text(), min_size=1))
def test_the_query_of_a_cursors_address_is_read_as_it_was_written(query: dict[str, str]) -> None:
    url = f"https://profiles.segment.com/v1/x?{urlencode(query)}"
    following = next_params("x", {"cursor": {"has_more": True, "url": url}}, ())
    assert dict(following or ()) == query


@given(st.sampled_from([None, [], "", 0, {}, {"has_more": False, "next": "x"}, {"next": ""}]))
def test_no_cursor_or_a_spent_one_ends_the_list(cursor: Any) -> None:
    assert next_params("x", {"cursor": cursor}, ()) is None
