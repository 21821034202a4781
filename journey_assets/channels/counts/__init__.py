"""What the counts by segment stand on: the segment of each person, and the persons of each segment."""

from typing import TYPE_CHECKING

from journey_assets.journeys.counting import Count
from journey_assets.journeys.paths import Rules
from journey_assets.journeys.stored_paths import by_day

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    import numpy as np
    from duckdb import DuckDBPyConnection
    from numpy.typing import NDArray

    Asked = Mapping[date, NDArray[np.int64]]

#: The segments with a person, by their codes; who has no profile is in the first.
_SEGMENTS = """
SET VARIABLE channels_segments = (
    SELECT list_prepend('no_profile', coalesce(list(DISTINCT segment ORDER BY segment), []))
    FROM person_segments
)
"""

_OF_PERSONS = """
SELECT
    as_of,
    person::BIGINT AS person,
    list_position(getvariable('channels_segments'), segment)::BIGINT - 1 AS segment
FROM person_segments
JOIN journey_names USING (person_id)
"""


def segments_of_persons(con: "DuckDBPyConnection", _rules: Rules) -> "Asked":
    """The code of the segment of each person of ``person_segments``, by the person's code.

    Leaves variable channels_segments, the names of the codes, which begin with 0.
    """
    import numpy as np

    con.execute(_SEGMENTS)
    ((persons,),) = con.execute("SELECT count(*) FROM journey_names").fetchall()
    found = {}
    for day, rows in by_day(con, _OF_PERSONS).items():
        found[day] = np.zeros(persons + 1, dtype=np.int64)
        found[day][rows["person"]] = rows["segment"]
    return found


#: The persons of each segment with their conversions, and the lengths of their paths.
WAYS = Count(
    f"{__name__}.ways",
    {"segment_persons": ("segment",), "segment_lengths": ("segment", "length")},
    of="everyone",
    ask=segments_of_persons,
)
