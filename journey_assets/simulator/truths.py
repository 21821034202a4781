"""What is planted in the population, so that a test can look for it.

Belongs here: the names of the events, the probabilities of the play (:class:`JourneyModel`) and the
values that follow from them exactly (:class:`PlantedTruths`). Does not belong here: drawing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

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

    Nobody's outcome is drawn: a person goes from step to step, may leave after each, and may convert
    after each once the first report has run. "Next" is among those who neither convert nor leave.
    """

    signs_up: float = 0.88  # the rest are visitors who never do
    anonymous_first: float = 0.40  # pages seen before Sign Up, without a user id

    # The chance of converting after a visit, and what it is multiplied by once an event was visited.
    # Whoever has not converted after so many visits from Sign Up on does not.
    hazard: float = 0.02
    hazard_times: tuple[tuple[str, float], ...] = (
        (INVITE_TEAMMATE, 10.0),
        (COMPLETE_PROFILE, 2.0),
        (HELP_DOC, 0.12),
    )
    trial_visits: int = 16

    silent_after_sign_up: float = 0.16  # nothing after Sign Up
    profile: float = 0.78  # Complete Profile next after Sign Up, else Dashboard View
    exit_before_create: float = 0.12
    exit_after_create: float = 0.05
    invite: float = 0.30  # next after Create Project
    settings: float = 0.46  # else Dashboard View
    exit_before_report: float = 0.15  # of those who do not invite at once
    invite_later: float = 0.08  # of those who did not at once
    exit_after_report: float = 0.05
    export: float = 0.42  # next after Run First Report, else Dashboard View
    exit_after_export: float = 0.86
    payment_failed: float = 0.25  # of those who do not export

    help: float = 0.05  # after a visit
    help_again: float = 0.35  # each further one
    exit_after_help: float = 0.05

    # A new session starts. Pauses before the profile and the report make the steps around Invite
    # Teammate worth less within the first session, so that it is the critical one.
    pause_before_profile: float = 0.30  # where Complete Profile is next after Sign Up
    pause_before_project: float = 0.15
    pause_before_report: float = 0.95

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
    """Values that hold in the population in expectation.

    They describe persons whose whole life (up to ``Population.LIFE_DAYS``) lies in the window, with
    Amplitude ids of one person joined. In a window that cuts lives off they hold approximately.

    Shares of cohorts are of all persons of the cohort (visitors are non-converters). Ratios of hazards
    are over visits: friction of who has had the event by a visit, critical of who took the step in the
    first session, over the visits after it.
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
    friction_hazard_ratio: float
    cliff_state: str
    cliff_pair: tuple[str, str]
    cliff_exit_rate: float
    silent_after_sign_up: float
    critical_transition: tuple[str, str]
    critical_ratio: float
    critical_hazard_ratio: float
    contact_rates: dict[str, float]
    contact_rate_elsewhere: float
    contact_with_email: float
    profile_share: float
    mean_ltv: dict[str, float]
    system_events: tuple[str, ...] = (IDENTIFY, SESSION_START, SESSION_END)
    revenue_event: str = REVENUE
    conversion_event: str = field(default=UPGRADE)


#: What follows from the probabilities of the default :class:`JourneyModel`, of 600,000 walks:
#: ``python benchmarks/planted_values.py`` prints it.
MEASURED: Mapping[str, Any] = {
    "golden_share_of_converters": 0.5917,
    "conversion_rate": 0.2138,
    "next_after_divergence": {
        "converter": {
            "Dashboard View": 0.1292,
            "Invite Teammate": 0.6244,
            "Settings Visit": 0.2463,
        },
        "non_converter": {
            "Dashboard View": 0.2982,
            "Invite Teammate": 0.1306,
            "Settings Visit": 0.5712,
        },
    },
    "next_after_sign_up": {
        "converter": {"Complete Profile": 0.8343, "Dashboard View": 0.1657},
        "non_converter": {"Complete Profile": 0.7578, "Dashboard View": 0.2422},
    },
    "next_after_report": {
        "converter": {"Dashboard View": 0.7829, "Export Data": 0.2171},
        "non_converter": {"Dashboard View": 0.4944, "Export Data": 0.5056},
    },
    "friction_share_non_converters": 0.2671,
    "friction_share_converters": 0.0515,
    "friction_hazard_ratio": 0.1433,
    "cliff_exit_rate": 0.9025,
    "critical_ratio": 4.8708,
    "critical_hazard_ratio": 5.1606,
}


def planted_truths(model: JourneyModel) -> PlantedTruths:
    """What is planted by ``model``. Raises :class:`ValueError` where it is not the default one, of which
    alone the values are known that follow from all of the play together.
    """
    if model != JourneyModel():
        raise ValueError("the planted values are known of the default model alone")
    return PlantedTruths(
        golden_path=GOLDEN_PATH,
        divergence_event=CREATE_PROJECT,
        friction_event=HELP_DOC,
        friction_relative_risk=(
            MEASURED["friction_share_non_converters"] / MEASURED["friction_share_converters"]
        ),
        cliff_state=EXPORT_DATA,
        cliff_pair=(RUN_FIRST_REPORT, EXPORT_DATA),
        silent_after_sign_up=model.silent_after_sign_up,
        critical_transition=(CREATE_PROJECT, INVITE_TEAMMATE),
        contact_rates=dict(model.contact_rates),
        contact_rate_elsewhere=model.contact_rate_elsewhere,
        contact_with_email=model.contact_with_email,
        profile_share=model.profile_share,
        mean_ltv=dict(MEAN_LTV),
        **MEASURED,
    )
