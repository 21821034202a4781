"""The readings of the golden path of each compared cohort, from the counts of the first pass.

Belongs here: choosing the readings. Does not belong here: the searches (:mod:`~.common_subsequence`,
:mod:`~.most_probable_path`), who has a reading (``count.py``), shares and intervals (``figures.sql``),
the worth of the steps (``golden_transitions``).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from journey_assets.journeys.counts import CODE
from journey_assets.journeys.counts.read_orders import read_orders
from journey_assets.journeys.paths import Rules
from journey_assets.journeys.statistics.golden_paths.common_subsequence import (
    FirstOrders,
    longest_common_subsequence,
)
from journey_assets.journeys.statistics.golden_paths.most_probable_path import most_probable_path
from journey_assets.settings import Settings

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: The readings, by the numbers that counts give them.
READINGS = ("modal", "most_probable", "common_subsequence")

_TABLE = """
CREATE OR REPLACE TEMP TABLE journey_golden (
    as_of DATE, focus journey_cohort, reading INTEGER, name VARCHAR, events UINTEGER[],
    exact_converters BIGINT, first_order_converters BIGINT, probability DOUBLE, verdict VARCHAR
)
"""


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


@dataclass(frozen=True)
class Ways:
    """The ways of converters, as they were counted.

    persons: how many there are. modal: the collapsed path of most. exactly: persons whose whole
    collapsed path it is. chain: occurrences by event and next event, 0 standing for the start and for
    the end of a path. first_orders: of the events.
    """

    persons: int
    modal: tuple[int, ...] | None
    exactly: Callable[[tuple[int, ...]], int]
    chain: Mapping[tuple[int, int], int]
    first_orders: FirstOrders


def find_readings(con: "DuckDBPyConnection", rules: Rules) -> Mapping[date, Any]:
    """Leave ``journey_golden``, a row per reading; returns by as_of what ``count.py`` looks for.

    That is, for every reading with events: the focus, the number of the reading, its events (filled
    up with 0), how many they are, and whether its steps are looked for, too.
    """
    con.execute(_TABLE)
    comparisons = con.execute(
        "SELECT as_of, focus, converters FROM journey_populations ORDER BY as_of, focus::VARCHAR"
    ).fetchall()
    found: dict[date, list[tuple[int, Reading]]] = {}
    for as_of, focus, persons in comparisons:
        ways = _ways(con, {"as_of": as_of, "focus": focus}, int(persons))
        for reading in readings(ways, rules.settings):
            exact = ways.exactly(reading.events) if reading.events else None
            con.execute(
                "INSERT INTO journey_golden VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    as_of, focus, READINGS.index(reading.name), reading.name,
                    reading.events and list(reading.events), exact,
                    reading.first_order, reading.probability, reading.verdict,
                ],
            )  # fmt: skip
            if reading.events:
                found.setdefault(as_of, []).append((rules.cohorts.index(focus), reading))
    return {as_of: _asked(of_day) for as_of, of_day in found.items()}


def readings(ways: Ways, settings: Settings) -> Iterator[Reading]:
    """The readings of converters' ways.

    The chain's most probable path is left out when it is nobody's whole collapsed path.
    """
    if ways.persons < settings.min_cohort_persons:
        for name in READINGS:
            yield Reading(name, None, "insufficient")
        return
    yield Reading("modal", ways.modal, "found")
    likely = most_probable_path(ways.chain)
    if likely and ways.exactly(likely.events):
        yield Reading("most_probable", likely.events, "found", probability=likely.probability)
    fewest = fewest_of(ways.persons, settings.golden_support)
    common = longest_common_subsequence(ways.first_orders, fewest)
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


def _asked(of_day: "list[tuple[int, Reading]]") -> Any:
    import numpy as np

    sequences = [reading.events or () for _, reading in of_day]
    padded = np.zeros((len(sequences), max(map(len, sequences))), dtype=np.int64)
    for row, events in zip(padded, sequences, strict=True):
        row[: len(events)] = events
    lengths = np.array([len(events) for events in sequences], dtype=np.int64)
    steps = [reading.name == "common_subsequence" for _, reading in of_day]
    return (
        np.array([focus for focus, _ in of_day], dtype=np.int64),
        np.array([READINGS.index(reading.name) for _, reading in of_day], dtype=np.int64),
        padded,
        lengths,
        np.array(steps) & (lengths > 1),
    )


def _ways(con: "DuckDBPyConnection", comparison: Mapping[str, Any], persons: int) -> Ways:

    def rows(select: str) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = con.execute(select, comparison).fetchall()
        return found

    here = "WHERE (as_of, cohort) = ($as_of, $focus)"
    modal = rows(
        f"SELECT walk FROM journey_compared_walks {here} GROUP BY walk ORDER BY count(*) DESC, walk LIMIT 1"
    )

    def exactly(events: tuple[int, ...]) -> int:
        counted = con.execute(
            f"SELECT count(*) FROM journey_compared_walks {here} AND walk = $walk",
            {**comparison, "walk": _binary(events)},
        )
        return int(counted.fetchall()[0][0])

    return Ways(
        persons,
        _codes(modal[0][0]) if modal else None,
        exactly,
        {
            (event, next_event): number
            for event, next_event, number in rows(
                "SELECT event, coalesce(next_event, 0), sum(occurrences)::BIGINT "
                f"FROM journey_compared_cells {here} GROUP BY ALL "
                f"UNION ALL SELECT 0, event, paths FROM journey_compared_starts {here}"
            )
        },
        _first_orders(con, comparison),
    )


def _first_orders(con: "DuckDBPyConnection", comparison: Mapping[str, Any]) -> FirstOrders:
    import numpy as np

    nothing = np.empty(0, np.uint32), np.empty(0, np.int64), np.empty(0, np.int64)
    batches = zip(nothing, *read_orders(con, comparison), strict=True)
    return FirstOrders(*(np.concatenate(each) for each in batches))


def _codes(binary: bytes) -> tuple[int, ...]:
    import numpy as np

    return tuple(np.frombuffer(binary, dtype=CODE).tolist())


def _binary(codes: tuple[int, ...]) -> bytes:
    import numpy as np

    return np.array(codes, dtype=CODE).tobytes()
