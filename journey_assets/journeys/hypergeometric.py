"""The hypergeometric distribution over arrays: of ``all_`` things ``good`` are good, ``drawn`` are drawn.

Belongs here: probabilities and tails. Does not belong here: tests (:mod:`~.error_control`).

scipy has the distribution in ``scipy.stats``, whose import takes longer than most days' tests.
"""

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import betaln

from journey_assets.journeys.kernels import compiled

if TYPE_CHECKING:
    import numpy.typing as npt

    Counts = npt.NDArray[np.int64]
    Floats = npt.NDArray[np.float64]


def log_probability(k: "Counts", all_: "Counts", good: "Counts", drawn: "Counts") -> "Floats":
    """Natural logarithm of the probability that ``k`` of those drawn are good; −∞ where none can be."""
    bad = all_ - good
    possible = (k >= np.maximum(drawn - bad, 0)) & (k <= np.minimum(good, drawn))
    at = np.where(possible, k, np.maximum(drawn - bad, 0))
    found: Floats = (
        betaln(good + 1, 1)
        + betaln(bad + 1, 1)
        + betaln(all_ - drawn + 1, drawn + 1)
        - betaln(at + 1, good - at + 1)
        - betaln(drawn - at + 1, bad - drawn + at + 1)
        - betaln(all_ + 1, 1)
    )
    return np.where(possible, found, -np.inf)


def at_least(k: "Counts", all_: "Counts", good: "Counts", drawn: "Counts") -> "Floats":
    """The probability that ``k`` or more of those drawn are good."""
    mode = (drawn + 1) * (good + 1) // (all_ + 2)
    # The tail that does not hold the mode is summed, from its likeliest end outwards.
    upper = k > mode
    begins = np.where(upper, k, k - 1)
    probability = np.exp(log_probability(begins, all_, good, drawn))
    sums = _tails(probability, begins, upper, all_, good, drawn)
    found: Floats = np.clip(np.where(upper, sums, 1 - sums), 0.0, 1.0)
    return found


def at_most(k: "Counts", all_: "Counts", good: "Counts", drawn: "Counts") -> "Floats":
    """The probability that ``k`` or fewer of those drawn are good: the others of them are bad."""
    return at_least(drawn - k, all_, all_ - good, drawn)


@compiled
def _tails(
    probability: "Floats",
    begins: "Counts",
    upper: "npt.NDArray[np.bool_]",
    all_: "Counts",
    good: "Counts",
    drawn: "Counts",
) -> "Floats":
    """The sums from ``begins`` on, upwards or downwards, until what follows no longer counts."""
    sums = np.empty_like(probability)
    for each in range(len(begins)):
        k, n, g = begins[each], drawn[each], good[each]
        others = all_[each] - g - n  # of the bad, those that stay where all drawn are bad
        term = total = probability[each]
        while term > 1e-17 * total:
            if upper[each]:
                term *= (g - k) * (n - k) / ((k + 1) * (others + k + 1))
                k += 1
            else:
                term *= k * (others + k) / ((g - k + 1) * (n - k + 1))
                k -= 1
            total += term
        sums[each] = total
    return sums
