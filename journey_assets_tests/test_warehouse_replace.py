"""Replacing partitions: all or nothing, others untouched."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from journey_assets.warehouse.database import CATALOG, Database, Session, WarehouseError
from journey_assets.warehouse.replace import (
    Overtaken,
    Replacement,
    ReplacementRefused,
    remove_rows,
    replace_partitions,
    stored_columns,
    stored_days,
)
from journey_assets.warehouse.schema import Column, Table
from journey_assets.warehouse.versions import versions

FIRST, SECOND, THIRD = date(2026, 1, 1), date(2026, 1, 2), date(2026, 1, 3)

THINGS = Table(
    schema="raw",
    name="things",
    grain="thing",
    description="Things.",
    columns=(
        Column("day", "DATE", "Day.", nullable=False),
        Column("name", "VARCHAR", "Name.", nullable=False),
        Column("size", "BIGINT", "Size."),
    ),
    key=("name",),
)


def _rows(session: Session, table: Table = THINGS) -> list[tuple[object, ...]]:
    with session.reading() as con:
        return con.execute(f"FROM {CATALOG}.{table.full_name} ORDER BY ALL").fetchall()


def _things(*rows: tuple[date, str | None, int]) -> Replacement:
    values = ", ".join(
        f"(DATE '{day}', {'NULL' if name is None else repr(name)}, {size})"
        for day, name, size in rows
    )
    select = f"SELECT * FROM (VALUES {values}) AS t(day, name, size)"
    return Replacement(THINGS, select)


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with Database(tmp_path / "store.duckdb").session() as opened:
        replace_partitions(
            opened, FIRST, THIRD, _things((FIRST, "a", 1), (SECOND, "b", 2), (THIRD, "c", 3))
        )
        yield opened


def test_a_day_is_exchanged_and_the_others_stay(session: Session) -> None:
    counts = replace_partitions(
        session, SECOND, SECOND, _things((SECOND, "x", 9), (SECOND, "y", 8))
    )
    assert counts == {"raw.things": {SECOND: 2}}
    assert _rows(session) == [(FIRST, "a", 1), (SECOND, "x", 9), (SECOND, "y", 8), (THIRD, "c", 3)]


def test_doing_it_twice_gives_the_same_rows(session: Session) -> None:
    before = _rows(session)
    for _ in range(2):
        replace_partitions(
            session, FIRST, THIRD, _things((FIRST, "a", 1), (SECOND, "b", 2), (THIRD, "c", 3))
        )
    assert _rows(session) == before


def test_a_row_outside_the_range_is_refused_and_nothing_changes(session: Session) -> None:
    before = _rows(session)
    with pytest.raises(WarehouseError, match="1 rows are outside the partitions"):
        replace_partitions(session, SECOND, SECOND, _things((THIRD, "x", 9)))
    assert _rows(session) == before


def test_a_required_column_left_empty_is_refused_and_nothing_changes(session: Session) -> None:
    before = _rows(session)
    with pytest.raises(duckdb.ConstraintException):
        replace_partitions(session, SECOND, SECOND, _things((SECOND, None, 9)))
    assert _rows(session) == before


def test_tables_are_exchanged_together_or_not_at_all(session: Session) -> None:
    before = _rows(session)
    bad = Replacement(THINGS, "SELECT DATE '2025-01-01' AS day, 'z' AS name, 1 AS size")
    with pytest.raises(WarehouseError):
        replace_partitions(session, SECOND, SECOND, _things((SECOND, "x", 9)), bad)
    assert _rows(session) == before


def test_a_limited_exchange_leaves_other_rows_of_the_day(session: Session) -> None:
    replace_partitions(session, FIRST, FIRST, _things((FIRST, "a", 1), (FIRST, "b", 1)))
    limited = Replacement(
        THINGS, "SELECT DATE '2026-01-01' AS day, 'a' AS name, 5 AS size", {"name": "a"}
    )
    replace_partitions(session, FIRST, FIRST, limited)
    assert [row for row in _rows(session) if row[0] == FIRST] == [(FIRST, "a", 5), (FIRST, "b", 1)]


def _none(replacement: Replacement) -> Replacement:
    return Replacement(replacement.table, f"{replacement.select} WHERE false")


def test_an_empty_day_is_told_from_a_missing_one(session: Session) -> None:
    fourth = THIRD + timedelta(days=1)
    replace_partitions(session, fourth, fourth, _none(_things((FIRST, "a", 1))))
    assert stored_days(session, THINGS, FIRST, date(2026, 1, 9)) == {FIRST, SECOND, THIRD, fourth}


@pytest.mark.parametrize("rows", [0, 4])
def test_a_vendors_rows_are_not_replaced_by_none_or_by_less_than_half(
    session: Session, rows: int
) -> None:
    replace_partitions(session, FIRST, FIRST, _things(*((FIRST, f"x{n}", n) for n in range(9))))
    before = _rows(session)
    few = _things(*((FIRST, f"x{n}", n) for n in range(rows or 1)))
    with pytest.raises(ReplacementRefused, match=f"{rows} rows would replace 9 stored .*_anyway=1"):
        replace_partitions(session, FIRST, THIRD, few if rows else _none(few))
    assert _rows(session) == before


def test_half_of_the_rows_are_enough_and_whoever_insists_needs_none(session: Session) -> None:
    replace_partitions(session, FIRST, FIRST, _things((FIRST, "x", 1), (FIRST, "y", 1)))
    replace_partitions(session, FIRST, FIRST, _things((FIRST, "x", 1)))
    insisting = Session(session.con, replace(session.database, may_shrink=True))
    replace_partitions(insisting, FIRST, FIRST, _none(_things((FIRST, "x", 1))))
    assert _rows(session) == [(SECOND, "b", 2), (THIRD, "c", 3)]


def test_rows_that_are_only_given_again_do_not_hide_that_the_others_are_lost(
    session: Session,
) -> None:
    replace_partitions(session, FIRST, FIRST, _things((FIRST, "kept", 0), (FIRST, "answered", 1)))
    again = Replacement(THINGS, _things((FIRST, "kept", 0)).select, answered="size = 1")
    with pytest.raises(ReplacementRefused, match="0 rows would replace 1 stored"):
        replace_partitions(session, FIRST, FIRST, again)


def test_computed_rows_may_shrink(tmp_path: Path) -> None:
    computed = Table("journeys", "things", "thing", "Things.", THINGS.columns, ("name",))
    select = _things((FIRST, "a", 1)).select
    with Database(tmp_path / "store.duckdb").session() as session:
        replace_partitions(session, FIRST, FIRST, Replacement(computed, select))
        replace_partitions(session, FIRST, FIRST, Replacement(computed, f"{select} WHERE false"))
        assert _rows(session, computed) == []


def test_a_row_that_moved_to_another_day_leaves_its_old_one(session: Session) -> None:
    new = _things((SECOND, "a", 9), (SECOND, "b", 2))

    def leave_the_first(con: duckdb.DuckDBPyConnection) -> None:
        assert remove_rows(con, THINGS, f"day = DATE '{FIRST}' AND name = 'a'") == {FIRST}

    replace_partitions(session, SECOND, SECOND, new, prepare=leave_the_first)
    assert _rows(session) == [(SECOND, "a", 9), (SECOND, "b", 2), (THIRD, "c", 3)]
    with session.reading() as con:
        counted = con.execute("SELECT partition, rows FROM store.warehouse.ledger").fetchall()
    assert sorted(counted) == [(FIRST, 0), (SECOND, 2), (THIRD, 1)]


def test_rows_computed_from_what_was_replaced_meanwhile_are_not_stored(session: Session) -> None:
    read_from = versions(session, {THINGS: (FIRST, SECOND)})
    other = Table("journeys", "figures", "figure", "Figures.", THINGS.columns, ("name",))
    figures = Replacement(other, _things((FIRST, "a", 1)).select)
    replace_partitions(session, THIRD, THIRD, _things((THIRD, "c", 4)))
    replace_partitions(session, FIRST, FIRST, figures, computed_from=read_from)
    replace_partitions(session, SECOND, SECOND, _things((SECOND, "b", 3)))
    with pytest.raises(Overtaken, match=r"raw\.things changed while figures were computed"):
        replace_partitions(session, FIRST, FIRST, figures, computed_from=read_from)


def test_a_column_declared_later_is_added(session: Session) -> None:
    wider = Table(
        schema="raw",
        name="things",
        grain="thing",
        description="Things.",
        columns=(*THINGS.columns, Column("colour", "VARCHAR", "Colour.")),
        key=("name",),
    )
    select = "SELECT DATE '2026-01-01' AS day, 'a' AS name, 1 AS size, 'red' AS colour"
    replace_partitions(session, FIRST, FIRST, Replacement(wider, select))
    assert _rows(session)[0] == (FIRST, "a", 1, "red")


def test_a_column_whose_values_would_be_lost_is_an_error_that_names_it(session: Session) -> None:
    other = Table(
        schema="raw",
        name="things",
        grain="thing",
        description="Things.",
        columns=(THINGS.columns[0], Column("name", "BIGINT", "Name."), THINGS.columns[2]),
        key=("name",),
    )
    select = "SELECT DATE '2026-01-01' AS day, 1 AS name, 1 AS size"
    with pytest.raises(WarehouseError, match=r"raw\.things\.name is stored as VARCHAR"):
        replace_partitions(session, FIRST, FIRST, Replacement(other, select))


def test_a_table_never_written_has_no_columns(session: Session) -> None:
    other = Table("raw", "others", "other", "Others.", THINGS.columns, ("name",))
    with session.reading() as con:
        assert stored_columns(con, other) == {}


def test_a_repeated_key_breaks_the_declaration_and_is_not_stored(session: Session) -> None:
    before = _rows(session)
    with pytest.raises(ReplacementRefused, match="1 rows repeat the key name"):
        replace_partitions(session, FIRST, FIRST, _things((FIRST, "a", 1), (FIRST, "a", 2)))
    assert _rows(session) == before
