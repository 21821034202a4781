"""Two distributions over the same outcomes compared: pure functions over a 2 × k table of counts.

Belongs here: the Jensen–Shannon divergence with its correction and interval, Pearson's statistic and
its p-value. Does not belong here: which persons are counted (``divergence_points.sql``) and several
tests at once (:mod:`journey_assets.journeys.error_control`).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Counts = npt.NDArray[np.int64]
    Floats = npt.NDArray[np.float64]

#: Pearson's statistic follows chi² well enough when every expected count is at least this.
LEAST_EXPECTED = 5.0

#: Permutations drawn at once. Part of what a seed stands for: another block draws other tables.
_BLOCK = 100

#: numpy draws a table by shuffling labels, at a cost that grows with the smaller group, or outcome by
#: outcome: the first is faster while the smaller group has fewer persons per outcome than this.
_SHUFFLED = 8


@dataclass(frozen=True, slots=True)
class Comparison:
    """What :func:`compare` says of a table; the divergences are in bits.

    permutations: how many were drawn for the p-value, 0 with method ``chi2``.
    """

    jsd_bits: float
    jsd_corrected: float
    jsd_low: float
    jsd_high: float
    cramers_v: float
    chi2: float
    min_expected: float
    p_value: float
    method: str
    permutations: int


def compare(
    table: "Counts",
    *,
    permutations: int,
    most_exceedances: int,
    confidence_level: float,
    rng: "np.random.Generator",
) -> Comparison:
    """Compare the two rows of ``table`` (2 × k counts, no empty row, no empty column).

    permutations, most_exceedances: as :func:`exceedances` takes them.
    """
    from math import sqrt

    persons = int(table.sum())
    chi2, min_expected = pearson(table)
    jsd = float(jensen_shannon(*(row / row.sum() for row in table)))
    corrected = jsd - permutation_mean(table.sum(axis=0), int(table[0].sum()))
    half = interval_half_width(table, confidence_level)
    if min_expected >= LEAST_EXPECTED:
        p_value, method, drawn = chi2_p(chi2, table.shape[1] - 1), "chi2", 0
    else:
        exceeding, drawn = exceedances(table, permutations, most_exceedances, rng)
        p_value, method = (exceeding + 1) / (drawn + 1), "permutation"
    return Comparison(
        jsd_bits=jsd,
        jsd_corrected=corrected,
        jsd_low=min(max(corrected - half, 0.0), 1.0),
        jsd_high=min(max(corrected + half, 0.0), 1.0),
        cramers_v=sqrt(chi2 / persons),
        chi2=chi2,
        min_expected=min_expected,
        p_value=p_value,
        method=method,
        permutations=drawn,
    )


def jensen_shannon(p: "Floats", q: "Floats") -> "Floats":
    """Jensen–Shannon divergence in bits of distributions along the last axis.

    Equal weights, whatever the sizes of the samples: the square of scipy's ``jensenshannon`` with
    base 2. J. Lin, IEEE Trans. Inf. Theory 37 (1991).
    """
    import numpy as np

    total: Floats = np.sum(_divergence_terms(p, q), axis=-1)
    return total


def pearson(table: "Counts") -> tuple[float, float]:
    """Pearson's statistic of independence and the smallest expected count."""
    import numpy as np

    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    return float(((table - expected) ** 2 / expected).sum()), float(expected.min())


def chi2_p(statistic: float, degrees: int) -> float:
    """Upper tail of chi²; 1 without a degree of freedom, where nothing can differ."""
    from scipy.special import chdtrc

    return float(chdtrc(degrees, statistic)) if degrees else 1.0


def permutation_mean(columns: "Counts", first: int) -> float:
    """The mean of the divergence over all permutations of the labels, in bits.

    columns: counts of the outcomes in both groups together; first: size of the first group. Exact,
    nothing is drawn: the divergence is a sum over outcomes, and a permutation gives an outcome's
    count a hypergeometric distribution. What is left out lies ten standard deviations and 30 counts
    or more from the mean: less than 1e-20 of the mass.
    """
    import numpy as np
    from scipy.special import gammaln

    persons = int(columns.sum())
    second = persons - first
    count, repeats = np.unique(columns, return_counts=True)
    mean = count * (first / persons)
    spread = np.sqrt(mean * (second / persons) * (persons - count) / max(persons - 1, 1))
    width = np.ceil(10 * spread) + 30
    low = np.maximum.reduce([np.floor(mean - width), count - second, np.zeros_like(mean)])
    high = np.minimum.reduce(
        [np.ceil(mean + width), count.astype(float), np.full_like(mean, first)]
    )
    sizes = (high - low + 1).astype(np.int64)
    starts = np.cumsum(sizes) - sizes
    x = np.arange(sizes.sum()) - np.repeat(starts - low, sizes)
    of = np.repeat(count, sizes)
    weight = np.exp(
        gammaln(of + 1) - gammaln(x + 1) - gammaln(of - x + 1)
        + gammaln(persons - of + 1) - gammaln(first - x + 1) - gammaln(second - of + x + 1)
        + gammaln(first + 1) + gammaln(second + 1) - gammaln(persons + 1)
    )  # fmt: skip
    value = _divergence_terms(x / first, (of - x) / second)
    # Dividing by the sum of the weights takes out the rounding of large factorials.
    means = np.add.reduceat(weight * value, starts) / np.add.reduceat(weight, starts)
    return float((means * repeats).sum())


def interval_half_width(table: "Counts", confidence_level: float) -> float:
    """Half the width of the interval of the divergence around its corrected value, in bits.

    The delta method, its gradient ½·log2(p/m) taken where half a person is added to every cell (a
    next event that one group never had would otherwise count as known), plus the variance that the
    divergence has when nothing differs, where the gradient vanishes; Student's t with the smaller
    group's degrees of freedom. Measured to hold the true value 94 to 100 % of the time from 10
    persons a group on (``benchmarks/bench_error_rates.py``).
    """
    import numpy as np
    from scipy.special import stdtrit

    sizes = table.sum(axis=1)
    outcomes = table.shape[1]
    shares = (table + 0.5) / (sizes[:, None] + 0.5 * outcomes)
    gradient = np.log2(shares / shares.mean(axis=0)) / 2
    spread = (shares * gradient**2).sum(axis=1) - (shares * gradient).sum(axis=1) ** 2
    scale = (1 / sizes).sum() / (8 * np.log(2))
    variance = (spread / sizes).sum() + 2 * (outcomes - 1) * scale**2
    quantile = stdtrit(max(int(sizes.min()) - 1, 1), 0.5 + confidence_level / 2)
    return float(quantile * np.sqrt(variance))


def exceedances(
    table: "Counts", permutations: int, most: int, rng: "np.random.Generator"
) -> tuple[int, int]:
    """How many permutations of the labels give a statistic as large, and how many were drawn.

    Their p-value is (b + 1)/(m + 1) (Phipson & Smyth 2010). Drawing ends with exceedance number
    ``most``, when p is known to one part in √most; it is still valid then, since it is not below the
    b/m of Besag & Clifford (Biometrika 78, 1991).
    """
    import numpy as np

    columns = table.sum(axis=0)
    single = columns == 1
    # At fixed margins Pearson's statistic grows with Σ x²/column; outcomes that one person had add
    # x each and are drawn as one colour.
    several = columns[~single]
    colours = np.append(several, single.sum())

    def statistic(counts: "Counts") -> "Floats":
        grown: Floats = (counts[..., :-1] ** 2 / several).sum(axis=-1) + counts[..., -1]
        return grown

    size = table.sum(axis=1)
    method: Literal["count", "marginals"] = (
        "count" if size.min() < _SHUFFLED * len(colours) else "marginals"
    )
    seen = np.append(table[0][~single], table[0][single].sum())
    bound = float(statistic(seen)) * (1 - 1e-12)
    found = drawn = 0
    while drawn < permutations:
        block = min(_BLOCK, permutations - drawn)
        counts = rng.multivariate_hypergeometric(colours, size[0], size=block, method=method)
        hits = np.flatnonzero(statistic(counts) >= bound)
        if found + len(hits) >= most:
            return most, drawn + int(hits[most - found - 1]) + 1
        found, drawn = found + len(hits), drawn + block
    return found, drawn


def _divergence_terms(p: "Floats", q: "Floats") -> "Floats":
    """Each outcome's part of the divergence, in bits."""
    import numpy as np
    from scipy.special import rel_entr

    middle = (p + q) / 2
    terms: Floats = (rel_entr(p, middle) + rel_entr(q, middle)) / (2 * np.log(2))
    return terms
