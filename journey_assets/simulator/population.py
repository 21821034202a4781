"""The population: who is there, what happened on a day, in an hour, to a person.

Belongs here: finding and caching lives. Does not belong here: drawing them (``people.py``,
``lives.py``), and the present moment: a population knows the future too, servers hide it.

Everything is a pure function of the configuration and of what is asked, so any day looks the same
however often and in whatever order it is asked for.
"""

import threading
from collections import OrderedDict, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from journey_assets.simulator.clock import DAY
from journey_assets.simulator.lives import LIFE_DAYS, Contact, Event, Life, life, uploads
from journey_assets.simulator.people import (
    Person,
    epoch_day,
    newcomers,
    person,
    place_of_amplitude_id,
    place_of_code,
)
from journey_assets.simulator.truths import JourneyModel, PlantedTruths, planted_truths

_HOUR_MICROS = 3_600_000_000
_DAY_MICROS = DAY * 1_000_000
#: Newcomers' days kept in memory.
_KEPT_DAYS = 150


@dataclass(frozen=True, slots=True)
class PopulationConfig:
    """The choices that make a population.

    newcomers_per_day: mean over a week. first_day, last_day: newcomers come only between them, for
    populations whose lives lie wholly in a window. second_device_share: share of the people with
    two devices whose second one was anonymous, with an Amplitude id of its own, before its log-in.
    """

    seed: int = 20_260
    newcomers_per_day: float = 67.0
    first_day: date | None = None
    last_day: date | None = None
    second_device_share: float = 0.2
    model: JourneyModel = field(default_factory=JourneyModel)


@dataclass(frozen=True, slots=True)
class _Newcomers:
    """The lives that begin on one day, with their events by day and by upload hour."""

    lives: tuple[Life, ...]
    by_day: dict[int, list[Event]]
    by_upload_hour: dict[int, list[tuple[int, Event]]]


class Population:
    """One deterministic population; may be used by many threads at once."""

    LIFE_DAYS = LIFE_DAYS

    def __init__(self, config: PopulationConfig | None = None) -> None:
        self.config = config or PopulationConfig()
        self._first = epoch_day(self.config.first_day) if self.config.first_day else None
        self._last = epoch_day(self.config.last_day) if self.config.last_day else None
        self._days: OrderedDict[int, _Newcomers] = OrderedDict()
        self._people: OrderedDict[int, tuple[Person, ...]] = OrderedDict()
        self._lock = threading.RLock()

    @property
    def truths(self) -> PlantedTruths:
        """What is planted."""
        return planted_truths(self.config.model)

    def newcomers(self, day: int) -> int:
        """How many people come for the first time on a day."""
        outside = (self._first is not None and day < self._first) or (
            self._last is not None and day > self._last
        )
        return 0 if outside else newcomers(self.config.seed, day, self.config.newcomers_per_day)

    def lives(self, day: int) -> tuple[Life, ...]:
        """The lives that begin on a day."""
        return self._day(day).lives

    def lives_between(self, first: int, last: int) -> Iterator[Life]:
        """The lives that begin on a day from ``first`` to ``last``, both included."""
        for day in range(first, last + 1):
            yield from self.lives(day)

    def events(self, day: date) -> list[Event]:
        """The events that happened on a day, person by person, each person's in order."""
        wanted = epoch_day(day)
        return [
            event
            for start in range(wanted - LIFE_DAYS, wanted + 1)
            for event in self._day(start).by_day.get(wanted, ())
        ]

    def uploads(self, hour: int) -> list[tuple[int, Event]]:
        """The uploads (microseconds, event) of an hour, counted since 1970, person by person."""
        day = hour // 24
        return [
            upload
            for start in range(day - LIFE_DAYS - 1, day + 1)
            for upload in self._day(start).by_upload_hour.get(hour, ())
        ]

    def contacts(self, day: int) -> list[Contact]:
        """The contacts with support that begin on a day."""
        return [
            contact
            for one in self.lives_between(day - LIFE_DAYS, day)
            for contact in one.contacts
            if contact.time // DAY == day
        ]

    def of_amplitude_id(self, amplitude_id: int) -> Life | None:
        """The life of the person with this canonical or merged Amplitude id."""
        found = self._at(place_of_amplitude_id(amplitude_id))
        ids = (found.person.amplitude_id, found.person.merged_amplitude_id) if found else ()
        return found if amplitude_id in ids else None

    def of_code(self, text: str) -> Life | None:
        """The life of the person whose user id, e-mail address or device id this may be."""
        return self._at(place_of_code(text))

    def _at(self, place: tuple[int, int] | None) -> Life | None:
        if place is None:
            return None
        lives = self.lives(place[0])
        return lives[place[1]] if place[1] < len(lives) else None

    def people(self, day: int) -> tuple[Person, ...]:
        """The newcomers of a day; their lives need not be drawn for it."""
        with self._lock:
            known = self._people.get(day)
            if known is None:
                config = self.config
                known = self._people[day] = tuple(
                    person(config.seed, day, ordinal, config.model, config.second_device_share)
                    for ordinal in range(self.newcomers(day))
                )
                _forget_oldest(self._people)
            return known

    def _day(self, day: int) -> _Newcomers:
        with self._lock:
            known = self._days.get(day)
            if known is None:
                known = self._days[day] = self._draw(day)
                _forget_oldest(self._days)
            else:
                self._days.move_to_end(day)
            return known

    def _draw(self, day: int) -> _Newcomers:
        lives = tuple(life(one, self.config.model) for one in self.people(day))
        by_day: defaultdict[int, list[Event]] = defaultdict(list)
        by_hour: defaultdict[int, list[tuple[int, Event]]] = defaultdict(list)
        for one in lives:
            for event in one.events:
                by_day[event.time // _DAY_MICROS].append(event)
                for moment in uploads(event):
                    by_hour[moment // _HOUR_MICROS].append((moment, event))
        return _Newcomers(lives, dict(by_day), dict(by_hour))


def _forget_oldest(kept: OrderedDict[int, Any]) -> None:
    if len(kept) > _KEPT_DAYS:
        kept.popitem(last=False)
