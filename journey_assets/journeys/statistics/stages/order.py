"""The stage of every event that takes part, from the counts of the first pass.

Belongs here: the transitions between places and the places that paths skip, for
:func:`~.cuts.cuts`. Does not belong here: the order of the events (``order.sql``).
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from journey_assets.journeys.counts.read_orders import read_orders
from journey_assets.journeys.paths import Rules
from journey_assets.journeys.statistics.stages.cuts import cuts
from journey_assets.warehouse.sql import sql_of

if TYPE_CHECKING:
    from datetime import date

    import numpy as np
    from duckdb import DuckDBPyConnection
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]

_MASS = """
SELECT origin.place, target.place AS next_place, sum(occurrences)::BIGINT AS occurrences
FROM journey_compared_cells AS cells
JOIN journey_stage_order AS origin
    ON (origin.as_of, origin.focus, origin.event) = (cells.as_of, cells.cohort, cells.event)
JOIN journey_stage_order AS target
    ON (target.as_of, target.focus, target.event) = (cells.as_of, cells.cohort, cells.next_event)
WHERE (cells.as_of, cells.cohort) = ($as_of, $focus) AND origin.place <> target.place
GROUP BY ALL
"""


def find_stages(con: "DuckDBPyConnection", rules: Rules) -> "Mapping[date, tuple[Any, Any]]":
    """Leave ``journey_stage_order``; returns the cohorts in focus and their events' stages, by as_of.

    Too few converters, or none of two events, have no stages.
    """
    import numpy as np

    con.execute(sql_of(__package__, "order"))
    comparisons = con.execute(
        "SELECT as_of, focus, list(event ORDER BY place), any_value(converters) "
        "FROM journey_stage_order GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    found: dict[date, tuple[list[int], list[Integers]]] = {}
    for as_of, focus, events, converters in comparisons:
        comparison = {"as_of": as_of, "focus": focus}
        mass = np.zeros((len(events) + 1, len(events) + 1), dtype=np.int64)
        for place, next_place, count in con.execute(_MASS, comparison).fetchall():
            mass[place, next_place] = count
        ends = cuts(mass, _skips(con, comparison, events, rules.steps), converters)
        stages = np.zeros(rules.steps + 1, dtype=np.int64)
        stages[events] = 1 + np.searchsorted(ends, np.arange(1, len(events) + 1))
        con.execute(
            "UPDATE journey_stage_order SET stage = list_extract($stages, event::BIGINT + 1) "
            "WHERE (as_of, focus) = ($as_of, $focus)",
            comparison | {"stages": stages.tolist()},
        )
        focuses, of_focus = found.setdefault(as_of, ([], []))
        focuses.append(rules.cohorts.index(focus))
        of_focus.append(stages)
    return {day: (np.array(focuses), np.array(stages)) for day, (focuses, stages) in found.items()}


def _skips(
    con: "DuckDBPyConnection", comparison: Mapping[str, Any], events: list[int], steps: int
) -> "Integers":
    """[i, j]: paths of the focus whose next event behind place i, in the order of places, is at j."""
    import numpy as np

    from journey_assets.journeys.statistics.stages.skips import add_skips

    place_of = np.zeros(steps + 1, dtype=np.int64)
    place_of[events] = np.arange(1, len(events) + 1)
    skips = np.zeros((len(events) + 1, len(events) + 1), dtype=np.int64)
    for codes, lengths, persons in read_orders(con, comparison):
        add_skips(codes, lengths, persons, place_of, skips)
    return skips
