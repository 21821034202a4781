"""The counts of a run's windows, batch by batch.

Belongs here: the order of counting: read once, fold, count; how many windows are counted at once. Does
not belong here: what is counted (the entries in ``journeys/statistics``), what becomes of the counts
(:mod:`journey_assets.journeys.compute`).
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

from journey_assets.journeys.constants import set_constants
from journey_assets.journeys.counting import Count, Counting
from journey_assets.journeys.counts import LENGTHS
from journey_assets.journeys.folding import fold, folds
from journey_assets.journeys.paths import Rules, Window
from journey_assets.journeys.window import Loaded, load
from journey_assets.settings import Settings
from journey_assets.warehouse.database import Session
from journey_assets.warehouse.sql import sql_of
from journey_assets.warehouse.warnings import warn

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_LOG = logging.getLogger(__name__)

#: Events of windows that are counted at once: their counts stand in the session together.
BATCH_EVENTS = 50_000_000


def counted(
    session: Session, days: Sequence[date], settings: Settings, counts: Iterable[Count]
) -> Iterator[Rules]:
    """The rules, each time the relations of ``counts`` stand in the session for a batch of ``days``.

    days: as_of dates, ascending. Raises :class:`SettingsError` when there are events and nothing says
    who converted.
    """
    con = session.con
    loaded = load(session, days, settings)
    batches = list(_batches(loaded))
    if not batches:
        return
    set_constants(con, loaded.rules)
    # The limit is the process's: a part for the arrays, a part for DuckDB, and what both leave.
    share = settings.memory_bytes() * 2 // 5
    con.execute(f"SET memory_limit = '{share}B'")
    counting = _engine(session, loaded, share)
    every = list(dict.fromkeys([LENGTHS, *counts]))
    for windows in batches:
        batch = windows
        if folds(loaded.rules):
            batch = fold(con, loaded.rules, windows, counting.occurrences(windows))
        counting.run(batch, every, _leave_comparisons)
        yield loaded.rules


def _engine(session: Session, loaded: Loaded, memory_bytes: int) -> Counting:
    settings = loaded.rules.settings
    if settings.engine == "local":
        return Counting(session, loaded, memory_bytes)
    if loaded.source.told_apart:
        # What tells them apart is in the records, which the driver has read already.
        _LOG.info("Events that a property tells apart are counted on this machine, not on Ray")
        return Counting(session, loaded, memory_bytes)
    from journey_assets.journeys.on_ray import RayCounting

    return RayCounting(session, loaded, memory_bytes)


def _batches(loaded: Loaded) -> Iterator[list[Window]]:
    """As many as_ofs at once as keep the events of their windows below :data:`BATCH_EVENTS`.

    Windows without an event have no rows in any table and are passed over, with the libraries they
    would load.
    """
    batch: list[Window] = []
    room = BATCH_EVENTS
    for window in loaded.windows:
        events = loaded.events_of[window.as_of]
        if not events:
            continue
        if batch and events > room:
            yield batch
            batch, room = [], BATCH_EVENTS
        batch.append(window)
        room -= events
    if batch:
        yield batch


def _leave_comparisons(con: "DuckDBPyConnection") -> None:
    con.execute(sql_of(__package__, "comparisons"))
    on_both = con.execute(
        "SELECT as_of, persons FROM journey_cohorts WHERE cohort = 'both_lists' "
        "ORDER BY as_of DESC LIMIT 1"
    ).fetchall()
    for as_of, persons in on_both:
        warn(
            con,
            f"As of {as_of} {persons} {'person is' if persons == 1 else 'persons are'} on several lists "
            "by different ids: they are cohort both_lists and in no comparison. Take them out of all "
            "lists but one.",
        )
