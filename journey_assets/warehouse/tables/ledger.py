"""Which partitions were materialized, so that an empty day is told from a missing one, and which
versions of an event store's days the database stands for."""

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
        Column(
            "settings",
            "JSON",
            "The settings that made the partition, those of the rows it was computed from included: value "
            "by variable, several where those rows differ. Of ids number and keyed hash. Empty for what "
            "an earlier version stored.",
        ),
        Column("settings_hash", "VARCHAR", "Hash of `settings`."),
    ),
    key=("table_name",),
    asset=False,
)

EVENT_DAYS = Table(
    schema="warehouse",
    name="event_days",
    grain="day of the event store",
    description="With `JOURNEY_EVENT_STORE`: the versions of its days that the views of events show.",
    columns=(
        Column("event_date", "DATE", "The day.", nullable=False),
        Column("store", "VARCHAR", "The folder, or `s3://bucket/prefix`.", nullable=False),
        Column("version", "BIGINT", "The newest when the database was opened.", nullable=False),
        Column("files", "VARCHAR[]", "Its files within the store.", nullable=False),
        Column("columns", "VARCHAR[]", "Columns of events that they have.", nullable=False),
    ),
    key=("store",),
    asset=False,
)

TABLES: tuple[Table, ...] = (LEDGER, EVENT_DAYS)
