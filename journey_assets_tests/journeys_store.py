"""A real database file with the rows that journeys read, and the figures that come out."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

from journey_assets.identity.compute import compute as compute_identity
from journey_assets.journeys.compute import compute
from journey_assets.settings import Settings
from journey_assets.warehouse.database import CATALOG, Database, Session
from journey_assets.warehouse.event_store.address import StoreAddress
from journey_assets.warehouse.replace import ensure_table
from journey_assets.warehouse.schema import Table
from journey_assets.warehouse.tables.identity import PERSONS
from journey_assets.warehouse.tables.ledger import LEDGER
from journey_assets.warehouse.tables.raw import AMPLITUDE_EVENTS, AMPLITUDE_USERS

Row = dict[str, Any]
AS_OF = date(2026, 3, 31)


class Store:
    """A database file that is filled row by row; ``figures`` computes over what it holds."""

    def __init__(self, directory: Path, **settings: Any) -> None:
        self.path = directory / "store.duckdb"
        # Small worlds name events that nobody in them has.
        given = {"database": str(self.path), "hash_key": "k", "names_anyway": True, **settings}
        self.settings = Settings.checked(given)
        self.event_store = ""
        self._pending: list[tuple[Table, list[Row] | str]] = []

    def events(
        self, rows: Iterable[tuple[int, str, datetime] | tuple[int, str, datetime, int]]
    ) -> None:
        """Add (amplitude_id, event_type, event_time, source_order = 0)."""
        self.insert(
            AMPLITUDE_EVENTS,
            [
                {
                    "event_date": row[2].date(),
                    "amplitude_id": row[0],
                    "event_type": row[1],
                    "event_time": row[2],
                    "source_order": row[3] if len(row) == 4 else 0,
                }
                for row in rows
            ],
        )

    def sightings(self, rows: Iterable[tuple[int, str | None, str, datetime]]) -> None:
        """Add events as (amplitude_id, user_id, event_type, event_time)."""
        self.insert(
            AMPLITUDE_EVENTS,
            [
                {
                    "event_date": at.date(),
                    "amplitude_id": amplitude_id,
                    "user_id": user_id,
                    "event_type": name,
                    "event_time": at,
                    "source_order": 0,
                }
                for amplitude_id, user_id, name, at in rows
            ],
        )

    def lists(
        self,
        converters: Iterable[int | None] = (),
        non_converters: Iterable[int | None] = (),
        snapshot: date = AS_OF,
    ) -> None:
        """Add the tracked users of a snapshot; None stands for an id that was not found."""
        cohorts = (("converter", converters), ("non_converter", non_converters))
        self.insert(
            AMPLITUDE_USERS,
            [
                {
                    "event_date": snapshot,
                    "requested_id": f"{cohort}-{number}",
                    "amplitude_id": amplitude_id,
                    "cohort": cohort,
                    "status": "not_found" if amplitude_id is None else "ok",
                }
                for cohort, ids in cohorts
                for number, amplitude_id in enumerate(ids)
            ],
        )

    def persons(self, owners: dict[int, str], as_of: date = AS_OF) -> None:
        """Add the persons of Amplitude ids."""
        self.insert(
            PERSONS,
            [
                {
                    "as_of": as_of,
                    "person_id": person,
                    "source": "amplitude",
                    "id_type": "amplitude_id",
                    "id_value": str(amplitude_id),
                }
                for amplitude_id, person in owners.items()
            ],
        )

    def identify(self, *days: date) -> None:
        """Add the persons that identity finds in what the store holds, for ``days`` or AS_OF."""
        with self.session() as session:
            compute_identity(session, days or (AS_OF,), self.settings, [PERSONS])
            with session.writing() as con:
                ensure_table(con, PERSONS)
                con.execute(
                    f"INSERT INTO {CATALOG}.{PERSONS.full_name} BY NAME FROM {PERSONS.result}"
                )

    def materialized(self, *days: date) -> None:
        """Note the days of events that were fetched."""
        self.insert(
            LEDGER, [{"partition": day, "table_name": "raw.amplitude_events"} for day in days]
        )

    def insert(self, table: Table, rows: Sequence[Row]) -> None:
        """Add rows of ``table`` by column name."""
        self._pending.append((table, list(rows)))

    def write(self, table: Table, select: str) -> None:
        """Add the rows of a SELECT that gives columns of ``table`` by name."""
        self._pending.append((table, select))

    def figures(self, table: Table, *days: date) -> list[Row]:
        """The rows of ``table`` for ``days`` (default: AS_OF)."""
        return self.all_figures(table, days=days or (AS_OF,))[table]

    def all_figures(
        self, *tables: Table, days: Sequence[date] = (AS_OF,)
    ) -> dict[Table, list[Row]]:
        """The rows of several tables from one computation."""
        with self.session() as session:
            compute(session, days, self.settings, tables)
            found = {}
            for table in tables:
                rows = session.con.execute(f"FROM {table.result}").fetchall()
                found[table] = [dict(zip(table.column_names, row, strict=True)) for row in rows]
            return found

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session over the file, with everything that was added."""
        with self.database().session() as session:
            self._store(session)
            yield session

    def database(self) -> Database:
        """The database, with the event store where one is named."""
        store = StoreAddress(self.event_store) if self.event_store else None
        return Database(self.path, lock_timeout_seconds=5, event_store=store)

    def _store(self, session: Session) -> None:
        """Write what was added since the last computation, in one transaction."""
        import pyarrow as pa

        if not self._pending:
            return
        with session.writing() as con:
            for table, given in self._pending:
                ensure_table(con, table)
                if not isinstance(given, str):
                    if not given:
                        continue
                    con.register("rows", pa.Table.from_pylist(given))
                source = given if isinstance(given, str) else "FROM rows"
                con.execute(f"INSERT INTO {CATALOG}.{table.full_name} BY NAME {source}")
        self._pending.clear()
