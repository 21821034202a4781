"""The agents of live support: groups around the clock, their shifts and availabilities.

Belongs here: who is on duty when. Does not belong here: the sessions they hold
(``conversations.py``).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from journey_assets.simulator.clock import DAY
from journey_assets.simulator.randomness import pick, unit

_HOUR = 3600


@dataclass(frozen=True, slots=True)
class Group:
    """A group on duty for eight hours from ``starts`` (hour, UTC), every day."""

    name: str
    starts: int
    agents: tuple[str, ...]


GROUPS = (
    Group("Europe", 6, tuple(f"agent.e{n}@example.com" for n in range(1, 5))),
    Group("Americas", 14, tuple(f"agent.a{n}@example.com" for n in range(1, 4))),
    Group("Asia-Pacific", 22, tuple(f"agent.p{n}@example.com" for n in range(1, 3))),
)


@dataclass(frozen=True, slots=True)
class Availability:
    """A period in which an agent is available; ``active`` is the share spent in sessions."""

    agent: str
    start: float
    end: float
    active: float


def on_duty(moment: float) -> Group:
    """The group whose shift it is."""
    hour = moment % DAY / _HOUR
    return next((group for group in GROUPS if group.starts <= hour < group.starts + 8), GROUPS[-1])


def agent_for(group: Group, *parts: int) -> str:
    """The agent who takes a session."""
    return pick(group.agents, *parts)


def availabilities(seed: int, day: int) -> Iterator[Availability]:
    """The periods that begin on a day: two a shift around a break, now and then overlapping.

    An agent's first period begins on the hour, so that hours before ten occur in it.
    """
    for group in GROUPS:
        for number, agent in enumerate(group.agents):
            start = day * DAY + group.starts * _HOUR
            parts = (seed, day, group.starts, number)
            lunch = start + (3.5 + unit(*parts, 1)) * _HOUR
            # Two browser windows: the second period begins before the first one ends.
            gap = -600 if unit(*parts, 2) < 0.05 else 900 + 1800 * unit(*parts, 3)
            yield Availability(agent, start, lunch, 0.3 + 0.5 * unit(*parts, 4))
            yield Availability(agent, lunch + gap, start + 8 * _HOUR, 0.3 + 0.5 * unit(*parts, 5))
