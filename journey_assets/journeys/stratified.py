"""Counts of two groups compared within strata: pure functions over arrays.

Belongs here: the tests of Cochran, Mantel and Haenszel for shares of several outcomes and for one share
that is looked for above the others, and which stratification makes the claim. Does not belong here:
hazards over visits (:mod:`journey_assets.journeys.hazards`), who is counted (the entries).
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Integers = npt.NDArray[np.int64]
    Floats = npt.NDArray[np.float64]

#: By what every comparison is stratified.
STRATA = ("platform", "country")

#: Outcomes are put together until each is expected this often in both groups.
LEAST_EXPECTED = 5.0

#: Outcomes that are told apart at most, the most frequent: the test inverts a matrix of them.
_OUTCOMES = 60

#: Eigenvalues below this part of the largest are zero but for rounding.
_DUST = 1e-10


def same_outcomes(ours: "Integers", others: "Integers") -> float:
    """p that the two groups have the same outcomes within each stratum; NaN where too few would tell.

    ours, others: persons by stratum (row) and outcome (column). The generalised test of Cochran, Mantel
    and Haenszel, outcomes without an order (J. R. Landis, E. R. Heyman & G. G. Koch, International
    Statistical Review 46, 1978): the sums over strata of what is seen less what is expected, against
    chi² with as many degrees of freedom as their covariance has (outcomes − 1, unless strata keep some
    outcomes apart). Which outcomes are put together is a matter of the margins alone.
    """
    import numpy as np
    from scipy.special import chdtrc

    both = (ours.sum(axis=1) > 0) & (others.sum(axis=1) > 0)
    seen, all_ = ours[both], (ours + others)[both]
    if np.count_nonzero((ours + others).sum(axis=0)) < 2:
        return 1.0  # nothing can differ
    n, n1 = all_.sum(axis=1, keepdims=True), seen.sum(axis=1, keepdims=True)
    share = n1 / np.maximum(n, 1)
    places = _together(np.minimum(share * all_, (1 - share) * all_).sum(axis=0))
    seen, all_ = seen @ places, all_ @ places
    weight = share * (1 - share) / np.maximum(n - 1, 1)
    difference = (seen - share * all_).sum(axis=0)
    covariance = np.diag((weight * n * all_).sum(axis=0)) - (weight * all_).T @ all_
    variance, direction = np.linalg.eigh(covariance)
    told = variance > _DUST * max(variance.max(initial=0), 1.0)
    if not told.any():
        return float("nan")
    statistic = ((difference @ direction[:, told]) ** 2 / variance[told]).sum()
    return float(chdtrc(int(told.sum()), statistic))


def _together(expected: "Floats") -> "Floats":
    """Which outcomes (rows) are one column: ones and zeros; the rare ones are together."""
    import numpy as np

    order = np.argsort(expected, kind="stable")
    rare = int(np.searchsorted(np.cumsum(expected[order]), LEAST_EXPECTED)) + 1
    rare = max(rare, int((expected < LEAST_EXPECTED).sum()), len(order) - _OUTCOMES + 1)
    column = np.maximum(np.arange(len(order)) - rare + 1, 0)
    places = np.zeros((len(order), int(column.max(initial=0)) + 1))
    places[order, column] = 1
    return places


def more_in_the_part(
    seen: "Floats", expected: "Floats", variance: "Floats", divisor: "Floats"
) -> "Floats":
    """One-sided p-values that a part of all trials has no more successes than strata give it.

    seen: its successes; expected, variance: what Mantel and Haenszel's sums over the strata make of
    them. divisor: 1, or above it the design effect of the part, by which all three are divided (Rao &
    Scott). Given the margins the successes are a sum of hypergeometric numbers; its tail is that of the
    binomial distribution with the same mean and variance, which is exact enough where few are expected.
    NaN where nothing varies within the strata.
    """
    import numpy as np
    from scipy.special import betainc

    share_of = np.maximum(divisor, 1.0)
    told = variance > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        chance = np.clip(1 - variance / expected, 1e-12, 1 - 1e-12)
        trials = expected / share_of / chance
    successes = np.floor(seen / share_of + 1e-9)
    p = np.where(
        successes > 0,
        betainc(np.maximum(successes, 1), np.maximum(trials - successes + 1, 1), chance),
        1.0,
    )
    return np.where(told, p, np.nan)


def least_told(p: "Floats") -> "Integers":
    """Of each test (column) the stratification (row) that says least, which makes the claim.

    The larger p-value, or the one that does not tell (NaN): so a claim holds within each of them.
    """
    import numpy as np

    found: Integers = np.where(np.isnan(p), 2.0, p).argmax(axis=0)
    return found


def q_values(p: "Floats", family: "Integers") -> "Floats":
    """Those of Benjamini and Hochberg over the tests that tell, NaN for the others."""
    import numpy as np

    from journey_assets.journeys.error_control import false_discovery_rates

    q = np.full(len(p), np.nan)
    told = ~np.isnan(p)
    q[told] = false_discovery_rates(p[told], np.asarray(family)[told])
    return q
