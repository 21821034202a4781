"""Reading vendor records: typed as declared, the rest kept, nothing silently dropped."""

import gzip
import hashlib
import json
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journey_assets.raw import batches
from journey_assets.raw.batches import FileBroken
from journey_assets.raw.parse import Parsed, parse_records
from journey_assets.raw.staging import RecordWriter, staging_folder
from journey_assets.vendors import bodies
from journey_assets.warehouse.database import Database, Session
from journey_assets.warehouse.schema import Column, Source, Table

DAY = date(2026, 1, 2)

RECORDS = Table(
    schema="raw",
    name="records",
    grain="record",
    description="Records.",
    columns=(
        Column("day", "DATE", "Day.", nullable=False),
        Column("moment", "TIMESTAMP", "Time.", source=Source(("moment",), essential=True)),
        Column("label", "VARCHAR", "Label.", source=Source(("resolution_label", "resolution"))),
        Column("size", "BIGINT", "Size.", source=Source(("size",), required=True)),
        Column("share", "DOUBLE", "Share.", source=Source(("share",))),
        Column("tags", "VARCHAR[]", "Tags.", source=Source(("tags",))),
        Column("form", "JSON", "Form.", source=Source(("form",))),
        Column("extra", "JSON", "The rest."),
    ),
    key=("moment",),
)
GOOD = {"moment": "2026-01-02T03:04:05.678Z", "size": 1}


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with Database(tmp_path_factory.mktemp("parse") / "store.duckdb").session() as opened:
        yield opened


def _parse(
    session: Session, *lines: object
) -> tuple[Parsed, list[dict[str, Any]], list[tuple[Any, ...]]]:
    directory = session.database.path.parent
    with staging_folder(directory) as folder:
        with RecordWriter(folder / "records.ndjson") as writer:
            writer.write(lines, {"rank": 7})
        parsed = parse_records(
            session.con,
            RECORDS,
            [folder / "records.ndjson"],
            partition="moment::DATE",
            first=DAY,
            last=DAY,
            own={"rank": "BIGINT"},
        )
    cursor = session.con.execute(f"FROM {parsed.rows} ORDER BY line_no")
    names = [column[0] for column in cursor.description or ()]
    rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    rejects = session.con.execute(
        f"SELECT field, reason, kept, hash FROM {parsed.rejects} ORDER BY ALL"
    ).fetchall()
    return parsed, rows, rejects


def test_declared_fields_become_typed_columns(session: Session) -> None:
    record = {
        **GOOD,
        "resolution_label": "worked",
        "share": "0.5",
        "tags": ["a", "b"],
        "form": {"x": 1},
    }
    _, [row], rejects = _parse(session, record)
    assert row["day"] == DAY
    assert row["moment"] == datetime(2026, 1, 2, 3, 4, 5, 678000)
    assert (row["label"], row["size"], row["share"], row["tags"]) == ("worked", 1, 0.5, ["a", "b"])
    assert json.loads(row["form"]) == {"x": 1}
    assert rejects == []


def test_our_own_values_are_carried_and_do_not_reach_extra(session: Session) -> None:
    _, [row], _ = _parse(session, GOOD)
    assert row["rank"] == 7
    assert row["extra"] is None


def test_unknown_fields_are_kept(session: Session) -> None:
    _, [row], rejects = _parse(session, {**GOOD, "newField": {"deep": [1, None]}, "other": None})
    assert json.loads(row["extra"]) == {"newField": {"deep": [1, None]}, "other": None}
    assert rejects == []


def test_another_spelling_of_a_field_is_read(session: Session) -> None:
    _, [row], _ = _parse(session, {**GOOD, "resolution": "worked"})
    assert row["label"] == "worked"


@pytest.mark.parametrize(
    "written",
    ["2026-01-02T9:00:00.000Z", "2026-01-02 09:00:00.000000", "2026-01-02T11:00:00+02:00"],
)
def test_the_vendors_forms_of_a_time_are_read_as_utc(session: Session, written: str) -> None:
    _, [row], _ = _parse(session, {**GOOD, "moment": written})
    assert row["moment"] == datetime(2026, 1, 2, 9)


def test_a_mistyped_field_is_noted_and_the_record_kept_without_it(session: Session) -> None:
    _, [row], [reject] = _parse(session, {**GOOD, "share": "half"})
    assert row["share"] is None
    assert reject[:3] == ("share", "not a DOUBLE", True)


def test_a_missing_required_field_is_noted(session: Session) -> None:
    _, [row], [reject] = _parse(session, {"moment": GOOD["moment"]})
    assert row["size"] is None
    assert reject[:3] == ("size", "missing", True)


def test_a_record_without_an_essential_field_is_noted_and_not_stored(session: Session) -> None:
    _, rows, [reject] = _parse(session, {"moment": "yesterday", "size": 1})
    assert rows == []
    assert reject[:3] == ("moment", "not a TIMESTAMP", False)


@pytest.mark.parametrize("line", ["a text", 5, None, ["a list"]])
def test_what_is_no_object_is_noted_without_its_text(session: Session, line: object) -> None:
    _, rows, [reject] = _parse(session, line)
    assert rows == []
    text = json.dumps(line).replace(": ", ":").encode()
    assert reject == (None, "not a JSON object", False, hashlib.sha256(text).hexdigest())


def test_a_fraction_is_no_integer(session: Session) -> None:
    _, [row], [reject] = _parse(session, {**GOOD, "size": 1.5})
    assert row["size"] is None
    assert reject[0] == "size"


def test_records_of_other_days_are_left_out_without_a_note(session: Session) -> None:
    parsed, rows, rejects = _parse(session, {**GOOD, "moment": "2026-01-03T00:00:00Z"})
    assert (parsed.records, rows, rejects) == (1, [], [])


def test_an_empty_answer_gives_no_rows(session: Session) -> None:
    parsed, rows, rejects = _parse(session)
    assert (parsed.records, rows, rejects) == (0, [], [])


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
_field = st.sampled_from(["moment", "size", "share", "tags", "form", "resolution", "other"])


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.dictionaries(_field, _json) | _json, max_size=6))
def test_every_record_is_stored_or_noted_whatever_a_vendor_sends(
    session: Session, lines: list[object]
) -> None:
    parsed, rows, rejects = _parse(session, *lines)
    assert parsed.records == len(lines) == parsed.usable + parsed.unusable + parsed.elsewhere
    assert parsed.usable == len(rows)
    unstored = {reject[3] for reject in rejects if not reject[2]}
    assert bool(unstored) == bool(parsed.unusable)


def read_bytes(
    session: Session, *contents: bytes
) -> tuple[Parsed, list[Any], list[tuple[Any, ...]]]:
    """Files of these contents, read: the sizes stored by line, and what was noted with its place."""
    with staging_folder(session.database.path.parent) as folder:
        files = [folder / f"{number:06d}-file{number}" for number in range(len(contents))]
        for file, content in zip(files, contents, strict=True):
            file.write_bytes(content)
        parsed = parse_records(
            session.con, RECORDS, files, partition="moment::DATE", first=DAY, last=DAY
        )
        assert not [path for path in folder.iterdir() if path not in files]
    rows = session.con.execute(f"SELECT size, extra FROM {parsed.rows} ORDER BY line_no")
    sizes = rows.fetchall()
    noted = session.con.execute(
        f"SELECT file, line, reason, hash FROM {parsed.rejects} ORDER BY ALL"
    )
    return parsed, sizes, noted.fetchall()


def good(size: int) -> bytes:
    return json.dumps({**GOOD, "size": size}).encode()


DEEP = b"[" * 200_000 + b"]" * 200_000
UNREADABLE = {
    "one Latin-1 byte": (b'{"label":"caf\xe9"}', "not UTF-8"),
    "a raw control character": (b'{"label":"a\x01b"}', "not JSON, for a control character"),
    "a NUL byte": (b'{"label":"a\x00b"}', "not JSON, for a control character"),
    "garbage": (b"<html>", "not JSON"),
    "two records in a line": (b'{"size":1}{"size":2}', "not JSON"),
    "half a record": (b'{"size":1,"la', "not JSON"),
    "deep arrays": (b'{"form":' + DEEP + b"}", "nested deeper than 500 levels"),
    "deep objects": (
        b'{"form":' + b'{"a":' * 1000 + b"1" + b"}" * 1000 + b"}",
        "nested deeper than 500 levels",
    ),
    "a line that never ends": (b'{"label":"' + b"x" * (5 << 20) + b'"}', "longer than 4 MB"),
}


@pytest.mark.parametrize("what", UNREADABLE)
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_an_unreadable_line_is_noted_with_its_place_and_the_others_are_stored(
    session: Session, what: str, end: bytes
) -> None:
    line, reason = UNREADABLE[what]
    parsed, sizes, noted = read_bytes(
        session, good(1) + end, end.join([good(2), b"", line, good(3)])
    )
    assert sizes == [(1, None), (2, None), (3, None)]
    text = line + end.rstrip(b"\n") if reason.startswith("longer") else line
    assert noted == [("file1", 3, reason, hashlib.sha256(text).hexdigest())]
    assert (parsed.records, parsed.unusable) == (4, 1)


def test_a_last_line_that_is_cut_is_noted(session: Session) -> None:
    _, sizes, [noted] = read_bytes(session, good(1) + b"\n" + good(2)[:-9], good(3))
    assert [size for size, _ in sizes] == [1, 3]
    assert noted[:3] == ("file0", 2, "not JSON")


def test_half_an_emoji_is_stored_with_a_mark(session: Session) -> None:
    half = good(2)[:-1] + b', "other": "nice \\ud83d"}'
    _, sizes, noted = read_bytes(session, b"\n".join([good(1), half, good(3)]))
    assert [size for size, _ in sizes] == [1, 2, 3]
    assert json.loads(sizes[1][1]) == {"other": "nice ?"}
    assert noted == []


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_a_marked_encoding_is_read(session: Session, encoding: str) -> None:
    text = b"\n".join([good(1), good(2)]).decode().encode(encoding)
    _, sizes, noted = read_bytes(session, text, gzip.compress(text))
    assert [size for size, _ in sizes] == [1, 2, 1, 2]
    assert noted == []


def test_of_a_key_that_comes_twice_the_first_counts(session: Session) -> None:
    _, sizes, noted = read_bytes(session, good(1)[:-1] + b', "size": 2}')
    assert sizes == [(1, None)]
    assert noted == []


def test_nesting_and_brackets_that_are_no_nesting_are_stored(session: Session) -> None:
    wide = json.dumps({**GOOD, "form": [[n] for n in range(2000)], "other": "[" * 900}).encode()
    _, sizes, noted = read_bytes(session, wide)
    assert (len(sizes), noted) == (1, [])


def test_a_gzip_file_that_is_cut_or_damaged_is_an_error(session: Session) -> None:
    whole = gzip.compress(good(1), mtime=0)
    for broken in (whole[:-5], whole[:-30], whole[:20] + b"\xff\xff\xff" + whole[23:]):
        with pytest.raises(FileBroken, match="not a whole gzip file"):
            read_bytes(session, broken)


def test_a_gzip_file_that_packs_too_well_is_an_error(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "RATIO_FREE_BYTES", 1 << 20)
    with pytest.raises(FileBroken, match="200 times its size"):
        read_bytes(session, gzip.compress(b" " * (8 << 20)))


def test_records_are_read_alike_in_batches_of_any_size(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [good(n) if n % 5 else b"nope" for n in range(60)]
    contents = [b"\n".join(lines[:20]), gzip.compress(b"\n".join(lines[20:]) + b"\n\n")]
    whole = read_bytes(session, *contents)
    monkeypatch.setattr(batches, "BATCH_BYTES", 200)
    monkeypatch.setattr(batches, "_BLOCK_BYTES", 90)
    assert read_bytes(session, *contents) == whole
    assert [noted[:2] for noted in whole[2]][:5] == [
        ("file0", 1), ("file0", 6), ("file0", 11), ("file0", 16), ("file1", 1),
    ]  # fmt: skip


_line = st.sampled_from([good(1), b"nope", b"", b" \r", b'{"moment":"\\ud83d"}', b"\xff\xfe"])


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.binary(max_size=60)
        | st.lists(_line | st.binary(max_size=9), max_size=8).map(b"\n".join),
        max_size=3,
    ),
    st.sampled_from([20, 200, 1 << 20]),
)
def test_any_bytes_are_read_and_accounted_for(
    session: Session, contents: list[bytes], longest: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batches, "LONGEST_LINE", longest)
        patch.setattr(batches, "_BLOCK_BYTES", 16)
        patch.setattr(batches, "BATCH_BYTES", 64)
        contents = [each for each in contents if each[:2] != b"\x1f\x8b"]
        parsed, rows, _ = read_bytes(session, *contents)
    assert parsed.records == parsed.usable + parsed.unusable + parsed.elsewhere
    assert parsed.usable == len(rows)
    if not any(each[:2] in (b"\xff\xfe", b"\xfe\xff") for each in contents):
        texts = [each.removeprefix(b"\xef\xbb\xbf") for each in contents]
        lines = [line for text in texts for line in text.split(b"\n") if line.strip()]
        assert parsed.records == len(lines)
