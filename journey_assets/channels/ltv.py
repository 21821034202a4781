"""Intervals of the mean and the median lifetime value of a segment.

Belongs here: the resampling and the order statistics, on plain arrays. Does not belong here: which
profiles make a segment (``classified.sql``).

The mean's interval is the bootstrap-t (Efron & Tibshirani, *An Introduction to the Bootstrap*,
1993, §12.5): lifetime values are skewed, and on log-normal values (σ = 1, 25 profiles, 1,000
repetitions) it covered the true mean 91 % of the time at a nominal 95 %, the percentile bootstrap
86 %, BCa 87 % and Student's t 86 %.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: Fewer values than this carry no interval: the figure is ``insufficient``.
FEWEST = 10

#: More values than this get Student's t: the bootstrap then differs by less than its own noise.
MOST_RESAMPLED = 5_000

RESAMPLES = 2_000
SEED = 20260101

_CHUNK = 1_000_000  # values drawn at once, which bounds the memory


@dataclass(frozen=True, slots=True)
class Interval:
    """Bounds, and the method that gave them; no bounds when there were too few values."""

    low: float | None = None
    high: float | None = None
    method: str | None = None


def mean_interval(values: "NDArray[np.float64]", confidence_level: float) -> Interval:
    """The interval of the mean; the same for the same values in the same order.

    Sort ``values`` first if the answer is not to depend on their order.
    """
    import numpy as np
    from scipy.special import stdtrit

    n = len(values)
    if n < FEWEST:
        return Interval()
    mean = float(values.mean())
    if values.min() == values.max():
        return Interval(mean, mean, "constant")
    tails = np.array([(1 - confidence_level) / 2, (1 + confidence_level) / 2])
    if n > MOST_RESAMPLED:
        method = "student_t"
        low, high = stdtrit(n - 1, tails)
    else:
        method = "bootstrap_t"
        # The upper tail of the resampled t bounds the mean from below, and the reverse.
        high, low = -np.quantile(_resampled_t(values - mean), tails)
    error = float(values.std(ddof=1)) / n**0.5
    return Interval(mean + float(low) * error, mean + float(high) * error, method)


def ratio_interval(
    values: "NDArray[np.float64]", expected: "NDArray[np.float64]", confidence_level: float
) -> tuple[float, float | None, float | None]:
    """The sum of ``values`` over that of ``expected``, and the interval of that ratio.

    Of the ratio R the interval is that of the mean of ``values − R · expected``, over the mean of
    ``expected`` (Cochran, *Sampling Techniques*, 3rd ed. 1977, §2.11), which is taken as known.
    """
    ratio = float(values.sum() / expected.sum())
    rest = mean_interval(values - ratio * expected, confidence_level)
    if rest.low is None or rest.high is None:
        return ratio, None, None
    mean = float(expected.mean())
    return ratio, ratio + rest.low / mean, ratio + rest.high / mean


def median_interval(values: "NDArray[np.float64]", confidence_level: float) -> Interval:
    """The distribution-free interval of the median between two order statistics.

    The ranks are those of the binomial(n, ½), so the coverage is at least the level
    (Conover, *Practical Nonparametric Statistics*, §3.2).
    """
    import numpy as np
    from scipy.special import bdtr

    n = len(values)
    if n < FEWEST:
        return Interval()
    # The largest r with P(B < r) ≤ α/2; cdf[k] is P(B ≤ k).
    cdf = bdtr(np.arange(n // 2 + 1, dtype=np.float64), n, 0.5)
    rank = int(np.searchsorted(cdf, (1 - confidence_level) / 2, side="right"))
    if rank == 0:
        return Interval()
    ordered = np.sort(values)
    return Interval(float(ordered[rank - 1]), float(ordered[n - rank]), "order_statistics")


def _resampled_t(centred: "NDArray[np.float64]") -> "NDArray[np.float64]":
    """Student's t of each resample of the centred values; resamples of one value are left out."""
    import numpy as np

    n = len(centred)
    random = np.random.default_rng(SEED)
    rows = max(1, _CHUNK // n)
    parts = []
    for start in range(0, RESAMPLES, rows):
        size = (min(rows, RESAMPLES - start), n)
        sample = centred[random.integers(0, n, size, dtype=np.int32)]
        sample = sample[sample.max(axis=1) > sample.min(axis=1)]
        parts.append(sample.mean(axis=1) / sample.std(axis=1, ddof=1) * n**0.5)
    return np.concatenate(parts)
