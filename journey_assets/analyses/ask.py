"""Asking Mave: each question once, every paid answer kept.

Belongs here: what becomes of one message (used again, found among the threads, sent), the limit of
credits, and the order of writing down and sending. Does not belong here: which days and kinds are
asked (:mod:`journey_assets.analyses.compute`) and the wire (:mod:`journey_assets.vendors.mavera`).

A message costs credits and has no idempotency key, so its attempt is written down before it is
sent, and its answer as soon as it arrives, in transactions of their own: whatever fails afterwards,
the next run finds what was paid for. The database file is never open while Mave thinks.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from journey_assets.analyses.attempts import (
    Answer,
    Attempt,
    State,
    known_attempts,
    record_answer,
    record_sent,
    record_state,
)
from journey_assets.analyses.prompt import Message
from journey_assets.errors import ExplainedError
from journey_assets.vendors.errors import (
    CredentialsRefused,
    NotFound,
    RequestRefused,
    VendorError,
    VendorUnavailable,
)
from journey_assets.vendors.mavera import CHAT_READ_SECONDS, MaveMessage, MaveraClient
from journey_assets.warehouse.database import Session

#: What a message is assumed to cost until its answer says less: Mavera's documented most.
ASSUMED_CREDITS = 75

_MINUTE = timedelta(minutes=1)
#: Until then the answer to a message may come; one sent again before might be paid twice.
_LONGEST_THOUGHT = timedelta(seconds=CHAT_READ_SECONDS)

#: Errors after which Mave has certainly not answered; after any other it may have.
_NOT_DONE = (CredentialsRefused, NotFound, RequestRefused, VendorUnavailable)


class AskingStopped(ExplainedError):  # noqa: N818 - reads as what happened
    """Not everything could be asked; the message is one line that says what to do."""


@dataclass
class Asking:
    """Asks Mave the questions of one run, and knows what they cost.

    now: the time, aware. most_credits: the limit of the run. spent: credits of
    messages sent by this run, as answered or, where Mavera did not say, as assumed.
    """

    session: Session
    client: MaveraClient
    as_of: date
    most_credits: float
    log: Callable[[str], None]
    now: Callable[[], datetime]
    spent: float = field(default=0.0, init=False)

    def answers(self, messages: Sequence[Message]) -> Mapping[str, Attempt]:
        """The answered attempt of every message, by hash.

        Raises :class:`AskingStopped` when the limit of credits stands against a message or an
        answer is lost, and the vendor's errors; answers that came until then are kept.
        """
        hashes = [message.sha256 for message in messages]
        known = known_attempts(self.session, hashes)
        for message in messages:
            attempt = known.get(message.sha256)
            if attempt and attempt.unsettled:
                sent = attempt.requested_at.replace(tzinfo=UTC)
                if not self._look_for(message, sent):
                    self._check_age(message, sent)
        known = known_attempts(self.session, hashes)
        waiting = [m for m in messages if m.sha256 not in known or not known[m.sha256].answer]
        while waiting:
            fitting = waiting[: self._affordable(waiting)]
            self._send(fitting, known)
            waiting = waiting[len(fitting) :]
        return known_attempts(self.session, hashes)

    def _affordable(self, waiting: Sequence[Message]) -> int:
        """How many of the messages the limit allows; at least one, or :class:`AskingStopped`."""
        count = int((self.most_credits - self.spent) // ASSUMED_CREDITS)
        if count < 1:
            raise AskingStopped(
                f"Mavera: asking for {', '.join(message.kind for message in waiting)} would pass the "
                f"limit of credits: {self.spent:.0f} are spent in this run, a message may cost "
                f"{ASSUMED_CREDITS}, and MAVERA_MAX_CREDITS_PER_RUN is {self.most_credits:.0f}. Raise "
                "it and run again; answers that came are kept and cost nothing then."
            )
        return min(count, len(waiting))

    def _send(self, messages: Sequence[Message], seen: Mapping[str, Attempt]) -> None:
        """Send the messages side by side; each answer is kept at once."""
        since = self.now()
        record_sent(self.session, self.as_of, messages, since, seen)
        errors: dict[str, VendorError] = {}
        with ThreadPoolExecutor(len(messages), thread_name_prefix="mave") as pool:
            sent = {pool.submit(_chat, self.client, message): message for message in messages}
            for message in messages:
                self.log(f"Mave is asked for {message.kind}: {len(message.text):,} characters.")
            for done in as_completed(sent):
                if error := self._settle(sent[done], done):
                    errors[sent[done].sha256] = error
        for message in messages:
            if message.sha256 in errors:
                self._after(message, errors[message.sha256], since)

    def _settle(self, message: Message, done: "Future[Answer]") -> VendorError | None:
        """Write down how the message ended; gives the vendor's error if it did with one."""
        try:
            answer = done.result()
        except VendorError as error:
            refused = isinstance(error, _NOT_DONE)
            record_state(self.session, message.sha256, State.REFUSED if refused else State.LOST)
            self.spent += 0 if refused else ASSUMED_CREDITS
            return error
        record_answer(self.session, message.sha256, answer, self.now())
        cost = ASSUMED_CREDITS if answer.credits_used is None else answer.credits_used
        self.spent += cost
        self.log(f"Mave answered {message.kind}: {cost:.0f} credits, {answer.latency_ms} ms.")
        return None

    def _after(self, message: Message, error: VendorError, since: datetime) -> None:
        """Raise a refusal; look for a lost answer and raise when it is not to be found."""
        if isinstance(error, _NOT_DONE):
            raise error
        self.log(f"{error} Looking among the threads.")
        if not self._look_for(message, since):
            raise AskingStopped(
                f"Mavera: the answer to {message.kind} was lost and no thread holds it yet ({error}). "
                "Run again in a few minutes: the threads are looked through first, and the message is "
                "sent again only when they do not hold it."
            ) from error

    def _check_age(self, message: Message, sent: datetime) -> None:
        """Raise while Mave may still be thinking: a thread may show it only when it is answered."""
        left = sent + _LONGEST_THOUGHT - self.now()
        if left > timedelta():
            raise AskingStopped(
                f"Mavera: {message.kind} was sent {(self.now() - sent).seconds} s ago and may still be "
                f"answered, though no thread holds it yet. Run again in {-(-left // _MINUTE)} minutes: "
                "it is then looked for again before it is sent again, which would be paid twice."
            )

    def _look_for(self, message: Message, since: datetime) -> bool:
        """Whether the threads hold the answer to ``message``; it is kept then.

        Raises :class:`.AnswerLost` when they hold the message and Mave has not answered it yet.
        """
        found = self.client.find_message(message.text, since)
        if found is None:
            return False
        record_answer(self.session, message.sha256, _answer(found, None), self.now())
        self.log(f"The answer to {message.kind} was among Mave's threads: nothing is sent again.")
        return True


def _chat(client: MaveraClient, message: Message) -> Answer:
    begun = time.monotonic()
    answer = client.chat(message.text)
    return _answer(answer, round((time.monotonic() - begun) * 1000))


def _answer(answer: MaveMessage, latency_ms: int | None) -> Answer:
    sources = [{"title": s.title, "url": s.url, "domain": s.domain} for s in answer.sources]
    return Answer(
        answer.content,
        answer.thread_id,
        answer.id or None,
        json.dumps(sources, ensure_ascii=False),
        answer.credits_used,
        latency_ms,
    )
