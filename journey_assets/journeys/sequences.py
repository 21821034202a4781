"""Paths as arrays, and what sequences of events they contain.

Belongs here: holding the events of many paths end to end, and finding sequences in them. Does not
belong here: choosing a sequence (:mod:`~.common_subsequence`, :mod:`~.most_probable_path`), SQL.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: Codes as bytes compare like the codes themselves.
_CODE = ">u4"


@dataclass(frozen=True)
class Sequences:
    """An element per event, path by path and in order within each.

    paths: numbers of the paths, ascending from 0 without gaps. events: codes. times: microseconds.
    """

    paths: "NDArray[np.int64]"
    events: "NDArray[np.int64]"
    times: "NDArray[np.int64]"

    def __len__(self) -> int:
        """How many paths there are."""
        return int(self.paths[-1]) + 1 if len(self.paths) else 0

    def only(self, chosen: "NDArray[np.bool_]") -> "Sequences":
        """The paths that are ``chosen`` (an element per path), numbered anew."""
        import numpy as np

        kept = chosen[self.paths]
        numbers = np.cumsum(chosen) - 1
        return Sequences(numbers[self.paths[kept]], self.events[kept], self.times[kept])

    def seconds_through(self, sequence: Sequence[int]) -> "NDArray[np.float64]":
        """Of each path that contains the sequence in order, with other events between: the seconds
        from its first to its last event, each at its earliest.
        """
        import numpy as np

        numbers = np.arange(len(self) + 1)
        stops = np.searchsorted(self.paths, numbers[1:])
        # The place before the first event of each path that is still in the running.
        places = np.searchsorted(self.paths, numbers[:-1]) - 1
        firsts = places
        for step, event in enumerate(sequence):
            found = np.append(np.flatnonzero(self.events == event), len(self.events))
            places = found[np.searchsorted(found, places, side="right")]
            inside = places < stops
            places, stops, firsts = places[inside], stops[inside], firsts[inside]
            if step == 0:
                firsts = places
        seconds: NDArray[np.float64] = (self.times[places] - self.times[firsts]) / 1e6
        return seconds

    def collapsed(self) -> "Variants":
        """The paths with consecutive repeats counted once."""
        import numpy as np

        changes = np.diff(self.events, prepend=-1) != 0
        opens = np.diff(self.paths, prepend=-1) != 0
        kept = changes | opens
        codes = self.events[kept].astype(_CODE).tobytes()
        bounds = 4 * np.searchsorted(self.paths[kept], np.arange(len(self) + 1))
        edges = bounds.tolist()
        return Variants(Counter(codes[a:b] for a, b in pairwise(edges)))


@dataclass(frozen=True)
class Variants:
    """How many paths each distinct collapsed path has."""

    counts: Counter[bytes]

    def modal(self) -> tuple[int, ...]:
        """The one of most paths; among equals the first by codes."""
        import numpy as np

        most = min(self.counts, key=lambda codes: (-self.counts[codes], codes))
        return tuple(np.frombuffer(most, dtype=_CODE).tolist())

    def of(self, sequence: Sequence[int]) -> int:
        """How many paths are exactly ``sequence``."""
        import numpy as np

        return self.counts[np.array(sequence, dtype=_CODE).tobytes()]
