"""Which buckets of gaps hold the quantiles that are wanted."""

from typing import TYPE_CHECKING

from journey_assets.journeys.paths import Rules

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    import numpy as np
    from duckdb import DuckDBPyConnection
    from numpy.typing import NDArray

#: A quantile lies between the values of the ranks below and above it; ranks count from 0.
_WANTED = """
CREATE OR REPLACE TEMP TABLE journey_gap_ranks AS
WITH placed AS (
    SELECT
        *,
        sum(n) OVER (PARTITION BY as_of, cohort, event, next_event ORDER BY bucket) - n AS before,
        sum(n) OVER (PARTITION BY as_of, cohort, event, next_event) AS total
    FROM journey_gap_buckets
)
SELECT * EXCLUDE (n), unnest(list_distinct(list_filter(
    flatten([[floor((total - 1) * q), ceil((total - 1) * q)] for q in [0.5, 0.75, 0.9, 0.95]]),
    lambda rank: rank >= before AND rank < before + n
)))::BIGINT AS rank
FROM placed
"""


def wanted_buckets(con: "DuckDBPyConnection", rules: Rules) -> "Mapping[date, NDArray[np.int64]]":
    """Leave ``journey_gap_ranks``, the ranks that are wanted; returns their buckets' keys by as_of."""
    from journey_assets.journeys.statistics.transitions.buckets import BUCKETS

    con.execute(_WANTED)
    radix = rules.steps + 1
    found = con.execute(
        "SELECT as_of, list(DISTINCT "
        "((enum_code(cohort)::BIGINT * $radix + event) * $radix + next_event) * $buckets + bucket) "
        "FROM journey_gap_ranks GROUP BY as_of",
        {"radix": radix, "buckets": BUCKETS},
    ).fetchall()
    import numpy as np

    return {as_of: np.array(keys, dtype=np.int64) for as_of, keys in found}
