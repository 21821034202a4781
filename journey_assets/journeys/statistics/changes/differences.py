"""Differences of a figure between two periods that share no day: intervals and p-values.

Belongs here: the mathematics, over arrays with an element per comparison. Does not belong here: what is
compared (``compared.sql``), error control over many (:mod:`journey_assets.journeys.family`).

Persons are the clusters. One who is there in both periods counts as two: what a person does then and now
is alike if anything, so that the variance of the difference is smaller than is reckoned here, and a
claim rarer. (Newcomers are of one period alone.)
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from journey_assets.journeys.error_control import fisher_exact

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]


#: Hours after a newcomer's first event that are looked at.
HOURS = 7 * 24


@dataclass(frozen=True, slots=True)
class Sums:
    """Of one period, over n persons with v visits, x of them of the kind: sums of x, v and products."""

    n: "Floats"
    x: "Floats"
    v: "Floats"
    xx: "Floats"
    xv: "Floats"
    vv: "Floats"

    @property
    def ratio(self) -> "Floats":
        """x of v."""
        return self.x / self.v

    @property
    def residuals(self) -> "Floats":
        """The sum over persons of (x − R·v)²."""
        return self.xx - 2 * self.ratio * self.xv + self.ratio**2 * self.vv


@dataclass(frozen=True, slots=True)
class Difference:
    """Bounds of now − then, and the p-value of no difference."""

    low: "Floats"
    high: "Floats"
    p: "Floats"


def of_shares(then: Sums, now: Sums, level: float) -> Difference:
    """Of shares of visits: Newcombe's interval and Fisher's exact test, on effective numbers.

    R. G. Newcombe, Statistics in Medicine 17 (1998), method 10. Both periods' visits are divided by one
    design effect, of the residuals of both (J. N. K. Rao, A. J. Scott, Statistics in Medicine 11, 1992):
    a period without a single case knows nothing of how cases cluster.
    """
    import numpy as np

    deff = _design_effect(then, now)
    bounds = [(each.ratio, *_wilson(each.ratio, each.v / deff, level)) for each in (then, now)]
    low, high = _hybrid(*bounds)
    counts = (now.x, now.v, then.x, then.v)
    p = fisher_exact(*(np.rint(each / deff).astype(np.int64) for each in counts))
    return Difference(low, high, p)


def of_means(then: Sums, now: Sums, level: float) -> Difference:
    """Of means over persons (v = n): Welch's interval and test (Biometrika 34, 1947)."""
    import numpy as np
    from scipy.special import stdtr, stdtrit

    variances = [each.residuals / (each.n - 1) / each.n for each in (then, now)]
    error = np.sqrt(variances[0] + variances[1])
    freedom = error**4 / (variances[0] ** 2 / (then.n - 1) + variances[1] ** 2 / (now.n - 1))
    difference = now.ratio - then.ratio
    half = stdtrit(freedom, 0.5 + level / 2) * error
    p = 2 * stdtr(freedom, -np.abs(difference) / error)
    return Difference(difference - half, difference + half, p)


@dataclass(frozen=True, slots=True)
class Lives:
    """Newcomers of one period by whole hours: those who convert then, and those not observed longer."""

    converting: "Integers"
    ending: "Integers"

    @property
    def at_risk(self) -> "Integers":
        """Persons observed at the beginning of each hour who have not converted before it."""
        leaving = self.converting + self.ending
        found: Integers = leaving[::-1].cumsum()[::-1]
        return found


@dataclass(frozen=True, slots=True)
class Converted:
    """1 − Kaplan–Meier at a horizon with its log-log Greenwood bounds."""

    rate: float
    low: float
    high: float


def converted_by(lives: Lives, hours: int, level: float) -> Converted:
    """Who has converted ``hours`` after the first event; needs somebody at risk in each hour."""
    import numpy as np

    n, d = lives.at_risk[:hours].astype(np.float64), lives.converting[:hours]
    survival = float(np.prod(1 - d / n))
    if survival in (0.0, 1.0):
        low, high = _wilson(np.array([1 - survival]), n[-1:], level)
        return Converted(1 - survival, float(low[0]), float(high[0]))
    greenwood = float(np.sum(d / (n * (n - d))))
    width = _z(level) * np.sqrt(greenwood) / abs(np.log(survival))
    return Converted(
        1 - survival,
        1 - float(survival ** np.exp(-width)),
        1 - float(survival ** np.exp(width)),
    )


def of_lives(then: Lives, now: Lives, hours: int, level: float) -> tuple[float, float, float]:
    """Low, high and p of the difference of conversion within ``hours``: MOVER and the log-rank test.

    Zou & Donner, Statistics in Medicine 27 (2008); Mantel, Cancer Chemotherapy Reports 50 (1966).
    """
    import numpy as np
    from scipy.special import ndtr

    rates = [converted_by(each, hours, level) for each in (then, now)]
    low, high = _hybrid(
        *((np.array([r.rate]), np.array([r.low]), np.array([r.high])) for r in rates)
    )
    n1, n = now.at_risk[:hours], (then.at_risk + now.at_risk)[:hours]
    d1, d = now.converting[:hours], (then.converting + now.converting)[:hours]
    expected = np.sum(d * n1 / n)
    variance = np.sum(d * (n1 / n) * (1 - n1 / n) * (n - d) / np.maximum(n - 1, 1))
    z = (np.sum(d1) - expected) / np.sqrt(variance) if variance > 0 else 0.0
    return float(low[0]), float(high[0]), float(2 * ndtr(-abs(z)))


def _design_effect(then: Sums, now: Sums) -> "Floats":
    import numpy as np

    visits, persons = then.v + now.v, then.n + now.n
    ratio = (then.x + now.x) / visits
    variance = ratio * (1 - ratio)
    residuals = np.maximum(then.residuals + now.residuals, 0)
    # Where all visits are of one kind nothing says how they cluster, and nothing differs either.
    effect = np.divide(
        persons / (persons - 2) * residuals / visits,
        variance,
        out=np.ones_like(ratio),
        where=variance > 0,
    )
    return np.maximum(effect, 1.0)


def _wilson(share: "Floats", n: "Floats", level: float) -> "tuple[Floats, Floats]":
    import numpy as np

    z = _z(level)
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    low = np.where(share == 0, 0.0, centre - half)
    high = np.where(share == 1, 1.0, centre + half)
    return low, high


def _hybrid(
    then: "tuple[Floats, Floats, Floats]", now: "tuple[Floats, Floats, Floats]"
) -> "tuple[Floats, Floats]":
    """Bounds of now − then from the bounds of each, (value, low, high)."""
    import numpy as np

    difference = now[0] - then[0]
    low = difference - np.sqrt((now[0] - now[1]) ** 2 + (then[2] - then[0]) ** 2)
    high = difference + np.sqrt((now[2] - now[0]) ** 2 + (then[0] - then[1]) ** 2)
    return low, high


def _z(level: float) -> float:
    from statistics import NormalDist

    return NormalDist().inv_cdf(0.5 + level / 2)
