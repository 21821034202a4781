"""Which days are stored: of the others nobody can be called dormant."""

from collections.abc import Sequence
from datetime import date

from journey_assets.settings import Settings
from journey_assets.warehouse.database import CATALOG, Session
from journey_assets.warehouse.replace import stored_columns
from journey_assets.warehouse.tables.ledger import LEDGER
from journey_assets.warehouse.tables.raw import AMPLITUDE_EVENTS
from journey_assets.warehouse.windows import first_day


def leave_stored_days(session: Session, days: Sequence[date], settings: Settings) -> None:
    """Leave ``journey_stored_days`` (event_date): materialized, or with an event all the same."""
    con = session.con
    con.execute("CREATE OR REPLACE TEMP TABLE journey_stored_days (event_date DATE)")
    given = {"first": first_day(days[0], settings.window_days), "last": days[-1]}
    sources = {
        LEDGER: f"partition FROM {CATALOG}.{LEDGER.full_name} "
        f"WHERE table_name = '{AMPLITUDE_EVENTS.full_name}' AND partition",
        AMPLITUDE_EVENTS: f"event_date FROM {CATALOG}.{AMPLITUDE_EVENTS.full_name} WHERE event_date",
    }
    with session.reading():
        for table, source in sources.items():
            if stored_columns(con, table):
                con.execute(
                    f"INSERT INTO journey_stored_days SELECT DISTINCT {source} "
                    "BETWEEN $first AND $last",
                    given,
                )
