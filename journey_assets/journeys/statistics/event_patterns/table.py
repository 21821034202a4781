"""What a row of ``journeys.event_patterns`` says."""

from journey_assets.warehouse.schema import Column, Table
from journey_assets.warehouse.tables.shared import AS_OF

EVENT_PATTERNS = Table(
    schema="journeys",
    name="event_patterns",
    grain="setting × pattern",
    description="How many event names and events of the window each pattern hits of the settings that "
    "leave events out, rename them or tell them apart. Of a pattern that renames, those that no pattern "
    "before it takes.",
    columns=(
        AS_OF,
        Column(
            "setting", "VARCHAR", "The setting, e.g. `JOURNEY_EXCLUDED_EVENTS`.", nullable=False
        ),
        Column("pattern", "VARCHAR", "The entry of its list.", nullable=False),
        Column("event_names", "BIGINT", "Names of events that it hits.", nullable=False),
        Column("events", "BIGINT", "Their events.", nullable=False),
    ),
    key=("setting", "pattern"),
    code=__package__,
)
