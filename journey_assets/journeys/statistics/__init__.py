"""The statistics over paths, one package each: declaration, counts, figures.

A package here that has a ``STATISTIC`` is found: it is computed, stored, checked, documented and shown.
"""

from journey_assets.journeys.statistic import Statistic, entries
from journey_assets.warehouse.schema import Table

#: All statistics, by the names of their packages.
STATISTICS: tuple[Statistic, ...] = entries(__name__, __path__)

#: Their tables.
TABLES: tuple[Table, ...] = tuple(each.table for each in STATISTICS)
