"""The most probable path of a first-order chain.

Belongs here: the chain of transitions between codes, with the start and the end of a path as nodes of
their own, and its shortest path on −log p. Does not belong here: reading paths, names or support
(:mod:`~.readings`).
"""

from collections.abc import Mapping
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


def most_probable_path(chain: Mapping[tuple[int, int], int]) -> MostProbablePath | None:
    """The path from start to end that the chain of these transitions gives the highest probability.

    chain: occurrences by event and next event; 0 stands for the start of a path before its first
    event, and for the end behind its last. A transition's probability is its share of all departures of
    its event, the end being one; repeats are transitions like others. None without events. Among
    equals the first by codes.

    Few steps are more probable than many, so it is short even where nobody's path is: it says what
    the chain is made of, and only its support says whether anybody went this way.
    """
    import numpy as np

    if not chain:
        return None
    pairs = np.array(list(chain), dtype=np.int64)
    codes, states = np.unique(
        pairs[:, 0], return_inverse=True
    )  # the start is 0 and the first of all
    sources, end = states, len(codes)
    targets = np.where(pairs[:, 1] == 0, end, np.searchsorted(codes, pairs[:, 1]))
    counts = np.array(list(chain.values()), dtype=np.float64)
    shares = counts / np.bincount(sources, weights=counts)[sources]
    way = _shortest(sources, targets, -np.log(shares), 0, end)
    share_of = dict(
        zip(zip(sources.tolist(), targets.tolist(), strict=True), shares.tolist(), strict=True)
    )
    probability = 1.0
    for source, target in zip([0, *way], [*way, end], strict=True):
        probability *= share_of[source, target]
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
