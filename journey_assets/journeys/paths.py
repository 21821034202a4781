"""The paths of some persons at one as_of, in arrays: what every count reads.

Belongs here: the shape of the arrays, the rules by which events become paths, and laying them out.
Does not belong here: where the events come from (:mod:`journey_assets.journeys.events`), what is
counted over them (the entries in ``journeys/statistics``).
"""

from dataclasses import dataclass, fields, replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from journey_assets.settings import Settings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]
    Codes = NDArray[np.uint32]
    Booleans = NDArray[np.bool_]

#: Texts of the ending codes, in their order from 1.
ENDINGS = ("exit", "conversion", "censored", "cut")

#: Whose paths a count is of: of everyone; of everyone but heavy persons, whose occurrences would stand
#: for those of thousands; of those of the latter who may be compared with each other.
Whose = Literal["everyone", "regular", "compared"]

_NO_LIMIT = 2**62


@dataclass(frozen=True)
class Paths:
    """Some persons' paths at one as_of. A path is ``event[first[p]:first[p] + length[p]]``.

    event: codes of steps, from 1. at: microseconds since 1970, UTC. full: events that the path has
    when neither a conversion nor a limit ends it. cohort: index in :attr:`Rules.cohorts`. ending: see
    :data:`ENDINGS`. converted: time of the first conversion, ``kernels.NEVER`` without. person: the
    place of the person in :class:`Persons`. session: which of the person's sessions, 0 for all.
    compared, heavy, platform, country: what :class:`Persons` has of the person.

    There may be events between paths that are of none: read them by ``first`` and ``length``.
    """

    event: "Codes"
    at: "Integers"
    first: "Integers"
    length: "Integers"
    full: "Integers"
    cohort: "Integers"
    ending: "Integers"
    converted: "Integers"
    person: "Integers"
    session: "Integers"
    compared: "Booleans"
    heavy: "Booleans"
    platform: "Integers"
    country: "Integers"

    def __len__(self) -> int:
        """How many paths there are."""
        return len(self.first)

    def of(self, whose: Whose) -> "Paths":
        """The paths of these persons alone, over the same events."""
        if whose == "everyone":
            return self
        return self._regular if whose == "regular" else self._compared

    @cached_property
    def _regular(self) -> "Paths":
        return self._where(~self.heavy)

    @cached_property
    def _compared(self) -> "Paths":
        return self._where(~self.heavy & self.compared)

    def _where(self, kept: "Booleans") -> "Paths":
        if kept.all():
            return self
        of_paths = (each.name for each in fields(self) if each.name not in ("event", "at"))
        return replace(self, **{name: getattr(self, name)[kept] for name in of_paths})


@dataclass(frozen=True)
class Persons:
    """Persons with the ids that are theirs at an as_of, and what is known of each.

    The ids of person p are ``ids[starts[p]:starts[p + 1]]``, ascending. code: the person in
    ``journey_names``. listed: index of the cohort that the person is in whatever the path holds, −1
    without. unidentified: known by one id alone. newcomer: no event is stored of the days before the
    window. earlier: a conversion event is. compared: whether comparisons may hold the person. heavy: has
    so many events that nobody else's would be seen beside them. platform, country: the first known one
    in the window, as a code that means the same throughout the run, 0 without.
    """

    starts: "Integers"
    ids: "Integers"
    code: "Integers"
    listed: "Integers"
    unidentified: "Booleans"
    newcomer: "Booleans"
    earlier: "Booleans"
    compared: "Booleans"
    heavy: "Booleans"
    platform: "Integers"
    country: "Integers"

    def __len__(self) -> int:
        """How many persons there are."""
        return len(self.code)

    def part(self, begin: int, stop: int) -> "Persons":
        """The persons from place ``begin`` on, before ``stop``."""
        known = (each.name for each in fields(self) if each.name not in ("starts", "ids"))
        return replace(
            self,
            starts=self.starts[begin : stop + 1],
            **{name: getattr(self, name)[begin:stop] for name in known},
        )


@dataclass(frozen=True)
class Events:
    """The events of ids: those of id i are ``rows[offset[i]:offset[i + 1]]``, in order.

    A row is the time in microseconds, and in one number the vendor's order (the upper 32 bits) and the
    code of the step: what is read together stands together.
    """

    offset: "Integers"
    rows: "Integers"


@dataclass(frozen=True)
class Window:
    """One as_of: its days, how far they are observed, whether lists make the cohorts.

    low, high, observed_until: microseconds since 1970, UTC. by_labels: the lists' cohorts are not the
    outcome. fold: the step that stands for a step.
    """

    as_of: date
    low: int
    high: int
    observed_until: int
    by_lists: bool
    by_labels: bool
    fold: "Codes"


@dataclass(frozen=True)
class Rules:
    """What the settings make of events, as the counts need it.

    steps: how many codes of steps there are. conversion, start, end: a step's code, 0 when nobody
    has it, −1 when the setting names none. cohorts: the labels in the order in which they win.
    """

    settings: Settings
    steps: int
    conversion: int
    start: int
    end: int
    cohorts: tuple[str, ...]

    @property
    def gap_ms(self) -> int:
        """The longest pause within a session, in milliseconds."""
        return self.settings.session_gap_minutes * 60_000

    @property
    def by_session(self) -> bool:
        """Whether a path is a session."""
        return self.settings.path_unit == "session"

    def of(self, window: Window) -> "Integers":
        """The numbers that :func:`~.kernels.arrange` reads."""
        import numpy as np

        settings = self.settings
        return np.array(
            [
                window.low,
                window.high,
                window.observed_until,
                self.conversion,
                self.start,
                self.end,
                settings.start_occurrence == "last",
                settings.end_occurrence == "last",
                self.by_session,
                settings.collapse,
                window.by_lists,
                settings.max_events or _NO_LIMIT,
                self.gap_ms,
                self.cohorts.index("non_converter"),
            ],
            dtype=np.int64,
        )


def arrange(events: Events, persons: Persons, window: Window, rules: Rules) -> Paths:
    """The paths of ``persons`` in ``window``; who has no event there has none."""
    from journey_assets.journeys import kernels

    event, at, facts = kernels.arrange(
        persons.starts,
        persons.ids,
        persons.listed,
        events.offset,
        events.rows,
        window.fold,
        rules.of(window),
    )
    first, length, full, cohort, ending, converted, person, session = facts.T.copy()
    return Paths(
        event, at, first, length, full, cohort, ending, converted, person, session,
        persons.compared[person], persons.heavy[person],
        persons.platform[person], persons.country[person],
    )  # fmt: skip
