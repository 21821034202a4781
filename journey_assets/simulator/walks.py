"""The ways people go through the product: steps in sessions, without times.

Belongs here: the order of steps, and after which visit somebody converts or leaves, as
:class:`~.truths.JourneyModel` says. Does not belong here: when the steps happen and what belongs to a
session besides them (``lives.py``).

Nobody is born a converter. A step is drawn from what came before it, and once the first report has run
the person may convert after each visit, with a hazard that depends on nothing but what the person has
done: so of two who have done the same the one has the same chance as the other, whatever else they met.

Nothing is ever put directly behind ``Sign Up``, ``Create Project`` or ``Run First Report`` but what
the model draws, and no session ends there (unless the person leaves), so that the planted next
steps are exact.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from journey_assets.simulator.truths import (
    ADD_COMMENT,
    COMPLETE_PROFILE,
    CREATE_PROJECT,
    DASHBOARD,
    EDIT_TASK,
    EXPORT_DATA,
    HELP_DOC,
    INVITE_TEAMMATE,
    OPEN_PROJECT,
    PAGE_VIEWED,
    PAYMENT_FAILED,
    RUN_FIRST_REPORT,
    SETTINGS,
    SIGN_UP,
    UPGRADE,
    JourneyModel,
)

#: States whose next step is planted: a help page is never put behind them.
_NO_DETOUR_BEHIND = frozenset({SIGN_UP, CREATE_PROJECT, RUN_FIRST_REPORT, EXPORT_DATA})
#: One person in so many works in the product by script: more events than one answer holds.
_HEAVY_SHARE = 0.002
_HEAVY_STEPS = 1_300

#: A step and the chance of leaving for good after it; None: a new session begins.
_Script = Iterator[tuple[str | None, float]]


@dataclass(slots=True)
class Walk:
    """Sessions of steps; ``anonymous`` of the first steps happen before the log-in."""

    sessions: list[list[str]] = field(default_factory=lambda: [[]])
    anonymous: int = 0
    converts: bool = False
    visits: int = 0
    done: set[str] = field(default_factory=set)

    def add(self, *steps: str) -> None:
        """Steps of the session under way."""
        self.sessions[-1].extend(steps)
        self.visits += len(steps)
        self.done.update(steps)

    def take(self, step: str | None) -> None:
        """A step, or None for a new session."""
        if step is None:
            self.sessions.append([])
        else:
            self.add(step)


def walk(rng: Random, model: JourneyModel, *, signs_up: bool) -> Walk:
    """Draw a person's way."""
    way = Walk()
    if not signs_up:
        _look_around(rng, way)
        return way
    if rng.random() < model.anonymous_first:
        way.anonymous = rng.randint(1, 3)
        way.add(*[PAGE_VIEWED] * way.anonymous)
    _go(rng, way, model)
    if way.converts:
        for step, _ in _work(rng, rng.randint(2, 8)):
            way.take(step)
    return way


def _go(rng: Random, way: Walk, model: JourneyModel) -> None:
    """Step for step, until the person converts, leaves, or has nothing left to do."""
    for step, leaves in _with_detours(rng, _onboarding(rng, model), model):
        way.take(step)
        if step is None:
            continue
        if rng.random() < hazard(way, model):
            way.add(UPGRADE)
            way.converts = True
            return
        if rng.random() < leaves:
            return


def hazard(way: Walk, model: JourneyModel) -> float:
    """The chance of converting right after the last visit of ``way``."""
    if RUN_FIRST_REPORT not in way.done or way.visits - way.anonymous > model.trial_visits:
        return 0.0
    chance = model.hazard
    for event, times in model.hazard_times:
        if event in way.done:
            chance *= times
    return min(chance, 1.0)


def _look_around(rng: Random, way: Walk) -> None:
    for number in range(1 if rng.random() < 0.7 else 2):
        if number:
            way.sessions.append([])
        pages = rng.randint(1, 4)
        way.add(*[PAGE_VIEWED] * pages)
        way.anonymous += pages


def _with_detours(rng: Random, script: _Script, model: JourneyModel) -> _Script:
    """The script, with help pages behind one of its steps."""
    for step, leaves in script:
        # Whoever goes for help stays for it, so that the chance of leaving is that of the state.
        if step is None or step in _NO_DETOUR_BEHIND or rng.random() >= model.help:
            yield step, leaves
            continue
        yield step, 0.0
        pages = 1
        while pages < 4 and rng.random() < model.help_again:
            yield HELP_DOC, 0.0
            pages += 1
        yield HELP_DOC, model.exit_after_help
        break
    yield from script


def _pause(rng: Random) -> _Script:
    """A new session; most begin with the dashboard."""
    yield None, 0.0
    if rng.random() < 0.65:
        yield DASHBOARD, 0.0


def _onboarding(rng: Random, model: JourneyModel) -> _Script:
    """From Sign Up on."""
    yield SIGN_UP, model.silent_after_sign_up
    if rng.random() < model.profile:
        if rng.random() < model.pause_before_profile:
            yield None, 0.0
        yield COMPLETE_PROFILE, model.exit_before_create
    else:
        yield DASHBOARD, model.exit_before_create
    if rng.random() < model.pause_before_project:
        yield from _pause(rng)
    yield from _project(rng, model)
    yield from _report(rng, model)
    yield from _work(rng, rng.randint(3, 10))


def _project(rng: Random, model: JourneyModel) -> _Script:
    """From Create Project to what comes before the first report."""
    yield CREATE_PROJECT, model.exit_after_create
    draw = rng.random()
    if draw < model.invite:
        yield INVITE_TEAMMATE, 0.0
    else:
        yield (
            SETTINGS if draw < model.invite + model.settings else DASHBOARD,
            model.exit_before_report,
        )
    if rng.random() < model.pause_before_report:
        yield from _pause(rng)
    if draw >= model.invite and rng.random() < model.invite_later:
        yield INVITE_TEAMMATE, 0.0


def _report(rng: Random, model: JourneyModel) -> _Script:
    """From Run First Report to where the work begins."""
    yield RUN_FIRST_REPORT, model.exit_after_report
    if rng.random() < model.export:
        yield EXPORT_DATA, model.exit_after_export
        return
    yield DASHBOARD, 0.0
    if rng.random() < model.payment_failed:
        yield PAYMENT_FAILED, 0.0
        yield SETTINGS, 0.0


def _use(rng: Random) -> _Script:
    yield OPEN_PROJECT, 0.0
    for _ in range(rng.randint(1, 4)):
        yield EDIT_TASK, 0.0
    if rng.random() < 0.5:
        yield ADD_COMMENT, 0.0


def _work(rng: Random, sessions: int) -> _Script:
    for _ in range(sessions):
        yield from _pause(rng)
        for _ in range(rng.randint(2, 6)):
            yield from _use(rng)
            if rng.random() < 0.3:
                yield DASHBOARD, 0.0
    if rng.random() < _HEAVY_SHARE:
        yield OPEN_PROJECT, 0.0
        for _ in range(_HEAVY_STEPS):
            yield EDIT_TASK, 0.0
