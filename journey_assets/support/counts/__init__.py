"""What the statistics of contacts stand on: the conversations of each person, put to their paths."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from journey_assets.journeys.counting import Count
from journey_assets.journeys.stored_paths import by_day

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    import numpy as np
    from duckdb import DuckDBPyConnection
    from numpy.typing import NDArray

    from journey_assets.journeys.paths import Rules

_OF_PERSONS = """
SELECT as_of, person::BIGINT AS person, contact, epoch_us(created_at) AS created
FROM contacts
JOIN journey_names USING (person_id)
ORDER BY as_of, person, created, contact
"""


@dataclass(frozen=True)
class Contacts:
    """Conversations by person: those of person p are ``contact[starts[p]:starts[p + 1]]``, by time.

    contact: as table ``contacts`` numbers them. at: when, in microseconds since 1970, UTC.
    """

    starts: "NDArray[np.int64]"
    contact: "NDArray[np.int64]"
    at: "NDArray[np.int64]"


def contacts_of_persons(con: "DuckDBPyConnection", _rules: "Rules") -> "Mapping[date, Contacts]":
    """The conversations of everyone with a path, by as_of."""
    import numpy as np

    ((persons,),) = con.execute("SELECT count(*) FROM journey_names").fetchall()
    places = np.arange(persons + 2, dtype=np.int64)
    return {
        day: Contacts(np.searchsorted(rows["person"], places), rows["contact"], rows["created"])
        for day, rows in by_day(con, _OF_PERSONS).items()
    }


#: The conversations with the state that each is put to.
PLACES = Count(
    f"{__name__}.places",
    {"placed": ("contact", "state", "cohort")},
    of="everyone",
    rows=True,
    ask=contacts_of_persons,
)
