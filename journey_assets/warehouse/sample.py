"""A few rows of a partition, for somebody who wants to see what a table holds.

Belongs here: which rows and columns are shown. Columns that may hold personal data, or name whose a
row is, never are: what is shown outlives the row in Dagster's event log. Texts are shown as
:func:`journey_assets.names.plain_name` leaves them.
"""

from datetime import date, datetime
from typing import TYPE_CHECKING

from journey_assets.names import plain_name
from journey_assets.warehouse.database import CATALOG
from journey_assets.warehouse.schema import Column, Table

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: Rows and columns of a sample.
ROWS, COLUMNS = 8, 12

#: The places of a row come first …
_PLACES = ("rank", "stage", "step")
#: … and then the most of the first of these that a table has: what is frequent, and the newest.
_MOST = (
    *("contacts", "occurrences", "conversations", "sessions", "total", "profiles", "persons"),
    *("persons_with", "ltv", "n_events", "numerator"),
    *("event_time", "created_at", "start_timestamp"),
)

Value = str | int | float | bool | None


def sample_columns(table: Table) -> list[Column]:
    """The columns that a sample shows: the first ones that hold nothing of a person and are plain."""
    shown = [
        column
        for column in table.columns[1:]
        if not (column.personal or column.identifies)
        and column.type != "JSON"
        and not column.type.startswith("STRUCT")
    ]
    return shown[:COLUMNS]


def sample(con: "DuckDBPyConnection", table: Table, day: date) -> list[dict[str, Value]]:
    """At most :data:`ROWS` rows of the partition, the first by rank or size; needs the file."""
    columns = sample_columns(table)
    names = ", ".join(f'"{column.name}"' for column in columns)
    rows = con.execute(
        f"SELECT {names} FROM {CATALOG}.{table.full_name} WHERE {table.partition} = ? "
        f"ORDER BY {_order(table)} LIMIT {ROWS}",
        [day],
    ).fetchall()
    return [
        {column.name: _shown(value) for column, value in zip(columns, row, strict=True)}
        for row in rows
    ]


def _order(table: Table) -> str:
    names = set(table.column_names)
    places = [f"{name} NULLS LAST" for name in _PLACES if name in names]
    most = [f"{name} DESC NULLS LAST" for name in _MOST if name in names][:1]
    return ", ".join([*places, *most, *(f'"{name}"' for name in table.key)])


def _shown(value: object) -> Value:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, list):
        return plain_name(", ".join(str(each) for each in value))
    if isinstance(value, date | datetime):
        return value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()
    return plain_name(str(value))
