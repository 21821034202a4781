"""A process that stores its own users' events of some days again and again, for tests of many writers.

``python -m journey_assets_tests.event_store_writer DATABASE STORE USER``
"""

import sys
from datetime import timedelta
from pathlib import Path

from journey_assets.warehouse.database import CATALOG, Database
from journey_assets.warehouse.event_store.address import StoreAddress
from journey_assets.warehouse.replace import Replacement, replace_partitions
from journey_assets.warehouse.tables.raw import AMPLITUDE_EVENTS
from journey_assets_tests.test_event_store import DAY, select

#: Days that all writers write, rounds, and events of a writer's user in a day.
DAYS, ROUNDS, EVENTS = 3, 2, 5


def write(database: Database, user: int) -> None:
    """Replace what the days hold of ``user``, as a run of user activity does; others' rows stay."""
    names = ", ".join(AMPLITUDE_EVENTS.column_names)
    for round_ in range(ROUNDS):
        for offset in range(DAYS):
            day = DAY + timedelta(days=(offset + user) % DAYS)
            own = select(day, [(user, None, f"round {round_}", minute) for minute in range(EVENTS)])
            others = (
                f"SELECT {names} FROM {CATALOG}.{AMPLITUDE_EVENTS.full_name} "
                f"WHERE event_date = DATE '{day}' AND amplitude_id <> {user}"
            )
            new = Replacement(
                AMPLITUDE_EVENTS,
                f"{own} UNION ALL BY NAME {others}",
                answered=f"(amplitude_id = {user})",
            )
            with database.session() as session:
                replace_partitions(session, day, day, new)


if __name__ == "__main__":
    path, store, user = sys.argv[1:]
    write(Database(Path(path), event_store=StoreAddress(store)), int(user))
