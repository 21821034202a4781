"""What the count asks: the segments of persons, and the golden path of the day in codes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from journey_assets.channels.counts import segments_of_persons
from journey_assets.journeys.paths import Rules

if TYPE_CHECKING:
    import numpy as np
    from duckdb import DuckDBPyConnection
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Asked:
    """segments: by person, None where nobody has one. golden: codes of steps, 0 for one nobody has."""

    segments: "NDArray[np.int64] | None"
    golden: "NDArray[np.int64]"


def asked(con: "DuckDBPyConnection", rules: Rules) -> Mapping[date, Asked]:
    """The answers of the days that have a golden path."""
    import numpy as np

    segments = segments_of_persons(con, rules)
    golden = con.execute(
        "SELECT as_of, list(coalesce(event, 0) ORDER BY step) FROM golden_steps "
        "LEFT JOIN journey_event_types USING (event_type) GROUP BY as_of"
    ).fetchall()
    return {day: Asked(segments.get(day), np.array(steps, dtype=np.int64)) for day, steps in golden}
