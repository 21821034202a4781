"""Raw rows that have been kept for long enough.

Belongs here: which partitions of ``raw`` go by JOURNEY_RAW_RETENTION_DAYS, and the audit row. Figures
stay: they are sums over many people.
"""

import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from journey_assets.raw.coded_events import drop_unused
from journey_assets.settings import Settings
from journey_assets.warehouse.columns import columns_within
from journey_assets.warehouse.database import CATALOG, Session
from journey_assets.warehouse.event_store.changing import Changing
from journey_assets.warehouse.event_store.days import sweep
from journey_assets.warehouse.event_store.mirror import VIEWS
from journey_assets.warehouse.replace import ensure_table
from journey_assets.warehouse.rewrite import checkpoint, rewrite
from journey_assets.warehouse.tables.ledger import LEDGER
from journey_assets.warehouse.tables.privacy import REMOVALS
from journey_assets.warehouse.tables.raw import AMPLITUDE_EVENTS, DICTIONARIES
from journey_assets.warehouse.tables.raw import TABLES as RAW


def apply_retention(session: Session, settings: Settings, now: datetime) -> Mapping[str, int]:
    """Remove the raw partitions that are older than the setting, and what their bytes were.

    now: UTC, naive. An event store is swept of what nobody needs. Returns the rows removed by table,
    none without the setting. The file is left without a write-ahead log in any case.
    """
    removed: dict[str, int] = {}
    if settings.raw_retention_days:
        kept_from = now.date() - timedelta(days=settings.raw_retention_days)
        removed = _remove(session, kept_from, now)
    if removed:
        rewrite(session)
    else:
        checkpoint(session)
    if store := session.database.event_store:
        sweep(store.objects(), replaced=bool(removed))
    return removed


def _remove(session: Session, kept_from: date, now: datetime) -> dict[str, int]:
    removed: dict[str, int] = {}
    store = session.database.event_store
    with session.writing() as con:
        for table in (LEDGER, REMOVALS):
            ensure_table(con, table)
        for table in RAW:
            # A dictionary is not of the day on which it learned a word.
            if table in DICTIONARIES or not columns_within(con, table):
                continue
            if store and table in VIEWS:
                if table is AMPLITUDE_EVENTS and (
                    gone := Changing(con, session.database, store).remove(kept_from)
                ):
                    removed[table.full_name] = gone
                continue
            gone = con.execute(
                f"DELETE FROM {CATALOG}.{table.full_name} WHERE {table.partition} < ?", [kept_from]
            ).fetchall()[0][0]
            con.execute(
                f"DELETE FROM {CATALOG}.{LEDGER.full_name} WHERE table_name = ? AND partition < ?",
                [table.full_name, kept_from],
            )
            if gone:
                removed[table.full_name] = int(gone)
        drop_unused(con)
        if removed:
            con.execute(
                f"INSERT INTO {CATALOG}.{REMOVALS.full_name} BY NAME SELECT ?::DATE AS removed_on, "
                "'retention' AS kind, ?::TIMESTAMP AS removed_at, ?::JSON AS rows, "
                "?::DATE AS kept_from, ?::TIMESTAMP AS finished_at",
                [now.date(), now, json.dumps(removed), kept_from, now],
            )
    return removed
