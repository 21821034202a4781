"""Mavera on the wire: Mave's chat and its threads.

Belongs here: keys, credits, limits, storing threads, errors. Does not belong here: what Mave writes
(``mave_writer.py``). An answer that is lost on the way (``Fault.lost_answer``) is stored and billed
all the same.
"""

import json
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Any

from journey_assets.simulator.clock import Clock
from journey_assets.simulator.mave_writer import write_answer
from journey_assets.simulator.quotas import Limits, Quota
from journey_assets.simulator.wire import Answer, Request, json_answer

#: Where the API begins; part of the base URL.
BASE = "/api/v1"

_THREAD = re.compile(re.escape(BASE) + r"/mave/threads/(?P<id>[^/]+)")
_LARGEST_PAGE = 100


@dataclass(frozen=True, slots=True)
class MaveOptions:
    """Choices of how Mavera behaves.

    credits_per_message: what a message costs. credits: the account's balance, None without end.
    with_validation: answers carry the field ``validation``.
    """

    credits_per_message: int = 23
    credits: int | None = None
    with_validation: bool = False


class Mave:
    """The vendor."""

    name = "mavera"

    def __init__(self, clock: Clock, limits: Limits, key: str, options: MaveOptions) -> None:
        self._clock = clock
        self._credentials = f"Bearer {key}"
        self._options = options
        self._quota = Quota(limits.mavera, clock, limits.mavera_concurrency)
        self._retry_after = "mavera" in limits.retry_after
        self._threads: dict[str, dict[str, Any]] = {}
        self._credits_used = 0
        self._numbers = count(1)
        self._lock = threading.Lock()

    @property
    def credits_used(self) -> int:
        """What all messages cost so far."""
        with self._lock:
            return self._credits_used

    def messages(self) -> list[str]:
        """The messages that were answered and paid for, each as often as it was."""
        with self._lock:
            threads = list(self._threads.values())
            return [
                one["content"] for t in threads for one in t["messages"] if one["role"] == "user"
            ]

    def forget(self) -> None:
        """Begin as a new workspace: no threads, nothing spent."""
        with self._lock:
            self._threads.clear()
            self._credits_used = 0

    def route(self, request: Request) -> str:
        """The documented path of a request."""
        if request.path in (f"{BASE}/mave/chat", f"{BASE}/mave/threads"):
            return request.path.removeprefix(BASE)
        return "/mave/threads/{id}" if _THREAD.fullmatch(request.path) else "(unknown)"

    @contextmanager
    def admit(self, request: Request) -> Iterator[Answer | None]:
        """Check the key, then hold a place in the quota."""
        if request.headers.get("authorization") != self._credentials:
            text = "Invalid API key provided."
            yield error(401, "authentication_error", "invalid_api_key", text)
            return
        with self._quota.attempt() as refusal:
            if refusal is None:
                yield None
                return
            text = f"Rate limit exceeded: {refusal.reason}."
            refused = error(429, "rate_limit_error", "rate_limit_exceeded", text)
            headers = {**refused.headers, **self._rate_headers(refusal.retry_after)}
            if self._retry_after:
                headers["Retry-After"] = str(refusal.retry_after)
            yield Answer(429, refused.body, headers, refused_by_quota=True)

    def respond(self, request: Request) -> Answer:
        """Answer a request that was let in."""
        route = (request.method, self.route(request))
        if route == ("POST", "/mave/chat"):
            return self._chat(request)
        if route == ("GET", "/mave/threads"):
            return self._list(request)
        if route == ("GET", "/mave/threads/{id}"):
            return self._thread(request)
        return error(404, "not_found_error", "not_found", "Not found.")

    def _chat(self, request: Request) -> Answer:
        payload = _payload(request.body)
        message = payload.get("message")
        if message is None:
            return error(
                400, "invalid_request_error", "missing_field", "message is required.", "message"
            )
        if not isinstance(message, str) or not message.strip():
            return error(
                400, "invalid_request_error", "invalid_field", "message is empty.", "message"
            )
        cost = self._options.credits_per_message
        with self._lock:
            left = self._options.credits
            if left is not None and self._credits_used + cost > left:
                text = "Your workspace has used all of its credits."
                return error(402, "billing_error", "credits_exhausted", text)
            thread = self._thread_of(payload.get("thread_id"), message)
            if thread is None:
                return error(404, "not_found_error", "not_found", "Thread not found.", "thread_id")
            self._credits_used += cost
        answer = self._message(message, thread["id"], cost)
        with self._lock:
            asked = {
                "id": f"{answer['id']}_q",
                "object": "mave_message",
                "role": "user",
                "content": message,
                "created_at": answer["created_at"],
            }
            thread["messages"] += [asked, answer]
            thread["updated_at"] = answer["created_at"]
        return json_answer(answer, headers=self._rate_headers(60))

    def _message(self, message: str, thread_id: str, cost: int) -> dict[str, Any]:
        number = next(self._numbers)
        answer: dict[str, Any] = {
            "id": f"mave_msg_{number:06d}",
            "object": "mave_message",
            "thread_id": thread_id,
            "role": "assistant",
            "content": write_answer(message),
            "sources": [
                {
                    "title": "Reading journeys",
                    "url": "https://example.com/journeys",
                    "domain": "example.com",
                }
            ],
            "personas_used": [],
            "usage": {"credits_used": cost},
            "created_at": self._time(),
        }
        if self._options.with_validation:
            answer["validation"] = {"status": "passed"}
        return answer

    def _thread_of(self, thread_id: object, message: str) -> dict[str, Any] | None:
        """The thread to continue, or a new one; None for an unknown id."""
        if thread_id is not None:
            return self._threads.get(str(thread_id))
        number = len(self._threads) + 1
        now = self._time()
        thread: dict[str, Any] = {
            "id": f"mave_thread_{number:06d}",
            "object": "mave_thread",
            "title": message.strip()[:60],
            "created_at": now,
            "updated_at": now,
            "messages": [],
        }
        self._threads[thread["id"]] = thread
        return thread

    def _list(self, request: Request) -> Answer:
        limit, offset = request.number("limit", 20), request.number("offset", 0)
        if limit is None or offset is None or not 1 <= limit <= _LARGEST_PAGE:
            text = "limit must be between 1 and 100."
            return error(400, "invalid_request_error", "invalid_field", text, "limit")
        with self._lock:
            newest = list(self._threads.values())[::-1]
            shown = [
                {
                    **{key: value for key, value in one.items() if key != "messages"},
                    "message_count": len(one["messages"]),
                }
                for one in newest[offset : offset + limit]
            ]
        more = offset + limit < len(newest)
        return json_answer(
            {"object": "list", "data": shown, "has_more": more, "total": len(newest)}
        )

    def _thread(self, request: Request) -> Answer:
        with self._lock:
            thread = self._threads.get(request.path.rsplit("/", 1)[1])
            if thread is None:
                return error(404, "not_found_error", "not_found", "Thread not found.")
            return json_answer(thread)

    def _rate_headers(self, reset: int) -> dict[str, str]:
        return {
            "X-RateLimit-Limit": str(self._quota.rate.calls),
            "X-RateLimit-Remaining": str(max(0, self._quota.remaining())),
            "X-RateLimit-Reset": str(int(self._clock()) + reset),
        }

    def _time(self) -> str:
        return datetime.fromtimestamp(self._clock(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def error(status: int, kind: str, code: str, message: str, param: str | None = None) -> Answer:
    """Mavera's error."""
    return json_answer(
        {"error": {"message": message, "type": kind, "code": code, "param": param}}, status
    )


def _payload(body: bytes) -> Mapping[str, Any]:
    try:
        payload = json.loads(body)
    except ValueError:
        return {}
    return payload if isinstance(payload, dict) else {}
