"""All declared tables, in the order of the data's way."""

from journey_assets.warehouse.origins import ORIGINS
from journey_assets.warehouse.schema import Table
from journey_assets.warehouse.tables import (
    analyses,
    channels,
    identity,
    journeys,
    ledger,
    privacy,
    raw,
    schema_versions,
    support,
)

ALL_TABLES: tuple[Table, ...] = (
    *raw.TABLES,
    *identity.TABLES,
    *journeys.TABLES,
    *channels.TABLES,
    *support.TABLES,
    *analyses.TABLES,
    ledger.LEDGER,
    *privacy.TABLES,
    ORIGINS,
    schema_versions.SCHEMA_VERSIONS,
)
