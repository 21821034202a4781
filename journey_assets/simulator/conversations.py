"""Conversations with the assistant and live support sessions, as they unfold in time.

Belongs here: what becomes of a contact (``lives.Contact``), and conversations with people whom no
other vendor knows. Does not belong here: parameters, groups and limits of the API (``mavenoid.py``).

A conversation is drawn as a timeline; a row shows what of it has happened by now, so statuses,
ratings and ``updated_at`` change as time goes on.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any

from journey_assets.simulator.agents import agent_for, on_duty
from journey_assets.simulator.clock import DAY
from journey_assets.simulator.lives import Contact
from journey_assets.simulator.population import Population
from journey_assets.simulator.randomness import mix
from journey_assets.simulator.truths import EXPORT_DATA, HELP_DOC, PAYMENT_FAILED, SETTINGS

#: Conversations a day with people whom no other vendor knows.
_STRANGERS_A_DAY = 3

#: Flow, search queries and results by the state that led to the contact.
_SUBJECTS: Mapping[str, tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    PAYMENT_FAILED: (
        "Account & Billing",
        ("card was declined", "payment does not go through", "invoice"),
        ("Why was my card declined?", "Change the payment method"),
        ("billing", "payment"),
    ),
    HELP_DOC: (
        "Getting Started",
        ("invite my team", "who can see my project", "first report"),
        ("Invite teammates", "Roles and permissions", "Your first report"),
        ("clarity", "missing answer"),
    ),
    SETTINGS: (
        "Getting Started",
        ("change notifications", "add members"),
        ("Notification settings", "Invite teammates"),
        ("settings", "missing answer"),
    ),
    EXPORT_DATA: (
        "Reports & Export",
        ("export to csv", "columns missing in export"),
        ("Export your data", "Formats of exports"),
        ("export", "missing feature"),
    ),
}
_OTHER_SUBJECT = (
    "Getting Started",
    ("how does it work", "lost my project"),
    ("First steps", "Restore a project"),
    ("clarity", "speed"),
)
_COMMENTS = ("", "", "", "This helped", "Still waiting for an answer", "Solved my problem")
_LANGUAGES = {
    "English": "en",
    "German": "de",
    "Swedish": "sv",
    "Spanish": "es",
    "Portuguese": "pt",
    "Japanese": "ja",
}
_WAIT_ENDS = ("CUSTOMER_SKIPPED", "NO_AGENT_CAPACITY", "AGENT_TIMEOUT", "DECLINED_BY_AGENT")


@dataclass(frozen=True, slots=True)
class LiveSession:
    """A live support session. Moments in seconds; ``accepted`` None when no agent ever came."""

    started: float
    accepted: float | None
    responded: float | None
    ended: float
    status: str
    agent: str | None
    group: str
    resolution: str | None
    debrief: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation with all that will ever become of it; ``rated`` is the moment of the rating."""

    id: str
    created: float
    ended: float
    flow: str
    touchpoint: str
    status: str
    label: str
    language: str
    query: str | None
    result: str | None
    shortcut: str | None
    rated: float | None
    rating: int | None
    topics: tuple[str, ...]
    comment: str
    form: Mapping[str, Any]
    sessions: tuple[LiveSession, ...]


def conversations(population: Population, day: int) -> Iterator[Conversation]:
    """The conversations that begin on a day."""
    share = population.config.model.contact_with_email
    for contact in population.contacts(day):
        yield _of_contact(contact, share)
    seed = population.config.seed
    for number in range(_STRANGERS_A_DAY if population.config.newcomers_per_day else 0):
        rng = Random(mix(seed, 80, day, number))
        name = f"G{day * 100 + number}"
        stranger = f"stranger.{number}.{day}@example.net"
        at = day * DAY + rng.random() * (DAY - 1)
        yield _draw(rng, name, at, "", "en", stranger if rng.random() < 0.5 else None)


def _of_contact(contact: Contact, with_email: float) -> Conversation:
    person = contact.person
    rng = Random(mix(person.key, 81, contact.number))
    name = f"F{(person.day * 10_000 + person.ordinal) * 100 + contact.number}"
    email = person.email if rng.random() < with_email else None
    if email and rng.random() < 0.25:
        email = f" {email.upper()}" if rng.random() < 0.5 else email.capitalize()
    language = _LANGUAGES[person.language]
    return _draw(rng, name, contact.time, contact.event, language, email)


def _draw(
    rng: Random, name: str, at: float, state: str, language: str, email: str | None
) -> Conversation:
    flow, queries, results, topics = _SUBJECTS.get(state, _OTHER_SUBJECT)
    searched = rng.random() < 0.7
    talk = at + rng.uniform(40, 400)
    sessions = _sessions(rng, talk, flow) if rng.random() < 0.42 else ()
    last = sessions[-1] if sessions else None
    if last is not None:
        # Without an agent's answer a conversation never counts as resolved.
        status = "RESOLVED" if last.status == "RESOLVED" else "ESCALATED"
    else:
        status = rng.choices(("RESOLVED", "ESCALATED", "OPEN"), (0.72, 0.16, 0.12))[0]
    ended = last.ended if last else talk
    rated = ended + rng.uniform(5, 120) if status != "OPEN" and rng.random() < 0.45 else None
    happy = (1, 1, 3, 5) if status == "RESOLVED" else (4, 3, 2, 1)
    return Conversation(
        id=name,
        created=at,
        ended=ended,
        flow=flow,
        touchpoint=rng.choice(("In-app Assistant", "Help Center")),
        status=status,
        label="billing" if flow == "Account & Billing" else "",
        language=language,
        query=rng.choice(queries) if searched else None,
        result=rng.choice(results) if searched and rng.random() < 0.8 else None,
        shortcut=None if searched or rng.random() < 0.6 else "Talk to us",
        rated=rated,
        rating=rng.choices((1, 2, 3, 4), happy)[0] if rated else None,
        topics=(rng.choice(topics),) if rated and rng.random() < 0.6 else (),
        comment=rng.choice(_COMMENTS) if rated else "",
        form={
            **({"$customer-email": email} if email else {}),
            "$created-on-page-url": "https://app.example.com/help",
        },
        sessions=sessions,
    )


def _sessions(rng: Random, start: float, flow: str) -> tuple[LiveSession, ...]:
    first = _session(rng, start, flow)
    if first.status != "TRANSFERRED":
        return (first,)
    while (second := _session(rng, first.ended + 5, flow)).status == "TRANSFERRED":
        pass
    return (first, second)


def _session(rng: Random, start: float, flow: str) -> LiveSession:
    group = on_duty(start)
    # The smallest group has the longest queue.
    queue = rng.lognormvariate(4.1 + 0.5 * (4 - len(group.agents)), 0.8)
    if rng.random() < 0.16:
        return LiveSession(
            start, None, None, start + queue, rng.choice(_WAIT_ENDS), None, group.name, None, ()
        )
    accepted = start + queue
    responded = accepted + rng.lognormvariate(3.0, 0.7)
    ended = responded + rng.lognormvariate(5.9, 0.6)
    status = rng.choices(("RESOLVED", "INACTIVITY_TIMEOUT", "TRANSFERRED"), (0.8, 0.13, 0.07))[0]
    resolved = status == "RESOLVED"
    return LiveSession(
        start, accepted, responded, ended, status, agent_for(group, int(start)), group.name,
        rng.choice(("worked", "explained", "refunded")) if resolved else None,
        (flow.lower().replace(" ", "_"),) if rng.random() < 0.7 else (),
    )  # fmt: skip


def moment(seconds: float) -> str:
    """An ISO-8601 time with milliseconds and ``Z``."""
    text = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def conversation_row(one: Conversation, now: float) -> dict[str, Any]:
    """The conversation as it stands now."""
    shown = [session for session in one.sessions if session.started <= now]
    last = shown[-1] if shown else None
    over = one.ended <= now
    rated = one.rated is not None and one.rated <= now
    changes = [one.created, *(session.started for session in shown)]
    changes += [one.ended] if over else []
    changes += [one.rated] if rated and one.rated else []
    return {
        "id": one.id,
        "created_at": moment(one.created),
        "updated_at": moment(max(changes)),
        "flow_name": one.flow,
        "touchpoint_name": one.touchpoint,
        "status": one.status if over else "OPEN",
        "label": one.label,
        "lang_code": one.language,
        "latest_search_query": one.query,
        "latest_search_result_chosen": one.result,
        "latest_search_shortcut_chosen": one.shortcut,
        "latest_live_support_session_status": _session_status(last, now) if last else None,
        "latest_live_support_session_resolution_label": (
            last.resolution if last and last.ended <= now else None
        ),
        "feedback_topics": list(one.topics) if rated else [],
        "feedback_comments": one.comment if rated else "",
        "feedback_rating": one.rating if rated else None,
        "form_data": dict(one.form),
    }


def session_rows(one: Conversation, now: float) -> Iterator[dict[str, Any]]:
    """The conversation's live sessions as they stand now.

    Where nobody ever answered, ``first_response_ms`` is missing, as in the vendor's own samples.
    """
    for session in one.sessions:
        if session.started > now:
            return
        yield _session_row(one, session, now)


def _session_row(one: Conversation, session: LiveSession, now: float) -> dict[str, Any]:
    def passed(until: float | None) -> int:
        reached = now if until is None else min(until, now)
        return max(0, round((reached - session.started) * 1000))

    accepted = session.accepted is not None and session.accepted <= now
    responded = session.responded is not None and session.responded <= now
    over = session.ended <= now
    known = [session.started, session.accepted, session.responded, session.ended]
    rated = one.rated is not None and one.rated <= now
    row: dict[str, Any] = {
        "assistant_conversation_id": one.id,
        "assistant_conversation_created_at": moment(one.created),
        "created_at": moment(session.started),
        "updated_at": moment(max(at for at in known if at is not None and at <= now)),
        "agent_email": session.agent if accepted else None,
        "agent_group_name": session.group,
        "queue_duration_ms": passed(session.accepted or session.ended),
        "chat_duration_ms": passed(session.ended) if accepted else 0,
        "status": _session_status(session, now),
        "resolution_label": session.resolution if over else None,
        "debrief_labels": list(session.debrief) if over else [],
        "debrief_summary": "Explained the next step" if over and session.debrief else "",
        "feedback_rating": one.rating if rated else None,
    }
    if responded:
        row["first_response_ms"] = passed(session.responded)
    return row


def _session_status(session: LiveSession, now: float) -> str:
    if session.ended <= now:
        return session.status
    accepted = session.accepted is not None and session.accepted <= now
    return "ACTIVE" if accepted else "WAITING_FOR_AGENT"
