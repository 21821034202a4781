"""``python -m journey_assets.backup``: the commands behind ``make backup`` and ``make restore``."""

import argparse
import shlex
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from journey_assets.backup.making import make_backup
from journey_assets.backup.parts import BackupError, parts_of
from journey_assets.backup.restoring import finish_interrupted, restore
from journey_assets.errors import told
from journey_assets.settings import Settings, environment
from journey_assets.warehouse.database import Database


def main(arguments: Sequence[str] | None = None) -> int:
    """Make a copy, or go back to one; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m journey_assets.backup", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    making = commands.add_parser("make", help="copy everything that is kept")
    making.add_argument("--to", default="", help="a new folder; default: backups/<time>")
    going_back = commands.add_parser("restore", help="put a copy in its place")
    going_back.add_argument("copy", help="the folder that `make` printed", nargs="?", default="")
    going_back.add_argument("--overwrite", action="store_true", help="put aside what is there")
    given = parser.parse_args(arguments)
    try:
        settings = Settings.from_env(environment())
        if given.command == "make":
            _make(settings, given.to)
        else:
            _restore(settings, given.copy, overwrite=given.overwrite)
    except Exception as error:  # noqa: BLE001 - the command's last line tells whatever happened
        print(told(error), file=sys.stderr)
        return 1
    return 0


def _make(settings: Settings, to: str) -> None:
    parts = parts_of(settings)
    now = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    target = Path(to).resolve() if to else settings.directory() / "backups" / now
    made = make_backup(Database.of(settings), parts, target)
    if "dagster" not in parts.folders:
        print("Dagster's instance is not in it: its storage is not this project's SQLite.")
    if (store := settings.event_store_location()) and parts.events is None:
        print(f"The events in {store} are not in it: keep versions of the bucket, or copies of it.")
    print(f"Copied to {made}. It holds personal data: keep it as you keep the database.")
    print(f"Back again: make restore FROM={shlex.quote(str(made))}")


def _restore(settings: Settings, copy: str, *, overwrite: bool) -> None:
    database = Database.of(settings)
    if finish_interrupted(database):
        print(f"The restore that was interrupted is complete: {database.path}")
    elif not copy:
        raise BackupError("Name the copy: make restore FROM=data/backups/…")
    if copy:
        put_aside = restore(database, parts_of(settings), Path(copy).resolve(), overwrite=overwrite)
        print(f"Restored {database.path} and what belongs to it.")
        for path in put_aside:
            print(f"What stood there before is now {path}: delete it when it is no longer needed.")


if __name__ == "__main__":
    sys.exit(main())
