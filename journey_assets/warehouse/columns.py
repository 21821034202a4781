"""What the file has of a table, as opposed to what is declared."""

from typing import TYPE_CHECKING

from journey_assets.warehouse.database import CATALOG
from journey_assets.warehouse.schema import Table

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def stored_columns(con: "DuckDBPyConnection", table: Table) -> dict[str, str]:
    """Names and types of the columns that the file has for ``table``; empty when it has none.

    Needs the file attached for reading: within a transaction a table that is not there would end it.
    """
    import duckdb

    try:
        # DESCRIBE costs a fifth of asking the catalog.
        described = con.execute(f"DESCRIBE {CATALOG}.{table.full_name}").fetchall()
    except duckdb.CatalogException:
        return {}
    return {str(row[0]): str(row[1]) for row in described}


def columns_within(con: "DuckDBPyConnection", table: Table) -> dict[str, str]:
    """As :func:`stored_columns`, and may be asked within a transaction."""
    rows = con.execute(
        "SELECT column_name, data_type FROM duckdb_columns() "
        "WHERE database_name = ? AND schema_name = ? AND table_name = ? ORDER BY column_index",
        [CATALOG, table.schema, table.name],
    ).fetchall()
    return {str(name): str(type_) for name, type_ in rows}
