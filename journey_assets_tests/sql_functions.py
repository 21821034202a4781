"""Calling our SQL functions on one value."""

from collections.abc import Callable
from functools import cache

import duckdb


@cache
def _connection(register: Callable[[duckdb.DuckDBPyConnection], None]) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    register(con)
    return con


def in_sql(
    register: Callable[[duckdb.DuckDBPyConnection], None], expression: str, *values: str
) -> object:
    """The value of ``expression`` over texts, on a connection of its own that ``register`` prepared."""
    ((result,),) = _connection(register).execute(f"SELECT {expression}", list(values)).fetchall()
    return result
