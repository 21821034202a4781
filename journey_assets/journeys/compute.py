"""Computing the tables of schema ``journeys`` for the days of a run.

Belongs here: the order of a run: read once, count, figure; and the relations that the SQL of several
statistics reads. Does not belong here: Dagster (``assets.py``), what is counted and figured (the entries
in ``journeys/statistics``).
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

from journey_assets.journeys.constants import set_constants
from journey_assets.journeys.counting import Counting
from journey_assets.journeys.counts import LENGTHS
from journey_assets.journeys.family import fill, mark_new, with_family
from journey_assets.journeys.folding import fold, folds
from journey_assets.journeys.paths import Window
from journey_assets.journeys.statistics import STATISTICS
from journey_assets.journeys.window import Loaded, load
from journey_assets.settings import Settings
from journey_assets.warehouse.database import Session
from journey_assets.warehouse.schema import Table
from journey_assets.warehouse.sql import sql_of
from journey_assets.warehouse.windows import make_empty_result

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: Events of windows that are counted at once: their counts stand in the session together.
BATCH_EVENTS = 50_000_000


def compute(
    session: Session, days: Sequence[date], settings: Settings, wanted: Collection[Table]
) -> None:
    """Leave the rows of every table of ``wanted`` in its session table ``Table.result``.

    days: the as_of dates of the run, ascending. Raises :class:`SettingsError` when there are events
    and nothing says who converted.
    """
    con = session.con
    statistics = [each for each in STATISTICS if each.table in wanted]
    ready = with_family(STATISTICS, statistics)
    for statistic in statistics:
        make_empty_result(con, statistic.table)
    loaded = load(session, days, settings)
    batches = list(_batches(loaded))
    if not batches:
        return
    set_constants(con, loaded.rules)
    counts = dict.fromkeys([LENGTHS, *(count for each in ready for count in each.counts)])
    # The limit is the process's: a part for the arrays, a part for DuckDB, and what both leave.
    share = settings.memory_bytes() * 2 // 5
    con.execute(f"SET memory_limit = '{share}B'")
    counting = Counting(session, loaded, share)
    for windows in batches:
        batch = windows
        if folds(loaded.rules):
            batch = fold(con, loaded.rules, windows, counting.occurrences(windows))
        counting.run(batch, list(counts), _leave_comparisons)
        fill(con, loaded.rules, ready, statistics)
    mark_new(session, statistics, days, settings)


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
