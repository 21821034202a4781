"""What persons did on the days before the windows: their first events and conversions.

Belongs here: reading it, owner by owner. Does not belong here: whose owners are which persons
(``window.sql``), what follows for who is compared (:mod:`journey_assets.journeys.persons`).
"""

from datetime import date
from typing import TYPE_CHECKING

from journey_assets.journeys.events import owners_of
from journey_assets.journeys.naming import Naming
from journey_assets.journeys.told_apart import leave_told
from journey_assets.warehouse.columns import stored_columns
from journey_assets.warehouse.database import CATALOG
from journey_assets.warehouse.tables.raw import (
    CODED_EVENTS,
    EVENT_NAMES,
    EVENT_OWNERS,
    OWNER_DAYS,
)
from journey_assets.warehouse.windows import stored_or_empty

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_CODED, _NAMES, _OWNER_DAYS = (
    f"{CATALOG}.{table.full_name}" for table in (CODED_EVENTS, EVENT_NAMES, OWNER_DAYS)
)

_NOBODY = "SELECT NULL::UBIGINT AS owner, NULL::DATE AS event_date WHERE false"


def leave_history(con: "DuckDBPyConnection", naming: Naming, before: date) -> None:
    """Leave ``journey_history`` (owner, first_day, converted_day) of the days before ``before``, and
    the view ``source_earlier_owners`` of those owners.

    first_day: with an event of whatever type. converted_day: the first with the conversion event.
    """
    first_days = converted_days = _NOBODY
    if stored_columns(con, OWNER_DAYS):
        first_days = (
            f"SELECT owner, event_date FROM {_OWNER_DAYS} WHERE event_date < DATE '{before}'"
        )
        converted_days = _conversions(con, naming, before)
    con.execute(
        "CREATE OR REPLACE TEMP TABLE journey_history AS SELECT owner, first_day, converted_day "
        f"FROM (SELECT owner, min(event_date) AS first_day FROM ({first_days}) GROUP BY owner) LEFT JOIN "
        f"(SELECT owner, min(event_date) AS converted_day FROM ({converted_days}) GROUP BY owner) "
        "USING (owner)"
    )
    days = f"event_date < DATE '{before}'"
    owners = (
        owners_of(con, days)
        if stored_columns(con, EVENT_OWNERS)
        else f"({stored_or_empty(con, EVENT_OWNERS)})"
    )
    con.execute(
        "CREATE OR REPLACE TEMP VIEW source_earlier_owners AS "
        f"FROM {owners} SEMI JOIN journey_history USING (owner)"
    )


def _conversions(con: "DuckDBPyConnection", naming: Naming, before: date) -> str:
    """A SELECT of the owners and days of conversion events; an event may be one by its property."""
    conversion = naming.marks.get("conversion")
    names = con.execute(f"SELECT event, event_type FROM {_NAMES} ORDER BY event").fetchall()
    kept = [(code, name) for code, name in names if conversion and naming.keeps(name)]
    codes = [code for code, name in kept if naming.shown(name) == conversion]
    selects = [_NOBODY]
    if codes:
        selects.append(
            f"SELECT owner, event_date FROM {_CODED} "
            f"WHERE event_date < DATE '{before}' AND event IN ({', '.join(map(str, codes))})"
        )
    told = {
        name: told_by
        for _, name in kept
        if (told_by := naming.property_of(name)) is not None
        and str(conversion).startswith(f"{naming.shown(name)}: ")
    }
    if told:
        leave_told(con, "journey_told_before", told, f"event_date < DATE '{before}'")
        found = con.execute("SELECT DISTINCT name FROM journey_told_before").fetchall()
        con.execute(
            "CREATE OR REPLACE TEMP TABLE journey_told_conversions AS "
            "SELECT owner, event_date FROM journey_told_before WHERE list_contains(?, name)",
            [[name for (name,) in found if naming.shown(name) == conversion]],
        )
        con.execute("DROP TABLE journey_told_before")
        selects.append("SELECT owner, event_date FROM journey_told_conversions")
    return " UNION ALL ".join(selects)
