"""The test of Mantel & Byar, written out over persons and visits as its formulas say it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp, log, sqrt

from scipy.stats import norm

Z = norm.ppf(0.975)


@dataclass(frozen=True)
class Person:
    """A person's visits in order, what comes after the last one, and the stratum they are in.

    then: ``conversion``, ``exit``, or ``unknown`` (still active, or cut by a limit). landmark: the
    visits that come before anybody looks.
    """

    visits: tuple[str, ...]
    then: str
    stratum: str = ""
    landmark: int = 0

    @property
    def last(self) -> int:
        """The last visit at which it is known whether the conversion follows."""
        return len(self.visits) - (self.then == "unknown")

    def at_risk(self, visit: int) -> bool:
        """Whether the person is at risk of converting right after this visit, from 1."""
        return self.landmark < visit <= self.last

    def converts(self, visit: int) -> bool:
        """Whether the person converts right after it."""
        return self.then == "conversion" and visit == len(self.visits)


@dataclass(frozen=True)
class Answer:
    """What the test says; the ratio only where both sides have a conversion to compare."""

    observed: int
    expected: float
    variance: float
    z: float | None
    ratio: float | None
    low: float | None
    high: float | None


def mantel_byar_of(
    people: Sequence[Person], exposed: Callable[[Person, int], bool], *, stratified: bool = False
) -> Answer:
    """The test over ``people``; ``exposed``: whether a person has had it by a visit."""
    observed, expected, variance = 0, 0.0, 0.0
    r = s = pr = ps_qr = qs = 0.0
    for stratum in sorted({p.stratum for p in people}) if stratified else [None]:
        mine = [p for p in people if stratum is None or p.stratum == stratum]
        for visit in range(1, max((p.last for p in mine), default=0) + 1):
            there = [p for p in mine if p.at_risk(visit)]
            n, n1 = len(there), sum(exposed(p, visit) for p in there)
            d = sum(p.converts(visit) for p in there)
            d1 = sum(p.converts(visit) and exposed(p, visit) for p in there)
            if n == 0:
                continue
            n0, d0 = n - n1, d - d1
            observed += d1
            expected += d * n1 / n
            if n > 1:
                variance += d * (n1 / n) * (1 - n1 / n) * (n - d) / (n - 1)
            r_k, s_k = d1 * (n0 - d0) / n, d0 * (n1 - d1) / n
            p_k, q_k = (d1 + n0 - d0) / n, (d0 + n1 - d1) / n
            r, s = r + r_k, s + s_k
            pr, ps_qr, qs = pr + p_k * r_k, ps_qr + p_k * s_k + q_k * r_k, qs + q_k * s_k
    z = (observed - expected) / sqrt(variance) if variance > 0 else None
    if r == 0 or s == 0:
        return Answer(observed, expected, variance, z, None, None, None)
    error = sqrt(pr / (2 * r * r) + ps_qr / (2 * r * s) + qs / (2 * s * s))
    middle = log(r / s)
    bounds = exp(middle - Z * error), exp(middle + Z * error)
    return Answer(observed, expected, variance, z, r / s, *bounds)


def has_had(event: str) -> Callable[[Person, int], bool]:
    """Whether a person has had the event by a visit."""
    return lambda person, visit: event in person.visits[:visit]
