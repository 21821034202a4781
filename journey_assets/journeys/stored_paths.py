"""The stored paths of a run's days, for the packages that stand above journeys.

Belongs here: reading ``journeys.paths`` back, a batch of as_ofs at a time, so that the memory does not
grow with the range. Does not belong here: what is counted over them.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from journey_assets.journeys.statistics.paths.table import PATHS
from journey_assets.settings import Settings
from journey_assets.warehouse.database import CATALOG, Session
from journey_assets.warehouse.replace import stored_columns
from journey_assets.warehouse.windows import copy_stored

#: Events of paths that are held at once: about half a gigabyte.
BATCH_EVENTS = 5_000_000

_COLUMNS = (
    "as_of",
    "person_id",
    "session",
    "cohort",
    "events",
    "times",
    "n_events",
    "converted_at",
    "ending",
)


def stored_paths(
    session: Session, days: Sequence[date], settings: Settings
) -> Iterator[tuple[date, date]]:
    """Leave ``stored_paths`` for one batch of as_ofs after the other; yields its first and last.

    stored_paths has the columns of ``journeys.paths`` that speak of the way, and ``converted``: by
    the cohort where it says so, else by the conversion event, NULL where neither is known. At least
    one batch; empty where no paths were materialized.
    """
    by_event = "converted_at IS NOT NULL" if settings.conversion_event else "NULL::BOOLEAN"
    for batch in _batches(session, days):
        with session.reading() as con:
            copy_stored(con, PATHS, _COLUMNS, batch, "stored_path_rows")
        con.execute(
            "CREATE OR REPLACE TEMP VIEW stored_paths AS SELECT *, CASE cohort "
            f"WHEN 'converter' THEN true WHEN 'non_converter' THEN false ELSE {by_event} END "
            "AS converted FROM stored_path_rows"
        )
        yield batch


def _batches(session: Session, days: Sequence[date]) -> list[tuple[date, date]]:
    """As many days at once as keep their events below :data:`BATCH_EVENTS`, at least one."""
    with session.reading() as con:
        sizes = (
            dict(
                con.execute(
                    f"SELECT as_of, sum(n_events) FROM {CATALOG}.{PATHS.full_name} "
                    "WHERE as_of BETWEEN ? AND ? GROUP BY as_of",
                    [days[0], days[-1]],
                ).fetchall()
            )
            if stored_columns(con, PATHS)
            else {}
        )
    found: list[tuple[date, date]] = []
    room = 0
    for day in days:
        events = int(sizes.get(day, 0))
        if found and events <= room:
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
            room = BATCH_EVENTS
        room -= events
    return found
