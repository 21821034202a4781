"""Intervals of shares and of ratios of shares, for SQL.

Belongs here: intervals that every statistics package states the same way. Does not belong here:
resampling (:mod:`journey_assets.channels.ltv`) or tests.
"""

from functools import lru_cache
from math import cos, pi, sin, sqrt, tan
from statistics import NormalDist
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: A rate of fewer cases than this is not stated.
FEWEST_CASES = 10

#: How many times the variance of x of v visits is that of as many visits of as many persons: the
#: persons are clusters, x/v is a ratio (Cochran, Sampling Techniques, 3rd ed. 1977, §6 and §9). Of n
#: persons with a visit, xx, xv and vv are the sums of x², x·v and v². Where the sample cannot tell
#: (one person, or all visits alike) the visits of a person count as wholly alike, and where nobody has
#: a second visit there are no clusters: both are vv / v.
_DESIGN_EFFECT = (
    "CASE WHEN v = 0 THEN NULL "
    "WHEN n < 2 OR x = 0 OR x = v OR vv = v THEN vv / v "
    "ELSE n / (n - 1) * greatest(xx - 2 * (x / v) * xv + (x / v) ^ 2 * vv, 0) "
    "/ (v * (x / v) * (1 - x / v)) END"
)

#: Where visits cluster (deff > 1), their variance is known as well as that of this many persons less one
#: lets it be: all n, or where fewer have x, or anything but x, twice their effective number (Kish, Survey
#: Sampling, 1965: (Σx)²/Σx²; with x in half of the persons that is n). With the normal quantile 20
#: persons of 20 visits and a share of .02 to .05 cover 86–93 %, with this 93–95 %.
_FREEDOM = "greatest(least(n, 2 * x ^ 2 / xx, 2 * (v - x) ^ 2 / (vv - 2 * xv + xx)) - 1, 1)"

#: A share of x of v visits is known as well as that of this many independent ones, of which the normal
#: quantile z then makes the interval that Student's t makes of v / deff (E. L. Korn & B. I. Graubard,
#: Survey Methodology 24, 1998).
_EFFECTIVE_NUMBER = (
    "CASE WHEN NOT design_effect(x, v, n, xx, xv, vv) > 1 + 1e-9 THEN v::DOUBLE "
    "WHEN x = 0 OR x = v THEN v / design_effect(x, v, n, xx, xv, vv) "
    f"ELSE v / design_effect(x, v, n, xx, xv, vv) * (z / students_t({_FREEDOM})) ^ 2 END"
)

#: Quantiles of Student's t are exact for fewer degrees of freedom; from here on the expansion in their
#: inverse is (Abramowitz & Stegun, 26.7.5), to the fifth digit.
_EXPANDED = 11


def register_wilson(con: "DuckDBPyConnection", confidence_level: float) -> None:
    """Make ``wilson_low(k, n)``, ``wilson_high(k, n)`` and what clusters need callable on ``con``.

    k of n, both counts; NULL when n is 0. E. B. Wilson, JASA 22 (1927); bounds are exact 0 and 1
    for k = 0 and k = n, where the formula would leave rounding dust. ``share_low(p, n)`` and
    ``share_high(p, n)`` are the same bounds of a share p on n cases, which need not be whole: the
    ``effective_number`` of a share of visits. It and ``design_effect`` take x, v, n, xx, xv, vv: of n
    persons with visits v, of which x, the sums of x, v, x², x·v and v².
    """
    z = _quantile(confidence_level)
    centre = f"(p + {z!r} ^ 2 / (2 * n)) / (1 + {z!r} ^ 2 / n)"
    half = f"{z!r} * sqrt(p * (1 - p) / n + {z!r} ^ 2 / (4 * n ^ 2)) / (1 + {z!r} ^ 2 / n)"
    for macro in (
        "share_low(p, n) AS CASE "
        f"WHEN n = 0 THEN NULL WHEN p = 0 THEN 0.0::DOUBLE ELSE {centre} - {half} END",
        "share_high(p, n) AS CASE "
        f"WHEN n = 0 THEN NULL WHEN p = 1 THEN 1.0::DOUBLE ELSE {centre} + {half} END",
        "wilson_low(k, n) AS share_low(k / n, n)",
        "wilson_high(k, n) AS share_high(k / n, n)",
        f"design_effect(x, v, n, xx, xv, vv) AS {_DESIGN_EFFECT}",
        f"students_t(df) AS {_students_t(confidence_level)}",
        "effective_number(x, v, n, xx, xv, vv) AS "
        + _EFFECTIVE_NUMBER.replace("(z /", f"({z!r} /"),
    ):
        con.execute(f"CREATE OR REPLACE TEMP MACRO {macro}")


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


@lru_cache
def _students_t(confidence_level: float) -> str:
    """SQL of the two-sided quantile of Student's t with ``df`` degrees of freedom, 1 or more."""
    z = _quantile(confidence_level)
    exact = [_exact_t(confidence_level, df) for df in range(1, _EXPANDED)]
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    expanded = " + ".join(f"{term!r} / df ^ {power}" for power, term in enumerate(terms, start=1))
    return f"CASE WHEN df < {_EXPANDED} THEN {exact}[floor(df + 1e-9)::INTEGER] ELSE {z!r} + {expanded} END"


def _exact_t(confidence_level: float, df: int) -> float:
    """The quantile by bisection of the distribution, which is a finite sum (Abramowitz & Stegun, 26.7.3–4).

    (Here and not from scipy: intervals are needed where nothing else loads it.)
    """
    low, high = 0.0, pi / 2  # of the angle whose tangent is t/√df
    for _ in range(60):
        angle = (low + high) / 2
        term, total = (cos(angle), cos(angle)) if df % 2 else (1.0, 1.0)
        for k in range(2 + df % 2, df - 1, 2):
            term *= cos(angle) ** 2 * (k - 1) / k
            total += term
        if df == 1:
            within = 2 * angle / pi
        elif df % 2:
            within = 2 / pi * (angle + sin(angle) * total)
        else:
            within = sin(angle) * total
        low, high = (angle, high) if within < confidence_level else (low, angle)
    return tan(low) * sqrt(df)
