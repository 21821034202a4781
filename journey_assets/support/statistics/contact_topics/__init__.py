"""Which topics, flows, results and shortcuts cluster at which state of the journey."""

from journey_assets.journeys.statistic import Claims, Statistic
from journey_assets.support.counts import PLACES
from journey_assets.support.statistics.contact_topics.tests import leave_tests
from journey_assets.warehouse.tables.support import CONTACT_TOPICS

STATISTIC = Statistic(
    CONTACT_TOPICS,
    __name__,
    counts=(PLACES,),
    prepare=("values", leave_tests),
    claims=Claims("topic", "verdict = 'clusters'", same=("event_type", "kind", "value")),
)
