"""The Wilson interval of a share, for SQL.

Belongs here: intervals that every statistics package states the same way. Does not belong here:
resampling (:mod:`journey_assets.channels.ltv`) or intervals of ratios between cohorts.
"""

from statistics import NormalDist
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def register_wilson(con: "DuckDBPyConnection", confidence_level: float) -> None:
    """Make ``wilson_low(k, n)`` and ``wilson_high(k, n)`` callable in SQL on ``con``.

    k of n, both counts; NULL when n is 0. E. B. Wilson, JASA 22 (1927); bounds are exact 0 and 1
    for k = 0 and k = n, where the formula would leave rounding dust.
    """
    z = NormalDist().inv_cdf(0.5 + confidence_level / 2)
    centre = f"(k / n + {z!r} ^ 2 / (2 * n)) / (1 + {z!r} ^ 2 / n)"
    half = f"{z!r} * sqrt(k / n * (1 - k / n) / n + {z!r} ^ 2 / (4 * n ^ 2)) / (1 + {z!r} ^ 2 / n)"
    con.execute(
        "CREATE OR REPLACE TEMP MACRO wilson_low(k, n) AS CASE "
        f"WHEN n = 0 THEN NULL WHEN k = 0 THEN 0.0::DOUBLE ELSE {centre} - {half} END"
    )
    con.execute(
        "CREATE OR REPLACE TEMP MACRO wilson_high(k, n) AS CASE "
        f"WHEN n = 0 THEN NULL WHEN k = n THEN 1.0::DOUBLE ELSE {centre} + {half} END"
    )
