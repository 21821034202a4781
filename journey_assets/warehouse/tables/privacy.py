"""Who is kept out of the database, and what was removed from it: no personal data in either."""

from journey_assets.warehouse.schema import Column, Table

FORGOTTEN = Table(
    schema="warehouse",
    name="forgotten",
    grain="identifier of a forgotten person",
    description="Identifiers whose records no ingest stores any more, as keyed hashes "
    "(JOURNEY_HASH_KEY): with another key they would be recognised no longer, so that is refused.",
    columns=(
        Column("forgotten_on", "DATE", "Day on which it was forgotten, UTC.", nullable=False),
        Column("id_hash", "VARCHAR", "Keyed hash of type and identifier.", nullable=False),
        Column("key_check", "VARCHAR", "Hash that tells the key apart.", nullable=False),
    ),
    key=("id_hash",),
    asset=False,
)

REMOVALS = Table(
    schema="warehouse",
    name="removals",
    grain="removal",
    description="What `make forget` and the job `housekeeping` removed. The figures of "
    "`figure_days` had counted the person: they were removed, and computed anew where "
    "`computed_days` names the day.",
    columns=(
        Column("removed_on", "DATE", "Day of the removal, UTC.", nullable=False),
        Column("kind", "VARCHAR", "`forget` or `retention`.", nullable=False),
        Column("subject", "VARCHAR", "Keyed hash of the identifier given; empty for retention."),
        Column("removed_at", "TIMESTAMP", "When its rows were removed, UTC.", nullable=False),
        Column("rows", "JSON", "Rows removed, by table.", nullable=False),
        Column("figure_days", "DATE[]", "Days whose figures were removed."),
        Column("computed_days", "DATE[]", "Of them, those computed anew."),
        Column("analyses_days", "DATE[]", "Of them, those whose answers of Mave were removed."),
        Column("kept_from", "DATE", "Retention: first day of `raw` that was kept."),
        Column("finished_at", "TIMESTAMP", "When files and free pages were clean, too, UTC."),
    ),
    key=("kind", "subject", "removed_at"),
    asset=False,
)

TABLES = (FORGOTTEN, REMOVALS)
