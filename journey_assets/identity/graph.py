"""The identity graph on integers: connected components, and splitting the over-merged ones.

Belongs here: graph arithmetic on arrays of node numbers. Does not belong here: what a node stands
for, where links come from, what is written (:mod:`journey_assets.identity.compute`).

Nodes are numbered so that the smaller is the better known by: a component, and a person, is named
by its smallest node. Nothing depends on the order in which links arrive, and a further link can
only join components.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Nodes = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Resolution:
    """For every node the smallest node of its component, and of its person.

    They differ in over-merged components only.
    """

    component: "Nodes"
    person: "Nodes"


def resolve(nodes: int, left: "Nodes", right: "Nodes", users: "Nodes") -> Resolution:
    """Components of the links ``left[i]``-``right[i]``, and persons with at most one of ``users``.

    A component with two or more users is split: a node goes to the user it is fewest links away
    from. Nodes equally near to two users go to none of them; those of them that are linked with
    each other stay together as somebody of their own.
    """
    component = smallest_connected(nodes, left, right)
    owner = _owners(component, left, right, users)
    if owner is None:
        return Resolution(component, component)
    kept = owner[left] == owner[right]
    return Resolution(component, smallest_connected(nodes, left[kept], right[kept]))


def smallest_connected(nodes: int, left: "Nodes", right: "Nodes") -> "Nodes":
    """For every node the smallest node that it is connected with."""
    import numpy as np
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    links = coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(nodes, nodes))
    count, label = connected_components(links, directed=False)
    smallest = np.empty(count, dtype=np.int64)
    # Written from the largest to the smallest node, the last one to write is the smallest.
    smallest[label[::-1]] = np.arange(nodes, dtype=np.int64)[::-1]
    named: Nodes = smallest[label]
    return named


def _owners(component: "Nodes", left: "Nodes", right: "Nodes", users: "Nodes") -> "Nodes | None":
    """The nearest user of each node of an over-merged component, breadth first from all users.

    ``len(component)`` where two users are equally near, -1 outside; None when nothing is
    over-merged.
    """
    import numpy as np

    nodes = len(component)
    split = np.bincount(component[users], minlength=nodes)[component] > 1
    frontier = users[split[users]]
    if not len(frontier):
        return None
    inside = split[left]
    neighbours = _Neighbours.of(nodes, left[inside], right[inside])
    owner = np.full(nodes, -1, dtype=np.int64)
    owner[frontier] = frontier
    low, high = np.full(nodes, nodes, dtype=np.int64), np.full(nodes, -1, dtype=np.int64)
    mark = np.empty(nodes, dtype=np.int64)
    while len(frontier):
        claimant, target = neighbours.reach(frontier)
        unclaimed = owner[target] == -1
        claim, target = owner[claimant[unclaimed]], target[unclaimed]
        np.minimum.at(low, target, claim)
        np.maximum.at(high, target, claim)
        # Each node reached once: of the claims that name it, the one whose mark stayed.
        marks = np.arange(len(target))
        mark[target] = marks
        frontier = target[mark[target] == marks]
        agreed = low[frontier] == high[frontier]
        owner[frontier] = np.where(agreed, low[frontier], nodes)
    return owner


@dataclass(frozen=True, slots=True)
class _Neighbours:
    """Adjacency in both directions: the neighbours of ``i`` are ``node[start[i]:start[i + 1]]``."""

    start: "Nodes"
    node: "Nodes"

    @classmethod
    def of(cls, nodes: int, left: "Nodes", right: "Nodes") -> "_Neighbours":
        import numpy as np
        from scipy.sparse import coo_array

        ends = np.concatenate([left, right]), np.concatenate([right, left])
        links = coo_array((np.ones(len(ends[0]), bool), ends), shape=(nodes, nodes)).tocsr()
        return cls(links.indptr.astype(np.int64), links.indices.astype(np.int64))

    def reach(self, frontier: "Nodes") -> "tuple[Nodes, Nodes]":
        """All links out of ``frontier``: where from, where to."""
        import numpy as np

        degree = self.start[frontier + 1] - self.start[frontier]
        before = np.cumsum(degree) - degree
        position = np.arange(degree.sum()) + np.repeat(self.start[frontier] - before, degree)
        return np.repeat(frontier, degree), self.node[position]
