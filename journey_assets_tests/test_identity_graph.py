"""Components and persons of the identity graph, against networkx and against brute force."""

import itertools
import random

import networkx as nx
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_assets.identity.graph import Resolution, resolve

Link = tuple[int, int]

_NODES = 24
_USERS = 6  # nodes 0 … 5 are user ids
_LINKS = st.lists(st.tuples(st.integers(0, _NODES - 1), st.integers(0, _NODES - 1)), max_size=40)


def _resolve(links: list[Link], nodes: int = _NODES, users: int = _USERS) -> Resolution:
    pairs = np.array(links, dtype=np.int64).reshape(-1, 2)
    return resolve(nodes, pairs[:, 0], pairs[:, 1], np.arange(users, dtype=np.int64))


def _oracle(links: list[Link]) -> "nx.Graph[int]":
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(_NODES))
    graph.add_edges_from(links)
    return graph


def _groups(names: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> set[frozenset[int]]:
    groups: dict[int, set[int]] = {}
    for node, name in enumerate(names.tolist()):
        groups.setdefault(name, set()).add(node)
    return {frozenset(group) for group in groups.values()}


@settings(deadline=None)  # the first example imports scipy
@given(_LINKS)
def test_components_are_those_of_networkx_and_named_by_their_smallest_node(
    links: list[Link],
) -> None:
    expected = [frozenset(group) for group in nx.connected_components(_oracle(links))]
    component = _resolve(links).component
    assert _groups(component) == set(expected)
    assert all(component[node] == min(group) for group in expected for node in group)


@settings(deadline=None)  # the first example imports scipy
@given(_LINKS)
def test_persons_are_components_split_by_the_nearest_user(links: list[Link]) -> None:
    graph = _oracle(links)
    for group in list(nx.connected_components(graph)):
        users = [node for node in group if node < _USERS]
        if len(users) < 2:
            continue
        nearest = {
            node: [
                u
                for u in users
                if nx.shortest_path_length(graph, u, node) == _least(graph, users, node)
            ]
            for node in group
        }
        owner = {node: near[0] if len(near) == 1 else None for node, near in nearest.items()}
        graph.remove_edges_from(
            [(a, b) for a, b in graph.subgraph(group).edges if owner[a] != owner[b]]
        )
    expected = {frozenset(group) for group in nx.connected_components(graph)}
    assert _groups(_resolve(links).person) == expected


def _least(graph: "nx.Graph[int]", users: list[int], node: int) -> int:
    return min(int(nx.shortest_path_length(graph, user, node)) for user in users)


@settings(deadline=None)  # the first example imports scipy
@given(_LINKS)
def test_no_person_has_two_users(links: list[Link]) -> None:
    persons = _resolve(links).person[:_USERS].tolist()
    assert len(set(persons)) == _USERS


@settings(deadline=None)  # the first example imports scipy
@given(_LINKS, st.randoms(use_true_random=False))
def test_the_order_and_direction_of_links_change_nothing(
    links: list[Link], shuffler: random.Random
) -> None:
    shuffled = [link if shuffler.random() < 0.5 else link[::-1] for link in links]
    shuffler.shuffle(shuffled)
    first, second = _resolve(links), _resolve(shuffled)
    assert first.component.tolist() == second.component.tolist()
    assert first.person.tolist() == second.person.tolist()


@settings(deadline=None)  # the first example imports scipy
@given(_LINKS, _LINKS)
def test_further_links_only_merge_components(links: list[Link], more: list[Link]) -> None:
    before, after = _resolve(links).component, _resolve(links + more).component
    for one, other in itertools.combinations(range(_NODES), 2):
        assert before[one] != before[other] or after[one] == after[other]
    assert (after <= before).all()


@settings(deadline=None)  # the first example imports scipy
@given(_LINKS, _LINKS)
def test_a_users_person_keeps_its_name_whatever_joins(links: list[Link], more: list[Link]) -> None:
    for resolution in (_resolve(links), _resolve(links + more)):
        assert resolution.person[:_USERS].tolist() == list(range(_USERS))


def test_what_two_users_share_goes_to_neither_and_stays_together() -> None:
    # 0 and 1 are users with a profile each (2, 3) that share the address 4 of conversation 5.
    links = [(0, 2), (1, 3), (2, 4), (3, 4), (4, 5)]
    assert _resolve(links, nodes=6, users=2).person.tolist() == [0, 1, 0, 1, 4, 4]


def test_an_identifier_beside_one_user_is_not_lost_to_a_farther_one() -> None:
    links = [(0, 2), (2, 3), (3, 4), (4, 5), (5, 1)]
    assert _resolve(links, nodes=6, users=2).person.tolist() == [0, 1, 0, 0, 1, 1]


def test_a_graph_without_links_is_all_single_persons() -> None:
    assert _resolve([], nodes=3, users=1).person.tolist() == [0, 1, 2]


def test_a_long_chain_between_two_users_splits_in_the_middle() -> None:
    nodes = 10_002
    chain = [0, *range(2, nodes), 1]
    person = _resolve(list(itertools.pairwise(chain)), nodes=nodes, users=2).person
    assert (np.bincount(person)[:2] == nodes // 2).all()
