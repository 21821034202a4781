"""Four writers and a reader over one store: nobody's rows are lost, and every read is of whole days."""

import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

from journey_assets.warehouse.database import Database
from journey_assets.warehouse.event_store.address import StoreAddress
from journey_assets.warehouse.event_store.days import present_days
from journey_assets.warehouse.event_store.reading import Reading
from journey_assets_tests.event_store_writer import DAYS, EVENTS, ROUNDS
from journey_assets_tests.test_event_store import DAY, store, stored

LAST = DAY + timedelta(days=DAYS - 1)


def test_four_writers_of_two_machines_and_a_reader(tmp_path: Path) -> None:
    address = StoreAddress(str(tmp_path / "events"))
    reader = Database(tmp_path / "reader" / "store.duckdb", event_store=address)
    store(reader, LAST, [(9, None, "before", 1)])
    writers = [
        subprocess.Popen(
            [
                *(sys.executable, "-m", "journey_assets_tests.event_store_writer"),
                *(str(tmp_path / f"machine {user % 2}" / "store.duckdb"), address.location),
                str(user),
            ],
        )
        for user in range(4)
    ]
    while any(writer.poll() is None for writer in writers):
        _look(reader, address)
    assert [writer.returncode for writer in writers] == [0, 0, 0, 0]
    found = Counter(stored(reader, "event_date, amplitude_id, event_type"))
    assert found == {
        **{
            (DAY + timedelta(days=n), user, f"round {ROUNDS - 1}"): EVENTS
            for n in range(DAYS)
            for user in range(4)
        },
        (LAST, 9, "before"): 1,
    }
    # Each round of each writer is a version of its own: nobody wrote over what he had not read.
    versions = [each.version for each in present_days(address.objects(), DAY, LAST).values()]
    assert versions == [4 * ROUNDS, 4 * ROUNDS, 4 * ROUNDS + 1]


def _look(reader: Database, address: StoreAddress) -> None:
    """What any read finds is of each writer nothing or everything, of one round."""
    found = Counter(stored(reader, "event_date, amplitude_id, event_type"))
    writers = [key for key in found if key[1] != 9]
    assert all(found[key] == EVENTS for key in writers)
    assert len({key[:2] for key in writers}) == len(writers)
    reading = Reading.of(address, DAY, LAST)
    for shard, rows in reading.rows_of.items():
        assert len(reading.read(shard).at) == rows
