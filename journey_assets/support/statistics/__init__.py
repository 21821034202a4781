"""The statistics that put conversations to paths, one package each, as those of journeys."""

from journey_assets.journeys.statistic import Statistic, entries

#: All of them, by the names of their packages.
STATISTICS: tuple[Statistic, ...] = entries(__name__, __path__)
