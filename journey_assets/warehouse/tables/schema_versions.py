"""Which schema version the file has, so that an earlier one is brought up to date before it is written."""

from journey_assets.warehouse.schema import Column, Table

SCHEMA_VERSIONS = Table(
    schema="warehouse",
    name="schema_versions",
    grain="schema version that the file has had",
    description="Versions of the warehouse's schema, each written when the file came to have it; the "
    "highest is the present one.",
    columns=(
        Column("since", "DATE", "Day, UTC.", nullable=False),
        Column("version", "BIGINT", "The version, from 1.", nullable=False),
        Column("change", "VARCHAR", "What the step to it did."),
        Column(
            "declared",
            "VARCHAR",
            "Hash of the declarations that the tables were last brought to, of the highest version.",
        ),
        Column("duckdb", "VARCHAR", "Version of the DuckDB that took the step."),
    ),
    key=("version",),
    asset=False,
)

TABLES: tuple[Table, ...] = (SCHEMA_VERSIONS,)
