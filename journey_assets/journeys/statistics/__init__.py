"""The statistics over paths, one package each: declaration, counts, figures.

A package here that has a ``STATISTIC`` is found: it is computed, stored, checked, documented and shown.
"""

from importlib import import_module
from pkgutil import iter_modules

from journey_assets.journeys.statistic import Statistic
from journey_assets.warehouse.schema import Table

#: All statistics, by the names of their packages.
STATISTICS: tuple[Statistic, ...] = tuple(
    import_module(f"{__name__}.{found.name}").STATISTIC
    for found in iter_modules(__path__)
    if found.ispkg
)

#: Their tables.
TABLES: tuple[Table, ...] = tuple(each.table for each in STATISTICS)
