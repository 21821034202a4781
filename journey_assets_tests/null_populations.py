"""Populations in which nothing differs, and the same with one thing that does, for error rates.

Belongs here: drawing them as arrays, and storing many of them side by side. Does not belong here: what
is asked of the figures (``benchmarks/bench_error_rates.py`` at full size, ``test_claims_that_hold.py``
in small).

A visit is an event of a path. Unless a function says otherwise its event is drawn for itself, whatever
came before, and the person converts right after it with one hazard, whatever was visited: no event, no
step and no state is better or worse than another.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from journey_assets.warehouse.tables.raw import AMPLITUDE_EVENTS
from journey_assets_tests.journeys_store import Store

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]
    Floats = NDArray[np.float64]

Activity = Literal["memoryless", "fixed", "heavy-tailed"]

FIRST_DAY = date(2026, 1, 1)
DAY = 86_400
#: Between visits of a session, and between sessions, in seconds.
STEP = 20
PAUSE = 3_600
BUY = "Buy"
#: Amplitude ids of a population's persons begin at a multiple of it: nobody is in two populations.
_IDS = 1_000_000
_MOST_VISITS = 400


@dataclass(frozen=True)
class Log:
    """The events of one population, person by person, each person's in order.

    person: from 0. event: place in ``names``. second: since the population's first day began.
    platform: of the event, a place in ``platforms``; none when empty.
    """

    names: tuple[str, ...]
    person: "Integers"
    event: "Integers"
    second: "Integers"
    platforms: tuple[str, ...] = ()
    platform: "Integers | None" = None

    @property
    def persons(self) -> int:
        """How many persons there are."""
        return int(self.person.max(initial=-1)) + 1

    def and_then(self, other: "Log") -> "Log":
        """The events of both; a person of one number is the same person."""
        names = tuple(dict.fromkeys(self.names + other.names))
        place = np.array([names.index(name) for name in other.names])
        order = np.lexsort(
            (
                np.concatenate([self.second, other.second]),
                np.concatenate([self.person, other.person]),
            )
        )
        return Log(
            names,
            np.concatenate([self.person, other.person])[order],
            np.concatenate([self.event, place[other.event]])[order],
            np.concatenate([self.second, other.second])[order],
        )

    def besides(self, other: "Log") -> "Log":
        """The events of both; ``other``'s persons are further ones."""
        return self.and_then(replace(other, person=other.person + self.persons))

    def later(self, seconds: int) -> "Log":
        """All of it so much later."""
        return replace(self, second=self.second + seconds)


def log_of(walks: Iterable[Sequence[str]], step: int = STEP) -> Log:
    """The log of persons who make these events, ``step`` seconds apart, from the day's begin on."""
    people = [list(walk) for walk in walks]
    names = tuple(sorted({name for walk in people for name in walk}))
    codes = {name: code for code, name in enumerate(names)}
    lengths = np.array([len(walk) for walk in people], dtype=np.int64)
    return Log(
        names,
        np.repeat(np.arange(len(people)), lengths),
        np.array([codes[name] for walk in people for name in walk], dtype=np.int64),
        _places(lengths) * step,
    )


def lengths_of(
    rng: np.random.Generator, persons: int, activity: Activity, mean: float = 12
) -> "Integers":
    """How many visits each person makes who does not convert before."""
    if activity == "fixed":
        return np.full(persons, round(mean), dtype=np.int64)
    if activity == "memoryless":
        return np.minimum(rng.geometric(1 / mean, persons), _MOST_VISITS)
    # Half of them make a fourth of the mean or less, one in a hundred makes the most.
    return np.minimum(1 + (rng.pareto(1.1, persons) * mean / 4).astype(np.int64), _MOST_VISITS)


def hazard_for(share: float, lengths: "Integers", frailty: "Floats | None" = None) -> float:
    """The hazard per visit with which ``share`` of persons convert, by bisection."""
    factors = np.ones(len(lengths)) if frailty is None else frailty
    low, high = 0.0, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        converted = 1 - (1 - np.minimum(middle * factors, 1.0)) ** lengths
        low, high = (middle, high) if converted.mean() < share else (low, middle)
    return low


def nothing_differs(
    seed: int,
    persons: int,
    *,
    activity: Activity = "memoryless",
    mean: float = 12,
    conversion: float = 0.2,
    events: int = 20,
    skew: float = 1.0,
    correlation: float = 0.0,
    pause: float = 0.0,
) -> Log:
    """Persons whose every visit is alike.

    skew: exponent of the events' weights, 0 for equal ones. correlation: of two visits of a person,
    which events and how high the hazard is then differ between persons, but not with each other.
    pause: chance of a new session before a visit.
    """
    rng = np.random.default_rng(seed)
    lengths = lengths_of(rng, persons, activity, mean)
    frailty = _frailty(rng, persons, correlation)
    hazard = np.minimum(hazard_for(conversion, lengths, frailty) * frailty, 1.0)
    converts_after = rng.geometric(np.maximum(hazard, 1e-12))
    converts = converts_after <= lengths
    visits = np.minimum(lengths, converts_after)
    names = tuple(f"event {number:02d}" for number in range(events))
    weights = 1 / np.arange(1.0, events + 1) ** skew
    drawn = draw_events(rng, visits, weights / weights.sum(), correlation)
    return _written(rng, names, visits, drawn, converts, pause)


def draw_events(
    rng: np.random.Generator, visits: "Integers", weights: "Floats", correlation: float
) -> "Integers":
    """The event of each visit; between persons the weights vary as Dirichlet with the correlation."""
    if not correlation:
        return rng.choice(len(weights), size=int(visits.sum()), p=weights).astype(np.int64)
    # Two draws of a person are the same by so much more than two draws of two persons.
    gammas = rng.standard_gamma(weights * (1 / correlation - 1), (len(visits), len(weights)))
    bounds = np.cumsum(gammas, axis=1)
    owner = np.repeat(np.arange(len(visits)), visits)
    draws = rng.random(len(owner)) * bounds[owner, -1]
    passed = (draws[:, None] >= bounds[owner]).sum(axis=1)
    events: Integers = np.minimum(passed, len(weights) - 1)
    return events


def states_left_alike(
    seed: int, persons: int, *, exit_rate: float = 0.15, states: int = 12, correlation: float = 0.0
) -> Log:
    """Nobody converts; each visit is the last with a rate that differs between persons (Beta with the
    correlation), not between states.
    """
    rng = np.random.default_rng(seed)
    rates = beta_rates(rng, persons, exit_rate, correlation)
    visits = np.minimum(rng.geometric(np.maximum(rates, 1e-3)), _MOST_VISITS)
    weights = 1 / np.arange(1.0, states + 1)
    drawn = draw_events(rng, visits, weights / weights.sum(), correlation)
    names = tuple(f"state {number:02d}" for number in range(states))
    return _written(rng, names, visits, drawn, np.zeros(persons, dtype=bool), 0.0)


def beta_rates(rng: np.random.Generator, persons: int, mean: float, correlation: float) -> "Floats":
    """A rate for each person, of which two draws of one person correlate so much."""
    if not correlation:
        return np.full(persons, mean)
    scale = 1 / correlation - 1
    return rng.beta(mean * scale, (1 - mean) * scale, persons)


def two_ways(seed: int, persons: int, *, visits: int, share: float, correlation: float) -> Log:
    """``a`` so often, each time followed by ``b`` or ``c``: by ``b`` with a person's own share."""
    rng = np.random.default_rng(seed)
    shares = beta_rates(rng, persons, share, correlation)
    after = np.where(rng.random((persons, visits)) < shares[:, None], 1, 2)
    event = np.stack([np.zeros_like(after), after], axis=2).reshape(persons, 2 * visits)
    lengths = np.full(persons, 2 * visits, dtype=np.int64)
    return Log(
        ("a", "b", "c"),
        np.repeat(np.arange(persons), lengths),
        event.ravel().astype(np.int64),
        _places(lengths) * STEP,
    )


def leaving(seed: int, persons: int, *, visits: int, rate: float, correlation: float) -> Log:
    """Visits of ``a``, at most so many; each is the last with a person's own rate. Who does not leave
    from ``a`` goes to ``z`` and leaves from there.
    """
    rng = np.random.default_rng(seed)
    left_after = rng.geometric(np.maximum(beta_rates(rng, persons, rate, correlation), 1e-9))
    stays = left_after > visits
    made = np.minimum(left_after, visits)
    lengths = made + stays
    place = _places(lengths)
    owner = np.repeat(np.arange(persons), lengths)
    return Log(
        ("a", "z"), owner, (place >= np.repeat(made, lengths)).astype(np.int64), place * STEP
    )


def bought_before(seed: int, persons: int, *, earlier: float, conversion: float = 0.2) -> Log:
    """The window is days 10 to 19: a share of the persons bought on the first of all days and only use
    the product in the window, six times as long; the others are newcomers. No event matters.
    """
    rng = np.random.default_rng(seed)
    users = round(persons * earlier)
    window = nothing_differs(seed, persons - users, conversion=conversion, events=6, mean=4)
    lengths = lengths_of(rng, users, "memoryless", 24)
    weights = 1 / np.arange(1.0, 7)
    drawn = draw_events(rng, lengths, weights / weights.sum(), 0.0)
    names = tuple(f"event {number:02d}" for number in range(6))
    use = _written(rng, names, lengths, drawn, np.zeros(users, dtype=bool), 0.0)
    purchase = Log((BUY,), np.arange(users), np.zeros(users, dtype=np.int64), np.full(users, 3_600))
    buyers = purchase.and_then(use.later(10 * DAY))
    return buyers.besides(window.later(10 * DAY))


@dataclass(frozen=True)
class Entrants:
    """Who enters all through a window of 30 days, most of them late; so much have converted after 30
    days of their own.
    """

    truth: float = 0.246
    crude: float = 0.119
    days: int = 30

    @property
    def hazard(self) -> float:
        """Of a second."""
        return float(-np.log1p(-self.truth) / (self.days * DAY))

    def after(self, days: int) -> float:
        """The true share converted so many days after entering."""
        return float(-np.expm1(-self.hazard * days * DAY))

    def log(self, seed: int, persons: int) -> Log:
        """Enter, look in at random moments, perhaps buy; the window's end cuts all off."""
        rng = np.random.default_rng(seed)
        end = self.days * DAY
        # The observed part of the window, skewed so that the crude share is the stated one.
        observed = end * rng.random(persons) ** self._skew()
        enters = end - observed
        looks = rng.poisson(3, persons)
        owner = np.repeat(np.arange(persons), looks)
        seen = enters[owner] + rng.random(len(owner)) * observed[owner]
        buys = enters + rng.exponential(1 / self.hazard, persons)
        buyers = np.flatnonzero(buys < end)
        person = np.concatenate([np.arange(persons), owner, buyers])
        event = np.repeat([0, 1, 2], [persons, len(owner), len(buyers)])
        second = np.concatenate([enters, seen, buys[buyers]]).astype(np.int64)
        order = np.lexsort((event, second, person))
        return Log(("Enter", "Look", BUY), person[order], event[order], second[order])

    def _skew(self) -> float:
        """The exponent with which the mean over entrants is ``crude``, by bisection."""
        grid = (np.arange(20_000) + 0.5) / 20_000
        low, high = 0.5, 4.0
        for _ in range(50):
            middle = (low + high) / 2
            share = -np.expm1(-self.hazard * self.days * DAY * grid**middle).mean()
            low, high = (middle, high) if share > self.crude else (low, middle)
        return low


def days_of_newcomers(
    seed: int, days: int, per_day: int, *, conversion: float = 0.15, quiet: Sequence[int] = ()
) -> Log:
    """So many newcomers each day, whose visits are of that day; nobody converts on ``quiet`` days."""
    parts = []
    for day in range(days):
        share = 0.0 if day in quiet else conversion
        one = nothing_differs(seed * 1_000 + day, per_day, conversion=share, events=12, mean=8)
        parts.append(replace(one.later(day * DAY), person=one.person + day * per_day))
    names = (*parts[0].names[:-1], BUY)
    return Log(
        names,
        np.concatenate([part.person for part in parts]),
        np.concatenate([part.event for part in parts]),
        np.concatenate([part.second for part in parts]),
    )


def by_platform(seed: int, persons: int) -> Log:
    """Simpson: ``Tip`` raises the hazard 1.5 times on each platform, and most who see it are on the one
    where few convert.
    """
    rng = np.random.default_rng(seed)
    platform = np.repeat([0, 1], [persons // 2, persons - persons // 2])
    lengths = lengths_of(rng, persons, "memoryless", 10)
    chance = np.array([0.03, 0.30])[platform]
    owner = np.repeat(np.arange(persons), lengths)
    place = _places(lengths)
    tip = rng.random(len(owner)) < chance[owner]
    begun = np.maximum.accumulate(np.where(tip, np.arange(len(owner)), -1)) >= np.repeat(
        np.cumsum(lengths) - lengths, lengths
    )
    hazard = np.array([0.12, 0.015])[platform][owner] * np.where(begun, 1.5, 1.0)
    hit = rng.random(len(owner)) < hazard
    converts_at = np.full(persons, _MOST_VISITS + 1)
    np.minimum.at(converts_at, owner[hit], place[hit])
    converts = converts_at < lengths
    kept = place <= converts_at[owner]
    event = np.where(tip, 0, rng.integers(1, 6, len(owner)))
    visits = np.bincount(owner[kept], minlength=persons)
    names = ("Tip", *(f"event {number:02d}" for number in range(1, 6)))
    log = _written(rng, names, visits, event[kept], converts, 0.0)
    return replace(log, platforms=("iOS", "Web"), platform=platform[log.person])


def robot(events: int, names: Sequence[str], second: int = 0) -> Log:
    """One person who does the first two of ``names`` in turn, so often, all at once."""
    return Log(
        tuple(names),
        np.zeros(events, dtype=np.int64),
        np.arange(events, dtype=np.int64) % 2,
        second + np.arange(events, dtype=np.int64) // 10,
    )


@dataclass(frozen=True)
class Contacted:
    """A log, and contacts with support that depend on nothing: person and second of each."""

    log: Log
    person: "Integers"
    second: "Integers"


def contacts_to(
    seed: int, persons: int, *, per_hour: float, reach: float = 24.0, conversion: float = 0.3
) -> Contacted:
    """Persons turn to support at a constant rate from their first visit until they convert, or until
    so many hours after their last visit.
    """
    log = nothing_differs(seed, persons, conversion=conversion, events=5, mean=10, pause=0.4)
    rng = np.random.default_rng(seed + 1)
    starts = np.searchsorted(log.person, np.arange(persons))
    ends = np.searchsorted(log.person, np.arange(persons), side="right") - 1
    converted = log.event[ends] == log.names.index(BUY)
    until = log.second[ends] + np.where(converted, 0, round(reach * 3_600))
    number = rng.poisson((until - log.second[starts]) / 3_600 * per_hour)
    owner = np.repeat(np.arange(persons), number)
    span = (until - log.second[starts])[owner]
    second = log.second[starts][owner] + 1 + (rng.random(len(owner)) * (span - 2)).astype(np.int64)
    return Contacted(log, owner, second)


def visits_with_contacts(
    seed: int, persons: int, *, visits: int, rate: float, correlation: float
) -> Contacted:
    """So many visits of ``a``, 20 minutes apart, each with a contact by a person's own rate."""
    rng = np.random.default_rng(seed)
    rates = beta_rates(rng, persons, rate, correlation)
    lengths = np.full(persons, visits, dtype=np.int64)
    place = _places(lengths)
    owner = np.repeat(np.arange(persons), lengths)
    with_contact = rng.random(len(owner)) < rates[owner]
    log = Log(("a",), owner, np.zeros(len(owner), dtype=np.int64), place * 1_200)
    return Contacted(log, owner[with_contact], log.second[with_contact] + 60)


def store_logs(
    directory: Path,
    logs: Iterable[Log],
    *,
    days: int = 1,
    window_days: int = 1,
    **settings: Any,
) -> tuple[Store, list[date]]:
    """A store with each log on ``days`` of its own, and the last of these: the as_ofs."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    store = Store(directory, window_days=window_days, **({"conversion_event": BUY} | settings))
    tables = [_table(number, log, days) for number, log in enumerate(logs)]
    file = directory / "events.parquet"
    pq.write_table(pa.concat_tables(tables), file)
    store.write(
        AMPLITUDE_EVENTS,
        f"""SELECT (DATE '{FIRST_DAY}' + to_seconds(second))::DATE AS event_date, amplitude_id,
            event_type, DATE '{FIRST_DAY}' + to_seconds(second) AS event_time, source_order,
            platform, 'e' || source_order || '-' || amplitude_id AS uuid
        FROM '{file}'""",
    )
    return store, [as_of(number, days) for number in range(len(tables))]


def as_of(number: int, days: int) -> date:
    """The last day of a population that has ``days`` days."""
    return FIRST_DAY + timedelta(days=(number + 1) * days - 1)


def amplitude_ids(number: int, persons: "Integers") -> "Integers":
    """The ids of a population's persons."""
    return number * _IDS + persons


def _table(number: int, log: Log, days: int) -> Any:
    import pyarrow as pa

    platform = (
        pa.array(np.array(log.platforms)[log.platform])
        if log.platform is not None
        else pa.nulls(len(log.person), pa.string())
    )
    return pa.table(
        {
            "amplitude_id": amplitude_ids(number, log.person),
            "event_type": np.array(log.names)[log.event],
            "second": log.second + number * days * DAY,
            "source_order": np.arange(len(log.person)),
            "platform": platform,
        }
    )


def _frailty(rng: np.random.Generator, persons: int, correlation: float) -> "Floats":
    """What a person's hazard is multiplied by: mean 1, more different the more visits correlate."""
    if not correlation:
        return np.ones(persons)
    shape = 0.2 / correlation
    return rng.gamma(shape, 1 / shape, persons)


def _places(lengths: "Integers") -> "Integers":
    """0, 1, … for each person."""
    return np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths, lengths)


def _written(
    rng: np.random.Generator,
    names: tuple[str, ...],
    visits: "Integers",
    drawn: "Integers",
    converts: "NDArray[np.bool_]",
    pause: float,
) -> Log:
    """The visits of persons in a row, the conversion behind those of who converts."""
    lengths = visits + converts
    owner = np.repeat(np.arange(len(visits)), lengths)
    place = _places(lengths)
    is_visit = place < np.repeat(visits, lengths)
    event = np.full(len(owner), len(names), dtype=np.int64)
    event[is_visit] = drawn
    gaps = np.where(
        (place > 0) & is_visit & (rng.random(len(owner)) < pause),
        PAUSE,
        np.where(place > 0, STEP, 0),
    )
    total = np.cumsum(gaps)
    first = np.cumsum(lengths) - lengths
    return Log((*names, BUY), owner, event, total - np.repeat(total[first], lengths))
