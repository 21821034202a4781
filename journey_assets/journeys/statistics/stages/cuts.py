"""Stages: the events in four to six groups along the way of converters.

Belongs here: where the ordered events are cut. Does not belong here: their order
(``order.py``) and the figures of a stage (``figures.sql``).

A stage keeps what comes to it: of all transitions between two different events that take part, the
share of those at a stage's events that stay within it. The cuts are those with the largest sum of
that share over the stages, which for a given number of stages is the smallest normalised cut (Shi &
Malik, *IEEE PAMI* 22, 2000; as the chance to leave a group: Meilă & Shi, 2001). The plain number of
transitions between stages would be least when all cuts stand around rare events. The sum decides the
number of stages as well: where there is no structure one more cut leaves it as it is, so a cut that
raises it has found some. A stage is part of the way, so most converters must reach it; where no such
cuts exist, that is waived.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: Fewest and most stages; fewer events than the fewest are a stage each.
FEWEST, MOST = 4, 6

#: Share of converters that must reach each stage.
REACHED_BY = 0.5


def cuts(mass: "NDArray[np.int64]", skips: "NDArray[np.int64]", persons: int) -> list[int]:
    """The last place of every stage, for events at the places 1 … n.

    mass: transitions from place to place. skips: paths whose next event behind the first place, in the
    order of places, is the second; a path's first stands behind place 0. persons: all such paths.
    Found by dynamic programming over the ends, which is exact. Ties go to fewer stages, then to the
    earlier last cut.
    """
    import numpy as np

    events = len(mass) - 1
    if events <= FEWEST:
        return list(range(1, events + 1))
    kept, reached = _kept(mass), _reached(skips)
    enough = np.where(reached >= REACHED_BY * persons, kept, -np.inf)
    return _best(enough) or _best(kept) or []


def _kept(mass: "NDArray[np.int64]") -> "NDArray[np.float64]":
    """[i, j]: of the transitions at the places i+1 … j the share that stay; −∞ where j ≤ i."""
    import numpy as np

    both = mass + mass.T
    corner = both.cumsum(axis=0).cumsum(axis=1)
    diagonal = np.diag(corner)
    inner = diagonal[None, :] - corner - corner.T + diagonal[:, None]
    ends = both.sum(axis=1).cumsum()
    volume = ends[None, :] - ends[:, None]
    share = inner / np.where(volume > 0, volume, 1)
    return np.where(np.triu(np.ones_like(share), k=1) > 0, share, -np.inf)


def _reached(skips: "NDArray[np.int64]") -> "NDArray[np.int64]":
    """[i, j]: paths with an event at one of the places i+1 … j: their next behind i is not behind j."""
    import numpy as np

    corner = skips.cumsum(axis=0).cumsum(axis=1)
    return corner - np.diag(corner)[:, None]


def _best(worth: "NDArray[np.float64]") -> list[int] | None:
    """The ends of the stages whose ``worth`` [i, j] sums to most; None when all sums are −∞."""
    import numpy as np

    events = len(worth) - 1
    total = worth[0]
    origins: list[NDArray[np.int64]] = []
    found: tuple[float, list[int]] = (-np.inf, [])
    for stages in range(2, min(MOST, events) + 1):
        sums = total[:, None] + worth
        origins.append(sums.argmax(axis=0))
        total = sums.max(axis=0)
        if stages >= FEWEST and total[-1] > found[0]:
            ends = [events]
            for origin in reversed(origins):
                ends.insert(0, int(origin[ends[0]]))
            found = float(total[-1]), ends
    return found[1] or None
