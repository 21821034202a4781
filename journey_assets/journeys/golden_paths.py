"""The golden path of each compared cohort in its three readings.

Belongs here: taking the paths of an as_of out of the batch's relations, choosing the readings, and
measuring each on both sides. Does not belong here: the searches (:mod:`~.common_subsequence`,
:mod:`~.most_probable_path`), shares and intervals (``golden_paths.sql``), the worth of the steps
(``golden_transitions.sql``).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from journey_assets.journeys.common_subsequence import longest_common_subsequence
from journey_assets.journeys.most_probable_path import most_probable_path
from journey_assets.journeys.sequences import Sequences, Variants
from journey_assets.settings import Settings

if TYPE_CHECKING:
    import numpy as np
    from duckdb import DuckDBPyConnection
    from numpy.typing import NDArray

_TYPES = {
    "as_of": "DATE",
    "focus": "VARCHAR",
    "reading": "VARCHAR",
    "events": "UINTEGER[]",
    "converters": "BIGINT",
    "non_converters": "BIGINT",
    "support_converters": "BIGINT",
    "support_non_converters": "BIGINT",
    "before_converters": "BIGINT",
    "before_non_converters": "BIGINT",
    "first_order_converters": "BIGINT",
    "exact_converters": "BIGINT",
    "probability": "DOUBLE",
    "median_seconds": "DOUBLE",
    "verdict": "VARCHAR",
}


@dataclass(frozen=True)
class Reading:
    """A sequence that stands for the way of converters; ``events`` None where there is none to state.

    first_order: converters who do its events for the first time in this order.
    """

    name: str
    events: tuple[int, ...] | None
    verdict: str
    first_order: int | None = None
    probability: float | None = None


def leave_golden_paths(con: "DuckDBPyConnection", settings: Settings) -> None:
    """Leave the readings of every comparison of the batch in ``journey_golden``.

    Columns as in ``journeys.golden_paths``, with events as codes and without shares and intervals.
    Reads: journey_paths, journey_steps, journey_comparisons.
    """
    columns = ", ".join(f"{name} {type_}" for name, type_ in _TYPES.items())
    con.execute(f"CREATE OR REPLACE TEMP TABLE journey_golden ({columns})")
    marks = ", ".join(f"${name}" for name in _TYPES)
    for row in _measured(con, settings):
        con.execute(f"INSERT INTO journey_golden VALUES ({marks})", row)


def readings(converters: Sequences, variants: Variants, settings: Settings) -> Iterator[Reading]:
    """The readings of converters' paths; ``variants`` are the same paths collapsed.

    The chain's most probable path is left out when it is nobody's whole collapsed path.
    """
    if len(converters) < settings.min_cohort_persons:
        for name in ("modal", "most_probable", "common_subsequence"):
            yield Reading(name, None, "insufficient")
        return
    yield Reading("modal", variants.modal(), "found")
    likely = most_probable_path(converters.paths, converters.events)
    if likely and variants.of(likely.events):
        yield Reading("most_probable", likely.events, "found", probability=likely.probability)
    fewest = fewest_of(len(converters), settings.golden_support)
    common = longest_common_subsequence(converters.paths, converters.events, fewest)
    completed = "found" if common.events else "none"
    verdict = completed if common.exact else "limit"
    yield Reading("common_subsequence", common.events or None, verdict, common.support or None)


def fewest_of(persons: int, share: float) -> int:
    """The smallest number of persons, 1 or more, that is at least ``share`` of ``persons``."""
    fewest = max(int(share * persons), 1)
    # The product is rounded and may lie on either side of the number meant.
    while fewest > 1 and (fewest - 1) / persons >= share:
        fewest -= 1
    while fewest / persons < share:
        fewest += 1
    return fewest


def _measured(con: "DuckDBPyConnection", settings: Settings) -> Iterator[dict[str, Any]]:
    """The rows of ``journey_golden``."""
    comparisons = con.execute(
        "SELECT as_of, list(focus::VARCHAR ORDER BY focus::VARCHAR) FROM journey_comparisons "
        "GROUP BY as_of ORDER BY as_of"
    ).fetchall()
    ((conversion,),) = con.execute("SELECT getvariable('journeys_conversion')").fetchall()
    for as_of, focuses in comparisons:
        paths, cohorts = _paths_of(con, as_of)
        for focus in focuses:
            inside = cohorts == focus
            converters, others = paths.only(inside), paths.only(~inside)
            variants = converters.collapsed()
            for reading in readings(converters, variants, settings):
                yield {
                    "as_of": as_of,
                    "focus": focus,
                    "reading": reading.name,
                    "events": reading.events and list(reading.events),
                    "converters": len(converters),
                    "non_converters": len(others),
                    "first_order_converters": reading.first_order,
                    "exact_converters": reading.events and variants.of(reading.events),
                    "probability": reading.probability,
                    **_support(reading.events, converters, others, settings),
                    **_support_before(reading.events, conversion, converters, others),
                    "verdict": reading.verdict,
                }


def _support(
    events: tuple[int, ...] | None, converters: Sequences, others: Sequences, settings: Settings
) -> dict[str, int | float | None]:
    """Who has the events in order, and how long converters take for them."""
    import numpy as np

    if events is None:
        return {"support_converters": None, "support_non_converters": None, "median_seconds": None}
    seconds = converters.seconds_through(events)
    timed = len(seconds) >= settings.min_cohort_persons
    return {
        "support_converters": len(seconds),
        "support_non_converters": len(others.seconds_through(events)),
        "median_seconds": float(np.median(seconds)) if timed else None,
    }


def _support_before(
    events: tuple[int, ...] | None, conversion: int | None, converters: Sequences, others: Sequences
) -> dict[str, int | None]:
    """Who has the events that come before the conversion at their end, in order.

    Nobody else converts, so nobody else has the whole; how far the others came says more.
    """
    if events is None or len(events) < 2 or events[-1] != conversion:
        return {"before_converters": None, "before_non_converters": None}
    return {
        "before_converters": len(converters.seconds_through(events[:-1])),
        "before_non_converters": len(others.seconds_through(events[:-1])),
    }


def _paths_of(con: "DuckDBPyConnection", as_of: date) -> "tuple[Sequences, NDArray[np.object_]]":
    """The paths of an as_of, and the cohort of each."""
    import numpy as np

    cohorts = con.execute(
        "SELECT path, cohort::VARCHAR AS cohort FROM journey_paths WHERE as_of = ? ORDER BY path",
        [as_of],
    ).fetchnumpy()
    steps = con.execute(
        "SELECT path, event, epoch_us(happened_at) AS us FROM journey_steps "
        "WHERE as_of = ? ORDER BY path, step",
        [as_of],
    ).fetchnumpy()
    numbers = np.searchsorted(cohorts["path"], steps["path"])
    return (
        Sequences(numbers, steps["event"].astype(np.int64), steps["us"]),
        np.asarray(cohorts["cohort"], dtype=object),
    )
