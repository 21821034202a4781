"""Groups of like paths, each with the path in its middle."""

from journey_assets.journeys.counts import WALKS
from journey_assets.journeys.statistic import Statistic
from journey_assets.journeys.statistics.path_clusters.sampled import leave_clusters
from journey_assets.journeys.statistics.path_clusters.table import PATH_CLUSTERS

STATISTIC = Statistic(PATH_CLUSTERS, __name__, counts=(WALKS,), prepare=(leave_clusters,))
