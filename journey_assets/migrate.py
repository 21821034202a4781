"""``make migrate-events``: the events of the database into JOURNEY_EVENT_STORE, or back.

Belongs here: the command. What is moved, and how it is compared:
:mod:`journey_assets.warehouse.event_store.moving`.
"""

import argparse
import sys
from collections.abc import Sequence

from journey_assets.errors import told
from journey_assets.settings import Settings, environment
from journey_assets.warehouse.database import Database
from journey_assets.warehouse.event_store.moving import migrate


def main(arguments: Sequence[str] | None = None) -> int:
    """Move the events of the environment's database; returns the exit code."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--back", action="store_true", help="from the store into the database")
    given = parser.parse_args(arguments)
    try:
        database = Database.of(Settings.from_env(environment()))
        for line in migrate(database, print, back=given.back):
            print(line)
    except Exception as error:  # noqa: BLE001 - the command's last line tells whatever happened
        print(told(error), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
