"""The simulated population: always the same, plausible, and with the planted truths in it."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from math import exp, log, sqrt

import pytest

from journey_assets.simulator import PlantedTruths, Population, PopulationConfig
from journey_assets.simulator.lives import Event, Life, uploads
from journey_assets.simulator.people import epoch_day

FIRST, LAST = date(2026, 10, 1), date(2026, 10, 9)
DAY = date(2026, 11, 18)
#: Fixed seeds make these tests repeatable; the width only says how far off a value may be.
WIDTH = 2.6


@cache
def whole_lives() -> tuple[PlantedTruths, tuple[Life, ...]]:
    """People who come within nine days, so that whole lives can be looked at."""
    population = Population(
        PopulationConfig(
            seed=7, newcomers_per_day=220, first_day=FIRST, last_day=LAST, second_device_share=0
        )
    )
    lives = tuple(population.lives_between(epoch_day(FIRST), epoch_day(LAST)))
    return population.truths, lives


@cache
def paths() -> tuple[tuple[tuple[str, ...], ...], tuple[tuple[str, ...], ...]]:
    """Paths of converters, cut at the conversion, and of all others; system events left out."""
    truths, lives = whole_lives()
    converters, others = [], []
    for life in lives:
        names = [event.name for event in life.events if event.name not in truths.system_events]
        if truths.conversion_event in names:
            converters.append(tuple(names[: names.index(truths.conversion_event) + 1]))
        else:
            others.append(tuple(names))
    return tuple(converters), tuple(others)


def holds(planted: float, found: int, of: int) -> bool:
    """Whether ``found`` of ``of`` is as near to the planted share as chance allows."""
    return abs(found / of - planted) <= WIDTH * sqrt(planted * (1 - planted) / of)


def next_steps(of: Sequence[Sequence[str]], event: str, goal: str) -> Counter[str]:
    """The step after the first visit to ``event``, exits and the goal left out."""
    following: Counter[str] = Counter()
    for path in of:
        after = path[path.index(event) + 1 :] if event in path else ()
        if after and after[0] != goal:
            following[after[0]] += 1
    return following


def contains_in_order(path: Sequence[str], wanted: Sequence[str]) -> bool:
    steps = iter(path)
    return all(step in steps for step in wanted)


def test_a_day_is_the_same_whatever_was_asked_before() -> None:
    config = PopulationConfig(newcomers_per_day=15)
    asked_alone = Population(config).events(DAY)
    after_others = Population(config)
    for back in (1, 40, 0, 3):
        after_others.events(DAY - timedelta(days=back))

    assert [event[1:] for event in after_others.events(DAY)] == [event[1:] for event in asked_alone]
    assert [event.uuid for event in after_others.events(DAY)] == [e.uuid for e in asked_alone]


def test_another_seed_is_another_population() -> None:
    one, other = (Population(PopulationConfig(seed=n, newcomers_per_day=15)) for n in (1, 2))
    assert {e.uuid for e in one.events(DAY)}.isdisjoint(e.uuid for e in other.events(DAY))


def test_a_month_has_the_promised_size_and_conversion_rate() -> None:
    population = Population()
    month = [DAY - timedelta(days=back) for back in range(30)]
    names: dict[int, set[str]] = {}
    total = 0
    for day in month:
        for event in population.events(day):
            total += 1
            names.setdefault(event.amplitude_id, set()).add(event.name)

    assert 100_000 <= total <= 200_000
    assert 0.12 <= sum("Upgrade" in seen for seen in names.values()) / len(names) <= 0.20


def test_sixty_days_bring_about_four_thousand_people() -> None:
    population = Population()
    day = epoch_day(DAY)
    assert 3_600 <= sum(population.newcomers(day - back) for back in range(60)) <= 4_400


def test_people_come_on_weekdays_and_in_waking_hours() -> None:
    _, lives = whole_lives()
    hours = Counter(
        datetime.fromtimestamp(event.time / 1e6, UTC).hour
        for life in lives
        for event in life.events
    )
    population = Population()
    monday, sunday = epoch_day(date(2026, 11, 16)), epoch_day(date(2026, 11, 15))

    assert population.newcomers(monday) > 1.5 * population.newcomers(sunday)
    assert sum(hours[hour] for hour in range(8, 18)) > 3 * sum(hours[hour] for hour in range(6))


def test_an_event_id_is_used_once() -> None:
    _, lives = whole_lives()
    events = [event for life in lives for event in life.events]
    assert len({event.uuid for event in events}) == len(events)


def test_every_upload_comes_within_a_day_of_its_event() -> None:
    _, lives = whole_lives()
    delays = [
        upload - event.time for life in lives for event in life.events for upload in uploads(event)
    ]
    assert min(delays) > 0
    assert max(delays) < 86_400 * 1_000_000
    assert max(delays) > 12 * 3_600 * 1_000_000


def test_no_life_is_longer_than_promised() -> None:
    _, lives = whole_lives()
    longest = max(life.events[-1].time // 86_400_000_000 - life.person.day for life in lives)
    assert longest < Population.LIFE_DAYS


@pytest.mark.parametrize(
    "found",
    [
        pytest.param(lambda e: e.uploaded_again is not None, id="uploaded twice"),
        pytest.param(lambda e: e.session == -1, id="outside a session"),
        pytest.param(
            lambda e: not e.known and e.person.user_id is not None, id="before the log-in"
        ),
        pytest.param(lambda e: e.device == 1, id="on a second device"),
        pytest.param(lambda e: e.name == "revenue_amount", id="revenue"),
        pytest.param(lambda e: e.name == "$identify", id="system event"),
        pytest.param(lambda e: e.name == "[Amplitude] Page Viewed", id="page viewed"),
    ],
)
def test_the_population_has_events(found: Callable[[Event], bool]) -> None:
    _, lives = whole_lives()
    assert sum(found(event) for life in lives for event in life.events) >= 20


def test_steps_of_one_batch_share_their_timestamp() -> None:
    truths, lives = whole_lives()
    steps = [[e for e in life.events if e.name not in truths.system_events] for life in lives]
    ties = sum(a.time == b.time for one in steps for a, b in pairwise(one))
    assert ties >= 50


def test_people_return_in_several_sessions() -> None:
    _, lives = whole_lives()
    sessions = [len({event.session for event in life.events} - {-1}) for life in lives]
    assert sum(number >= 3 for number in sessions) > len(lives) / 5


def test_the_planted_conversion_rate_is_there() -> None:
    truths, _ = whole_lives()
    converters, others = paths()
    assert holds(truths.conversion_rate, len(converters), len(converters) + len(others))


def test_the_planted_golden_path_is_there() -> None:
    truths, _ = whole_lives()
    converters, _others = paths()
    walked = sum(contains_in_order(path, truths.golden_path) for path in converters)
    assert holds(truths.golden_share_of_converters, walked, len(converters))


def test_no_longer_sequence_is_common_to_half_of_the_converters() -> None:
    truths, _ = whole_lives()
    converters, _others = paths()
    golden = truths.golden_path
    events = {event for path in converters for event in path}
    longer = [
        (*golden[:place], event, *golden[place:])
        for place in range(len(golden) + 1)
        for event in events
    ]
    shares = [
        sum(contains_in_order(p, one) for p in converters) / len(converters) for one in longer
    ]
    assert max(shares) < 0.5


@pytest.mark.parametrize("side", [0, 1], ids=["converter", "non_converter"])
def test_the_planted_next_steps_are_there(side: int) -> None:
    truths, _ = whole_lives()
    label = ("converter", "non_converter")[side]
    for event, planted in (
        (truths.divergence_event, truths.next_after_divergence[label]),
        (truths.golden_path[0], truths.next_after_sign_up[label]),
        (truths.cliff_pair[0], truths.next_after_report[label]),
    ):
        found = next_steps(paths()[side], event, truths.conversion_event)
        assert set(found) == set(planted)
        for step, share in planted.items():
            assert holds(share, found[step], found.total()), (event, step)


def test_the_planted_friction_is_there_and_no_event_is_worse() -> None:
    truths, _ = whole_lives()
    converters, others = paths()

    def shares(event: str) -> tuple[int, int]:
        return sum(event in p for p in others), sum(event in p for p in converters)

    with_others, with_converters = shares(truths.friction_event)
    assert holds(truths.friction_share_non_converters, with_others, len(others))
    assert holds(truths.friction_share_converters, with_converters, len(converters))
    ratio = with_others / len(others) / (with_converters / len(converters))
    error = sqrt(1 / with_others - 1 / len(others) + 1 / with_converters - 1 / len(converters))
    assert abs(log(ratio / truths.friction_relative_risk)) <= WIDTH * error
    assert ratio > exp(WIDTH * error)
    for event in {event for path in others for event in path} - {truths.friction_event}:
        other = shares(event)
        if other[1]:
            assert other[0] / len(others) / (other[1] / len(converters)) < ratio, event


def test_the_planted_cliff_is_there_and_no_state_is_worse() -> None:
    truths, _ = whole_lives()
    _converters, others = paths()
    exits = Counter(path[-1] for path in others)
    visits = Counter(event for path in others for event in path)
    rank = {event: exits[event] / len(others) * exits[event] / visits[event] for event in exits}

    assert holds(truths.cliff_exit_rate, exits[truths.cliff_state], visits[truths.cliff_state])
    assert max(rank, key=lambda event: rank[event]) == truths.cliff_state


def test_the_planted_critical_ratio_is_there() -> None:
    truths, lives = whole_lives()
    first, second = truths.critical_transition
    counts: Counter[tuple[bool, bool]] = Counter()
    for life in lives:
        events = [e for e in life.events if e.name not in truths.system_events]
        session = [e.name for e in events if e.session == events[0].session]
        at_once = any(pair == (first, second) for pair in pairwise(session))
        counts[at_once, any(e.name == truths.conversion_event for e in events)] += 1
    rates = [counts[at_once, True] / (counts[at_once, True] + counts[at_once, False])
             for at_once in (True, False)]  # fmt: skip
    assert rates[0] / rates[1] == pytest.approx(truths.critical_ratio, rel=0.15)


def test_the_planted_contact_rates_are_there() -> None:
    truths, lives = whole_lives()
    visits = Counter(e.name for life in lives for e in life.events if e.known)
    contacts = Counter(contact.event for life in lives for contact in life.contacts)
    for event, rate in truths.contact_rates.items():
        assert holds(rate, contacts[event], visits[event]), event


def test_a_contact_comes_before_the_next_step_and_within_the_hour() -> None:
    _, lives = whole_lives()
    for life in lives:
        for contact in life.contacts:
            before = [e for e in life.events if e.time / 1e6 <= contact.time]
            last = next(e for e in reversed(before) if e.name not in ("session_end", "$identify"))
            assert last.name in (contact.event, "revenue_amount")
            assert contact.time - last.time / 1e6 <= 3_600


def test_every_identifier_leads_back_to_its_person() -> None:
    population = Population()
    for life in population.lives(epoch_day(DAY)):
        person = life.person
        ids = (person.amplitude_id, person.merged_amplitude_id)
        assert all(population.of_amplitude_id(one) is life for one in ids if one is not None)
        assert population.of_code(person.email) is life
        assert all(population.of_code(device.device_id) is life for device in person.devices)


def test_all_addresses_are_of_domains_kept_for_examples() -> None:
    _, lives = whole_lives()
    domains = {life.person.email.split("@")[1] for life in lives}
    assert domains == {"example.com", "example.org"}
