"""Forgetting a person: nothing of them is left in any file, and everybody else stays."""

import gzip
import json
import shutil
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from journey_assets.privacy.forget import Forgotten, forget
from journey_assets.privacy.person import ForgetError, Person, read_identifier
from journey_assets.privacy.retention import apply_retention
from journey_assets.privacy.vendors import vendor_steps
from journey_assets.reports.files import report_path, write_whole
from journey_assets.settings import Settings
from journey_assets.warehouse.database import Database, WarehouseError
from journey_assets.warehouse.schema import Column, Table
from journey_assets.warehouse.tables.analyses import MAVE_ANALYSES, MAVE_ATTEMPTS
from journey_assets.warehouse.tables.identity import PERSONS
from journey_assets.warehouse.tables.raw import (
    AMPLITUDE_EVENTS,
    AMPLITUDE_READINGS,
    AMPLITUDE_USERS,
    MAVENOID_CONVERSATIONS,
    MAVENOID_SESSIONS,
    SEGMENT_EXTERNAL_IDS,
    SEGMENT_PROFILES,
    TABLES,
)
from journey_assets_tests.amplitude_vendor import zipped
from journey_assets_tests.stored import settings_for, store

DAY = date(2026, 5, 10)
NEXT = DAY + timedelta(days=1)
LATER = DAY + timedelta(days=70)
ADDRESS = "jane.roe@example.org"
#: What must not be found anywhere afterwards; the last is what Jane wrote.
TEXTS = ("usr_jane_0001", "990000000001", ADDRESS, "conv-jane-77", "anon-jane-5", "my kettle leaks")


#: The raw tables that the world fills.
HELD = frozenset(
    table.full_name
    for table in (
        AMPLITUDE_EVENTS,
        AMPLITUDE_READINGS,
        AMPLITUDE_USERS,
        MAVENOID_CONVERSATIONS,
        MAVENOID_SESSIONS,
        SEGMENT_EXTERNAL_IDS,
        SEGMENT_PROFILES,
    )
)
#: A table of figures that nobody lists: the catalogue of the file is what counts.
FIGURES = Table(
    schema="journeys",
    name="of_a_test",
    grain="person",
    description="Figures.",
    columns=(
        Column("as_of", "DATE", "Day.", nullable=False),
        Column("person_id", "VARCHAR", "Who."),
    ),
    key=("person_id",),
)


def event(user: int, user_id: str | None, day: date = DAY, **more: Any) -> dict[str, Any]:
    return {
        "event_date": day,
        "amplitude_id": user,
        "user_id": user_id,
        "event_type": "Open",
        "event_time": f"{day} 12:00:00",
        "source_order": 0,
        **more,
    }


def conversation(id_: str, address: str, comment: str = "") -> dict[str, Any]:
    return {
        "conversation_date": DAY,
        "id": id_,
        "created_at": f"{DAY} 10:00:00",
        "form_data": {"$customer-email": address},
        "feedback_comments": comment,
    }


def session_of(id_: str) -> dict[str, Any]:
    return {
        "session_date": DAY,
        "assistant_conversation_id": id_,
        "created_at": f"{DAY} 10:05:00",
        "debrief_summary": "asked about anon-jane-5" if "jane" in id_ else "asked",
    }


def identifier(key: str, kind: str, value: str) -> dict[str, Any]:
    return {"snapshot_date": DAY, "profile_key": key, "id_type": kind, "id_value": value}


def analysis(day: date) -> dict[str, Any]:
    return {
        "as_of": day,
        "kind": "journey_map",
        "status": "answered",
        "prompt_sha256": f"{day}",
        "content": "3 of 4",
        "evidence": {"rows": [1]},
    }


@pytest.fixture
def world(tmp_path: Path, filled: Path) -> Database:
    """A copy of the filled folder."""
    shutil.copytree(filled, tmp_path, dirs_exist_ok=True)
    return Database(tmp_path / "test.duckdb", key_given="a test's key", may_shrink=True)


@dataclass(frozen=True)
class After:
    """The world after Jane was forgotten, for tests that only look: the days computed anew."""

    database: Database
    done: Forgotten
    computed: list[list[date]]


@pytest.fixture(scope="module")
def after(tmp_path_factory: pytest.TempPathFactory, filled: Path) -> After:
    """Jane is forgotten by her user id."""
    folder = tmp_path_factory.mktemp("after")
    shutil.copytree(filled, folder, dirs_exist_ok=True)
    database = Database(folder / "test.duckdb", key_given="a test's key")
    computed: list[list[date]] = []
    done = forgotten(database, "user_id:usr_jane_0001", lambda days: computed.append(list(days)))
    return After(database, done, computed)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Jane and John at all vendors on DAY, John alone later; figures, a report and archives of both."""
    folder = tmp_path_factory.mktemp("filled")
    database = Database(folder / "test.duckdb", key_given="a test's key")
    store(
        database,
        AMPLITUDE_EVENTS,
        [
            event(990000000001, "usr_jane_0001", extra={"user_properties": {"mail": ADDRESS}}),
            event(990000000001, None, NEXT),
            event(2, "usr_john_0002", event_properties={"invited": ADDRESS.upper()}),
            event(2, "usr_john_0002", LATER),
        ],
    )
    user = {"event_date": DAY, "status": "ok", "cohort": "converter"}
    store(
        database,
        AMPLITUDE_USERS,
        [
            {**user, "requested_id": "usr_jane_0001", "amplitude_id": 990000000001},
            {**user, "requested_id": "usr_john_0002", "amplitude_id": 2},
        ],
    )
    store(
        database,
        AMPLITUDE_READINGS,
        [{"event_date": DAY, "amplitude_id": each} for each in (990000000001, 2)],
    )
    jane, john = "user_id:usr_jane_0001", "user_id:usr_john_0002"
    store(
        database,
        SEGMENT_PROFILES,
        [
            {"snapshot_date": DAY, "profile_key": jane, "email": ADDRESS, "traits": {"n": ADDRESS}},
            {"snapshot_date": DAY, "profile_key": john, "email": "john@example.org"},
        ],
    )
    store(
        database,
        SEGMENT_EXTERNAL_IDS,
        [
            identifier(jane, "user_id", "usr_jane_0001"),
            identifier(jane, "anonymous_id", "anon-jane-5"),
            identifier(john, "user_id", "usr_john_0002"),
        ],
    )
    store(
        database,
        MAVENOID_CONVERSATIONS,
        [
            conversation("conv-jane-77", f" {ADDRESS.title()}", "my kettle leaks"),
            conversation("conv-john-78", "john@example.org", f"as {ADDRESS} said"),
        ],
    )
    store(database, MAVENOID_SESSIONS, [session_of("conv-jane-77"), session_of("conv-john-78")])
    for day in (DAY, NEXT, LATER):
        names = {"as_of": day, "source": "amplitude", "id_type": "user_id"}
        store(
            database,
            PERSONS,
            [
                {**names, "person_id": "person_jane", "id_value": "usr_jane_0001"},
                {**names, "person_id": "person_john", "id_value": "usr_john_0002"},
            ][day == LATER :],
        )
        store(database, FIGURES, [{"as_of": day, "person_id": "person_john"}])
        store(database, MAVE_ANALYSES, [analysis(day)])
        attempt = {"state": "answered", "kind": "journey_map", "content": "3 of 4"}
        store(database, MAVE_ATTEMPTS, [{"as_of": day, "prompt_sha256": f"{day}", **attempt}])
        write_whole(report_path(folder, day), "a report")
    inbox = folder / "inbox" / "amplitude" / "done"
    inbox.mkdir(parents=True)
    raw = [
        {"amplitude_id": 990000000001, "x": "my kettle leaks"},
        {"amplitude_id": 2, "to": ADDRESS},
    ]
    (inbox / "0123456789abcdef-a.zip").write_bytes(zipped({"1/1_2026-05-10_7#0.json.gz": raw}))
    return folder


def nothing(_: Sequence[date]) -> None:
    """Figures are not computed."""


def forgotten(
    database: Database, text: str, recompute: Callable[[Sequence[date]], None] = nothing
) -> Forgotten:
    settings = settings_of(database)
    return forget(settings, read_identifier(text), recompute, lambda _: None)


def settings_of(database: Database) -> Settings:
    return settings_for(database, hash_key="a test's key", window_days=3)


def rows(database: Database, query: str) -> list[tuple[Any, ...]]:
    with database.session() as session, session.reading() as con:
        return [tuple(row) for row in con.execute(query).fetchall()]


def everything(folder: Path) -> bytes:
    """The bytes of all files, archives unpacked."""
    parts = []
    for file in folder.rglob("*"):
        if file.suffix == ".zip":
            with zipfile.ZipFile(file) as archive:
                parts += [gzip.decompress(archive.read(name)) for name in archive.namelist()]
        elif file.is_file():
            parts.append(file.read_bytes())
    return b"\n".join(parts)


def leftovers(database: Database) -> list[str]:
    """Which of Jane's texts stand in any byte of any file; John's stay."""
    left = everything(database.path.parent).lower()
    assert b"usr_john_0002" in left
    return [text for text in TEXTS if text.encode() in left]


def test_nothing_of_the_person_is_left_in_any_byte_of_any_file(after: After) -> None:
    assert leftovers(after.database) == []


@pytest.mark.parametrize("given", [f"email:{ADDRESS.upper()}", "conversation:conv-jane-77"])
def test_any_identifier_of_the_person_will_do(world: Database, given: str) -> None:
    assert leftovers(world) == list(TEXTS)
    forgotten(world, given)
    assert leftovers(world) == []


def test_everybody_else_stays_and_the_ledger_counts_what_is_there(after: After) -> None:
    for table in TABLES:
        if table.full_name not in HELD:
            continue
        found = rows(after.database, f"SELECT count(*) FROM store.{table.full_name}")
        expected = 2 if table is AMPLITUDE_EVENTS else 1
        assert found == [(expected,)], table.full_name
    counted = (
        "SELECT sum(rows) FROM store.warehouse.ledger WHERE table_name = 'raw.amplitude_events'"
    )
    assert rows(after.database, counted) == [(2,)]


def test_an_address_that_somebody_else_wrote_is_replaced_and_their_row_stays(after: After) -> None:
    query = (
        "SELECT event_properties ->> 'invited' FROM store.raw.amplitude_events "
        f"WHERE event_date = '{DAY}'"
    )
    assert rows(after.database, query) == [("(forgotten)",)]
    query = "SELECT feedback_comments FROM store.raw.mavenoid_conversations"
    assert rows(after.database, query) == [("as (forgotten) said",)]


def test_days_that_had_counted_the_person_lose_their_figures_and_are_computed_anew(
    after: After,
) -> None:
    assert after.computed == [[DAY, NEXT]]
    assert after.done.removals[0].days == [DAY, NEXT]
    assert rows(after.database, "SELECT as_of FROM store.journeys.of_a_test") == [(LATER,)]
    assert not report_path(after.database.path.parent, DAY).exists()
    assert report_path(after.database.path.parent, LATER).exists()


def test_mave_s_answers_of_those_days_are_removed_and_say_why(after: After) -> None:
    query = (
        "SELECT status, content, evidence, reason FROM store.analyses.mave_analyses ORDER BY as_of"
    )
    first, _, last = rows(after.database, query)
    assert first[:3] == ("not_asked", None, None)
    assert "forgotten" in first[3]
    assert last[:2] == ("answered", "3 of 4")
    assert rows(after.database, "SELECT as_of FROM store.analyses.mave_attempts") == [(LATER,)]


def test_the_audit_row_says_what_was_removed_and_names_nobody(after: After) -> None:
    query = "SELECT kind, subject, rows, finished_at FROM store.warehouse.removals"
    ((kind, subject, removed, finished_at),) = rows(after.database, query)
    assert kind == "forget"
    assert subject.startswith("forgotten_")
    assert json.loads(removed)["raw.amplitude_events"] == 2
    assert isinstance(finished_at, datetime)


def test_what_comes_again_of_the_person_is_kept_out_and_others_come_in(world: Database) -> None:
    forgotten(world, "user_id:usr_jane_0001")
    store(
        world,
        AMPLITUDE_EVENTS,
        [
            event(990000000001, None),
            event(77, "usr_jane_0001"),
            event(77, None, NEXT),
            event(3, "usr_mary_0003", event_properties={"to": ADDRESS}),
        ],
    )
    query = "SELECT user_id, event_properties ->> 'to' FROM store.raw.amplitude_events"
    assert rows(world, f"{query} WHERE event_date < '{LATER}'") == [
        ("usr_mary_0003", "(forgotten)")
    ]
    store(world, MAVENOID_CONVERSATIONS, [conversation("conv-new-79", ADDRESS.upper())])
    store(world, MAVENOID_SESSIONS, [session_of("conv-new-79")])
    assert rows(world, "FROM store.raw.mavenoid_live_support_sessions") == []


#: Other ways to write Jane's address.
WRITTEN = (
    "Jane <jane.roe@example.org>",
    "mailto:Jane.Roe@Example.org.",
    "jane.roe%2540example.org",
    "jane.\u200broe(at)example.org",
    "jane.roe\N{FULLWIDTH COMMERCIAL AT}example.org",
)
#: Addresses of others that hold Jane's, and hers twice.
OTHERS = f"mary{ADDRESS}, {ADDRESS}.uk, {ADDRESS},{ADDRESS}"


def test_an_address_is_recognised_however_it_is_written_and_others_stay(world: Database) -> None:
    forgotten(world, "user_id:usr_jane_0001")
    hers = [conversation(f"conv-of-jane-{n}", written) for n, written in enumerate(WRITTEN)]
    said = (*WRITTEN, OTHERS)
    others = [conversation(f"conv-x-{n}", "x@y.org", f"as {text}") for n, text in enumerate(said)]
    store(world, MAVENOID_CONVERSATIONS, [*hers, *others])
    query = (
        "SELECT feedback_comments FROM store.raw.mavenoid_conversations "
        "WHERE id LIKE 'conv-of-jane-%' OR id LIKE 'conv-x-%' ORDER BY id"
    )
    *quoted, last = [text for (text,) in rows(world, query)]
    assert len(quoted) == len(WRITTEN)
    assert all("(forgotten)" in text for text in quoted)
    assert last == f"as mary{ADDRESS}, {ADDRESS}.uk, (forgotten),(forgotten)"


def test_a_device_that_a_stranger_used_too_is_not_the_person_s(world: Database) -> None:
    forgotten(world, "user_id:usr_jane_0001")
    store(
        world,
        AMPLITUDE_EVENTS,
        [event(77, "usr_jane_0001"), event(77, "usr_mary_0003"), event(77, None, NEXT)],
    )
    query = (
        f"SELECT user_id FROM store.raw.amplitude_events WHERE event_date < '{LATER}' ORDER BY 1"
    )
    assert rows(world, query) == [("usr_mary_0003",), (None,)]


def test_another_user_s_profile_that_shares_an_identifier_stays_without_it(
    world: Database,
) -> None:
    forgotten(world, "user_id:usr_jane_0001")
    mary = "user_id:usr_mary_0003"
    profile = {"snapshot_date": NEXT, "profile_key": mary, "email": ADDRESS}
    store(world, SEGMENT_PROFILES, [profile])
    ids = [
        identifier(mary, "user_id", "usr_mary_0003"),
        identifier(mary, "anonymous_id", "anon-jane-5"),
    ]
    store(world, SEGMENT_EXTERNAL_IDS, [{**each, "snapshot_date": NEXT} for each in ids])
    where = f"WHERE snapshot_date = '{NEXT}'"
    query = f"SELECT profile_key, email FROM store.raw.segment_profiles {where}"
    assert rows(world, query) == [(mary, "(forgotten)")]
    query = f"SELECT id_value FROM store.raw.segment_external_ids {where}"
    assert rows(world, query) == [("usr_mary_0003",)]


def test_with_another_key_nothing_is_stored_unseen(world: Database) -> None:
    forgotten(world, "user_id:usr_jane_0001")
    other = Database(world.path, key_given="another key")
    with pytest.raises(WarehouseError, match="JOURNEY_HASH_KEY"):
        store(other, AMPLITUDE_EVENTS, [event(77, "usr_jane_0001")])


def test_a_person_forgotten_again_is_no_error_and_nothing_is_done(world: Database) -> None:
    forgotten(world, "user_id:usr_jane_0001")
    before = world.path.read_bytes()
    assert forgotten(world, f"email:{ADDRESS}").removals == []
    assert world.path.read_bytes() == before


def test_what_a_kill_left_is_finished_by_the_next_run(world: Database) -> None:
    def killed(_: Sequence[date]) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        forgotten(world, "user_id:usr_jane_0001", killed)
    computed: list[list[date]] = []
    forgotten(world, "user_id:usr_jane_0001", lambda days: computed.append(list(days)))
    assert computed == [[DAY, NEXT]]
    assert forgotten(world, "user_id:usr_jane_0001").removals == []


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("user_id:nobody", "Nobody is stored"),
        ("user_id:usr_jane", "Nobody is stored"),
        ("usr_jane_0001", "type:value"),
        ("user_id:", "type:value"),
    ],
)
def test_whoever_is_not_found_is_refused_without_being_named(
    world: Database, given: str, why: str
) -> None:
    before = world.path.read_bytes()
    with pytest.raises(ForgetError, match=why) as refused:
        forgotten(world, given)
    assert "jane" not in str(refused.value)
    assert world.path.read_bytes() == before


def test_days_whose_raw_rows_are_no_longer_kept_lose_their_figures_for_good(
    world: Database,
) -> None:
    kept = settings_for(world, hash_key="a test's key", window_days=3, raw_retention_days=3)
    with world.session() as session:
        apply_retention(session, kept, datetime.combine(NEXT + timedelta(days=3), time()))
    computed: list[list[date]] = []
    done = forgotten(world, "user_id:usr_jane_0001", lambda days: computed.append(list(days)))
    assert computed == []
    assert done.removals[0].days == [DAY, NEXT]
    assert rows(world, "SELECT as_of FROM store.journeys.of_a_test") == [(LATER,)]


def test_a_file_that_still_names_the_person_is_pointed_at(world: Database) -> None:
    backup = world.path.parent / "backups" / "old.duckdb"
    backup.parent.mkdir()
    backup.write_bytes(f"…{ADDRESS}…".encode())
    broken = world.path.parent / "inbox" / "amplitude" / "rejected" / "b.zip"
    broken.parent.mkdir()
    broken.write_bytes(b"no zip")
    assert set(forgotten(world, "user_id:usr_jane_0001").left) == {backup, broken}


def test_a_table_of_somebody_s_own_loses_the_texts_and_is_pointed_at_for_the_rest(
    world: Database,
) -> None:
    own, calendar = 'store."my own"."a list"', 'store."my own".calendar'
    with world.session() as session, session.writing() as con:
        con.execute(
            f"""
            CREATE SCHEMA store."my own";
            CREATE TABLE {own} ("the id" BIGINT, "say so" VARCHAR);
            INSERT INTO {own} VALUES (990000000001, 'ask {ADDRESS}'), (2, 'no');
            CREATE VIEW store."my own".seen AS SELECT as_of FROM store.identity.persons;
            CREATE TABLE {calendar} AS SELECT DATE '{DAY}' AS day, 2 AS amplitude_id;
            """
        )
    assert forgotten(world, "user_id:usr_jane_0001").tables == ["my own.a list"]
    query = f'SELECT "say so" FROM {own} ORDER BY 1'
    assert rows(world, query) == [("ask (forgotten)",), ("no",)]
    assert rows(world, f"FROM {calendar}") == [(DAY, 2)]


def test_the_vendors_requests_are_spelled_out_for_the_person(tmp_path: Path) -> None:
    settings = settings_for(
        Database(tmp_path / "x.duckdb"), amplitude_base_url="https://analytics.eu.amplitude.com"
    )
    person = Person(frozenset({("amplitude_id", "12"), ("user_id", "u"), ("user_id", "v")}))
    amplitude, segment, mavenoid, mavera = vendor_steps(settings, person)
    assert "https://analytics.eu.amplitude.com/api/2/deletions/users" in amplitude
    assert "[12]" in amplitude
    assert "SUPPRESS_WITH_DELETE" in segment
    assert "[u, v]" in segment
    assert mavenoid.startswith("Mavenoid:")
    assert mavera.startswith("Mavera:")


#: Raw tables without end users: agents' hours, and rejects, which are removed by what they quote.
_OF_NOBODY = frozenset({"raw.mavenoid_agent_availabilities", "raw.rejects"})


def test_every_raw_table_that_may_hold_personal_data_says_who_its_rows_are_of() -> None:
    silent = {
        table.full_name
        for table in TABLES
        if any(column.personal for column in table.columns)
        and not any(column.identifies for column in table.columns)
    }
    assert silent <= _OF_NOBODY, "Column.identifies is missing: nobody could be forgotten in them"
