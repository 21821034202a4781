"""All declared tables, in the order of the data's way.

Belongs here: where tables are declared. A package's own declarations are named and not imported: the
warehouse stores any table, and knows none of those that are computed above it.
"""

from functools import cache
from importlib import import_module

from journey_assets.warehouse.schema import Table

#: Modules with ``TABLES``.
_DECLARING = (
    "journey_assets.warehouse.tables.raw",
    "journey_assets.warehouse.tables.identity",
    "journey_assets.journeys.statistics",
    "journey_assets.warehouse.tables.channels",
    "journey_assets.warehouse.tables.support",
    "journey_assets.warehouse.tables.analyses",
    "journey_assets.warehouse.tables.ledger",
    "journey_assets.warehouse.tables.privacy",
    "journey_assets.warehouse.origins",
    "journey_assets.warehouse.tables.schema_versions",
)


@cache
def all_tables() -> tuple[Table, ...]:
    """Every table of the project, each once."""
    return tuple(table for module in _DECLARING for table in import_module(module).TABLES)
