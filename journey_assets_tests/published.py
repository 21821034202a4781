"""The published event sets with their answers, where they lie beside the project."""

import csv
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from journey_assets.warehouse.tables.raw import AMPLITUDE_EVENTS, AMPLITUDE_USERS
from journey_assets_tests.journeys_store import Store

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
AS_OF = date(2026, 12, 31)
SETS = ("rete_ecom", "wikispeedia_cat")

needs_published = pytest.mark.skipif(not DATA.exists(), reason="the published data are not here")


def answers(data_set: str, name: str) -> list[dict[str, str]]:
    """The rows of a published table."""
    with (DATA / data_set / "expected" / name).open(newline="") as file:
        return list(csv.DictReader(file))


def load(directory: Path, data_set: str, *, lists: bool, **settings: Any) -> Store:
    """The set's events, moved so that its last instant is the one before AS_OF begins.

    Events without a time get one a second, so that every path ends by then.
    """
    store = Store(directory, window_days=3660, **settings)
    events = f"""
        SELECT dense_rank() OVER (ORDER BY path_id) AS amplitude_id, event AS event_type, seq,
            coalesce(ts::TIMESTAMP, TIMESTAMP '2024-01-01' + to_seconds(seq)) AS given, converted
        FROM '{DATA / data_set / "events.parquet"}'"""
    store.write(
        AMPLITUDE_EVENTS,
        f"""SELECT amplitude_id, event_type, seq AS source_order, event_time,
            event_time::DATE AS event_date
        FROM (SELECT *, given + (TIMESTAMP '{AS_OF}' - INTERVAL 1 millisecond - max(given) OVER ())
              AS event_time FROM ({events}))""",
    )
    if lists:
        store.write(
            AMPLITUDE_USERS,
            f"""SELECT DISTINCT DATE '{AS_OF}' AS event_date, amplitude_id::VARCHAR AS requested_id,
                amplitude_id, 'ok' AS status,
                if(converted, 'converter', 'non_converter') AS cohort
            FROM ({events})""",
        )
    return store
