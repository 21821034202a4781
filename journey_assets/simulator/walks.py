"""The ways people go through the product: steps in sessions, without times.

Belongs here: the order of steps, as :class:`~.truths.JourneyModel` plants it. Does not belong here:
when the steps happen and what belongs to a session besides them (``lives.py``).

Nothing is ever put directly behind ``Sign Up``, ``Create Project`` or ``Run First Report`` but what
the model draws, and no session ends there (unless the person leaves), so that the planted next
steps are exact.
"""

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
    Label,
)

#: States whose next step is planted; a help page is never put behind them, nor behind an exit.
_NO_DETOUR_BEHIND = frozenset(
    {SIGN_UP, CREATE_PROJECT, RUN_FIRST_REPORT, EXPORT_DATA, UPGRADE, PAGE_VIEWED}
)
#: One person in so many works in the product by script: more events than one answer holds.
_HEAVY_SHARE = 0.002
_HEAVY_STEPS = 1_300


@dataclass(slots=True)
class Walk:
    """Sessions of steps; ``anonymous`` of the first steps happen before the log-in.

    ``work_from`` is the first session that is mere use of the product: it may be left out.
    """

    sessions: list[list[str]] = field(default_factory=lambda: [[]])
    anonymous: int = 0
    work_from: int = 0

    def add(self, *steps: str) -> None:
        """Steps of the session under way."""
        self.sessions[-1].extend(steps)

    def pause(self, rng: Random) -> None:
        """A new session; most begin with the dashboard."""
        self.sessions.append([DASHBOARD] if rng.random() < 0.75 else [])


def walk(rng: Random, label: Label, model: JourneyModel) -> Walk:
    """Draw a person's way."""
    if label == "visitor":
        return _visitor(rng)
    way = Walk()
    if rng.random() < model.anonymous_first:
        way.anonymous = rng.randint(1, 3)
        way.add(*[PAGE_VIEWED] * way.anonymous)
    way.add(SIGN_UP)
    if label == "converter":
        _converter(rng, way, model)
    else:
        _non_converter(rng, way, model)
    return way


def _visitor(rng: Random) -> Walk:
    way = Walk()
    for number in range(1 if rng.random() < 0.7 else 2):
        if number:
            way.sessions.append([])
        pages = rng.randint(1, 4)
        way.add(*[PAGE_VIEWED] * pages)
        way.anonymous += pages
    way.work_from = len(way.sessions)
    return way


def _converter(rng: Random, way: Walk, model: JourneyModel) -> None:
    _after_sign_up(rng, way, model.profile_converters, model.pause_before_profile)
    if rng.random() < model.pause_before_project:
        way.pause(rng)
    way.add(CREATE_PROJECT)
    _after_project_of_converter(rng, way, model)
    if rng.random() < model.use_converters:
        way.add(*_use(rng))
    if rng.random() < model.pause_before_report:
        way.pause(rng)
    way.add(RUN_FIRST_REPORT)
    if rng.random() >= model.upgrade_at_once:
        way.add(EXPORT_DATA if rng.random() < model.export_converters else DASHBOARD)
        if rng.random() < 0.5:
            way.pause(rng)
        if rng.random() < model.payment_failed_converters:
            way.add(PAYMENT_FAILED, SETTINGS)
    way.add(UPGRADE)
    if rng.random() < model.help_converters:
        _detour(rng, way, model)
    way.work_from = len(way.sessions)
    _work(rng, way, rng.randint(2, 8), exports=True)


def _after_sign_up(rng: Random, way: Walk, profile: float, pause: float) -> None:
    """The profile, perhaps in a session that begins with it, or the dashboard."""
    draw = rng.random()
    if draw < profile * pause:
        way.sessions.append([])
    way.add(COMPLETE_PROFILE if draw < profile else DASHBOARD)


def _after_project_of_converter(rng: Random, way: Walk, model: JourneyModel) -> None:
    draw = rng.random()
    if draw < model.invite_converters:
        way.add(INVITE_TEAMMATE)
        if rng.random() < 0.30:
            way.add(SETTINGS)
        return
    way.add(SETTINGS if draw < model.invite_converters + model.settings_converters else DASHBOARD)
    # Later means in a later session: whoever invites in the first does so at once.
    later = rng.random() < model.invite_later
    if later or rng.random() < 0.5:
        way.pause(rng)
    if later:
        way.add(INVITE_TEAMMATE)


def _non_converter(rng: Random, way: Walk, model: JourneyModel) -> None:
    if rng.random() < model.silent_after_sign_up:
        way.work_from = len(way.sessions)
        return
    _after_sign_up(rng, way, model.profile_non_converters, model.pause_before_profile)
    way.add(*[DASHBOARD] * rng.randint(0, 2))
    if rng.random() < model.pause_before_project:
        way.pause(rng)
    stays = rng.random() >= model.create_non_converters or _project(rng, way, model)
    # Chances given that the person went on, so that the share of all is the planted one.
    if rng.random() < model.help_non_converters / (1 - model.silent_after_sign_up):
        _detour(rng, way, model)
    way.work_from = len(way.sessions)
    if stays:
        _work(rng, way, rng.randint(1, 9), exports=False)


def _project(rng: Random, way: Walk, model: JourneyModel) -> bool:
    """From Create Project on; False when the person leaves for good."""
    way.add(CREATE_PROJECT)
    if rng.random() < model.exit_after_create:
        return False
    draw = rng.random()
    if draw < model.invite_non_converters:
        way.add(INVITE_TEAMMATE)
    elif draw < model.invite_non_converters + model.settings_non_converters:
        way.add(SETTINGS)
    else:
        way.add(DASHBOARD)
    if rng.random() < 0.5:
        way.add(*_use(rng))
    if rng.random() < model.pause_before_report:
        way.pause(rng)
    return rng.random() >= model.report_non_converters or _report(rng, way, model)


def _report(rng: Random, way: Walk, model: JourneyModel) -> bool:
    way.add(RUN_FIRST_REPORT)
    if rng.random() < model.exit_after_report:
        return False
    if rng.random() < model.export_non_converters:
        way.add(EXPORT_DATA)
        return rng.random() >= model.exit_after_export
    way.add(DASHBOARD)
    if rng.random() < model.payment_failed_non_converters:
        way.add(PAYMENT_FAILED, SETTINGS)
    return True


def _use(rng: Random) -> list[str]:
    steps = [OPEN_PROJECT, *[EDIT_TASK] * rng.randint(1, 4)]
    if rng.random() < 0.5:
        steps.append(ADD_COMMENT)
    return steps


def _work(rng: Random, way: Walk, sessions: int, *, exports: bool) -> None:
    for _ in range(sessions):
        way.pause(rng)
        for _ in range(rng.randint(1, 5)):
            way.add(*_use(rng))
            if rng.random() < 0.3:
                way.add(DASHBOARD)
        if exports and rng.random() < 0.15:
            way.add(EXPORT_DATA)
    if sessions and rng.random() < _HEAVY_SHARE:
        way.add(OPEN_PROJECT, *[EDIT_TASK] * _HEAVY_STEPS)


def _detour(rng: Random, way: Walk, model: JourneyModel) -> None:
    """Help pages somewhere on the way so far, before the conversion."""
    places = [
        (number, place)
        for number, steps in enumerate(way.sessions)
        for place, step in enumerate(steps)
        if step not in _NO_DETOUR_BEHIND
    ]
    number, place = rng.choice(places)
    pages = 1
    while rng.random() < model.help_again and pages < 4:
        pages += 1
    way.sessions[number][place + 1 : place + 1] = [HELP_DOC] * pages
