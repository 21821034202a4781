"""The tests of ``journeys.divergence_points``, between the counts and the figures.

Belongs here: passing each state's table of next events to
:func:`~.contingency.compare` and the seed of its draws. Does not belong here:
counting (``count.py``), the figures (``figures.sql``), the mathematics.
"""

from collections import Counter
from collections.abc import Sequence
from math import ceil
from typing import TYPE_CHECKING

from journey_assets.journeys.error_control import false_discovery_rates
from journey_assets.journeys.paths import Rules
from journey_assets.journeys.statistics.divergence_points.contingency import Comparison, compare
from journey_assets.journeys.stratified import STRATA, least_told, q_values, same_outcomes
from journey_assets.warehouse.arrow import arrow_table, in_arrow

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from duckdb import DuckDBPyConnection

    Counts = npt.NDArray[np.int64]


def leave_tests(con: "DuckDBPyConnection", rules: Rules) -> None:
    """Leave ``divergence_found`` of the states that ``states.sql`` left, and the claims' tests.

    ``divergence_tests`` (as_of, test, p_value) are those within strata, where they tell.

    As many permutations are drawn as let a single difference among all events be found, p = 1/(m + 1)
    against α/tests, and no more than it takes to see that p is not below α: with the number that is
    set, 2000, drawing ends after 100 that exceed.
    """
    import numpy as np

    settings = rules.settings
    states = con.execute(
        "SELECT as_of, state, dense_rank() OVER (ORDER BY as_of, focus), "
        "concat_ws('|', as_of, focus, event_type) "
        "FROM journey_divergence_states WHERE tested ORDER BY state"
    ).fetchall()
    days, numbers, families, names = zip(*states, strict=True) if states else ((), (), (), ())
    tests = Counter(families)
    alpha = 1 - settings.confidence_level
    found = [
        compare(
            table,
            permutations=max(settings.permutations, ceil(tests[family] / alpha)),
            most_exceedances=ceil(alpha * settings.permutations),
            confidence_level=settings.confidence_level,
            rng=_generator(settings.seed, name),
        )
        for table, family, name in zip(_tables(con, numbers), families, names, strict=True)
    ]
    columns = {name: [getattr(one, name) for one in found] for name in Comparison.__slots__}
    columns["as_of"] = list(days)
    columns["test"] = list(numbers)
    columns["q_value"] = false_discovery_rates(
        np.array(columns["p_value"], dtype=np.float64), np.array(families, dtype=np.int64)
    ).tolist()
    pooled = np.array(columns["p_value"], dtype=np.float64)
    p = np.stack([_within(con, numbers, pooled, by) for by in STRATA])
    place = least_told(p)
    p = np.take_along_axis(p, place[None], axis=0)[0]
    columns["stratified_by"] = [STRATA[each] for each in place]
    columns["stratified_p"] = in_arrow(p, nan_is_null=True)
    q = q_values(p, np.array(families, dtype=np.int64))
    columns["stratified_q"] = in_arrow(q, nan_is_null=True)
    con.register("divergence_found", arrow_table(columns))
    con.execute(
        "CREATE OR REPLACE TEMP TABLE divergence_tests AS SELECT as_of, test, stratified_p AS p_value "
        "FROM divergence_found WHERE stratified_p IS NOT NULL"
    )


def _within(
    con: "DuckDBPyConnection",
    states: Sequence[int],
    pooled: "npt.NDArray[np.float64]",
    by: str,
) -> "npt.NDArray[np.float64]":
    """The p-value of each of ``states``, ascending, within platforms or countries.

    Where all persons of a state are in one stratum that is the pooled one.
    """
    import numpy as np

    cells = con.execute(
        f"SELECT state, {by} AS stratum, "
        "dense_rank() OVER (PARTITION BY state ORDER BY next_event_type) AS outcome, "
        "sum(focus_persons)::BIGINT AS ours, sum(other_persons)::BIGINT AS others "
        "FROM journey_first_next_within "
        "SEMI JOIN (FROM journey_divergence_states WHERE tested) USING (state) "
        "WHERE next_event_type IS NOT NULL GROUP BY state, stratum, next_event_type ORDER BY state"
    ).fetchnumpy()
    starts = [*np.searchsorted(cells["state"], states), len(cells["state"])]
    found = pooled.copy()
    for place in range(len(states)):
        here = slice(starts[place], starts[place + 1])
        strata, row = np.unique(cells["stratum"][here], return_inverse=True)
        if len(strata) > 1:
            column = cells["outcome"][here] - 1
            tables = np.zeros((2, len(strata), int(column.max()) + 1), dtype=np.int64)
            tables[:, row, column] = cells["ours"][here], cells["others"][here]
            found[place] = same_outcomes(*tables)
    return found


def _tables(con: "DuckDBPyConnection", states: Sequence[int]) -> list["Counts"]:
    """The table of next events of each of ``states``, ascending.

    Columns go by the events' names, not by this run's codes: an as_of draws the same in every run.
    """
    import numpy as np

    cells = con.execute(
        "SELECT state, focus_persons, other_persons FROM journey_first_next "
        "SEMI JOIN (FROM journey_divergence_states WHERE tested) USING (state) "
        "WHERE next_event_type IS NOT NULL ORDER BY state, next_event_type"
    ).fetchnumpy()
    counts = np.array([cells["focus_persons"], cells["other_persons"]], dtype=np.int64)
    starts = np.searchsorted(cells["state"], states)
    return np.split(counts, starts[1:], axis=1)[: len(states)]


def _generator(seed: int, name: str) -> "np.random.Generator":
    """The source of a state's draws: of the seed and the state's name alone."""
    from hashlib import sha256

    import numpy as np

    return np.random.default_rng([seed, int.from_bytes(sha256(name.encode()).digest()[:16])])
