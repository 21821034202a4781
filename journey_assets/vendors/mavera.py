"""Mavera: asking Mave, and finding an answer that got lost on the way.

Belongs here: the wire of Mavera's API, as typed models. Does not belong here: what Mave is asked,
what a run may spend, and remembering attempts (:mod:`journey_assets.analyses`).

Mavera has no idempotency key. A message whose answer was lost (:class:`.AnswerLost`) may have been
answered and billed: look for it with :meth:`MaveraClient.find_message` before sending it again.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, TypeVar
from urllib.parse import quote

from pydantic import (
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

from journey_assets.vendors.errors import AnswerLost, NotFound, UnexpectedAnswer, VendorError
from journey_assets.vendors.quota import MAVERA, Clock
from journey_assets.vendors.transport import Transport

VENDOR = "Mavera"

#: Mave takes 5–90 s to answer.
CHAT_READ_SECONDS = 240.0

#: Threads that one page of the listing holds at most.
LARGEST_PAGE = 100

#: Pages of the listing that are read at most while an answer is looked for.
MOST_PAGES = 100

#: Entries of a side list, such as sources, that are kept.
MOST_ENTRIES = 100

#: A message that says it cost more is not believed.
MOST_CREDITS = 1e6

#: How far Mavera's clock may be behind ours.
CLOCK_ALLOWANCE = timedelta(minutes=10)

_REMEDIES: Mapping[int, str] = {
    400: "The message is not what Mavera takes: see the vendor's words, and report it.",
    401: "Check MAVERA_API_KEY: the key is missing, mistyped or revoked.",
    402: "Mavera spends nothing more: buy credits (credits_exhausted), or raise the key's budget "
    "(budget_exceeded).",
    403: "Check MAVERA_API_KEY: the key may not do this.",
}

M = TypeVar("M", bound=BaseModel)


def _aware(value: datetime) -> datetime:
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def whole_text(text: str) -> str:
    """The text without halves of signs (lone surrogates) and NULs, which no database takes."""
    paired = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return paired.replace("\0", "\ufffd")


def _text(value: object, depth: int = 3) -> object:
    """A text, or the texts of a content that comes in parts."""
    if isinstance(value, str):
        return whole_text(value)
    if isinstance(value, Mapping) and depth:
        inner = value.get("text", value.get("content", value.get("value")))
        return "" if inner is None else _text(inner, depth - 1)
    if isinstance(value, list) and depth:
        texts = (_text(part, depth - 1) for part in value)
        return "".join(text for text in texts if isinstance(text, str))
    return value


def _or_none(value: object, handler: ValidatorFunctionWrapHandler) -> Any:
    try:
        return handler(value)
    except ValidationError:
        return None


def _objects(value: object) -> object:
    """The objects of a list, as many as are of use; what is no list has none."""
    if not isinstance(value, list | tuple):
        return ()
    return [each for each in value if isinstance(each, Mapping)][:MOST_ENTRIES]


def _odd_to_none(value: object) -> object:
    return value if isinstance(value, (list, tuple)) else None


#: Beside the content nothing is worth losing a paid answer for: what is odd is dropped.
_Name = Annotated[str | None, BeforeValidator(_text), WrapValidator(_or_none)]
_Moment = Annotated[datetime | None, WrapValidator(_or_none)]
_Credits = Annotated[
    Annotated[float, Field(ge=0, le=MOST_CREDITS, allow_inf_nan=False)] | None,
    WrapValidator(_or_none),
]
#: Ids are text; a number is one, too.
_Id = Annotated[
    str | None,
    BeforeValidator(lambda v: str(v) if type(v) is int else _text(v)),
    WrapValidator(_or_none),
]


class _Model(BaseModel):
    """What Mavera sends: fields unknown to us are left aside, not refused."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class ChatRequest(BaseModel):
    """The body of ``POST /mave/chat``. thread_id: the thread to go on with, None for a new one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    message: str = Field(min_length=1)
    thread_id: str | None = None
    stream: bool = False


class Source(_Model):
    """A page that Mave names."""

    title: _Name = None
    url: _Name = None
    domain: _Name = None


class Usage(_Model):
    """What a message cost, in credits; None when Mavera does not say."""

    credits_used: _Credits = None


_Sources = Annotated[tuple[Source, ...], BeforeValidator(_objects)]
_Usage = Annotated[Usage | None, WrapValidator(_or_none)]


class ThreadMessage(_Model):
    """A message as a thread holds it. role: ``user`` or ``assistant``; content: empty if it is odd."""

    id: _Id = None
    role: _Name = None
    content: Annotated[str | None, BeforeValidator(_text), WrapValidator(_or_none)] = None
    created_at: _Moment = None
    sources: _Sources = ()
    usage: _Usage = None


class MaveMessage(_Model):
    """Mave's answer. Only its content must be there: it was paid for."""

    id: _Id = None
    thread_id: _Id = None
    content: Annotated[str, BeforeValidator(_text), Field(min_length=1)]
    created_at: _Moment = None
    sources: _Sources = ()
    usage: _Usage = None

    @property
    def credits_used(self) -> float | None:
        """What the message cost, in credits; None when Mavera does not say."""
        return self.usage.credits_used if self.usage else None


class Thread(_Model):
    """A conversation. The listing leaves ``messages`` out; what is not sent, or odd, is None."""

    id: _Id = None
    created_at: _Moment = None
    updated_at: _Moment = None
    messages: Annotated[
        tuple[Annotated[ThreadMessage | None, WrapValidator(_or_none)], ...] | None,
        BeforeValidator(_odd_to_none),
    ] = Field(None, validation_alias=AliasChoices("messages", "data"))


class ThreadPage(_Model):
    """One page of the listing; an entry that is no thread is None."""

    threads: tuple[Annotated[Thread | None, WrapValidator(_or_none)], ...] = Field(
        validation_alias=AliasChoices("data", "threads")
    )
    has_more: Annotated[bool | None, WrapValidator(_or_none)] = False


class MaveraClient:
    """Mavera's API for one key. ``log`` gets a line for each wait and each further attempt."""

    def __init__(
        self,
        *,
        api_key: str,
        base_url: str,
        quota_directory: Path,
        log: Callable[[str], None],
        clock: Clock | None = None,
    ) -> None:
        self._transport = Transport(
            vendor=VENDOR,
            base_url=base_url,
            auth=api_key,
            quota_directory=quota_directory,
            log=log,
            remedies=_REMEDIES,
            clock=clock,
        )

    def chat(self, message: str, thread_id: str | None = None) -> MaveMessage:
        """Ask Mave and wait for the answer, 5–90 s; costs credits.

        Sent again only where Mavera cannot have carried it out. Raises :class:`.AnswerLost` when
        it may have: then look for the answer with :meth:`find_message`.
        """
        request = ChatRequest(message=message, thread_id=thread_id)
        answer = self._transport.post_json(
            "asking Mave",
            "/mave/chat",
            payload=request.model_dump(exclude_none=True),
            limit=MAVERA,
            timeout=CHAT_READ_SECONDS,
        )
        # An answer that cannot be read was paid for all the same.
        return _read(MaveMessage, answer, "asking Mave", AnswerLost)

    def threads(self, limit: int = LARGEST_PAGE, offset: int = 0) -> ThreadPage:
        """One page of the threads, newest first."""
        operation = "listing threads"
        answer = self._transport.get_json(
            operation,
            "/mave/threads",
            params=(("limit", str(limit)), ("offset", str(offset))),
            limit=MAVERA,
        )
        page = _read(
            ThreadPage, {"data": answer} if isinstance(answer, list) else answer, operation
        )
        if page.threads and not any(thread and thread.id for thread in page.threads):
            raise _unexpected(operation, "none of the entries has an id")
        return page

    def thread(self, thread_id: str) -> Thread:
        """A thread with its messages, in order. Raises :class:`.NotFound`."""
        operation = "reading a thread"
        path = f"/mave/threads/{quote(thread_id, safe='')}"
        answer = self._transport.get_json(operation, path, limit=MAVERA)
        inner = answer.get("thread") if isinstance(answer, dict) else None
        return _read(Thread, inner if isinstance(inner, dict) else answer, operation)

    def find_message(self, text: str, since: datetime) -> MaveMessage | None:
        """Mave's answer to our message ``text`` sent at or after ``since``, from the threads.

        None when no thread holds the message: Mavera never got it. Raises :class:`.AnswerLost`
        when it is there and not answered yet. since: aware, when the message was first sent; older
        threads are not read.
        """
        earliest = since - CLOCK_ALLOWANCE
        wanted = _normal(text)
        unanswered = unread = False
        for thread in self._threads_since(earliest):
            messages = self._messages(thread)
            unread = unread or messages is None
            for position, message in enumerate(messages or ()):
                if not _is_ours(message, wanted, earliest):
                    continue
                answer = _answer_to((messages or ())[position + 1 :])
                if answer is not None:
                    return _as_answer(thread.id, answer)
                unanswered = True
        if unanswered:
            raise _still_lost("Mavera has the message and has not answered it yet", _IN_MINUTES)
        if unread:
            raise _still_lost(
                "a thread cannot be read, and the answer may be in it", _LOOK_YOURSELF
            )
        return None

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def _threads_since(self, earliest: datetime) -> Iterator[Thread]:
        """Threads touched since then, in the listing's order.

        The order is not documented: only a page that runs from new to old ends the walk early.
        """
        offset = 0
        for _ in range(MOST_PAGES):
            page = self.threads(LARGEST_PAGE, offset)
            threads = [thread for thread in page.threads if thread and thread.id]
            recent = [t for t in threads if (_touched(t) or earliest) >= earliest]
            yield from recent
            offset += len(page.threads)
            passed = not recent and _newest_first(threads)
            if passed or not page.threads or not page.has_more:
                return
        raise _still_lost(f"the listing has no end after {offset:,} threads", _LOOK_YOURSELF)

    def _messages(self, thread: Thread) -> Sequence[ThreadMessage] | None:
        """The messages that can be read; None where the thread as a whole cannot."""
        if thread.messages is None:
            try:
                thread = self.thread(str(thread.id))
            except NotFound:  # deleted since it was listed
                return ()
            except UnexpectedAnswer:
                return None
        if thread.messages is None:
            return None
        return [message for message in thread.messages if message]


def _touched(thread: Thread) -> datetime | None:
    moments = [_aware(at) for at in (thread.created_at, thread.updated_at) if at]
    return max(moments, default=None)


def _newest_first(threads: Sequence[Thread]) -> bool:
    moments = [at for thread in threads if (at := _touched(thread))]
    return moments == sorted(moments, reverse=True) and len(set(moments)) > 1


def _is_ours(message: ThreadMessage, wanted: str, earliest: datetime) -> bool:
    at = message.created_at
    return (
        message.role == "user"
        and _normal(message.content or "") == wanted
        and (at is None or _aware(at) >= earliest)
    )


def _answer_to(following: Sequence[ThreadMessage]) -> ThreadMessage | None:
    """The assistant's message before the user's next one."""
    for message in following:
        if message.role == "user":
            return None
        if message.role == "assistant" and message.content:
            return message
    return None


def _as_answer(thread_id: str | None, message: ThreadMessage) -> MaveMessage:
    return MaveMessage.model_validate(message.model_dump() | {"thread_id": thread_id})


def _normal(text: str) -> str:
    """The text as it compares: line ends and blanks at both ends may change on the way."""
    return "\n".join(whole_text(text).split("\r\n")).strip()


_IN_MINUTES = "Run again in a few minutes: the answer is then read from its thread."
_LOOK_YOURSELF = (
    "Look for it among the threads in Mavera, and run again: nothing is sent before they are read."
)


def _still_lost(what: str, remedy: str) -> AnswerLost:
    return AnswerLost(VENDOR, "looking for Mave's answer", what, remedy=remedy)


def _read(
    model: type[M],
    answer: object,
    operation: str,
    kind: type[VendorError] = UnexpectedAnswer,
) -> M:
    try:
        return model.model_validate(answer)
    except ValidationError as error:
        # Which fields, not what they hold: an answer may quote the evidence.
        fields = ", ".join(
            dict.fromkeys(
                ".".join(str(part) for part in issue["loc"]) or "the whole"
                for issue in error.errors(include_input=False, include_url=False)
            )
        )
        raise _unexpected(
            operation, f"the answer is not as documented in: {fields}", kind
        ) from None


def _unexpected(
    operation: str, what: str, kind: type[VendorError] = UnexpectedAnswer
) -> VendorError:
    remedy = "Check MAVERA_BASE_URL; if it is right, Mavera changed its answer: report it."
    return kind(VENDOR, operation, what, remedy=remedy)
