"""Events as integers: which days are coded, and that codes keep their meaning."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from journey_assets.raw.coded_events import code_days, drop_unused
from journey_assets.warehouse.database import CATALOG, Database
from journey_assets.warehouse.replace import Replacement, replace_partitions
from journey_assets.warehouse.tables.raw import AMPLITUDE_EVENTS, CODED_EVENTS

DAY = date(2026, 3, 1)
NEXT = DAY + timedelta(days=1)

Seen = tuple[int, str | None, str, int]


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(tmp_path / "store.duckdb", lock_timeout_seconds=5)


def store(database: Database, day: date, seen: Iterable[Seen]) -> None:
    """Replace the events of a day: (amplitude_id, user_id, event_type, minute)."""
    midnight = datetime.combine(day, datetime.min.time())
    rows = ", ".join(
        f"(DATE '{day}', {id_}, {_text(user)}, '{name}', "
        f"TIMESTAMP '{midnight + timedelta(minutes=minute)}', 0)"
        for id_, user, name, minute in seen
    )
    select = (
        f"FROM (VALUES {rows}) AS rows(event_date, amplitude_id, user_id, event_type, event_time, "
        "source_order)"
    )
    with database.session() as session:
        replace_partitions(session, day, day, Replacement(AMPLITUDE_EVENTS, select))


def _text(value: str | None) -> str:
    return "NULL::VARCHAR" if value is None else f"'{value}'"


def code(database: Database) -> tuple[date, ...]:
    with database.session() as session:
        return code_days(session, DAY, NEXT)


def decoded(database: Database) -> list[tuple[date, int, str | None, str]]:
    """What the codes say, in the order in which they are stored."""
    with database.session() as session, session.reading() as con:
        return con.execute(
            f"SELECT event_date, amplitude_id, user_id, event_type FROM {CATALOG}.raw.coded_events "
            f"JOIN {CATALOG}.raw.event_names USING (event) "
            f"JOIN {CATALOG}.raw.event_owners USING (owner) ORDER BY event_date, owner, event_time"
        ).fetchall()


def codes(database: Database) -> dict[str, int]:
    with database.session() as session, session.reading() as con:
        rows = con.execute(f"SELECT event_type, event FROM {CATALOG}.raw.event_names").fetchall()
    return dict(rows)


def test_only_days_that_changed_are_coded(database: Database) -> None:
    store(database, DAY, [(1, None, "open", 1)])
    store(database, NEXT, [(1, "ann", "pay", 1)])
    assert code(database) == (DAY, NEXT)
    assert code(database) == ()
    store(database, NEXT, [(2, "ben", "pay", 1)])
    assert code(database) == (NEXT,)
    assert decoded(database) == [(DAY, 1, None, "open"), (NEXT, 2, "ben", "pay")]


def test_a_code_never_changes_its_meaning(database: Database) -> None:
    store(database, DAY, [(1, None, "open", 1), (1, None, "pay", 2)])
    code(database)
    before = codes(database)
    store(database, DAY, [(1, None, "begin", 1), (1, None, "pay", 2), (1, None, "zoom", 3)])
    code(database)
    assert before.items() <= codes(database).items()


def test_rows_that_somebody_wrote_besides_are_coded_too(database: Database) -> None:
    store(database, DAY, [(1, None, "open", 1)])
    code(database)
    with database.session() as session, session.writing() as con:
        con.execute(
            f"INSERT INTO {CATALOG}.raw.amplitude_events BY NAME SELECT * REPLACE (2 AS amplitude_id) "
            f"FROM {CATALOG}.raw.amplitude_events"
        )
    assert code(database) == (DAY,)
    assert [row[1] for row in decoded(database)] == [1, 2]


def test_a_day_whose_events_are_gone_has_no_codes(database: Database) -> None:
    store(database, DAY, [(1, None, "open", 1)])
    code(database)
    with database.session() as session, session.writing() as con:
        con.execute(f"DELETE FROM {CATALOG}.raw.amplitude_events")
        con.execute(f"DELETE FROM {CATALOG}.warehouse.ledger WHERE table_name LIKE 'raw.ampl%'")
    assert code(database) == (DAY,)
    assert decoded(database) == []


def test_a_user_of_one_id_and_its_anonymous_events_are_two_owners(database: Database) -> None:
    store(database, DAY, [(1, None, "open", 1), (1, "ann", "open", 2), (1, None, "pay", 3)])
    code(database)
    assert [row[2:] for row in decoded(database)] == [
        ("ann", "open"),
        (None, "open"),
        (None, "pay"),
    ]


def test_two_names_that_became_one_do_not_double_events(database: Database) -> None:
    store(database, DAY, [(1, None, "to a", 1), (1, None, "to b", 2)])
    code(database)
    with database.session() as session, session.writing() as con:
        for table in (AMPLITUDE_EVENTS.full_name, "raw.event_names"):
            con.execute(f"UPDATE {CATALOG}.{table} SET event_type = 'to (forgotten)'")
        con.execute(f"DELETE FROM {CATALOG}.{CODED_EVENTS.full_name}")
    assert code(database) == (DAY,)
    with database.session() as session, session.reading() as con:
        ((rows,),) = con.execute(f"SELECT count(*) FROM {CATALOG}.raw.coded_events").fetchall()
    assert rows == 2


def test_a_dictionary_keeps_what_a_later_day_still_names(database: Database) -> None:
    store(database, DAY, [(1, None, "open", 1), (2, None, "pay", 2)])
    store(database, NEXT, [(1, None, "open", 1)])
    code(database)
    with database.session() as session, session.writing() as con:
        con.execute(f"DELETE FROM {CATALOG}.raw.coded_events WHERE event_date = ?", [DAY])
        drop_unused(con)
    assert decoded(database) == [(NEXT, 1, None, "open")]
    assert codes(database).keys() == {"open"}
