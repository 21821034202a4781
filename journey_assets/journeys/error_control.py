"""Exact tests of counts, and error control over many of them: pure functions over arrays.

Belongs here: p-values from the hypergeometric distribution and Benjamini–Hochberg. Does not belong
here: which events are tested (the SQL files), distributions of several outcomes
(:mod:`journey_assets.journeys.contingency`).
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Counts = npt.NDArray[np.int64]
    Floats = npt.NDArray[np.float64]

#: Outcomes this much likelier than the observed one still count as no likelier: they are equally
#: likely but for rounding (the tolerance of R's fisher.test).
_TIES = 1e-7

#: What a division may leave of a whole number.
_DUST = 1e-9


def fisher_exact(
    successes: "Counts", trials: "Counts", others: "Counts", rest: "Counts"
) -> "Floats":
    """Two-sided p-values of Fisher's exact test, one per element.

    ``successes`` of ``trials`` against ``others`` of ``rest``: the probability, given the margins, of
    all tables no likelier than the one seen (as scipy's ``fisher_exact``, but for arrays at once: the
    far end of the other tail is found by bisection for all tables together).
    """
    import numpy as np

    from journey_assets.journeys.hypergeometric import at_least, at_most, log_probability

    margins = (trials + rest, trials, successes + others)
    bound = log_probability(successes, *margins) + _TIES
    mode = (trials + 1) * (successes + others + 1) // (trials + rest + 2)
    left = successes <= mode
    # On the mode's other side, from the mode (likelier) to behind the last table (not possible), the
    # first that is no likelier than the one seen.
    last = np.where(left, np.minimum(trials, margins[2]), np.maximum(margins[2] - rest, 0))
    likelier, first = mode, np.where(left, last + 1, last - 1)
    while (abs(first - likelier) > 1).any():
        middle = (likelier + first) // 2
        inside = log_probability(middle, *margins) > bound
        likelier, first = np.where(inside, middle, likelier), np.where(inside, first, middle)
    low, high = np.where(left, successes, first), np.where(left, first, successes)
    p = at_most(low, *margins) + at_least(high, *margins)
    found: Floats = np.where(log_probability(mode, *margins) > bound, np.minimum(p, 1.0), 1.0)
    return found


def more_than_elsewhere(
    successes: "Counts", trials: "Counts", all_successes: "Counts", all_trials: "Counts"
) -> "Floats":
    """One-sided exact p-values that a part of all trials has no more successes than chance gives it.

    The upper tail of the hypergeometric distribution: Fisher's exact test of the part against the
    rest, alternative ``greater``.
    """
    from journey_assets.journeys.hypergeometric import at_least

    return at_least(successes, all_trials, all_successes, trials)


def effective_counts(
    deff: "Floats",
    successes: "Counts",
    trials: "Counts",
    all_successes: "Counts",
    all_trials: "Counts",
) -> "tuple[Counts, Counts, Counts, Counts]":
    """A part and the whole, as :func:`more_than_elsewhere` takes them, where trials come in clusters.

    All four counts are divided by the design effect of the part's share where that is above 1: the
    first-order correction of J. N. K. Rao and A. J. Scott (Annals of Statistics 12, 1984; Statistics in
    Medicine 11, 1992, for clusters). An exact test of effective counts rather than a z of the design's
    variance, because a state may have few exits; what is not whole is rounded against the claim:
    fewer successes in the part, more elsewhere.
    """
    import numpy as np

    divisor = np.maximum(deff, 1.0)

    def fewer(counts: "Counts") -> "Counts":
        return np.floor(counts / divisor + _DUST).astype(np.int64)

    def more(counts: "Counts") -> "Counts":
        return np.ceil(counts / divisor - _DUST).astype(np.int64)

    inside, elsewhere = fewer(successes), more(all_successes - successes)
    part = inside + more(trials - successes)
    rest = elsewhere + fewer(all_trials - trials - all_successes + successes)
    return inside, part, inside + elsewhere, part + rest


def false_discovery_rates(p: "Floats", family: "Counts") -> "Floats":
    """The q-values of Benjamini & Hochberg (JRSS B 57, 1995), each family of tests on its own."""
    import numpy as np

    order = np.lexsort((p, family))
    q: Floats = np.empty(len(p))
    _, begins = np.unique(family[order], return_index=True)
    for tests in np.split(order, begins[1:]):
        raised = p[tests] * (len(tests) / np.arange(1, len(tests) + 1))
        q[tests] = np.minimum(np.minimum.accumulate(raised[::-1])[::-1], 1.0)
    return q
