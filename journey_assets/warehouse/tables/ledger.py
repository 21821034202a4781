"""Which partitions were materialized, so that an empty day is told from a missing one."""

from journey_assets.warehouse.schema import Column, Table

LEDGER = Table(
    schema="warehouse",
    name="ledger",
    grain="materialized partition of a table",
    description="Written in the transaction that replaces the partition's rows.",
    columns=(
        Column("partition", "DATE", "The partition.", nullable=False),
        Column("table_name", "VARCHAR", "`schema.table`.", nullable=False),
        Column("rows", "BIGINT", "Rows stored."),
        Column("written_at", "TIMESTAMP", "When, UTC."),
        Column(
            "filled",
            "JSON",
            "Values that are not empty, by column, of the columns that may be empty.",
        ),
    ),
    key=("table_name",),
    asset=False,
)

TABLES: tuple[Table, ...] = (LEDGER,)
