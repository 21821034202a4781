"""Mavera's client: asking, refusals, and finding an answer that was lost on the way."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey_assets.vendors.errors import (
    AnswerLost,
    CredentialsRefused,
    NotFound,
    RequestRefused,
    UnexpectedAnswer,
    VendorError,
    VendorUnavailable,
)
from journey_assets.vendors.mavera import (
    MOST_ENTRIES,
    MOST_PAGES,
    MaveMessage,
    MaveraClient,
    ThreadPage,
)
from journey_assets_tests.loopback import (
    Answer,
    FakeClock,
    Loopback,
    Received,
    Script,
    answer,
    html,
    reset,
)

KEY = "mvra_live_0123456789"
SENT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ANSWER = {
    "id": "m1",
    "object": "mave_message",
    "thread_id": "mave_thread_abc",
    "role": "assistant",
    "content": "## Findings",
    "sources": [{"title": "A page", "url": "https://x.org/a", "domain": "x.org"}],
    "personas_used": [{"name": "Planner"}],
    "usage": {"credits_used": 23},
    "created_at": "2023-11-07T05:31:56Z",
}


@contextmanager
def mavera(script: Script, directory: Path) -> Iterator[tuple[MaveraClient, Loopback]]:
    with Loopback(script) as server:
        client = MaveraClient(
            api_key=KEY,
            base_url=f"{server.url}/api/v1",
            quota_directory=directory,
            log=lambda _: None,
            clock=FakeClock(),
        )
        yield client, server
        client.close()


def at(minutes: float) -> str:
    """A moment so many minutes after ``SENT``, as Mavera writes it."""
    return (SENT + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


def said(role: str, content: str, minutes: float = 0, **more: Any) -> dict[str, Any]:
    message = {"id": f"{role}-{minutes}", "role": role, "content": content}
    return {**message, "created_at": at(minutes), **more}


def thread(name: str, minutes: float, *messages: dict[str, Any]) -> dict[str, Any]:
    return {"id": name, "created_at": at(minutes), "messages": list(messages)}


class Threads:
    """Mavera's threads, newest first unless the test gives another order."""

    def __init__(self, threads: list[dict[str, Any]], *, key: str = "data") -> None:
        self._threads = threads
        self._key = key

    def __call__(self, received: Received) -> Answer:
        name = received.path.removeprefix("/api/v1/mave/threads").strip("/")
        if name:
            found = [one for one in self._threads if one["id"] == name]
            return answer(found[0]) if found else answer({}, 404)
        asked = dict(received.params)
        first, count = int(asked["offset"]), int(asked["limit"])
        listed = [
            {field: value for field, value in one.items() if field != "messages"}
            for one in self._threads[first : first + count]
        ]
        return answer({self._key: listed, "has_more": first + count < len(self._threads)})


def test_a_question_goes_out_as_documented(tmp_path: Path) -> None:
    with mavera([answer(ANSWER), answer(ANSWER)], tmp_path) as (client, server):
        client.chat("What é?")
        client.chat("And then?", thread_id="mave_thread_abc")

    first, second = server.received
    assert (first.method, first.path) == ("POST", "/api/v1/mave/chat")
    assert first.headers["authorization"] == f"Bearer {KEY}"
    assert first.json() == {"message": "What é?", "stream": False}
    assert second.json()["thread_id"] == "mave_thread_abc"


def test_an_answer_is_read_with_what_it_cost(tmp_path: Path) -> None:
    with mavera([answer(ANSWER)], tmp_path) as (client, _):
        got = client.chat("?")

    assert (got.id, got.thread_id, got.content) == ("m1", "mave_thread_abc", "## Findings")
    assert got.credits_used == 23
    assert got.sources[0].domain == "x.org"
    assert got.created_at == datetime(2023, 11, 7, 5, 31, 56, tzinfo=UTC)


@pytest.mark.parametrize(
    "more",
    [
        {"validation": {"status": "passed"}},
        {"validation": None, "brand_new": [1]},
        {"sources": None, "personas_used": None},
        {"sources": [{"title": "only", "rank": 1}], "personas_used": ["Planner"]},
    ],
)
def test_fields_unknown_or_null_do_no_harm(tmp_path: Path, more: Mapping[str, Any]) -> None:
    with mavera([answer({**ANSWER, **more})], tmp_path) as (client, _):
        assert client.chat("?").content == "## Findings"


@pytest.mark.parametrize("usage", [None, {}, {"credits_used": None}])
def test_a_cost_that_is_not_said_is_none(tmp_path: Path, usage: object) -> None:
    with mavera([answer({**ANSWER, "usage": usage})], tmp_path) as (client, _):
        assert client.chat("?").credits_used is None


@pytest.mark.parametrize(
    ("status", "code", "kind", "line"),
    [
        (401, "invalid_api_key", CredentialsRefused, "MAVERA_API_KEY"),
        (400, "missing_field", RequestRefused, "not what Mavera takes"),
        (400, "invalid_field", RequestRefused, "not what Mavera takes"),
        (402, "credits_exhausted", RequestRefused, "buy credits"),
        (402, "budget_exceeded", RequestRefused, "raise the key's budget"),
        (404, "not_found", NotFound, "not found"),
    ],
)
def test_a_refusal_is_final_and_plain(
    tmp_path: Path, status: int, code: str, kind: type[VendorError], line: str
) -> None:
    body = {"error": {"message": "No.", "type": "t", "code": code, "param": None}}
    with (
        mavera([answer(body, status)], tmp_path) as (client, server),
        pytest.raises(kind) as raised,
    ):
        client.chat("?")

    assert str(raised.value).startswith("Mavera: asking Mave: ")
    assert f"(HTTP {status}: {code}: No.)" in str(raised.value)
    assert line in str(raised.value)
    assert raised.value.code == code
    assert len(server.received) == 1


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_passing_failure_is_asked_again(tmp_path: Path, status: int) -> None:
    with mavera([answer({}, status, retry_after="7"), answer(ANSWER)], tmp_path) as (
        client,
        server,
    ):
        assert client.chat("?").id == "m1"

    assert len(server.received) == 2


def test_a_lasting_failure_is_told_after_bounded_attempts(tmp_path: Path) -> None:
    with (
        mavera(lambda _: answer({}, 503), tmp_path) as (client, server),
        pytest.raises(VendorUnavailable, match="after 6 attempts"),
    ):
        client.chat("?")

    assert len(server.received) == 6


@pytest.mark.parametrize(
    "lost",
    [
        reset(),
        answer({}, 504),
        answer({**ANSWER, "content": None}),
        answer({**ANSWER, "content": [{"type": "image"}]}),
        answer([]),
    ],
    ids=["reset", "gateway", "no content", "no text in it", "no object"],
)
def test_an_answer_that_may_have_been_paid_for_is_never_asked_for_again(
    tmp_path: Path, lost: Answer
) -> None:
    with mavera([lost], tmp_path) as (client, server), pytest.raises(AnswerLost):
        client.chat("?")

    assert len(server.received) == 1


def test_an_error_about_an_answer_does_not_quote_it(tmp_path: Path) -> None:
    body = {**ANSWER, "content": {"private words": 1}}
    with mavera([answer(body)], tmp_path) as (client, _), pytest.raises(AnswerLost) as raised:
        client.chat("?")

    assert "not as documented in: content" in str(raised.value)
    assert "private words" not in str(raised.value)


def test_a_page_instead_of_an_answer_names_the_base_url(tmp_path: Path) -> None:
    with (
        mavera([html()], tmp_path) as (client, _),
        pytest.raises(UnexpectedAnswer, match="MAVERA_BASE_URL"),
    ):
        client.chat("?")


def test_a_lost_answer_is_found_in_its_thread(tmp_path: Path) -> None:
    script = Threads(
        [
            thread("newer", 3, said("user", "Another", 3), said("assistant", "Other", 4)),
            thread(
                "ours",
                1,
                said("user", "Our prompt", 1),
                said("assistant", "Our answer", 2, usage={"credits_used": 31}),
            ),
        ]
    )
    with mavera(script, tmp_path) as (client, server):
        found = client.find_message("Our prompt", since=SENT)

    assert found is not None
    assert (found.thread_id, found.content, found.credits_used) == ("ours", "Our answer", 31)
    assert all(request.method == "GET" for request in server.received)


def test_a_message_that_never_arrived_is_not_found(tmp_path: Path) -> None:
    script = Threads([thread("t", 1, said("user", "Another", 1), said("assistant", "Other", 2))])
    with mavera(script, tmp_path) as (client, _):
        assert client.find_message("Our prompt", since=SENT) is None


def test_no_threads_at_all_hold_no_answer(tmp_path: Path) -> None:
    with mavera(Threads([]), tmp_path) as (client, _):
        assert client.find_message("Our prompt", since=SENT) is None


def test_a_message_without_an_answer_yet_is_not_reported_as_missing(tmp_path: Path) -> None:
    script = Threads([thread("ours", 1, said("user", "Our prompt", 1))])
    with (
        mavera(script, tmp_path) as (client, _),
        pytest.raises(AnswerLost, match="in a few minutes"),
    ):
        client.find_message("Our prompt", since=SENT)


def test_the_answer_is_the_one_to_our_message(tmp_path: Path) -> None:
    script = Threads(
        [
            thread(
                "ours",
                1,
                said("user", "First", 1),
                said("assistant", "To the first", 2),
                said("user", "Our prompt", 3),
                said("tool", "searching", 3),
                said("assistant", "To ours", 4),
                said("user", "Last", 5),
                said("assistant", "To the last", 6),
            )
        ]
    )
    with mavera(script, tmp_path) as (client, _):
        found = client.find_message("Our prompt", since=SENT)

    assert found is not None
    assert found.content == "To ours"


def test_the_same_words_of_an_earlier_time_are_not_ours(tmp_path: Path) -> None:
    earlier = thread(
        "t", -60, said("user", "Our prompt", -60), said("assistant", "Old answer", -59)
    )
    with mavera(Threads([{**earlier, "updated_at": at(5)}]), tmp_path) as (client, _):
        assert client.find_message("Our prompt", since=SENT) is None


def test_line_ends_changed_on_the_way_do_not_hide_a_message(tmp_path: Path) -> None:
    script = Threads(
        [thread("ours", 1, said("user", "One\r\nTwo", 1), said("assistant", "Answer", 2))]
    )
    with mavera(script, tmp_path) as (client, _):
        assert client.find_message("One\nTwo\n", since=SENT) is not None


def many(count: int) -> list[dict[str, Any]]:
    """Threads of other people, one every ten minutes back from an hour after ``SENT``."""
    return [thread(f"t{n}", 60 - 10 * n, said("user", "x", 60 - 10 * n)) for n in range(count)]


def test_the_walk_ends_where_threads_are_older_than_our_message(tmp_path: Path) -> None:
    with mavera(Threads(many(450)), tmp_path) as (client, server):
        assert client.find_message("Our prompt", since=SENT) is None

    pages = [dict(r.params)["offset"] for r in server.received if r.path.endswith("/threads")]
    assert pages == ["0", "100"]


def test_a_listing_in_another_order_is_walked_to_its_end(tmp_path: Path) -> None:
    ours = thread("ours", 1, said("user", "Our prompt", 1), said("assistant", "Found", 2))
    oldest_first = [*many(250)[::-1], ours]
    with mavera(Threads(oldest_first), tmp_path) as (client, _):
        found = client.find_message("Our prompt", since=SENT)

    assert found is not None
    assert found.content == "Found"


def test_other_forms_of_listing_and_thread_are_read(tmp_path: Path) -> None:
    messages = [said("user", "Our prompt", 1), said("assistant", "Found", 2)]
    script = [
        answer({"threads": [{"id": "ours", "title": "no times"}]}),
        answer({"thread": {"id": "ours", "messages": messages}}),
    ]
    with mavera(script, tmp_path) as (client, _):
        found = client.find_message("Our prompt", since=SENT)

    assert found is not None
    assert found.content == "Found"


def test_naive_times_count_as_utc(tmp_path: Path) -> None:
    message = {"role": "user", "content": "Our prompt", "created_at": "2026-11-20 12:01:00"}
    reply = {"role": "assistant", "content": "Found", "created_at": None, "usage": None}
    ours = {"id": "ours", "updated_at": "2026-11-20T12:01:00", "messages": [message, reply]}
    with mavera(Threads([ours]), tmp_path) as (client, _):
        found = client.find_message("Our prompt", since=SENT)

    assert found is not None
    assert (found.content, found.credits_used) == ("Found", None)


def test_a_thread_deleted_meanwhile_is_passed_over(tmp_path: Path) -> None:
    script = [answer({"data": [{"id": "gone"}], "has_more": False}), answer({}, 404)]
    with mavera(script, tmp_path) as (client, _):
        assert client.find_message("Our prompt", since=SENT) is None


def test_a_listing_that_fails_is_not_an_empty_one(tmp_path: Path) -> None:
    with (
        mavera(lambda _: answer({}, 503), tmp_path) as (client, _),
        pytest.raises(VendorUnavailable),
    ):
        client.find_message("Our prompt", since=SENT)


@pytest.mark.parametrize("body", [{}, {"data": None}, {"data": [{"title": "no id"}]}, "text"])
def test_a_listing_of_another_shape_is_an_error(tmp_path: Path, body: object) -> None:
    with mavera([answer(body)], tmp_path) as (client, _), pytest.raises(UnexpectedAnswer):
        client.find_message("Our prompt", since=SENT)


@pytest.mark.parametrize(
    "odd",
    [
        {"sources": ["https://x.org", 3, None]},
        {"sources": {"title": "one"}},
        {"sources": [{"title": ["a"], "url": 7}] * 1000},
        {"usage": {"credits_used": -1}},
        {"usage": {"credits_used": 1e300}},
        {"usage": "much"},
        {"usage": []},
        {"created_at": "yesterday"},
        {"created_at": -1e30},
        {"id": ["m"], "personas_used": "Planner", "role": 7},
        {"thread_id": None},
        {"thread_id": 17},
        {"padding": "x" * 2_000_000},
    ],
    ids=lambda odd: ",".join(odd),
)
def test_a_paid_answer_is_kept_whatever_its_side_fields_are(
    tmp_path: Path, odd: Mapping[str, Any]
) -> None:
    with mavera([answer({**ANSWER, **odd})], tmp_path) as (client, _):
        got = client.chat("?")

    assert got.content == "## Findings"
    assert got.credits_used in (23, None)
    assert len(got.sources) <= MOST_ENTRIES


@pytest.mark.parametrize(
    "content",
    [
        ["## ", "Findings"],
        [{"type": "text", "text": "## Findings"}, {"type": "image", "image": {"url": "u"}}],
        [{"type": "text", "text": {"value": "## Findings", "annotations": []}}],
        {"text": "## Findings"},
    ],
)
def test_a_content_in_parts_is_read_as_its_text(tmp_path: Path, content: object) -> None:
    with mavera([answer({**ANSWER, "content": content})], tmp_path) as (client, _):
        assert client.chat("?").content == "## Findings"


def test_half_a_sign_in_an_answer_is_replaced_and_a_whole_one_kept(tmp_path: Path) -> None:
    with mavera([answer({**ANSWER, "content": "a\ud83d b\U0001f600\0"})], tmp_path) as (client, _):
        content = client.chat("?").content

    assert content == "a\ufffd b\U0001f600\ufffd"


def test_odd_threads_of_others_do_not_hide_our_answer(tmp_path: Path) -> None:
    odd: list[Any] = [
        {"id": "a", "messages": [None, "text", 3, {"role": ["user"], "content": {"x": 1}}]},
        {
            "id": "b",
            "messages": [{"content": "no role"}, {"role": "user"}, {"role": "user", "content": 7}],
        },
        {"id": 12, "created_at": "soon", "messages": [said("user", "\ud83d half", 1)]},
    ]
    ours = thread("ours", 1, said("user", "Our \ud83d prompt", 1), said("assistant", "Found", 2))
    listing = {"data": [None, "text", {"title": "no id"}, *odd, ours], "has_more": "what"}
    with mavera([answer(listing)], tmp_path) as (client, _):
        found = client.find_message("Our \ud83d prompt", since=SENT)

    assert found is not None
    assert found.content == "Found"


def test_a_thread_that_cannot_be_read_keeps_the_message_from_being_sent_again(
    tmp_path: Path,
) -> None:
    script = [answer({"data": [{"id": "t"}]}), answer({"id": "t", "messages": {"odd": 1}})]
    with (
        mavera(script, tmp_path) as (client, _),
        pytest.raises(AnswerLost, match="a thread cannot be read"),
    ):
        client.find_message("Our prompt", since=SENT)


def test_a_listing_without_end_is_given_up(tmp_path: Path) -> None:
    page = {"data": [{"id": "t", "messages": []}], "has_more": True}
    with (
        mavera(lambda _: answer(page), tmp_path) as (client, server),
        pytest.raises(AnswerLost, match="the listing has no end"),
    ):
        client.find_message("Our prompt", since=SENT)

    assert len(server.received) == MOST_PAGES


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "id",
                        "content",
                        "text",
                        "sources",
                        "usage",
                        "credits_used",
                        "created_at",
                        "thread_id",
                        "url",
                    ]
                ),
                inner,
                max_size=5,
            )
        ),
    )
)
def test_any_side_fields_leave_the_content(odd: object) -> None:
    fields = odd if isinstance(odd, dict) else {"sources": odd, "usage": odd, "id": odd}
    assert MaveMessage.model_validate({**fields, "content": "kept"}).content == "kept"
    assert isinstance(ThreadPage.model_validate({"data": [odd, odd]}).threads, tuple)
