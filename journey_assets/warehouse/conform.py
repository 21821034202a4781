"""A stored table brought to its declaration, as far as that loses nothing.

Belongs here: what follows from the declaration and the stored columns alone. Does not belong here:
changes of meaning, which are steps of :mod:`journey_assets.warehouse.upgrade`.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from journey_assets.warehouse.database import CATALOG, WarehouseError
from journey_assets.warehouse.schema import Column, Table

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True, slots=True)
class _Stored:
    type: str
    nullable: bool
    has_default: bool


def conform(con: "DuckDBPyConnection", table: Table) -> None:
    """Make the stored ``table`` take rows as declared; needs an attached, writable file.

    Columns that it lacks are added, other types are converted where every value survives it, and a
    column that must be filled but is not declared so may be empty from now on. Columns of somebody's
    own stay. Raises :class:`WarehouseError` with the command to run for everything else.
    """
    _refuse_view(con, table)
    stored = _stored(con, table)
    for column in table.columns:
        found = stored.pop(column.name.casefold(), None)
        if found is None:
            _add(con, table, column)
        elif found.type != column.type:
            _convert(con, table, column, found)
        elif column.nullable and not found.nullable:
            _let_be_empty(con, table, column.name)
    for name, own in stored.items():
        if not own.nullable and not own.has_default:
            _let_be_empty(con, table, name)


def _stored(con: "DuckDBPyConnection", table: Table) -> dict[str, _Stored]:
    """The stored columns by name; DuckDB tells names apart by their letters, not by their case."""
    described = con.execute(f"DESCRIBE {CATALOG}.{table.full_name}").fetchall()
    return {
        str(name).casefold(): _Stored(str(type_), null == "YES", default is not None)
        for name, type_, null, _, default, *_ in described
    }


def _refuse_view(con: "DuckDBPyConnection", table: Table) -> None:
    import duckdb

    try:
        con.execute(f"SELECT rowid FROM {CATALOG}.{table.full_name} LIMIT 0").fetchall()
    except duckdb.BinderException:
        raise WarehouseError(
            f"{table.full_name} is a view in the database, where a table is needed. {_aside(table)}"
        ) from None


def _add(con: "DuckDBPyConnection", table: Table, column: Column) -> None:
    if column.name == table.partition and _rows(con, table):
        raise WarehouseError(
            f"{table.full_name} has rows, but no column {column.name}, which tells their days. "
            f"{_aside(table)}"
        )
    con.execute(f'ALTER TABLE {CATALOG}.{table.full_name} ADD COLUMN "{column.name}" {column.type}')


def _convert(con: "DuckDBPyConnection", table: Table, column: Column, found: _Stored) -> None:
    """There and back again tells whether a value survives."""
    name, there = f'"{column.name}"', f'TRY_CAST("{column.name}" AS {column.type})'
    lost = _rows(
        con, table, f"{name} IS DISTINCT FROM TRY_CAST({there} AS {found.type})"
    )  # fmt: skip
    if lost:
        raise WarehouseError(
            f"{table.full_name}.{column.name} is stored as {found.type} and declared "
            f"{column.type}, which would lose {lost} of its values. {_aside(table)}"
        )
    con.execute(
        f"ALTER TABLE {CATALOG}.{table.full_name} ALTER COLUMN {name} "
        f"SET DATA TYPE {column.type} USING {there}"
    )


def _let_be_empty(con: "DuckDBPyConnection", table: Table, name: str) -> None:
    con.execute(f'ALTER TABLE {CATALOG}.{table.full_name} ALTER COLUMN "{name}" DROP NOT NULL')


def _rows(con: "DuckDBPyConnection", table: Table, where: str = "true") -> int:
    ((count,),) = con.execute(
        f"SELECT count(*) FROM {CATALOG}.{table.full_name} WHERE {where}"
    ).fetchall()
    return int(count)


def _aside(table: Table) -> str:
    return f"Set it aside and materialize its days again: make upgrade SET_ASIDE={table.full_name}"
