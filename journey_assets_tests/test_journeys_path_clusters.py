"""Path clusters: like paths together, one cluster where nothing sets paths apart, the same each time."""

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from journey_assets.journeys.statistics.path_clusters.clustering import MOST_CLUSTERS, clustered
from journey_assets.journeys.statistics.path_clusters.sampled import SAMPLED
from journey_assets.journeys.statistics.path_clusters.table import PATH_CLUSTERS
from journey_assets_tests.journeys_walks import PAY, walked

_RNG = np.random.default_rng(20261128)


def _users(names: str, persons: int, paying: int) -> list[list[str]]:
    """Persons who do these things in any order, the first so many of whom pay."""
    return [
        [str(name) for name in _RNG.choice(list(names), _RNG.integers(8, 15))]
        + [PAY] * (number < paying)
        for number in range(persons)
    ]


#: Two ways to use a product, and who pays on each.
READERS, BUYERS = _users("rstu", 60, 30), _users("wxyz", 40, 30)


def test_like_paths_are_one_cluster_with_one_of_them_in_its_middle(tmp_path: Path) -> None:
    readers, buyers = walked(tmp_path, READERS + BUYERS).figures(PATH_CLUSTERS)
    assert (readers["persons"], buyers["persons"], readers["share"]) == (60, 40, 0.6)
    assert set(readers["medoid"]) - {PAY} <= set("rstu")
    assert set(buyers["medoid"]) - {PAY} <= set("wxyz")
    assert (readers["converters"], buyers["conversion_rate"]) == (30, 0.75)
    assert readers["stability"] == buyers["stability"] == 1
    assert (readers["verdict"], readers["sampled_persons"]) == ("stable", 100)


def test_paths_that_nothing_sets_apart_are_one_cluster(tmp_path: Path) -> None:
    rng = np.random.default_rng(7)
    people = [[str(name) for name in rng.choice(list("abcdefgh"), 12)] for _ in range(120)]
    (row,) = walked(tmp_path, people).figures(PATH_CLUSTERS)
    assert (row["verdict"], row["share"], row["persons"]) == ("no_clusters", 1, 120)


def test_of_many_persons_a_named_sample_is_taken_evenly(tmp_path: Path) -> None:
    rows = walked(tmp_path, READERS * 20 + BUYERS * 20).figures(PATH_CLUSTERS)
    assert [row["sampled_persons"] for row in rows] == [SAMPLED] * 2
    assert [row["all_persons"] for row in rows] == [2000] * 2
    assert abs(rows[0]["share"] - 0.6) < 0.01


def test_a_person_who_only_converts_is_like_others_who_do(tmp_path: Path) -> None:
    rows = walked(tmp_path, [[PAY]] * 30 + READERS).figures(PATH_CLUSTERS)
    assert [row["medoid"] == [PAY] for row in rows] == [False, True]


@given(st.lists(st.lists(st.integers(1, 5), max_size=8), min_size=1, max_size=40))
def test_every_path_is_in_one_of_at_most_eight_clusters(paths: list[list[int]]) -> None:
    found = clustered(paths)
    sizes = np.bincount(found.cluster)
    assert 1 <= len(sizes) == len(found.medoid) <= MOST_CLUSTERS
    assert sizes.min() > 0
    assert list(sizes) == sorted(sizes, reverse=True)
    assert list(found.cluster[found.medoid]) == list(range(len(sizes)))
    assert ((found.stability >= 0) & (found.stability <= 1)).all()
