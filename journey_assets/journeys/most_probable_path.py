"""The most probable path of a first-order chain.

Belongs here: the chain of transitions between codes, with the start and the end of a path as nodes of
their own, and its shortest path on −log p. Does not belong here: reading paths, names or support
(:mod:`journey_assets.journeys.golden_paths`).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: Two ways whose −log p differ by less are equally probable; their order is that of the codes.
_TIE = 1e-11


@dataclass(frozen=True)
class MostProbablePath:
    """Codes in order, and the product of the chain's probabilities from start to end."""

    events: tuple[int, ...]
    probability: float


def most_probable_path(
    paths: "NDArray[np.int64]", events: "NDArray[np.int64]"
) -> MostProbablePath | None:
    """The path from start to end that the chain of these paths gives the highest probability.

    paths, events: an element per event, path by path and in order within each. A transition's
    probability is its share of all departures of its event, the end being one; repeats are
    transitions like others. None without events. Among equals the first by codes.

    Few steps are more probable than many, so it is short even where nobody's path is: it says what
    the chain is made of, and only its support says whether anybody went this way.
    """
    import numpy as np

    if not len(events):
        return None
    codes, states = np.unique(events, return_inverse=True)
    start, end = len(codes), len(codes) + 1
    opens = np.diff(paths, prepend=-1) != 0
    closes = np.append(opens[1:], True)
    sources = np.concatenate([np.where(opens, start, np.roll(states, 1)), states[closes]])
    targets = np.concatenate([states, np.full(int(closes.sum()), end)])
    pairs, counts = np.unique(sources * (end + 1) + targets, return_counts=True)
    sources, targets = pairs // (end + 1), pairs % (end + 1)
    shares = counts / np.bincount(sources, weights=counts)[sources]
    way = _shortest(sources, targets, -np.log(shares), start, end)
    share_of = dict(zip(pairs.tolist(), shares.tolist(), strict=True))
    probability = 1.0
    for source, target in zip([start, *way], [*way, end], strict=True):
        probability *= share_of[source * (end + 1) + target]
    return MostProbablePath(tuple(codes[way].tolist()), probability)


def _shortest(
    sources: "NDArray[np.int64]",
    targets: "NDArray[np.int64]",
    lengths: "NDArray[np.float64]",
    start: int,
    end: int,
) -> list[int]:
    """The nodes between ``start`` and ``end`` on the shortest way, the end being the last node.

    Dijkstra's algorithm gives each node's distance to the end; the way follows the edges that lie
    on a shortest one, the lowest node first, since its own choice among equals is an accident.
    """
    import numpy as np
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import dijkstra

    nodes = end + 1
    reversed_edges = csr_array((lengths, (targets, sources)), shape=(nodes, nodes))
    to_end = dijkstra(reversed_edges, indices=end)
    tight = lengths + to_end[targets] <= to_end[sources] + _TIE
    way: list[int] = []
    node = start
    while True:
        # To the end rather than on: the shorter sequence comes first, as among names.
        choices = targets[tight & (sources == node)]
        if np.any(choices == end):
            return way
        node = int(choices.min())
        way.append(node)
