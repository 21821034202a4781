"""A person's life: the walk of ``walks.py`` laid out in time, with all that tracking adds to it.

Belongs here: times of day, gaps, devices, log-ins, system events, uploads, repeats, and the moments
at which a person turns to support. Does not belong here: which steps are taken (``walks.py``), how
an event looks on the wire (``amplitude_events.py``), what comes of a contact (``conversations.py``).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import exp
from random import Random
from statistics import NormalDist
from typing import NamedTuple

from journey_assets.simulator.clock import DAY
from journey_assets.simulator.people import Person, way_of
from journey_assets.simulator.randomness import mix, weighted
from journey_assets.simulator.truths import (
    IDENTIFY,
    PAGE_VIEWED,
    REVENUE,
    SESSION_END,
    SESSION_START,
    SIGN_UP,
    UPGRADE,
    JourneyModel,
)
from journey_assets.simulator.walks import Walk

#: No event of a person is later than so many days after the first.
LIFE_DAYS = 21
#: Every upload of an event happens within a day of the event.
LATEST_UPLOAD = DAY - 60

_HOURS = tuple(
    enumerate(
        (1, 1, 1, 1, 1, 2, 4, 7, 10, 12, 12, 11, 9, 11, 12, 11, 9, 7, 6, 7, 7, 5, 3, 2),
    )
)
_MICROS = 1_000_000
_SPREAD, _MASK = 0xD1342543DE82EF95, (1 << 64) - 1
#: Seconds between two steps: log-normal around 37, from 2 seconds to 15 minutes, as quantiles.
_PAUSES = tuple(
    min(max(exp(NormalDist(3.6, 0.8).inv_cdf((n + 0.5) / 512)), 2.0), 900.0) for n in range(512)
)


class Event(NamedTuple):
    """One event as the vendor stored it.

    time, uploaded: microseconds since 1970; uploaded_again: of a second upload of the same event.
    session: epoch milliseconds of the session's start, −1 outside a session. number: chronological.
    known: whether the event carries the user id.
    """

    person: Person
    number: int
    name: str
    time: int
    session: int
    device: int
    amplitude_id: int
    known: bool
    uploaded: int
    uploaded_again: int | None

    @property
    def uuid(self) -> str:
        """The vendor's id of the event, the same in every upload."""
        high = mix(self.person.key, self.number)
        text = f"{high:016x}{(high * _SPREAD ^ self.person.key) & _MASK:016x}"
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"


@dataclass(frozen=True, slots=True)
class Contact:
    """A person turns to support: at ``time`` (seconds), because of state ``event``."""

    person: Person
    number: int
    time: float
    event: str


@dataclass(frozen=True, slots=True)
class Life:
    """All events of a person in chronological order, and all contacts."""

    person: Person
    events: tuple[Event, ...]
    contacts: tuple[Contact, ...]


def life(person: Person, model: JourneyModel) -> Life:
    """Draw a person's life."""
    rng = Random(mix(person.key, 30))
    way = way_of(person.key, model, signs_up=person.label != "visitor")
    scribe = _Scribe(rng, person, model)
    at = person.day * DAY + _time_of_day(rng, 0)
    for number, steps in enumerate(way.sessions):
        if not steps:
            continue
        if number:
            at = _next_start(rng, at)
            if at > (person.day + LIFE_DAYS - 1) * DAY:
                break
        at = scribe.session(at, steps, _anonymous_steps(way, number))
    return Life(person, tuple(scribe.events), tuple(scribe.contacts))


def _anonymous_steps(way: Walk, session: int) -> int:
    """How many steps at the start of a session happen before the log-in."""
    return min(way.anonymous, len(way.sessions[session])) if session == 0 else 0


def _time_of_day(rng: Random, earliest: float) -> float:
    hour = weighted(_HOURS, rng.random())
    return max(earliest, hour * 3600 + rng.random() * 3600)


def _next_start(rng: Random, end: float) -> float:
    """The start of the next session: hours to days later, at a plausible time of day."""
    after = end + 2 * 3600 + min(rng.expovariate(1 / (1.5 * DAY)), 2.8 * DAY)
    start = after // DAY * DAY + _time_of_day(rng, 0)
    return start if start > end + 2 * 3600 else start + DAY


class _Scribe:
    """Writes the sessions of one person down as events."""

    def __init__(self, rng: Random, person: Person, model: JourneyModel) -> None:
        self.rng = rng
        self.person = person
        self.events: list[Event] = []
        self.contacts: list[Contact] = []
        self._rates = dict(model.contact_rates)
        self._elsewhere = model.contact_rate_elsewhere
        self._logged_in_devices = {0}

    def session(self, start: float, steps: list[str], anonymous: int) -> float:
        """Write one session; returns the second of its last event."""
        person = self.person
        device = self._device()
        session = int(start * 1000)
        known = person.user_id is not None and anonymous == 0
        delay = self._upload_delay(device)
        if device not in self._logged_in_devices:
            self._logged_in_devices.add(device)
            if person.merged_amplitude_id is not None:
                self._event(PAGE_VIEWED, start, session, device, delay, known=False, merged=True)
                start += 20
        at = start
        self._event(SESSION_START, at, session, device, delay, known=known)
        for place, step in enumerate(steps):
            if place:
                at += self._pause(steps[place - 1])
            known = known or step == SIGN_UP
            self._event(step, at, session, device, delay, known=known)
            if step == SIGN_UP:
                self._event(IDENTIFY, at, session, device, delay, known=True)
            elif step == UPGRADE:
                # Sent by the billing server, outside the session.
                at += 2
                self._event(REVENUE, at, -1, device, 5.0, known=True)
            if known:
                at = self._contact(step, at, last=place == len(steps) - 1)
        self._event(SESSION_END, at, session, device, delay, known=known)
        return at

    def _device(self) -> int:
        devices = len(self.person.devices)
        return 0 if devices == 1 or not self.events or self.rng.random() < 0.65 else 1

    def _upload_delay(self, device: int) -> float:
        """Seconds from an event to its upload; some phones are offline for hours."""
        if self.person.devices[device].kind != "web" and self.rng.random() < 0.06:
            return self.rng.uniform(1, 20) * 3600
        return self.rng.uniform(1, 30)

    def _pause(self, before: str) -> float:
        """Seconds to the next step; some steps are sent with one timestamp in one batch."""
        draw = self.rng.random()
        if before != SIGN_UP and draw < 0.03:
            return 0.0
        return _PAUSES[int(draw * 512)] + self.rng.random()

    def _contact(self, step: str, at: float, *, last: bool) -> float:
        """Perhaps turn to support behind a step; returns when the person goes on."""
        if self.rng.random() >= self._rates.get(step, self._elsewhere):
            return at
        wait = self.rng.uniform(60, 1500 if last else 240)
        self.contacts.append(Contact(self.person, len(self.contacts), at + wait, step))
        return at + (0.0 if last else wait + self.rng.uniform(60, 800))

    def _event(
        self, name: str, at: float, session: int, device: int, delay: float,
        *, known: bool, merged: bool = False,
    ) -> None:  # fmt: skip
        person = self.person
        number = len(self.events)
        time = int(at * 1000) * 1000
        delay = min(delay, LATEST_UPLOAD - 3700)
        uploaded = time + int(delay * 1000) * 1000
        again = uploaded + 3600 * _MICROS if self.rng.random() < 0.004 else None
        amplitude_id = person.merged_amplitude_id if merged else person.amplitude_id
        self.events.append(
            Event(
                person, number, name, time, session, device,
                amplitude_id or person.amplitude_id, known, uploaded, again,
            )
        )  # fmt: skip


def uploads(event: Event) -> Iterator[int]:
    """The moments (microseconds) at which the event was uploaded, the first one first."""
    yield event.uploaded
    if event.uploaded_again is not None:
        yield event.uploaded_again
