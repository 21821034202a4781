"""``make upgrade``: the database brought to the present schema version, which any run does, too.

Belongs here: the command. What is done to a file: :mod:`journey_assets.warehouse.upgrade`; a table
that cannot be brought to its declaration: :mod:`journey_assets.warehouse.aside`.
"""

import argparse
import sys
from collections.abc import Sequence

from journey_assets.errors import told
from journey_assets.settings import Settings, environment
from journey_assets.warehouse.database import Database


def main(arguments: Sequence[str] | None = None) -> int:
    """Upgrade the database of the environment; returns the exit code."""
    from journey_assets.warehouse.aside import set_aside
    from journey_assets.warehouse.upgrade import VERSION

    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--set-aside", metavar="SCHEMA.TABLE", help="rename this table first")
    given = parser.parse_args(arguments)
    try:
        database = Database.of(Settings.from_env(environment()))
        with database.session() as session:
            if given.set_aside:
                print(f"{given.set_aside} is now {set_aside(session, given.set_aside)}.")
            with session.writing():
                pass
    except Exception as error:  # noqa: BLE001 - the command's last line tells whatever happened
        print(told(error), file=sys.stderr)
        return 1
    print(f"{database.path} has schema version {VERSION}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
