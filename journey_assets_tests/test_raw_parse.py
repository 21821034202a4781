"""Reading vendor records: typed as declared, the rest kept, nothing silently dropped."""

import json
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journey_assets.raw.parse import Parsed, parse_records
from journey_assets.raw.staging import RecordWriter, staging_folder
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
        f"SELECT field, reason, kept, record FROM {parsed.rejects} ORDER BY ALL"
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
    assert json.loads(reject[3])["share"] == "half"


def test_a_missing_required_field_is_noted(session: Session) -> None:
    _, [row], [reject] = _parse(session, {"moment": GOOD["moment"]})
    assert row["size"] is None
    assert reject[:3] == ("size", "missing", True)


def test_a_record_without_an_essential_field_is_noted_and_not_stored(session: Session) -> None:
    _, rows, [reject] = _parse(session, {"moment": "yesterday", "size": 1})
    assert rows == []
    assert reject[:3] == ("moment", "not a TIMESTAMP", False)


@pytest.mark.parametrize("line", ["a text", 5, None, ["a list"]])
def test_what_is_no_object_is_noted_with_its_text(session: Session, line: object) -> None:
    _, rows, [reject] = _parse(session, line)
    assert rows == []
    assert reject == (None, "not a JSON object", False, json.dumps(line).replace(": ", ":"))


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
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.dictionaries(_field, _json) | _json, max_size=6))
def test_every_record_is_stored_or_noted_whatever_a_vendor_sends(
    session: Session, lines: list[object]
) -> None:
    _, rows, rejects = _parse(session, *lines)
    unstored = {reject[3] for reject in rejects if not reject[2]}
    assert len(lines) - len(rows) == 0 or unstored
    assert len(rows) + len(unstored) <= len(lines)
