"""Hazards of conversion, with and without something that happened before: pure functions over arrays.

Belongs here: the test of Mantel & Byar with its ratio, and which of the pooled and the stratified
answer is the claim. Does not belong here: who is at risk when (:mod:`journey_assets.journeys.counts.risks`),
which events and steps are tested (their entries).

Comparing what converters did before they converted with all that others ever did is immortal-time bias:
who stays longer has more of everything. So the persons of each visit who may still convert are split by
what they had done *by then* (N. Mantel & D. P. Byar, JASA 69, 1974; R. Simon & R. W. Makuch, Statistics
in Medicine 3, 1984; S. Suissa, American Journal of Epidemiology 167, 2008).
"""

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt

    Integers = npt.NDArray[np.int64]
    Floats = npt.NDArray[np.float64]

#: The normal approximation of a test is trusted from this variance on.
LEAST_VARIANCE = 5.0

#: Tests × visits that are in memory at once.
_BLOCK = 1 << 21


@dataclass(frozen=True)
class Risks:
    """Who is at risk of converting when, as differences over visits: a row per stratum, visit, exposure.

    exposure: 0 is everybody, another number those who have had what it stands for. entered: persons
    who are at risk with it from this visit on. gone: persons who are last so at this visit. converted:
    those of them who convert right after it. Several rows of one key are added up.
    """

    exposure: "Integers"
    stratum: "Integers"
    visit: "Integers"
    entered: "Integers"
    gone: "Integers"
    converted: "Integers"


@dataclass(frozen=True)
class Hazards:
    """What the test says, an element per exposure.

    observed: conversions of the exposed; expected: what they would be if the exposed converted like the
    others at the same visits; variance: of the difference. z: the difference over its standard error,
    p_value: two-sided. ratio, low, high: hazard of the exposed over that of the others, of Mantel &
    Haenszel with the variance of Robins, Breslow & Greenland (Biometrics 42, 1986); where one side has
    no conversion, the one-step ratio of Peto (`peto`), which is finite. strata: strata in which some
    are exposed and some are not, and somebody converts. All but the counts are NaN where the variance
    is below :data:`LEAST_VARIANCE`.
    """

    observed: "Integers"
    expected: "Floats"
    variance: "Floats"
    strata: "Integers"
    z: "Floats"
    p_value: "Floats"
    ratio: "Floats"
    low: "Floats"
    high: "Floats"
    peto: "npt.NDArray[np.bool_]"


def mantel_byar(risks: Risks, exposures: "Integers", quantile: float) -> Hazards:
    """The test of each of ``exposures``; ``quantile``: of the normal distribution, for the bounds.

    At the k-th visit n persons are at risk, n₁ of them exposed, d convert right after it, d₁ of them
    exposed: E = Σ d·n₁/n and V = Σ d·(n₁/n)(1 − n₁/n)(n − d)/(n − 1) over visits and strata. Only those
    matter where somebody converts.
    """
    import numpy as np

    order = np.sort(exposures)
    span = int(risks.visit.max(initial=0)) + 2
    key = risks.stratum * span + risks.visit
    everybody = risks.exposure == 0
    places, n, d = _conversions(risks, key, everybody)
    kept = np.isin(risks.exposure, order)
    test = np.searchsorted(order, risks.exposure[kept])
    rows = np.argsort(test, kind="stable")
    test = test[rows]
    # Who enters counts from the first place at or behind the visit on, who leaves until there.
    since = np.searchsorted(places, key[kept][rows], "left")
    until = np.searchsorted(places, key[kept][rows], "right")
    columns = [getattr(risks, name)[kept][rows] for name in ("entered", "gone", "converted")]
    sums = np.empty((7, len(order)))
    width = len(places) + 1
    tests = max(_BLOCK // width, 1)
    for begin in range(0, len(order), tests):
        number = min(tests, len(order) - begin)
        here = slice(*np.searchsorted(test, [begin, begin + number]))
        row = (test[here] - begin) * width
        entered, gone, converted = (column[here] for column in columns)

        def spread(at: "Integers", by: "Integers", number: int = number) -> "Floats":
            cells = np.bincount(at, weights=by, minlength=number * width)
            return np.asarray(cells.reshape(number, width)[:, :-1], dtype=np.float64)

        change = spread(row + since[here], entered) - spread(row + until[here], gone)
        # Nobody converts after a visit that is not a place.
        d1 = spread(row + since[here], converted)
        sums[:, begin : begin + number] = _sums(np.cumsum(change, axis=1), d1, n, d)
    back = np.searchsorted(order, exposures)
    return _hazards(sums[:, back], quantile)


def _conversions(
    risks: Risks, key: "Integers", everybody: "npt.NDArray[np.bool_]"
) -> "tuple[Integers, Floats, Floats]":
    """The strata's visits after which somebody converts, ascending, with the persons and conversions."""
    import numpy as np

    places, at = np.unique(key[everybody], return_inverse=True)
    entered, gone, d = (
        np.bincount(at, weights=getattr(risks, name)[everybody], minlength=len(places))
        for name in ("entered", "gone", "converted")
    )
    # Everybody of a stratum has left it at its end, so the sum begins anew with each.
    n = np.cumsum(entered) - np.cumsum(gone) + gone
    kept = d > 0
    return places[kept], n[kept].astype(np.float64), d[kept].astype(np.float64)


def _sums(n1: "Floats", d1: "Floats", n: "Floats", d: "Floats") -> "Floats":
    """Rows: Σd₁, E, V, strata, the two sums of the ratio, and the standard error of its logarithm."""
    import numpy as np

    share = n1 / n
    variance = d * share * (1 - share) * (n - d) / np.maximum(n - 1, 1)
    n0, d0 = n - n1, d - d1
    r, s = d1 * (n0 - d0) / n, d0 * (n1 - d1) / n
    p, q = (d1 + n0 - d0) / n, (d0 + n1 - d1) / n
    all_r, all_s = r.sum(axis=1), s.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.sqrt(
            (p * r).sum(axis=1) / (2 * all_r**2)
            + (p * s + q * r).sum(axis=1) / (2 * all_r * all_s)
            + (q * s).sum(axis=1) / (2 * all_s**2)
        )
    both = ((n1 > 0) & (n0 > 0)).sum(axis=1)
    rows = d1.sum(axis=1), (d * share).sum(axis=1), variance.sum(axis=1), both, all_r, all_s, error
    return np.stack(rows)


def _hazards(sums: "Floats", quantile: float) -> Hazards:
    import numpy as np
    from scipy.special import ndtr

    observed, expected, variance, strata, r, s, error = sums
    told = variance >= LEAST_VARIANCE
    peto = told & ((r == 0) | (s == 0))
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(told, (observed - expected) / np.sqrt(variance), np.nan)
        logarithm = np.where(peto, (observed - expected) / variance, np.log(r / s))
        width = quantile * np.where(peto, 1 / np.sqrt(variance), error)
    ratio, low, high = (
        np.where(told, np.exp(logarithm + side * width), np.nan) for side in (0, -1, 1)
    )
    return Hazards(
        observed.astype(np.int64),
        expected,
        variance,
        strata.astype(np.int64),
        z,
        2 * ndtr(-np.abs(z)),
        ratio,
        low,
        high,
        peto,
    )


def claimed(pooled: Hazards, strata: "Sequence[Hazards]") -> "Integers":
    """Which of ``strata``, by its place, makes the claim of each exposure.

    It is one that turns the pooled answer around, if any does; of those left, the one that says least
    (the larger p-value, or that the sample does not tell). So a claim holds within every
    stratification, or against the pooled answer: choosing makes no claim of chance.
    """
    import numpy as np

    p = np.stack([each.p_value for each in strata])
    ratio = np.stack([each.ratio for each in strata])
    with np.errstate(invalid="ignore"):
        turned = (np.log(ratio) * np.log(pooled.ratio)) < 0
    least = np.where(np.isnan(p), 2.0, p)
    preferred = np.where(turned.any(axis=0) & ~turned, -1.0, least)
    found: Integers = preferred.argmax(axis=0)
    return found


def picked(strata: "Sequence[Hazards]", places: "Integers") -> Hazards:
    """Of each exposure what the stratification at its place says."""
    import numpy as np

    return Hazards(
        **{
            field.name: np.choose(places, [getattr(each, field.name) for each in strata])
            for field in fields(Hazards)
        }
    )
