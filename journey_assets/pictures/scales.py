"""Where values stand on an axis, and which of them are marked on it."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from journey_assets.pictures.figures import percent

_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5, 1.0)
_MOST_STEPS = 4
#: Ratios beyond this factor from 1 are drawn at the edge of the scale.
_WIDEST = 32.0


@dataclass(frozen=True, slots=True)
class Scale:
    """Where a value stands between 0 (left) and 1, and the places that are marked."""

    place: Callable[[float], float]
    ticks: Sequence[tuple[float, str]]


def from_zero(
    values: Sequence[float], write: Callable[[float], str], most: float = math.inf
) -> Scale:
    """A scale from 0 to the largest of ``values``, which is never beyond ``most``."""
    largest = min(most, max((each for each in values if math.isfinite(each)), default=0.0))
    largest = largest if largest > 0 else 1.0
    magnitude = 10.0 ** math.ceil(math.log10(largest))
    step = next(each for each in _STEPS if largest / (each * magnitude) <= _MOST_STEPS) * magnitude
    ticks = [number * step for number in range(int(largest / step + 1e-9) + 1)]
    return Scale(
        partial(_linear, largest=largest), [(each / largest, write(each)) for each in ticks]
    )


def around_one(values: Sequence[float]) -> Scale:
    """A logarithmic scale with 1 in the middle."""
    logs = [abs(math.log2(each)) for each in values if each > 0 and math.isfinite(each)]
    widest = min(math.log2(_WIDEST), max(1.0, max(logs, default=0.0)))
    every = 1 if widest < 3 else 2
    powers = [p for p in range(-math.floor(widest), math.floor(widest) + 1) if p % every == 0]
    return Scale(
        partial(_logarithmic, widest=widest),
        [(0.5 + power / widest / 2, _ratio_tick(power)) for power in powers],
    )


def percent_tick(share: float) -> str:
    """A share on an axis: without decimals where it has none."""
    whole = round(100 * share)
    return f"{whole}%" if math.isclose(whole, 100 * share, abs_tol=1e-9) else percent(share)


def _ratio_tick(power: int) -> str:
    return f"{2**power}×" if power >= 0 else f"1/{2**-power}×"


def _linear(value: float, largest: float) -> float:
    return max(0.0, min(1.0, value / largest))


def _logarithmic(value: float, widest: float) -> float:
    log = math.log2(value) if value > 0 else -math.inf
    return 0.5 + max(-widest, min(widest, log)) / widest / 2
