"""The tables of schema ``identity``: who is who across the vendors, and how well it is known."""

from journey_assets.warehouse.schema import Column, Table
from journey_assets.warehouse.tables.shared import AS_OF, wilson

PERSONS = Table(
    schema="identity",
    name="persons",
    grain="source and identifier",
    description="The person behind every identifier that the window's rows hold. Join with it on "
    "(source, id_type, id_value). A person is a connected component of the identity graph; a "
    "component with two user ids is split back to them, each other identifier going to the user id "
    "it is nearest to.",
    columns=(
        AS_OF,
        Column(
            "person_id",
            "VARCHAR",
            "Keyed hash of the person's first identifier (by type: `user_id`, `amplitude_id`, "
            "`email`, others); empty where an identifier is equally near to two user ids and "
            "stands for no activity, for a conversation without an e-mail address, and for an "
            "identifier that too many share (JOURNEY_SHARED_ID_LIMITS).",
            personal=True,
        ),
        Column("source", "VARCHAR", "`amplitude`, `segment` or `mavenoid`.", nullable=False),
        Column(
            "id_type",
            "VARCHAR",
            "`amplitude_id`, `user_id`, `profile_key`, `conversation`, `email`, or a Segment type "
            "(`ios_…` and `android_…` written `ios.…` and `android.…`).",
            nullable=False,
        ),
        Column(
            "id_value",
            "VARCHAR",
            "The identifier, trimmed; a keyed hash `email_…` in place of an e-mail address.",
            personal=True,
            nullable=False,
        ),
    ),
    key=("source", "id_type", "id_value"),
    code="journey_assets.identity.persons",
    persons="count(DISTINCT person_id)",
)

COVERAGE = Table(
    schema="identity",
    name="coverage",
    grain="measure",
    description="How well the sources' identifiers join. Measures: "
    "`id_coverage:<source>:<id type>` (records that have one), "
    "`few_identifiers:segment` (profiles with at most two), "
    "`linkable:<source>:<other>` (persons of the source whom the other knows too), "
    "`anonymous_to_known:amplitude` (Amplitude ids with anonymous events whose user id is known "
    "by now), `component_size:<identifiers>`, "
    "`over_merged:user_ids` (components with two or more), "
    "`over_merged:limits` (with more than five of another type, Segment's limit for a profile), "
    "`over_merged:any`, `shared:segment:<id type>`, `shared:amplitude:device_id` and "
    "`shared:devices` (seen beside two or more user ids), "
    "`too_shared:<source>:<id type>` (identifiers that more records carry than "
    "JOURNEY_SHARED_ID_LIMITS allows, and that join nobody therefore), "
    "`unassigned:identifiers` (that belong to nobody), "
    "`unmatched:conversations` (whose person neither Amplitude nor Segment knows).",
    columns=(
        AS_OF,
        Column("measure", "VARCHAR", "Name of the measure.", nullable=False),
        Column("unit", "VARCHAR", "What numerator and denominator count.", nullable=False),
        Column("numerator", "BIGINT", "Those that have the property.", nullable=False),
        Column("denominator", "BIGINT", "All that could have it.", nullable=False),
        Column("share", "DOUBLE", "numerator / denominator; empty when there are none."),
        *wilson("share", "`share`"),
    ),
    key=("measure",),
    code="journey_assets.identity.coverage",
    picture="journey_assets.pictures.identity:coverage",
)

#: All tables of the schema.
TABLES: tuple[Table, ...] = (PERSONS, COVERAGE)
