"""Hazards: the compiled count with its sums against the formulas over persons, and who is at risk."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_assets.journeys.counting import Task
from journey_assets.journeys.hazards import Hazards, Risks, claimed, mantel_byar, picked
from journey_assets.journeys.paths import ENDINGS, Paths, Persons, Rules, Window
from journey_assets.journeys.statistics.friction_signals.count import count
from journey_assets.settings import Settings
from journey_assets_tests.hazards_oracle import Person, Z, has_had, mantel_byar_of
from journey_assets_tests.journeys_store import AS_OF

EVENTS = ("a", "b", "c", "d")
PAY = len(EVENTS) + 1
STRATA = ("", "ios", "web")
RULES = Rules(
    Settings.checked({"conversion_event": "pay", "hash_key": "k"}),
    PAY,
    conversion=PAY,
    start=-1,
    end=-1,
    cohorts=("converter", "non_converter"),
)

persons = st.builds(
    Person,
    st.lists(st.sampled_from(EVENTS), min_size=1, max_size=6).map(tuple),
    st.sampled_from(["conversion", "conversion", "exit", "unknown"]),
    st.sampled_from(STRATA),
)
populations = st.lists(persons, min_size=1, max_size=80)


def paths_of(people: Sequence[Person]) -> Paths:
    """The paths of ``people`` as they are laid out."""
    walks = [
        [EVENTS.index(e) + 1 for e in p.visits] + [PAY] * (p.then == "conversion") for p in people
    ]
    length = np.array([len(walk) for walk in walks], dtype=np.int64)
    endings = {"conversion": "conversion", "exit": "exit", "unknown": "censored"}
    converts = np.array([p.then == "conversion" for p in people])
    zeros = np.zeros(len(people), dtype=np.int64)
    return Paths(
        event=np.array([e for walk in walks for e in walk], dtype=np.uint32),
        at=np.zeros(length.sum(), dtype=np.int64),
        first=np.cumsum(length) - length,
        length=length,
        full=length,
        cohort=np.where(converts, 0, 1),
        ending=np.array([1 + ENDINGS.index(endings[p.then]) for p in people], dtype=np.int64),
        converted=np.where(converts, 0, np.iinfo(np.int64).min),
        person=np.arange(len(people)),
        session=zeros,
        compared=np.ones(len(people), dtype=bool),
        heavy=np.zeros(len(people), dtype=bool),
        platform=np.array([STRATA.index(p.stratum) for p in people], dtype=np.int64),
        country=zeros,
    )


def risks_of(people: Sequence[Person], *, stratified: bool = False) -> Risks:
    """What is counted of ``people``."""
    none = np.zeros(0, dtype=np.int64)
    no = none.astype(bool)
    of = Persons(none, none, none, none, no, no, no, no, no, none, none)
    window = Window(AS_OF, 0, 0, 0, by_lists=False, by_labels=False, fold=np.empty(0, np.uint32))
    columns = count(paths_of(people), Task(RULES, window, of))["risks"]
    names = ("exposure", "visit", "entered", "gone", "converted")
    stratum = columns["platform"] if stratified else np.zeros_like(columns["visit"])
    return Risks(stratum=stratum, **{name: columns[name] for name in names})


def answers(people: Sequence[Person], *, stratified: bool = False) -> Hazards:
    """The test of every event."""
    exposures = np.arange(1, PAY)
    return mantel_byar(risks_of(people, stratified=stratified), exposures, Z)


@given(populations, st.booleans())
@settings(max_examples=60, deadline=None)
def test_what_is_counted_and_summed_is_what_the_formulas_say(
    people: list[Person], stratified: bool
) -> None:
    found = answers(people, stratified=stratified)
    for place, event in enumerate(EVENTS):
        theirs = mantel_byar_of(people, has_had(event), stratified=stratified)
        assert found.observed[place] == theirs.observed
        assert found.expected[place] == pytest.approx(theirs.expected)
        assert found.variance[place] == pytest.approx(theirs.variance, abs=1e-12)
        if theirs.variance < 5:
            assert np.isnan([found.z[place], found.ratio[place], found.p_value[place]]).all()
            continue
        assert found.z[place] == pytest.approx(theirs.z)
        if theirs.ratio is not None:
            assert (found.ratio[place], found.low[place], found.high[place]) == pytest.approx(
                (theirs.ratio, theirs.low, theirs.high)
            )


def test_many_persons_give_ratios_with_bounds() -> None:
    rng = np.random.default_rng(4)
    people = [
        Person(
            tuple(rng.choice(EVENTS, size=rng.integers(1, 9))),
            str(rng.choice(["conversion", "exit", "unknown"])),
            str(rng.choice(STRATA)),
        )
        for _ in range(400)
    ]
    for stratified in (False, True):
        found = answers(people, stratified=stratified)
        for place, event in enumerate(EVENTS):
            theirs = mantel_byar_of(people, has_had(event), stratified=stratified)
            assert theirs.variance > 5
            assert (found.z[place], found.ratio[place]) == pytest.approx((theirs.z, theirs.ratio))
            assert (found.low[place], found.high[place]) == pytest.approx((theirs.low, theirs.high))


@given(populations, populations)
@settings(max_examples=20, deadline=None)
def test_what_is_counted_of_two_halves_adds_up(one: list[Person], other: list[Person]) -> None:
    halves = [risks_of(one), risks_of(other)]
    both = Risks(
        **{
            name: np.concatenate([getattr(half, name) for half in halves])
            for name in Risks.__dataclass_fields__
        }
    )
    added, whole = mantel_byar(both, np.arange(1, PAY), Z), answers(one + other)
    for name in ("observed", "expected", "variance", "strata"):
        assert getattr(added, name) == pytest.approx(getattr(whole, name))


def test_where_nobody_with_it_converts_the_ratio_is_finite_and_says_how() -> None:
    people = [Person(("a", "b"), "exit")] * 60 + [Person(("a", "a"), "conversion")] * 60
    found = answers(people)
    assert (found.observed[1], found.expected[1]) == (0, 30)
    assert found.peto[1]
    variance = 60 * 0.25 * 60 / 119
    assert found.ratio[1] == pytest.approx(np.exp(-30 / variance))
    assert found.high[1] == pytest.approx(np.exp((-30 + Z * np.sqrt(variance)) / variance))


def test_the_last_visit_of_who_is_still_active_is_at_no_risk() -> None:
    people = [Person(("a", "b"), "unknown")] * 50 + [Person(("a", "a"), "conversion")] * 50
    # At the second visit only those are left who convert: nobody to compare them with.
    assert answers(people).variance[1] == 0


def _answer(ratio: float, p: float) -> Hazards:
    one = np.array([1.0])
    return Hazards(
        one.astype(np.int64), one, one, one.astype(np.int64), one,
        np.array([p]), np.array([ratio]), one, one, np.array([False]),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("platform", "country", "place"),
    [
        pytest.param((0.5, 0.01), (0.6, 0.04), 1, id="the one that says less"),
        pytest.param((0.5, 0.03), (0.6, 0.02), 0, id="whichever that is"),
        pytest.param((0.5, 0.01), (np.nan, np.nan), 1, id="not telling is saying less"),
        pytest.param((2.0, 0.001), (0.5, 0.04), 0, id="the one that turns it around"),
        pytest.param((2.0, 0.001), (3.0, 0.04), 1, id="of two that do the one that says less"),
    ],
)
def test_which_stratification_makes_the_claim(
    platform: tuple[float, float], country: tuple[float, float], place: int
) -> None:
    within = [_answer(*platform), _answer(*country)]
    places = claimed(_answer(0.5, 0.001), within)
    assert places.tolist() == [place]
    assert picked(within, places).p_value == pytest.approx(
        [(platform, country)[place][1]], nan_ok=True
    )
