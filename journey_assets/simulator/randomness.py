"""Chance that can be asked again: every draw is a pure function of a seed and of what it is about.

Belongs here: hashing integers to integers and to numbers between 0 and 1. ``splitmix64`` (Steele,
Lea & Flood, OOPSLA 2014) is fast in plain Python and mixes well enough for a play.
"""

from collections.abc import Sequence
from typing import TypeVar

_MASK = (1 << 64) - 1
_GOLDEN = 0x9E3779B97F4A7C15

T = TypeVar("T")


def mix(*parts: int) -> int:
    """A 64-bit hash of the integers, which depends on their order."""
    value = _GOLDEN
    for part in parts:
        value = (value + (part & _MASK) * _GOLDEN + _GOLDEN) & _MASK
        value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
        value ^= value >> 31
    return value


def unit(*parts: int) -> float:
    """A number from 0 to below 1."""
    return (mix(*parts) >> 11) * 2.0**-53


def pick(options: Sequence[T], *parts: int) -> T:
    """One of ``options``."""
    return options[mix(*parts) % len(options)]


def weighted(options: Sequence[tuple[T, float]], draw: float) -> T:
    """The option in whose share of the total weight ``draw`` (0 to 1) falls."""
    left = draw * sum(weight for _, weight in options)
    for option, weight in options:
        left -= weight
        if left < 0:
            return option
    return options[-1][0]
