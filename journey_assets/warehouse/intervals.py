"""Intervals of shares and of ratios of shares, for SQL.

Belongs here: intervals that every statistics package states the same way. Does not belong here:
resampling (:mod:`journey_assets.channels.ltv`) or tests.
"""

from statistics import NormalDist
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: A rate of fewer cases than this is not stated.
FEWEST_CASES = 10


def register_wilson(con: "DuckDBPyConnection", confidence_level: float) -> None:
    """Make ``wilson_low(k, n)`` and ``wilson_high(k, n)`` callable in SQL on ``con``.

    k of n, both counts; NULL when n is 0. E. B. Wilson, JASA 22 (1927); bounds are exact 0 and 1
    for k = 0 and k = n, where the formula would leave rounding dust.
    """
    z = _quantile(confidence_level)
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


def register_rates(con: "DuckDBPyConnection", confidence_level: float) -> None:
    """Make ``rate(k, n)``, ``rate_low``, ``rate_high`` and ``verdict(n)`` callable in SQL on ``con``.

    A share and its Wilson bounds, said only of :data:`FEWEST_CASES` cases or more: NULL otherwise,
    and the verdict is ``insufficient`` instead of ``ok``. Registers the Wilson macros too.
    """
    register_wilson(con, confidence_level)
    for name, figure in (
        ("rate", "k / n"),
        ("rate_low", "wilson_low(k, n)"),
        ("rate_high", "wilson_high(k, n)"),
    ):
        con.execute(
            f"CREATE OR REPLACE TEMP MACRO {name}(k, n) AS "
            f"CASE WHEN n >= {FEWEST_CASES} THEN {figure} END"
        )
    con.execute(
        "CREATE OR REPLACE TEMP MACRO verdict(n) AS "
        f"CASE WHEN n >= {FEWEST_CASES} THEN 'ok' ELSE 'insufficient' END"
    )


def register_relative_risk(con: "DuckDBPyConnection", confidence_level: float) -> None:
    """Make ``relative_risk(a, n, b, m)``, ``…_low``, ``…_high`` and ``…_interval`` callable in SQL.

    The share a of n over the share b of m, counts of persons; NULL when n or m is 0. The interval
    is that of Katz et al. (Biometrics 34, 1978), ``katz``; where a or b is 0, or both shares are 1,
    half a person is added to each of the four cells (Haldane 1956, Anscombe 1956), ``haldane``.
    """
    z = _quantile(confidence_level)
    plain = "NOT (a = 0 OR b = 0 OR (a = n AND b = m))"
    added = f"(CASE WHEN {plain} THEN 0 ELSE 0.5::DOUBLE END)"
    ratio = f"((a + {added}) / (n + 2 * {added})) / ((b + {added}) / (m + 2 * {added}))"
    error = (
        f"sqrt(1 / (a + {added}) - 1 / (n + 2 * {added}) "
        f"+ 1 / (b + {added}) - 1 / (m + 2 * {added}))"
    )
    for name, figure in (
        ("relative_risk", ratio),
        ("relative_risk_low", f"{ratio} * exp(-{z!r} * {error})"),
        ("relative_risk_high", f"{ratio} * exp({z!r} * {error})"),
        ("relative_risk_interval", f"CASE WHEN {plain} THEN 'katz' ELSE 'haldane' END"),
    ):
        con.execute(
            f"CREATE OR REPLACE TEMP MACRO {name}(a, n, b, m) AS "
            f"CASE WHEN n > 0 AND m > 0 THEN {figure} END"
        )


def _quantile(confidence_level: float) -> float:
    return NormalDist().inv_cdf(0.5 + confidence_level / 2)
