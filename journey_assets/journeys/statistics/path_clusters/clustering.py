"""Clusters of sequences: pure functions over arrays.

Belongs here: what makes two sequences alike, how many clusters there are, and how far chance made them.
Does not belong here: whose sequences they are (``sampled.py``).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

MOST_CLUSTERS = 8
#: Later steps of a sequence do not count: what people begin with tells them apart.
MOST_STEPS = 100
#: With a smaller mean silhouette there are no clusters (Kaufman & Rousseeuw, Finding Groups in Data,
#: 1990, ch. 2: "no substantial structure").
LEAST_SILHOUETTE = 0.25
RESAMPLES = 20
SEED = 20260101


@dataclass(frozen=True)
class Clusters:
    """cluster: of each sequence, from 0, the largest first. medoid: by cluster the sequence with the
    smallest sum of distances to the others. stability: by cluster the mean over bootstrap samples of the
    Jaccard similarity to the cluster most like it (Hennig, Computational Statistics & Data Analysis 52,
    2007). silhouette: the mean over all sequences, 0 with one cluster.
    """

    cluster: "Integers"
    medoid: "Integers"
    stability: "Floats"
    silhouette: float


def clustered(sequences: Sequence[Sequence[int]]) -> Clusters:
    """Ward's clusters of sequences, of at most :data:`MOST_CLUSTERS` the number with the best silhouette."""
    import numpy as np
    from scipy.cluster.hierarchy import cut_tree, ward
    from scipy.spatial.distance import squareform

    distances = _distances(sequences)
    best, silhouette = np.zeros(len(distances), dtype=np.int64), 0.0
    if distances.any():
        numbers = range(2, min(MOST_CLUSTERS, len(set(map(tuple, sequences)))) + 1)
        for each in cut_tree(ward(squareform(distances)), list(numbers)).T:
            found = _silhouette(distances, each)
            if found > max(silhouette, LEAST_SILHOUETTE):
                best, silhouette = each.astype(np.int64), found
    order = np.argsort(-np.bincount(best), kind="stable")
    cluster = np.argsort(order)[best]
    members = [np.flatnonzero(cluster == number) for number in range(len(order))]
    medoid = [each[distances[np.ix_(each, each)].sum(axis=0).argmin()] for each in members]
    return Clusters(cluster, np.array(medoid), _stability(distances, members), silhouette)


def _distances(sequences: Sequence[Sequence[int]]) -> "Floats":
    """How far apart sequences are, each a point of length 1: how often it has each event and each pair
    of events, as square roots, so that repeats tell less each time (Hellinger).
    """
    import numpy as np

    counts = [
        Counter([*each[:MOST_STEPS], *pairwise(each[:MOST_STEPS])] or [None]) for each in sequences
    ]
    column: dict[object, int] = {}
    for each in counts:
        for feature in each:
            column.setdefault(feature, len(column))
    points = np.zeros((len(counts), len(column)))
    for row, each in enumerate(counts):
        for feature, number in each.items():
            points[row, column[feature]] = number**0.5
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    # Of points of length 1; what rounding leaves of equal ones is nothing.
    squares = np.maximum(2 - 2 * (points @ points.T), 0)
    found: Floats = np.where(squares < 1e-9, 0, np.sqrt(squares))
    return (found + found.T) / 2


def _silhouette(distances: "Floats", cluster: "Integers") -> float:
    """Rousseeuw's mean silhouette (Journal of Computational and Applied Mathematics 20, 1987)."""
    import numpy as np

    sizes = np.bincount(cluster)
    if len(sizes) == 1:
        return 0.0
    sums = np.stack([distances[:, cluster == number].sum(axis=1) for number in range(len(sizes))])
    rows = np.arange(len(cluster))
    own = sums[cluster, rows] / np.maximum(sizes[cluster] - 1, 1)
    means = sums / sizes[:, None]
    means[cluster, rows] = np.inf
    other = means.min(axis=0)
    widths = np.divide(
        other - own,
        np.maximum(own, other),
        out=np.zeros(len(rows)),
        where=np.maximum(own, other) > 0,
    )
    return float(np.where(sizes[cluster] > 1, widths, 0).mean())


def _stability(distances: "Floats", members: "list[Integers]") -> "Floats":
    import numpy as np
    from scipy.cluster.hierarchy import cut_tree, ward
    from scipy.spatial.distance import squareform

    if len(members) == 1:
        return np.ones(1)
    random = np.random.default_rng(SEED)
    found = np.zeros((RESAMPLES, len(members)))
    for row in found:
        drawn = np.unique(random.integers(0, len(distances), len(distances)))
        if len(drawn) < len(members):
            continue
        near = squareform(distances[np.ix_(drawn, drawn)])
        again = cut_tree(ward(near), len(members))[:, 0]
        ours = np.stack([np.isin(drawn, each) for each in members])
        theirs = np.stack([again == number for number in range(len(members))])
        both = ours.astype(float) @ theirs.T.astype(float)
        either = ours.sum(axis=1)[:, None] + theirs.sum(axis=1)[None, :] - both
        row[:] = (both / np.maximum(either, 1)).max(axis=1)
    means: Floats = found.mean(axis=0)
    return means
