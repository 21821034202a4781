"""Events with the value of the property that tells their occurrences apart, from the stored records.

Belongs here: reading the values. Does not belong here: which events have such a property, and what a
step is called for it (:mod:`journey_assets.journeys.naming`).
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from journey_assets.journeys.events import owners_of
from journey_assets.journeys.naming import SEPARATOR
from journey_assets.warehouse.database import CATALOG
from journey_assets.warehouse.tables.raw import AMPLITUDE_EVENTS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def leave_told(
    con: "DuckDBPyConnection", table: str, properties: Mapping[str, str], days: str
) -> None:
    """Leave session table ``table``: event_date, shard, owner, event_time, source_order, name.

    properties: by event. name: the event's, with the value behind a separator. days: SQL of the
    partitions. Needs the file attached. A JSON pointer is used: a path that starts with $ would be
    JSONPath.
    """
    pointers = [f"/{name.replace('~', '~0').replace('/', '~1')}" for name in properties.values()]
    con.execute(
        "CREATE OR REPLACE TEMP TABLE journey_properties AS "
        "SELECT unnest(?::VARCHAR[]) AS event_type, unnest(?::VARCHAR[]) AS pointer",
        [list(properties), pointers],
    )
    # Values are bounded here for the time it takes to tidy them; names bound them further.
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE {table} AS
        SELECT
            event_date,
            shard,
            owner,
            event_time,
            source_order::UINTEGER AS source_order,
            name
        FROM (
            SELECT
                *,
                concat(event_type, '{SEPARATOR}', left(event_properties ->> pointer, 1000)) AS name
            FROM {CATALOG}.{AMPLITUDE_EVENTS.full_name}
            JOIN journey_properties USING (event_type)
            WHERE {days}
        ) AS events
        JOIN {owners_of(con, days)} AS owners
            ON owners.amplitude_id = events.amplitude_id
            AND owners.user_id IS NOT DISTINCT FROM events.user_id
        """
    )
    con.execute("DROP TABLE journey_properties")
