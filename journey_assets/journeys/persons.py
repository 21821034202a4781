"""The persons of an as_of: their ids, their lists, and who of them is new, heavy, or may be compared.

Belongs here: what is known of persons before their paths are laid out. Does not belong here: who is
who (``window.sql``), what was done before the windows (:mod:`journey_assets.journeys.history`), paths.
"""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from journey_assets.journeys.paths import Persons, Rules, Window
from journey_assets.warehouse.database import CATALOG, Session
from journey_assets.warehouse.tables.raw import OWNER_DAYS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from duckdb import DuckDBPyConnection
    from numpy.typing import NDArray

    from journey_assets.journeys.paths import Booleans, Integers

_OWNER_DAYS = f"{CATALOG}.{OWNER_DAYS.full_name}"

#: Later than every day, in days since 1970.
_NEVER = 2**31 - 1

_DAY_US = 86_400_000_000

_PERSONS = """
SELECT
    coalesce(identified.person, unidentified.person)::BIGINT AS person,
    place,
    coalesce(enum_code(lists.listed)::BIGINT, -1) AS listed,
    identified.person IS NULL AS unidentified,
    part
FROM journey_ids
LEFT JOIN (FROM journey_identified WHERE as_of = $as_of) AS identified USING (id)
LEFT JOIN journey_unidentified AS unidentified USING (id)
LEFT JOIN (
    SELECT
        coalesce(identified.person, unidentified.person) AS person,
        CASE
            WHEN min(cohort) = max(cohort) THEN min(cohort) ELSE 'both_lists'::journey_cohort
        END AS listed
    FROM journey_lists
    LEFT JOIN (FROM journey_identified WHERE as_of = $as_of) AS identified USING (id)
    LEFT JOIN journey_unidentified AS unidentified USING (id)
    WHERE journey_lists.as_of = $as_of
    GROUP BY ALL
) AS lists ON lists.person = coalesce(identified.person, unidentified.person)
WHERE owner IS NOT NULL AND (lists.listed IS NOT NULL OR NOT $by_lists)
ORDER BY part, person, id
"""

_EVENTS = """
SELECT place, event_date, n FROM journey_owner_days JOIN journey_ids USING (owner)
"""

_EARLIER = """
SELECT
    as_of,
    coalesce(place, -1) AS place,
    coalesce(person, 0)::BIGINT AS person,
    first_day,
    coalesce(converted_day, DATE '9999-12-31') AS converted_day
FROM journey_earlier
"""

#: What was first known on the days of ids, as codes.
_TRAITS = """
SELECT
    place,
    event_date,
    epoch_us(first_at) AS at,
    coalesce(1 + enum_code(platform::journey_platform)::BIGINT, 0) AS platform,
    coalesce(1 + enum_code(country::journey_country)::BIGINT, 0) AS country
FROM {days}
JOIN journey_ids USING (owner)
WHERE platform IS NOT NULL OR country IS NOT NULL
"""


@dataclass(frozen=True)
class Known:
    """What the windows and the days before them say of ids, each in its place; days count from 1970.

    events: of the ids on the days of the windows (place, day, n), on the last one where it is all the
    same. first, converted: of each id the first day before the windows with an event, and with a
    conversion event. others: by as_of, the same of persons' further ids (person, first, converted).
    """

    events: "Mapping[str, Integers]"
    first: "Integers"
    converted: "Integers"
    others: "Mapping[date, Mapping[str, Integers]]"


def known_of(con: "DuckDBPyConnection", ids: int) -> Known:
    """What is known of the places 0 to ``ids`` − 1; reads what ``window.sql`` left."""
    import numpy as np

    rows = _columns(con, _EARLIER)
    first, converted = (np.full(ids, _NEVER, dtype=np.int64) for _ in range(2))
    placed = rows["place"] >= 0
    np.minimum.at(first, rows["place"][placed], rows["first_day"][placed])
    np.minimum.at(converted, rows["place"][placed], rows["converted_day"][placed])
    others = {}
    for day in np.unique(rows["as_of"][~placed]):
        mine = ~placed & (rows["as_of"] == day)
        others[np.datetime64(int(day), "D").item()] = {
            name: values[mine] for name, values in rows.items()
        }
    return Known(_columns(con, _EVENTS), first, converted, others)


def traits_of(session: Session, days: tuple[date, date]) -> "Mapping[str, Integers]":
    """Platform and country of ids on the days from the first to the last (place, event_date, at, codes).

    Leaves variables ``journeys_platforms`` and ``journeys_countries``: what the codes from 1 mean.
    """
    stored = f"{_OWNER_DAYS} WHERE event_date BETWEEN DATE '{days[0]}' AND DATE '{days[1]}'"
    with session.reading() as con:
        for name, many in (("platform", "platforms"), ("country", "countries")):
            con.execute(
                f"CREATE OR REPLACE TYPE journey_{name} AS ENUM "
                f"(SELECT {name} FROM {stored} AND {name} IS NOT NULL GROUP BY ALL ORDER BY ALL)"
            )
            con.execute(
                f"SET VARIABLE journeys_{many} = (SELECT enum_range(NULL::journey_{name})::VARCHAR[])"
            )
        return _columns(con, _TRAITS.format(days=f"(FROM {stored})"))


def persons_of(
    con: "DuckDBPyConnection",
    window: Window,
    rules: Rules,
    known: Known,
    traits: "Mapping[str, Integers] | None",
) -> "tuple[Persons, Integers]":
    """The persons whose events count at an as_of, by the part they are read with, and that part.

    With lists it is who is on one. Cohorts come from the lists when the as_of's snapshot of tracked
    users has any, else from the conversion event. traits: None where nobody asks for them.
    """
    import numpy as np

    rows = con.execute(_PERSONS, {"as_of": window.as_of, "by_lists": window.by_lists}).fetchnumpy()
    starts = np.flatnonzero(np.diff(rows["person"], prepend=-1))
    ids, code = np.asarray(rows["place"]), np.asarray(rows["person"])[starts]
    listed = np.asarray(rows["listed"])[starts]
    n = len(starts)
    person_of = np.full(len(known.first), -1, dtype=np.int64)
    person_of[ids] = np.repeat(np.arange(n), np.diff(starts, append=len(ids)))
    low, high = window.low // _DAY_US, window.high // _DAY_US
    first, converted = _before(known, window.as_of, starts, ids, code)
    newcomer, earlier = first >= low, converted < low
    both = listed == rules.cohorts.index("both_lists")
    if not window.by_lists:
        listed[earlier] = rules.cohorts.index("earlier_converter")
    platform, country = _first_known(traits, person_of, n, low, high)
    persons = Persons(
        starts=np.append(starts, len(ids)).astype(np.int64),
        ids=ids,
        code=code,
        listed=listed,
        unidentified=np.asarray(
            np.logical_or.reduceat(rows["unidentified"], starts) if n else [], dtype=bool
        ),
        newcomer=newcomer,
        earlier=earlier,
        # Labels are no outcome, which would have to come after what is compared.
        compared=~both & (window.by_labels | (newcomer & ~earlier)),
        heavy=_heavy(_events_of(known, person_of, n, low, high), rules),
        platform=platform,
        country=country,
    )
    return persons, np.asarray(rows["part"])[starts]


def _before(
    known: Known, as_of: date, starts: "Integers", ids: "Integers", code: "Integers"
) -> "tuple[Integers, Integers]":
    """Of each person the first day before the windows with an event, and with a conversion."""
    import numpy as np

    if not len(starts):
        return starts, starts
    first, converted = (
        np.minimum.reduceat(days[ids], starts) for days in (known.first, known.converted)
    )
    if (others := known.others.get(as_of)) is not None:
        place_of = np.full(max(code.max(), others["person"].max()) + 1, -1, dtype=np.int64)
        place_of[code] = np.arange(len(code))
        place = place_of[others["person"]]
        there = place >= 0
        np.minimum.at(first, place[there], others["first_day"][there])
        np.minimum.at(converted, place[there], others["converted_day"][there])
    return first, converted


def _events_of(
    known: Known, person_of: "Integers", persons: int, low: int, high: int
) -> "Integers":
    """How many events of the window each person has."""
    import numpy as np

    events = known.events
    person = person_of[events["place"]]
    mine = (person >= 0) & (events["event_date"] >= low) & (events["event_date"] < high)
    counted: Integers = np.zeros(persons, dtype=np.int64)
    np.add.at(counted, person[mine], events["n"][mine])
    return counted


def _heavy(events: "Integers", rules: Rules) -> "Booleans":
    """Who has so many events that it is no person's doing, or at least no other person's.

    The percentile is the number of events of somebody, the lower one between two: so that a single
    bot among ten persons is not its own measure.
    """
    import numpy as np

    ratio = rules.settings.heavy_ratio
    active = events[events > 0]
    if not ratio or not len(active):
        return np.zeros(len(events), dtype=bool)
    usual = np.quantile(active, 0.99, method="lower")
    heavy: Booleans = (events > ratio * usual) & (events >= rules.settings.heavy_events)
    return heavy


def _first_known(
    traits: "Mapping[str, Integers] | None",
    person_of: "Integers",
    persons: int,
    low: int,
    high: int,
) -> "tuple[Integers, Integers]":
    import numpy as np

    if traits is None:
        return np.zeros(persons, dtype=np.int64), np.zeros(persons, dtype=np.int64)
    from journey_assets.journeys import kernels

    platform, country = (
        kernels.first_known(
            person_of, persons, traits["place"], traits["event_date"], traits["at"], traits[name],
            low, high,
        )
        for name in ("platform", "country")
    )  # fmt: skip
    return platform, country


def _columns(con: "DuckDBPyConnection", select: str) -> "dict[str, NDArray[Any]]":
    """The columns of a SELECT without empty values as whole numbers; days count from 1970."""
    import numpy as np

    rows = con.execute(select).fetchnumpy()
    return {
        name: np.asarray(values).astype("datetime64[D]").astype(np.int64)
        if values.dtype.kind == "M"
        else np.asarray(values).astype(np.int64)
        for name, values in rows.items()
    }
