"""Persons of a million identifiers: connected components against networkx.

Both get the same links between numbered identifiers, and must find the same components. Ours splits the
over-merged ones at their users besides, which networkx is spared.

    python benchmarks/bench_identity.py [--identifiers 1000000]
"""

import argparse
import json
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
from measuring import Mark, Measured, Run, print_rows, rows_of, several, timing

from journey_assets.identity.graph import resolve

IDENTIFIERS = 1_000_000
RUNS = 3
ABOUT = f"{IDENTIFIERS:,} identifiers"
MARKS = (Mark("identity: persons", "ours", "networkx", 20, faster=True),)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--identifiers", type=int, default=IDENTIFIERS)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    runs = several(RUNS, lambda: run_once(Path(), given.identifiers))
    rows = rows_of(MARKS, runs, f"{given.identifiers:,} identifiers")
    print_rows(rows)
    if given.json:
        given.json.write_text(json.dumps(rows, indent=1))


def run_once(_folder: Path, identifiers: int = IDENTIFIERS) -> Run:
    """Both once, in this process: the peak of memory is theirs together."""
    users, left, right = links(identifiers)
    ours: Measured = {}
    other: Measured = {}
    with timing(ours):
        resolution = resolve(identifiers, left, right, np.arange(users))
    pairs = list(zip(left.tolist(), right.tolist(), strict=True))
    with timing(other):
        graph: nx.Graph[int] = nx.Graph()
        graph.add_nodes_from(range(identifiers))
        graph.add_edges_from(pairs)
        groups = list(nx.connected_components(graph))
    smallest = np.empty(identifiers, dtype=np.int64)
    for group in groups:
        smallest[list(group)] = min(group)
    assert (smallest == resolution.component).all(), "networkx finds other components"
    return {"ours": ours, "networkx": other}


def links(identifiers: int) -> tuple[int, Any, Any]:
    """How many of the identifiers are users (the first), and the links: device to Amplitude id to user.

    One in a hundred Amplitude ids is on somebody else's device, too.
    """
    draw = np.random.default_rng(1)
    users, vendors = identifiers // 5, identifiers * 2 // 5
    devices = identifiers - users - vendors
    vendor = users + np.arange(vendors)
    device = users + vendors + draw.integers(0, devices, vendors)
    known = draw.random(vendors) < 0.6
    others = draw.random(vendors) < 0.01
    left = np.concatenate([vendor, vendor[known], vendor[others]])
    right = np.concatenate(
        [
            device,
            draw.integers(0, users, known.sum()),
            users + vendors + draw.integers(0, devices, others.sum()),
        ]
    )
    return users, left, right


if __name__ == "__main__":
    main()
