"""A table that cannot be brought to its declaration, moved out of the way.

Belongs here: renaming it, so that nothing is lost, and forgetting its days, so that they are missing
and can be materialized again.
"""

from journey_assets.warehouse.catalog import all_tables
from journey_assets.warehouse.columns import stored_columns
from journey_assets.warehouse.database import CATALOG, Session, WarehouseError
from journey_assets.warehouse.tables.ledger import LEDGER
from journey_assets.warehouse.upgrade import relations


def set_aside(session: Session, name: str) -> str:
    """Rename the stored table or view ``schema.table``; returns its new name.

    Raises :class:`WarehouseError` when there is none, or none of that name is declared.
    """
    if name not in {table.full_name for table in all_tables()}:
        raise WarehouseError(f"{name} is no table of the project: docs/tables.md lists them all.")
    with session.attached(read_only=False) as con:
        stored = relations(con)
        if name not in stored:
            raise WarehouseError(f"{session.database.path} has no {name}.")
        noted = bool(stored_columns(con, LEDGER))
        number = next(n for n in range(1, len(stored) + 2) if f"{name}_aside_{n}" not in stored)
        new = f"{name.partition('.')[2]}_aside_{number}"
        with session.transaction():
            con.execute(f"ALTER {stored[name]} {CATALOG}.{name} RENAME TO {new}")
            if noted and name != LEDGER.full_name:
                con.execute(
                    f"DELETE FROM {CATALOG}.{LEDGER.full_name} WHERE table_name = ?", [name]
                )
    return f"{name}_aside_{number}"
