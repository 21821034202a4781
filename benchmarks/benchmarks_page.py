"""``docs/benchmarks.md`` and its picture, of what ``bench_statistics.py`` measured. (Being written.)"""

from typing import Any


def write(groups: dict[str, Any]) -> None:
    """Write both."""
