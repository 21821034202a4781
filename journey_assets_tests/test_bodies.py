"""Bodies of answers: bounded while they are unpacked, arrays streamed, odd signs survived."""

import gzip
import json
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journey_assets.vendors import bodies
from journey_assets.vendors.bodies import read_json, split_array
from journey_assets.vendors.errors import AnswerLost, UnexpectedAnswer, VendorUnavailable
from journey_assets.vendors.transport import Transport
from journey_assets_tests.loopback import Answer, FakeClock, Loopback, answer

MB = 1 << 20


@pytest.fixture
def transport(tmp_path: Path) -> Callable[[str], Transport]:
    def make(url: str) -> Transport:
        return Transport(
            vendor="Mavenoid",
            base_url=url,
            auth="token",
            quota_directory=tmp_path / "quota",
            log=lambda _: None,
            clock=FakeClock(),
        )

    return make


def packed(body: bytes, how: str) -> Answer:
    compress = gzip.compress if how == "gzip" else zlib.compress
    headers = {"Content-Encoding": how, "Content-Type": "application/json"}
    return Answer(200, compress(body), headers)


@pytest.mark.parametrize("how", ["gzip", "deflate"])
def test_an_answer_that_packs_too_well_is_given_up_in_one_line(
    transport: Callable[[str], Transport], monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr(bodies, "RATIO_FREE_BYTES", MB)
    bomb = packed(b"[" + b" " * (8 * MB) + b"]", how)
    with Loopback([bomb]) as server, pytest.raises(UnexpectedAnswer, match="200 times its size"):
        transport(server.url).get_json("reading", "/x")
    assert len(server.received) == 1


def test_a_small_answer_may_pack_as_well_as_it_likes(
    transport: Callable[[str], Transport],
) -> None:
    body = b"[" + b" " * (4 * MB) + b"]"
    with Loopback([packed(body, "gzip")]) as server:
        assert transport(server.url).get_json("reading", "/x") == []


def test_an_answer_too_large_for_memory_is_given_up(
    transport: Callable[[str], Transport], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "MOST_IN_MEMORY", 2 * MB)
    large = answer(["x" * 3 * MB])
    with Loopback([large]) as server, pytest.raises(UnexpectedAnswer, match="larger than 2 MB"):
        transport(server.url).get_json("reading", "/x")


def test_a_message_whose_answer_is_too_large_counts_as_lost(
    transport: Callable[[str], Transport], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "MOST_IN_MEMORY", 2 * MB)
    large = answer({"content": "x" * 3 * MB})
    with Loopback([large]) as server, pytest.raises(AnswerLost, match="larger than 2 MB"):
        transport(server.url).post_json("asking", "/x", payload={}, timeout=5)


def test_of_a_refusal_only_the_beginning_is_read(
    transport: Callable[[str], Transport], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "MOST_IN_MEMORY", MB)
    endless = Answer(500, b"busy " * MB)
    with (
        Loopback(lambda _: endless) as server,
        pytest.raises(VendorUnavailable, match=r"HTTP 500: no JSON"),
    ):
        transport(server.url).get_json("reading", "/x")


def test_a_download_leaves_room_on_the_disk(
    transport: Callable[[str], Transport], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(bodies, "KEPT_FREE", 1 << 60)
    with (
        Loopback([Answer(200, b"x" * 4 * MB)]) as server,
        pytest.raises(UnexpectedAnswer, match="Free space on the disk"),
    ):
        transport(server.url).download("export", "/x", to=tmp_path / "file")
    assert [path.name for path in tmp_path.iterdir()] == []


def test_an_array_is_streamed_to_lines(
    transport: Callable[[str], Transport], tmp_path: Path
) -> None:
    records = [{"id": n, "text": 'a, "b" [c] {d}\n\\'} for n in range(3)]
    body = json.dumps(records, indent=2).encode()
    with Loopback([Answer(200, body, {"Content-Type": "application/json"})]) as server:
        rows = transport(server.url).get_array("reading", "/x", to=tmp_path / "rows.ndjson")
    assert rows == 3
    lines = (tmp_path / "rows.ndjson").read_text().splitlines()
    assert [json.loads(line) for line in lines] == records
    assert [path.name for path in tmp_path.iterdir()] == ["rows.ndjson"]


@pytest.mark.parametrize("body", [b"", b"{}", b"[1", b"[1]]", b"[1} ", b"null", b'["a]'])
def test_what_is_no_whole_array_is_no_answer(
    transport: Callable[[str], Transport], tmp_path: Path, body: bytes
) -> None:
    # It may have been cut on the way, so it is asked for twice.
    with (
        Loopback([Answer(200, body)] * 2) as server,
        pytest.raises(UnexpectedAnswer, match="JSON"),
    ):
        transport(server.url).get_array("reading", "/x", to=tmp_path / "rows.ndjson")


def split(folder: Path, body: bytes) -> list[bytes] | None:
    (folder / "body").write_bytes(body)
    count = split_array(folder / "body", folder / "lines")
    if count is None:
        return None
    lines = (folder / "lines").read_bytes().splitlines()
    assert len(lines) == count
    return lines


def test_an_element_that_is_no_json_leaves_the_others_whole(tmp_path: Path) -> None:
    body = b'[{"a":"\xe9"}, {"b":"\x01"}, {"c":nope}, {"d":1}]'
    assert split(tmp_path, body) == [b'{"a":"\xe9"}', b'{"b":"\x01"}', b'{"c":nope}', b'{"d":1}']


def test_an_element_nested_without_end_is_split_like_others(tmp_path: Path) -> None:
    deep = b"[" * 200_000 + b"]" * 200_000
    assert split(tmp_path, b"[1," + deep + b",2]") == [b"1", deep, b"2"]


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(_json, max_size=6), st.sampled_from([None, 2]), st.booleans())
def test_the_lines_of_an_array_are_its_elements(
    tmp_path: Path, elements: list[Any], indent: int | None, ascii_only: bool
) -> None:
    text = json.dumps(elements, indent=indent, ensure_ascii=ascii_only)
    lines = split(tmp_path, text.encode(errors="replace"))
    assert lines is not None
    assert [json.loads(line) for line in lines] == json.loads(text.encode(errors="replace"))


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.binary(max_size=40).map(lambda rest: b"[" + rest) | st.binary(max_size=40))
def test_splitting_survives_any_bytes(tmp_path: Path, body: bytes) -> None:
    split(tmp_path, body)


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a":"caf\xe9"}', {"a": "caf�"}),
        (b'{"a":"tab\there"}', {"a": "tab\there"}),
        (b"\xef\xbb\xbf[1]", [1]),
        ('{"a":1}'.encode("utf-16"), {"a": 1}),
        (b"[1" + b"0" * 5000 + b"]", [float("inf")]),
    ],
)
def test_one_odd_sign_does_not_cost_the_answer(body: bytes, value: object) -> None:
    assert read_json(body) == value


@pytest.mark.parametrize("body", [b"", b"[" * 200_000, b"{", b"nope", b"\xff\xfe\x00"])
def test_what_is_no_json_is_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read_json(body)
