"""Answers of Amplitude's search while a pass over ids goes on: ``raw.amplitude_lookups``.

Belongs here: keeping each answer, so that a pass that is killed or fails asks for none again. Does not
belong here: whom to look up and what an answer means (:mod:`journey_assets.raw.amplitude_ids`).
"""

import time
from collections.abc import Collection, Sequence
from datetime import date
from typing import TYPE_CHECKING

from journey_assets.warehouse.columns import columns_within, stored_columns
from journey_assets.warehouse.database import CATALOG, Session
from journey_assets.warehouse.replace import Replacement, remove_rows, replace_partitions
from journey_assets.warehouse.tables.raw import AMPLITUDE_LOOKUPS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_STORED = f"{CATALOG}.{AMPLITUDE_LOOKUPS.full_name}"
_STORED_EVERY_SECONDS = 1.0

#: An id, and a user whom it fits: Amplitude ID, user id, and what the id was found as. All but the
#: id are None where nobody was found.
Match = tuple[str, int | None, str | None, str | None]


class Answers:
    """The answers of one pass; what is not stored yet goes to the store at the next one that comes.

    day: partition under which they are stored. every_seconds: at most so often.
    """

    def __init__(
        self, session: Session, day: date, every_seconds: float = _STORED_EVERY_SECONDS
    ) -> None:
        self._session = session
        self._day = day
        self._every = every_seconds
        self._stored_at = time.monotonic()
        self._new: list[Match] = []

    def earlier(self, ids: Collection[str]) -> list[Match]:
        """What passes that did not come to their end were told of ``ids``."""
        if not ids:
            return []
        with self._session.reading() as con:
            if not stored_columns(con, AMPLITUDE_LOOKUPS):
                return []
            rows = con.execute(
                f"SELECT requested_id, amplitude_id, user_id, matched_by FROM {_STORED} "
                "WHERE list_contains(?::VARCHAR[], requested_id)",
                [list(ids)],
            ).fetchall()
        return [(id_, amplitude_id, user_id, by) for id_, amplitude_id, user_id, by in rows]

    def add(self, matches: Sequence[Match]) -> None:
        """Take the answer for one id."""
        self._new += matches
        if time.monotonic() - self._stored_at >= self._every:
            self.store()

    def store(self) -> None:
        """Store what was not stored yet."""
        self._stored_at = time.monotonic()
        if not self._new:
            return
        con, of_day = self._session.con, f"DATE '{self._day}' AS event_date"
        columns = "requested_id VARCHAR, amplitude_id BIGINT, user_id VARCHAR, matched_by VARCHAR"
        con.execute(f"CREATE OR REPLACE TEMP TABLE new_answers ({columns})")
        con.executemany("INSERT INTO new_answers VALUES (?, ?, ?, ?)", self._new)
        replace_partitions(
            self._session,
            self._day,
            self._day,
            Replacement(
                AMPLITUDE_LOOKUPS,
                f"SELECT {of_day}, * FROM new_answers UNION ALL BY NAME "
                f"FROM {_STORED} WHERE event_date = DATE '{self._day}'",
                answered="false",
            ),
        )
        self._new = []


def forget_answers(con: "DuckDBPyConnection", condition: str = "true") -> None:
    """Remove stored answers, in a transaction; all of them when their pass came to its end."""
    if columns_within(con, AMPLITUDE_LOOKUPS):
        remove_rows(con, AMPLITUDE_LOOKUPS, condition)
