"""Computing the tables of schema ``journeys`` for the days of a run.

Belongs here: the order of a run: count, judge, figure. Does not belong here: Dagster (``assets.py``), how
windows are read and counted (:mod:`journey_assets.journeys.counted`), what is counted and figured (the
entries in ``journeys/statistics``).
"""

from collections.abc import Collection, Sequence
from datetime import date

from journey_assets.journeys.counted import counted
from journey_assets.journeys.family import fill, mark_new, with_family
from journey_assets.journeys.statistics import STATISTICS
from journey_assets.settings import Settings
from journey_assets.warehouse.database import Session
from journey_assets.warehouse.schema import Table
from journey_assets.warehouse.windows import make_empty_result


def compute(
    session: Session, days: Sequence[date], settings: Settings, wanted: Collection[Table]
) -> None:
    """Leave the rows of every table of ``wanted`` in its session table ``Table.result``.

    days: the as_of dates of the run, ascending. Raises :class:`SettingsError` when there are events
    and nothing says who converted.
    """
    statistics = [each for each in STATISTICS if each.table in wanted]
    ready = with_family(STATISTICS, statistics)
    for statistic in statistics:
        make_empty_result(session.con, statistic.table)
    for each in ready:
        if each.before is not None:
            each.before(session, days, settings)
    counts = [count for each in ready for count in each.counts]
    for rules in counted(session, days, settings, counts):
        fill(session.con, rules, ready, statistics)
    mark_new(session, statistics, days, settings)
