"""Rows of a store changed in place: what forgetting and retention do to its days.

Belongs here: taking days out into the session, where their rows can be deleted and updated, and
publishing them as new versions, or as removed, within the open transaction of the database. Does not
belong here: which rows (:mod:`journey_assets.privacy`).
"""

from collections.abc import Collection
from datetime import date
from typing import TYPE_CHECKING

from journey_assets.warehouse.database import CATALOG, Database
from journey_assets.warehouse.event_store.address import StoreAddress
from journey_assets.warehouse.event_store.days import Day, present_days, publish
from journey_assets.warehouse.event_store.mirror import note
from journey_assets.warehouse.event_store.writing import lay_down, new_run
from journey_assets.warehouse.folders import process_folder
from journey_assets.warehouse.tables.ledger import EVENT_DAYS
from journey_assets.warehouse.tables.raw import AMPLITUDE_EVENTS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: The session's table of the rows that were taken out.
TAKEN = "taken_events"

_EVENTS = f"{CATALOG}.{AMPLITUDE_EVENTS.full_name}"


class Changing:
    """Days of the store of ``database``, which ``con`` has open for writing."""

    def __init__(
        self, con: "DuckDBPyConnection", database: Database, address: StoreAddress
    ) -> None:
        self._con, self._database, self._address = con, database, address
        self._taken: set[date] = set()
        con.execute(f"CREATE OR REPLACE TEMP TABLE {TAKEN} AS FROM {_EVENTS} LIMIT 0")

    def take(self, days: Collection[date]) -> None:
        """Have the rows of ``days`` in :data:`TAKEN`, too; what was changed there stays changed."""
        if new := set(days) - self._taken:
            # A list of constants: only their files are read.
            listed = ", ".join(f"DATE '{day}'" for day in sorted(new))
            self._con.execute(f"INSERT INTO {TAKEN} FROM {_EVENTS} WHERE event_date IN ({listed})")
            self._taken |= new

    def unread(self) -> str:
        """SQL of a relation: all events as they would be now."""
        listed = ", ".join(f"DATE '{day}'" for day in sorted(self._taken)) or "NULL::DATE"
        return (
            f"(FROM {_EVENTS} WHERE event_date NOT IN ({listed}) UNION ALL FROM {TAKEN})"
            if self._taken
            else _EVENTS
        )

    def publish(self) -> None:
        """Publish the days as :data:`TAKEN` has them.

        Raises :class:`.days.Conflict` when another run stored one of them meanwhile.
        """
        from journey_assets.warehouse.replace import recount

        if not self._taken:
            return
        recount(self._con, AMPLITUDE_EVENTS, self._taken, TAKEN)
        objects, versions = self._address.objects(), self._versions()
        with process_folder(self._database.path.parent / "spill") as folder:
            run = new_run()
            self._out(
                [
                    lay_down(self._con, objects, TAKEN, day, versions[day] + 1, run, folder)
                    for day in sorted(self._taken)
                ]
            )

    def remove(self, before: date) -> int:
        """Remove the days before ``before``; returns their rows."""
        versions = self._versions()
        days = [day for day in sorted(versions) if day < before]
        if not days:
            return 0
        present = present_days(self._address.objects(), days[0], days[-1])
        kept = [present[day] for day in days if not present[day].removed]
        self._out([Day(each.day, each.version + 1, new_run(), removed=True) for each in kept])
        return sum(each.rows for each in kept)

    def _versions(self) -> dict[date, int]:
        """As the database saw them when it was opened."""
        return dict(
            self._con.execute(
                f"SELECT event_date, version FROM {CATALOG}.{EVENT_DAYS.full_name}"
            ).fetchall()
        )

    def _out(self, days: list[Day]) -> None:
        if days:
            publish(self._address.objects(), days)
            note(self._con, self._address, days)
