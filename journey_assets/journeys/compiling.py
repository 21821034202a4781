"""Compile the counts ahead: ``python -m journey_assets.journeys.compiling``.

Numba compiles a function when it is first called and keeps the result beside the source, for every
later process of this machine. Called while installing, so that the first run need not wait for it.
"""

import sys
import tempfile
from datetime import date
from pathlib import Path

from journey_assets.errors import exit_code
from journey_assets.journeys.compute import compute
from journey_assets.journeys.statistics import STATISTICS
from journey_assets.settings import Settings
from journey_assets.warehouse.database import CATALOG, Database
from journey_assets.warehouse.replace import ensure_table
from journey_assets.warehouse.tables.raw import AMPLITUDE_EVENTS

_AS_OF = date(2026, 1, 30)

#: Twenty persons of two ids each, who all do the same, half of whom convert: enough of each figure.
_EVENTS = f"""
SELECT
    DATE '{_AS_OF}' AS event_date,
    2 * person + minute % 2 AS amplitude_id,
    'user ' || person AS user_id,
    ['open', 'search', 'open', 'help', 'search', 'pay'][minute] AS event_type,
    DATE '{_AS_OF}' + to_minutes(minute) AS event_time,
    0 AS source_order
FROM range(40) AS persons(person), range(1, 7) AS minutes(minute)
WHERE minute < 6 OR person % 2 = 0
"""


def main() -> None:
    """Compute every statistic over a few made-up events, with each setting that has loops of its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "compiling.duckdb"
        for more in ({}, {"event_limit": 3}):
            settings = Settings.checked(
                {"database": str(path), "conversion_event": "pay", "hash_key": "none", **more}
            )
            with Database.of(settings).session() as session:
                with session.writing() as con:
                    ensure_table(con, AMPLITUDE_EVENTS)
                    table = f"{CATALOG}.{AMPLITUDE_EVENTS.full_name}"
                    con.execute(f"DELETE FROM {table}")
                    con.execute(f"INSERT INTO {table} BY NAME {_EVENTS}")
                compute(session, [_AS_OF], settings, [each.table for each in STATISTICS])


if __name__ == "__main__":
    sys.exit(exit_code(main))
