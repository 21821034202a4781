"""What the simulator served: counts per vendor and documented path, and the latest requests.

Belongs here: counting. Does not belong here: deciding anything.
"""

import threading
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from journey_assets.simulator.wire import Request

_REMEMBERED = 20_000


@dataclass(slots=True)
class Served:
    """What one documented path served.

    statuses: answers by status; a broken connection has none.
    faults: scripted faults by kind. peak_concurrency: most requests under way at once.
    """

    calls: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    refused_by_quota: int = 0
    peak_concurrency: int = 0

    def as_json(self) -> dict[str, Any]:
        """The counts as plain values."""
        return {
            "calls": self.calls,
            "statuses": {str(status): n for status, n in sorted(self.statuses.items())},
            "faults": dict(self.faults),
            "refused_by_quota": self.refused_by_quota,
            "peak_concurrency": self.peak_concurrency,
        }


@dataclass(slots=True)
class ServedRequest:
    """One request: parameters in the order sent; ``status`` None when the connection was broken."""

    vendor: str
    route: str
    path: str
    method: str
    params: tuple[tuple[str, str], ...]
    had_credentials: bool
    status: int | None = None
    refused_by_quota: bool = False
    fault: str | None = None

    def answered(
        self, status: int | None, *, refused_by_quota: bool = False, fault: str | None = None
    ) -> None:
        """Note the outcome."""
        self.status = status
        self.refused_by_quota = refused_by_quota
        self.fault = fault


class Ledger:
    """The counts of all ports; used by their threads at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._served: dict[str, dict[str, Served]] = {}
        self._under_way: Counter[tuple[str, str]] = Counter()
        self._latest: deque[ServedRequest] = deque(maxlen=_REMEMBERED)

    @contextmanager
    def request(self, vendor: str, route: str, request: "Request") -> Iterator[ServedRequest]:
        """Count a request from its arrival until its answer is ready."""
        one = ServedRequest(
            vendor, route, request.path, request.method, request.params,
            had_credentials="authorization" in request.headers,
        )  # fmt: skip
        key = (vendor, route)
        with self._lock:
            served = self._served.setdefault(vendor, {}).setdefault(route, Served())
            served.calls += 1
            self._under_way[key] += 1
            served.peak_concurrency = max(served.peak_concurrency, self._under_way[key])
        try:
            yield one
        finally:
            with self._lock:
                self._under_way[key] -= 1
                if one.status is not None:
                    served.statuses[one.status] += 1
                if one.fault is not None:
                    served.faults[one.fault] += 1
                served.refused_by_quota += one.refused_by_quota
                self._latest.append(one)

    def statistics(self) -> dict[str, dict[str, Served]]:
        """A copy of the counts: vendor → documented path → counts."""
        with self._lock:
            return {
                vendor: {
                    route: Served(
                        one.calls, one.statuses.copy(), one.faults.copy(),
                        one.refused_by_quota, one.peak_concurrency,
                    )
                    for route, one in routes.items()
                }
                for vendor, routes in self._served.items()
            }  # fmt: skip

    def requests(self, vendor: str = "*") -> list[ServedRequest]:
        """The latest requests in the order in which their answers were ready."""
        with self._lock:
            return [one for one in self._latest if vendor in ("*", one.vendor)]

    def clear(self) -> None:
        """Begin to count anew."""
        with self._lock:
            self._served.clear()
            self._latest.clear()
