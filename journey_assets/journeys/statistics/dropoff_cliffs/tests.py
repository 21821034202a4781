"""The p-values of exit rates above the cohort's, and their error control.

Does not belong here: counting and guards (``leavings.sql``), rates and verdicts (``figures.sql``).
"""

from typing import TYPE_CHECKING

from journey_assets.journeys.error_control import (
    effective_counts,
    false_discovery_rates,
    more_than_elsewhere,
)
from journey_assets.journeys.paths import Rules
from journey_assets.journeys.stratified import STRATA, least_told, more_in_the_part, q_values
from journey_assets.warehouse.arrow import arrow_table, in_arrow

if TYPE_CHECKING:
    import numpy as np
    from duckdb import DuckDBPyConnection
    from numpy.typing import NDArray


def leave_tests(con: "DuckDBPyConnection", _rules: Rules) -> None:
    """Leave ``cliff_found`` of what ``leavings.sql`` left, pooled and within strata, and of the claims
    ``cliff_tests`` (as_of, test, p_value: within strata)."""
    import numpy as np

    tested = con.execute(
        "SELECT as_of, test, family, exits, visits, cohort_exits, cohort_visits, "
        "visits / n_effective AS divisor FROM journey_leavings WHERE tested ORDER BY test"
    ).fetchnumpy()
    counts = (tested[name] for name in ("exits", "visits", "cohort_exits", "cohort_visits"))
    p = more_than_elsewhere(*effective_counts(tested["divisor"], *counts))
    q = false_discovery_rates(p, tested["family"])
    within = [_within(con, by, tested["test"], p, tested["divisor"]) for by in STRATA]
    place = least_told(np.stack([each for each, _ in within]))
    within_p, ratio = (np.choose(place, [each[n] for each in within]) for n in (0, 1))
    con.register(
        "cliff_found",
        arrow_table(
            {
                "test": tested["test"],
                "as_of": tested["as_of"],
                "p_value": p,
                "q_value": q,
                "stratified_by": np.array(STRATA)[place],
                "stratified_ratio": in_arrow(ratio, nan_is_null=True),
                "stratified_p": in_arrow(within_p, nan_is_null=True),
                "stratified_q": in_arrow(q_values(within_p, tested["family"]), nan_is_null=True),
            }
        ),
    )
    con.execute(
        "CREATE OR REPLACE TEMP TABLE cliff_tests AS SELECT as_of, test, stratified_p AS p_value "
        "FROM cliff_found WHERE stratified_p IS NOT NULL"
    )


#: Mantel and Haenszel's sums over strata, of a part (x of n) of all (d of m), and how many strata. In a
#: fixed order: floating-point sums depend on it, and rows must not.
_SUMS = """
WITH part AS (
    SELECT test, family, {by} AS stratum, sum(visits) AS n, sum(exits) AS x
    FROM journey_strata_leavings
    GROUP BY ALL
),
everywhere AS (
    SELECT family, {by} AS stratum, sum(visits) AS m, sum(exits) AS d
    FROM journey_strata_visits
    GROUP BY ALL
),
terms AS (
    SELECT
        test,
        x,
        d * n / m AS expected,
        d * (n / m) * ((m - n) / m) * (m - d) / nullif(m - 1, 0) AS variance,
        x * (m - n) / m AS inside,
        (d - x) * n / m AS outside,
        strata
    FROM part
    JOIN everywhere USING (family, stratum)
    JOIN (SELECT family, count(*) AS strata FROM everywhere GROUP BY family) USING (family)
)
SELECT
    test,
    sum(x)::DOUBLE AS seen,
    sum(expected ORDER BY expected)::DOUBLE AS expected,
    coalesce(sum(variance ORDER BY variance), 0)::DOUBLE AS variance,
    (sum(inside ORDER BY inside) / nullif(sum(outside ORDER BY outside), 0))::DOUBLE AS ratio,
    any_value(strata) AS strata
FROM terms
GROUP BY test
ORDER BY test
"""


def _within(
    con: "DuckDBPyConnection",
    by: str,
    tests: "NDArray[np.int64]",
    pooled: "NDArray[np.float64]",
    divisor: "NDArray[np.float64]",
) -> "tuple[NDArray[np.float64], NDArray[np.float64]]":
    """p-values and ratios of exit rates of ``tests``, ascending, within platforms or countries.

    Where all visits of a cohort are in one stratum its p-values are the pooled ones.
    """
    import numpy as np

    found = con.execute(_SUMS.format(by=by)).fetchnumpy()
    at = np.searchsorted(found["test"], tests)
    sums = {name: np.ma.filled(found[name][at].astype(float), np.nan) for name in found}
    p = more_in_the_part(sums["seen"], sums["expected"], sums["variance"], divisor)
    return np.where(sums["strata"] > 1, p, pooled), sums["ratio"]
