"""Scripted faults: what goes wrong, for which requests, how many times.

Belongs here: the description of a fault and the script that hands them out. Does not belong here:
carrying them out on the socket (``wire.py``).
"""

import threading
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Literal, Self

if TYPE_CHECKING:
    from collections.abc import Callable

    from journey_assets.simulator.wire import Answer

Kind = Literal["status", "reset", "truncate", "slow", "html", "drip", "length", "noise", "change"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One way in which an answer goes wrong.

    kind:
        ``status`` answers with ``status``; ``reset`` breaks the connection instead of an answer,
        after the request was carried out when ``after_processing``; ``truncate`` announces the
        whole body and breaks off in its middle; ``slow`` answers after ``seconds``; ``html``
        answers 200 with a sign-in page; ``drip`` sends the body in small pieces with ``seconds``
        between them; ``length`` announces ``surplus`` bytes more than it sends, or fewer; ``noise``
        sends ``body`` where HTTP is due; ``change`` sends what ``change`` makes of the answer.
    body: JSON text of a ``status`` fault; None for a general error.
    retry_after: value of the header ``Retry-After``; None sends none.
    after_processing: the request is carried out (and billed) all the same.
    change: only for scripts of the simulator's own process.
    """

    kind: Kind
    status: int = 500
    body: str | None = None
    retry_after: str | None = None
    seconds: float = 0.0
    after_processing: bool = False
    surplus: int = 0
    change: "Callable[[Answer], Answer] | None" = None

    @classmethod
    def of_status(
        cls,
        status: int,
        *,
        body: str | None = None,
        retry_after: str | None = None,
        after_processing: bool = False,
    ) -> Self:
        """Answer with a status."""
        return cls(
            "status",
            status=status,
            body=body,
            retry_after=retry_after,
            after_processing=after_processing,
        )

    @classmethod
    def reset(cls) -> Self:
        """Break the connection; the request has no effect."""
        return cls("reset")

    @classmethod
    def lost_answer(cls) -> Self:
        """Carry out the request, then break the connection: the client cannot know."""
        return cls("reset", after_processing=True)

    @classmethod
    def truncated(cls) -> Self:
        """Send half of the announced body."""
        return cls("truncate")

    @classmethod
    def slow(cls, seconds: float) -> Self:
        """Answer correctly, but late."""
        return cls("slow", seconds=seconds)

    @classmethod
    def html(cls) -> Self:
        """A sign-in page where JSON is due."""
        return cls("html")

    @classmethod
    def drip(cls, seconds: float) -> Self:
        """Send the right body in pieces, ``seconds`` apart."""
        return cls("drip", seconds=seconds)

    @classmethod
    def wrong_length(cls, surplus: int) -> Self:
        """Announce ``surplus`` bytes more than are sent; fewer when it is negative."""
        return cls("length", surplus=surplus)

    @classmethod
    def noise(cls, text: str) -> Self:
        """Something that is no HTTP."""
        return cls("noise", body=text)

    @classmethod
    def changed(cls, change: "Callable[[Answer], Answer]") -> Self:
        """The vendor's answer to the request, changed."""
        return cls("change", change=change)


@dataclass(slots=True)
class _Entry:
    vendor: str
    path: str
    fault: Fault
    times: int | None


class FaultScript:
    """The faults that are due; the first entry that matches a request is used up first."""

    def __init__(self) -> None:
        self._entries: list[_Entry] = []
        self._lock = threading.Lock()

    def add(self, vendor: str, path_glob: str, fault: Fault, times: int | None = 1) -> None:
        """Let the next ``times`` requests of ``vendor`` whose path matches go wrong.

        ``vendor`` may be ``*``; ``times`` None means until :meth:`clear`. Raises ``ValueError`` when
        ``times`` is less than 1.
        """
        if times is not None and times < 1:
            raise ValueError(f"a fault cannot happen {times} times")
        with self._lock:
            self._entries.append(_Entry(vendor, path_glob, fault, times))

    def clear(self, vendor: str = "*") -> None:
        """Forget the faults of a vendor, or all of them."""
        with self._lock:
            self._entries = [e for e in self._entries if vendor not in ("*", e.vendor)]

    def take(self, vendor: str, path: str) -> Fault | None:
        """The fault that this request meets, counted as used."""
        with self._lock:
            for entry in self._entries:
                if entry.vendor in ("*", vendor) and fnmatchcase(path, entry.path):
                    if entry.times is not None:
                        entry.times -= 1
                        if entry.times <= 0:
                            self._entries.remove(entry)
                    return entry.fault
        return None
