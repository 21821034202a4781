"""Discriminating subsequences: orders that go with conversion, and silence where only activity differs."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from journey_assets.journeys.statistics.discriminating_subsequences.table import (
    DISCRIMINATING_SUBSEQUENCES,
)
from journey_assets_tests.hazards_oracle import Person, mantel_byar_of
from journey_assets_tests.journeys_store import Row
from journey_assets_tests.journeys_walks import PAY, walked

#: Whoever searches and then reads pays twice as often as who reads and then searches.
ORDERED = (
    [["a", "search", "read", "c", PAY]] * 60
    + [["a", "search", "read", "c", "a"]] * 40
    + [["a", "read", "search", "c", PAY]] * 30
    + [["a", "read", "search", "c", "a"]] * 70
)


def _found(directory: Path, people: Sequence[Sequence[str]]) -> dict[tuple[str, ...], Row]:
    rows = walked(directory, people).figures(DISCRIMINATING_SUBSEQUENCES)
    return {tuple(row["subsequence"]): row for row in rows}


def _completes(visits: Sequence[str], subsequence: Sequence[str]) -> bool:
    rest = iter(visits)
    return all(event in rest for event in subsequence)


def _person(walk: Sequence[str]) -> Person:
    paid = PAY in walk
    return Person(
        tuple(walk[: walk.index(PAY)] if paid else walk), "conversion" if paid else "exit"
    )


def test_an_order_that_goes_with_conversion_is_found_and_its_reverse_the_other_way(
    tmp_path: Path,
) -> None:
    found = _found(tmp_path, ORDERED)
    more, less = found["search", "read"], found["read", "search"]
    assert (more["verdict"], less["verdict"]) == ("converts_more", "converts_less")
    assert (more["converters_with"], more["non_converters_with"]) == (60, 40)
    assert (less["converters"], less["non_converters"]) == (90, 110)
    assert found["search", "read", "c"]["verdict"] == "converts_more"


@pytest.mark.parametrize("subsequence", [("search", "read"), ("a", "read", "search"), ("a", "c")])
def test_its_hazard_is_that_of_who_has_completed_it_by_then(
    tmp_path: Path, subsequence: tuple[str, ...]
) -> None:
    found = _found(tmp_path, ORDERED)
    if subsequence == ("a", "c"):
        # All do it.
        assert subsequence not in found
        return
    row = found[subsequence]
    oracle = mantel_byar_of(
        [_person(walk) for walk in ORDERED],
        lambda person, visit: _completes(person.visits[:visit], subsequence),
    )
    assert (row["hazard_ratio"], row["hr_low"], row["z"]) == pytest.approx(
        (oracle.ratio, oracle.low, oracle.z)
    )


def test_who_stays_longer_completes_more_and_is_not_called_different_for_it(tmp_path: Path) -> None:
    rng = np.random.default_rng(20261128)
    people = [
        [str(name) for name in rng.choice(list("abcd"), 3 if person % 3 == 0 else 12)]
        + ([PAY] if person % 3 == 0 else [])
        for person in range(450)
    ]
    found = _found(tmp_path, people)
    crude = [row["share_non_converters"] - row["share_converters"] for row in found.values()]
    assert len(crude) == 30
    assert min(crude) > 0.2
    verdicts = Counter(row["verdict"] for row in found.values())
    assert set(verdicts) <= {"no_difference", "insufficient"}
    assert verdicts["no_difference"] > 10


def test_an_event_is_no_subsequence_of_itself_and_the_outcome_of_none(tmp_path: Path) -> None:
    for subsequence in _found(tmp_path, ORDERED):
        assert len(set(subsequence)) == len(subsequence) in (2, 3)
        assert PAY not in subsequence
