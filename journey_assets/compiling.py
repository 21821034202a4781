"""Compile the counts ahead: ``python -m journey_assets.compiling``.

Numba compiles a function when it is first called and keeps the result beside the source, for every
later process of this machine. Called while installing, so that the first run need not wait for it.

Belongs here: made-up rows that bring every count of every package to be called, and computing over
them. Does not belong here: what is counted.
"""

import sys
import tempfile
from datetime import date
from pathlib import Path

from journey_assets.channels import compute as channels
from journey_assets.errors import exit_code
from journey_assets.journeys import compute as journeys
from journey_assets.journeys.statistics import STATISTICS
from journey_assets.journeys.statistics.golden_paths.table import GOLDEN_PATHS
from journey_assets.journeys.statistics.paths.table import PATHS
from journey_assets.settings import Settings
from journey_assets.support import compute as support
from journey_assets.warehouse.database import CATALOG, Database, Session
from journey_assets.warehouse.replace import ensure_table
from journey_assets.warehouse.schema import Table
from journey_assets.warehouse.tables.channels import TABLES as CHANNEL_TABLES
from journey_assets.warehouse.tables.identity import PERSONS
from journey_assets.warehouse.tables.raw import (
    AMPLITUDE_EVENTS,
    MAVENOID_CONVERSATIONS,
    SEGMENT_PROFILES,
)
from journey_assets.warehouse.tables.support import TABLES as SUPPORT_TABLES

_AS_OF = date(2026, 1, 30)
_STORED_PATHS = f"{CATALOG}.{PATHS.full_name}"

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

#: Everyone who has a path has a profile, too, and asks for help in the middle of it.
_KNOWN = {
    SEGMENT_PROFILES: f"""
        SELECT as_of AS snapshot_date, 'user_id:' || person_id AS profile_key, 9 AS web_sessions_30d,
            0 AS mobile_sessions_30d, 0 AS emails_opened_30d
        FROM {_STORED_PATHS}""",
    MAVENOID_CONVERSATIONS: f"""
        SELECT as_of AS conversation_date, person_id AS id,
            started_at + INTERVAL 90 SECONDS AS created_at
        FROM {_STORED_PATHS}""",
    PERSONS: f"""
        SELECT as_of, person_id, source, id_type, prefix || person_id AS id_value
        FROM {_STORED_PATHS}, (
            VALUES ('segment', 'profile_key', 'user_id:'), ('mavenoid', 'conversation', '')
        ) AS records(source, id_type, prefix)""",
}


def main() -> None:
    """Compute every statistic over a few made-up rows, with each setting that has loops of its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "compiling.duckdb"
        given = {"database": str(path), "conversion_event": "pay", "hash_key": "none"}
        for more in ({"event_limit": 3}, {}):
            settings = Settings.checked({**given, **more})
            with Database.of(settings).session() as session:
                _store(session, AMPLITUDE_EVENTS, _EVENTS)
                tables = [each.table for each in STATISTICS]
                journeys.compute(session, [_AS_OF], settings, tables)
                for table in (PATHS, GOLDEN_PATHS):
                    _store(session, table, f"FROM {table.result}")
        _compute_others(settings)


def _compute_others(settings: Settings) -> None:
    """What counts over stored paths."""
    with Database.of(settings).session() as session:
        for table, select in _KNOWN.items():
            _store(session, table, select)
        channels.compute(session, [_AS_OF], settings, CHANNEL_TABLES)
        support.compute(session, [_AS_OF], settings, SUPPORT_TABLES)


def _store(session: Session, table: Table, select: str) -> None:
    """Make the rows of ``select`` all that the table holds."""
    with session.writing() as con:
        ensure_table(con, table)
        stored = f"{CATALOG}.{table.full_name}"
        con.execute(f"DELETE FROM {stored}")
        con.execute(f"INSERT INTO {stored} BY NAME {select}")


if __name__ == "__main__":
    sys.exit(exit_code(main))
