"""What is planted in the population, so that a test can look for it.

Belongs here: the names of the events, the probabilities of the play (:class:`JourneyModel`) and the
values that follow from them exactly (:class:`PlantedTruths`). Does not belong here: drawing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Label = Literal["converter", "non_converter", "visitor"]
Channel = Literal["web_dominant", "mobile_dominant", "email_dominant", "omnichannel", "inactive"]

SIGN_UP = "Sign Up"
COMPLETE_PROFILE = "Complete Profile"
CREATE_PROJECT = "Create Project"
INVITE_TEAMMATE = "Invite Teammate"
RUN_FIRST_REPORT = "Run First Report"
UPGRADE = "Upgrade"
DASHBOARD = "Dashboard View"
SETTINGS = "Settings Visit"
HELP_DOC = "Help Doc Visit"
EXPORT_DATA = "Export Data"
PAYMENT_FAILED = "Payment Failed"
OPEN_PROJECT = "Open Project"
EDIT_TASK = "Edit Task"
ADD_COMMENT = "Add Comment"
PAGE_VIEWED = "[Amplitude] Page Viewed"
SESSION_START = "session_start"
SESSION_END = "session_end"
IDENTIFY = "$identify"
REVENUE = "revenue_amount"

GOLDEN_PATH = (
    SIGN_UP,
    COMPLETE_PROFILE,
    CREATE_PROJECT,
    INVITE_TEAMMATE,
    RUN_FIRST_REPORT,
    UPGRADE,
)

#: Mean lifetime value of the people of a channel.
MEAN_LTV: Mapping[str, float] = {
    "web_dominant": 420.0,
    "mobile_dominant": 890.0,
    "email_dominant": 340.0,
    "omnichannel": 1450.0,
    "inactive": 60.0,
}


@dataclass(frozen=True, slots=True)
class JourneyModel:
    """The probabilities of the play.

    A person's label is drawn first, so shares given the label are exact. Names: ``…_converters``
    and ``…_non_converters`` are probabilities given the label; "next" leaves out exits.
    """

    # Of all newcomers; the rest are visitors who never sign up.
    converters: float = 0.19
    non_converters: float = 0.69

    silent_after_sign_up: float = 0.18  # of non-converters: nothing after Sign Up
    profile_converters: float = 0.89  # Complete Profile next after Sign Up, else Dashboard View
    profile_non_converters: float = 0.39  # of those who go on
    create_non_converters: float = 0.85  # of those who go on after Sign Up
    exit_after_create: float = 0.05

    invite_converters: float = 0.74  # next after Create Project
    settings_converters: float = 0.08  # else Dashboard View
    invite_later: float = 0.30  # of converters who did not invite at once
    invite_non_converters: float = 0.10
    settings_non_converters: float = 0.82  # else Dashboard View

    report_non_converters: float = 0.70  # of those who go on after Create Project
    upgrade_at_once: float = 0.68  # of converters: next after Run First Report
    export_converters: float = 0.375  # of the others; else Dashboard View
    exit_after_report: float = 0.05  # of non-converters
    export_non_converters: float = 0.60  # of those who go on; else Dashboard View
    exit_after_export: float = 0.90

    help_converters: float = 0.12  # at least one Help Doc Visit before converting
    help_non_converters: float = 0.45  # of those who signed up; drawn among those who go on
    help_again: float = 0.35  # each further visit
    payment_failed_converters: float = 0.30  # of those who do not upgrade at once
    payment_failed_non_converters: float = 0.25  # of those who do not export

    # Between Create Project and Run First Report: two steps more for well under half of the
    # converters, or the way through them would be the longest common one instead of the golden path.
    use_converters: float = 0.45
    # A new session starts. Pauses before the profile and the report make the steps around Invite
    # Teammate worth less within the first session, so that it is the critical one.
    pause_before_profile: float = 0.30  # where Complete Profile is next after Sign Up
    pause_before_project: float = 0.15
    pause_before_report: float = 0.75
    anonymous_first: float = 0.40  # pages seen before Sign Up, without a user id

    contact_rates: tuple[tuple[str, float], ...] = (
        (PAYMENT_FAILED, 0.45),
        (HELP_DOC, 0.18),
        (SETTINGS, 0.04),
        (EXPORT_DATA, 0.03),
    )
    contact_rate_elsewhere: float = 0.002  # per event of a known user in any other state
    contact_with_email: float = 0.85
    profile_share: float = 0.92  # of those who signed up

    channels_converters: tuple[tuple[Channel, float], ...] = (
        ("web_dominant", 0.30),
        ("mobile_dominant", 0.22),
        ("email_dominant", 0.08),
        ("omnichannel", 0.35),
        ("inactive", 0.05),
    )
    channels_others: tuple[tuple[Channel, float], ...] = (
        ("web_dominant", 0.36),
        ("mobile_dominant", 0.22),
        ("email_dominant", 0.16),
        ("omnichannel", 0.15),
        ("inactive", 0.11),
    )


@dataclass(frozen=True, slots=True)
class PlantedTruths:
    """Values that hold in the population, exact in expectation.

    They describe persons whose whole life (up to ``Population.LIFE_DAYS``) lies in the window, with
    Amplitude ids of one person joined. In a window that cuts lives off they hold approximately.

    Shares of cohorts are of all persons of the cohort (visitors are non-converters).
    """

    golden_path: tuple[str, ...]
    golden_share_of_converters: float
    conversion_rate: float
    divergence_event: str
    next_after_divergence: dict[str, dict[str, float]]
    next_after_sign_up: dict[str, dict[str, float]]
    next_after_report: dict[str, dict[str, float]]
    friction_event: str
    friction_share_non_converters: float
    friction_share_converters: float
    friction_relative_risk: float
    cliff_state: str
    cliff_pair: tuple[str, str]
    cliff_exit_rate: float
    silent_after_sign_up: float
    critical_transition: tuple[str, str]
    critical_ratio: float
    contact_rates: dict[str, float]
    contact_rate_elsewhere: float
    contact_with_email: float
    profile_share: float
    mean_ltv: dict[str, float]
    system_events: tuple[str, ...] = (IDENTIFY, SESSION_START, SESSION_END)
    revenue_event: str = REVENUE
    conversion_event: str = field(default=UPGRADE)


def planted_truths(model: JourneyModel) -> PlantedTruths:
    """The exact values that follow from the probabilities of ``model``."""
    visitors = 1 - model.converters - model.non_converters
    signed = model.non_converters / (model.non_converters + visitors)
    friction = signed * model.help_non_converters
    invited = model.invite_converters + (1 - model.invite_converters) * model.invite_later
    return PlantedTruths(
        golden_path=GOLDEN_PATH,
        golden_share_of_converters=model.profile_converters * invited,
        conversion_rate=model.converters,
        divergence_event=CREATE_PROJECT,
        next_after_divergence={
            "converter": _three(model.invite_converters, model.settings_converters),
            "non_converter": _three(model.invite_non_converters, model.settings_non_converters),
        },
        next_after_sign_up={
            "converter": _two(COMPLETE_PROFILE, model.profile_converters),
            "non_converter": _two(COMPLETE_PROFILE, model.profile_non_converters),
        },
        next_after_report={
            "converter": _two(EXPORT_DATA, model.export_converters),
            "non_converter": _two(EXPORT_DATA, model.export_non_converters),
        },
        friction_event=HELP_DOC,
        friction_share_non_converters=friction,
        friction_share_converters=model.help_converters,
        friction_relative_risk=friction / model.help_converters,
        cliff_state=EXPORT_DATA,
        cliff_pair=(RUN_FIRST_REPORT, EXPORT_DATA),
        cliff_exit_rate=model.exit_after_export,
        silent_after_sign_up=model.silent_after_sign_up,
        critical_transition=(CREATE_PROJECT, INVITE_TEAMMATE),
        critical_ratio=_critical_ratio(model),
        contact_rates=dict(model.contact_rates),
        contact_rate_elsewhere=model.contact_rate_elsewhere,
        contact_with_email=model.contact_with_email,
        profile_share=model.profile_share,
        mean_ltv=dict(MEAN_LTV),
    )


def _two(event: str, share: float) -> dict[str, float]:
    return {event: share, DASHBOARD: 1 - share}


def _three(invite: float, settings: float) -> dict[str, float]:
    return {INVITE_TEAMMATE: invite, SETTINGS: settings, DASHBOARD: 1 - invite - settings}


def _critical_ratio(model: JourneyModel) -> float:
    """Conversion of persons who go Create Project → Invite Teammate in the session in which they
    signed up, over the conversion of all others.
    """
    at_once = 1 - model.pause_before_project
    converters = (
        model.converters
        * (1 - model.profile_converters * model.pause_before_profile)
        * at_once
        * model.invite_converters
    )
    others = (
        model.non_converters
        * (1 - model.silent_after_sign_up)
        * (1 - model.profile_non_converters * model.pause_before_profile)
        * model.create_non_converters
        * at_once
        * (1 - model.exit_after_create)
        * model.invite_non_converters
    )
    rate = converters / (converters + others)
    rate_otherwise = (model.converters - converters) / (1 - converters - others)
    return rate / rate_otherwise
