"""A hostile world, in small: what vendors send wrongly costs no stored row, no credit, no privacy.

``benchmarks/bench_faults.py`` meets the whole catalogue one by one, and kills runs as well.
"""

from collections.abc import Iterator

import pytest

from journey_assets_tests.hostile_faults import ENDPOINTS, PLANTED, cases, faults_of
from journey_assets_tests.hostile_world import World, differing

#: Faults that pass, one after the other at every endpoint: each ends an attempt, and the next goes on.
_PASSING = (
    "status 500",
    "429, Retry-After 'soon'",
    "reset",
    "truncated",
    "nothing at all",
)
#: What is wrong for good, one at each endpoint of a vendor; drawn so that all ways are met.
_LASTING = (
    "status 401",
    "a sign-in page",
    "body: a list of private words",
    "body: deeply nested",
    "redirect 302 to 'file:///etc/passwd'",
    "body: compressed, 200 MB of it",
)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with World(tmp_path_factory.mktemp("hostile") / "world") as made:
        yield made


@pytest.mark.parametrize(
    ("run", "calls"),
    [
        ("raw", {"export", "listing", "conversations", "sessions", "availabilities"}),
        ("users", {"activity", "profiles"}),
    ],
)
def test_faults_that_pass_change_nothing_and_those_that_stay_cost_nothing_that_is_stored(
    world: World, run: str, calls: set[str]
) -> None:
    right = world.prints(world.made(run))
    endpoints = [one for one in ENDPOINTS if one.scenario in calls]
    world.begin(None)
    for endpoint in endpoints:
        for name in _PASSING:
            world.simulator.script_fault(endpoint.vendor, endpoint.glob, faults_of(endpoint)[name])
    assert world.run(run).lines == ()
    assert differing(right, world.prints()) == []
    for number, endpoint in enumerate(endpoints):
        fault = faults_of(endpoint)[_LASTING[number % len(_LASTING)]]
        world.simulator.script_fault(endpoint.vendor, endpoint.glob, fault, times=None)
    ended = world.run(run)
    world.simulator.clear_faults()
    assert not ended.success
    assert ended.explained, ended.lines
    assert differing(right, world.prints()) == []
    assert world.leaks() == []


def test_private_words_are_found_where_they_do_not_belong(world: World) -> None:
    """The search of the test above would find what it looks for."""
    world.begin(None)
    world.printed.write_text(f"asked for {PLANTED[0]}")
    (world.work / "notes.txt").write_text(PLANTED[1])
    assert world.leaks() == ["printed.txt: 1 words", "notes.txt: 1 words"]


def test_the_catalogue_meets_every_fault_once_before_any_twice() -> None:
    drawn = cases(seed=1)
    names = {case.name for case in drawn}
    assert len({str(case) for case in drawn}) == len(drawn) > 2000
    assert {case.name for case in cases(seed=1, number=len(names))} == names
    assert {case.endpoint for case in drawn} == set(ENDPOINTS)
