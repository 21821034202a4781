"""From which state of the journey people turn to support, and what becomes of them."""

from journey_assets.journeys.counting import Count
from journey_assets.journeys.statistic import Claims, Statistic
from journey_assets.support.counts import PLACES, contacts_of_persons
from journey_assets.support.statistics.journey_contacts.tests import leave_tests
from journey_assets.warehouse.tables.support import JOURNEY_CONTACTS

VISITS = Count(
    f"{__name__}.count",
    {
        "contact_visits": ("cohort", "state"),
        "contact_visitors": ("state",),
        "contact_stays": ("state", "stay", "contacted", "converted"),
        "contact_population": ("cohort",),
    },
    ask=contacts_of_persons,
)

STATISTIC = Statistic(
    JOURNEY_CONTACTS,
    __name__,
    counts=(PLACES, VISITS),
    prepare=("compared", leave_tests),
    claims=Claims(
        "contact",
        "verdict IN ('fewer_convert', 'more_convert')",
        same=("cohort", "event_type", "verdict"),
    ),
)
