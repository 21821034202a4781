"""Oracles for shares of visits whose persons are clusters."""

import numpy as np
import numpy.typing as npt
from scipy.stats import norm
from scipy.stats import t as student


def design_effect(x: "npt.NDArray[np.int64]", v: "npt.NDArray[np.int64]") -> float:
    """The design effect of the ratio of each person's x to each person's v, from the persons."""
    x, v = x[v > 0], v[v > 0]
    n, visits, share = len(v), v.sum(), x.sum() / v.sum()
    if n < 2 or share in (0, 1) or v.max() == 1:
        return float((v**2).sum() / visits)
    between = n / (n - 1) * ((x - share * v) ** 2).sum() / visits**2
    return float(between / (share * (1 - share) / visits))


def effective_number(x: "npt.NDArray[np.int64]", v: "npt.NDArray[np.int64]") -> float:
    """The independent visits that those of the persons are worth, few persons being known less well."""
    x, v = x[v > 0], v[v > 0]
    deff = design_effect(x, v)
    if deff <= 1 + 1e-9 or x.sum() in (0, v.sum()):
        return float(v.sum() / max(deff, 1))
    persons = [2 * each.sum() ** 2 / (each**2).sum() for each in (x, v - x)]
    freedom = max(min(len(v), *persons) - 1, 1)
    quantile = student.ppf(0.975, freedom if freedom >= 11 else np.floor(freedom + 1e-9))
    return float(v.sum() / deff * (norm.ppf(0.975) / quantile) ** 2)


def wilson(p: float, n: float, z: float = 1.959963984540054) -> tuple[float, float]:
    """Where a share's score test does not refuse it: roots of (p - r)² = z² r (1 - r) / n."""
    a, b, c = 1 + z**2 / n, -(2 * p + z**2 / n), p**2
    root = np.sqrt(max(b**2 - 4 * a * c, 0.0))
    return float((-b - root) / (2 * a)), float((-b + root) / (2 * a))
