"""A small Amplitude for tests: users with events, exports by upload hour, cohorts."""

import gzip
import io
import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from journey_assets.settings import Settings
from journey_assets.vendors.amplitude import AmplitudeClient
from journey_assets.vendors.quota import Clock
from journey_assets.warehouse.database import Database
from journey_assets_tests.loopback import Answer, Received, answer

NO_MATCH = {"type": "nomatch", "matches": []}


def event(number: int, at: str, user: int = 1, **more: Any) -> dict[str, Any]:
    """An event as the vendor sends it; ``number`` makes its uuid and its name."""
    return {
        "amplitude_id": user,
        "user_id": f"u{user}",
        "event_type": f"Event {number}",
        "event_time": at,
        "session_id": 1,
        "uuid": f"{number:08d}-0000-4000-8000-{user:012d}",
        "event_id": number,
        "server_upload_time": at,
        "event_properties": {"number": number},
        **more,
    }


def zipped(members: Mapping[str, Sequence[object]]) -> bytes:
    """An export's archive: by member name, the records of its gzipped NDJSON."""
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        for name, records in members.items():
            lines = "".join(json.dumps(record) + "\n" for record in records)
            archive.writestr(name, gzip.compress(lines.encode()))
    return body.getvalue()


def failure(status: int, message: str) -> Answer:
    """An error in the vendor's form."""
    return answer({"error": {"http_code": status, "type": "invalid", "message": message}}, status)


@dataclass
class Vendor:
    """Answers like Amplitude; give it to ``Loopback``.

    users: by user ID, the Amplitude IDs it matches. events: by Amplitude ID, chronological; served
    newest first. page: events in an answer. arrivals: events that come in just before the n-th
    answer of a user (from 0), by user and n. in_user_data: the older form of the answer.
    refuses: by the user ID or Amplitude ID asked for, the status that it is refused with.
    uploads: by hour ``YYYYMMDDTHH``, the records uploaded in it. largest: hours that one export may
    span, a longer one is answered with ``too_much``.
    """

    users: Mapping[str, Sequence[int]] = field(default_factory=dict)
    events: Mapping[int, list[dict[str, Any]]] = field(default_factory=dict)
    page: int = 1000
    arrivals: Mapping[tuple[int, int], list[dict[str, Any]]] = field(default_factory=dict)
    in_user_data: bool = False
    user_data: Mapping[str, Any] = field(default_factory=dict)
    uploads: Mapping[str, Sequence[object]] = field(default_factory=dict)
    refuses: Mapping[str, int] = field(default_factory=dict)
    largest: int = 10**6
    too_much: int = 400
    asked: list[str] = field(default_factory=list)
    answered: dict[int, int] = field(default_factory=dict)

    def __call__(self, request: Received) -> Answer:
        """Answer one request."""
        params = dict(request.params)
        self.asked.append(request.path)
        if status := self.refuses.get(params.get("user", "")):
            return failure(status, f"no user {params['user']} here")
        match request.path:
            case "/api/2/usersearch":
                return self._search(params["user"])
            case "/api/2/useractivity":
                return self._activity(int(params["user"]), int(params["offset"]))
            case "/api/2/export":
                return self._export(params["start"], params["end"])
        return failure(404, "no such path")

    def _search(self, user: str) -> Answer:
        kind: str
        ids: list[tuple[str | None, int]]
        if user in self.users:
            kind, ids = "match_user_or_device_id", [(user, one) for one in self.users[user]]
        elif user.isdigit():
            # A number is taken as Amplitude reads it, without its leading zeros.
            number = int(user)
            names = [name for name, ids in self.users.items() if number in ids]
            kind, ids = "match_amplitude_id", [(names[0] if names else None, number)]
        else:
            kind, ids = "nomatch", []
        matches = [{"user_id": name, "amplitude_id": number} for name, number in ids]
        return answer({"type": kind, "matches": matches} if ids else NO_MATCH)

    def _activity(self, user: int, offset: int) -> Answer:
        number = self.answered.get(user, 0)
        self.answered[user] = number + 1
        stored = self.events.setdefault(user, []) if isinstance(self.events, dict) else []
        stored.extend(self.arrivals.get((user, number), ()))
        page = stored[::-1][offset : offset + self.page]
        if self.in_user_data:
            return answer({"userData": {**self.user_data, "events": page}})
        return answer({"userData": dict(self.user_data), "events": page})

    def _export(self, start: str, end: str) -> Answer:
        first, last = (datetime.strptime(text, "%Y%m%dT%H") for text in (start, end))  # noqa: DTZ007
        if (last - first).total_seconds() / 3600 + 1 > self.largest:
            return failure(self.too_much, "Raw data files exceed 4GB")
        hours = {hour: self.uploads[hour] for hour in sorted(self.uploads) if start <= hour <= end}
        if not hours:
            return failure(404, "Raw data files were not found.")
        return Answer(200, zipped({f"434735/434735_{h}#0.json.gz": r for h, r in hours.items()}))


def instant(now: Callable[[], float] | None = None) -> Clock:
    """A clock whose waiting takes no time."""
    return Clock(sleep=lambda _: None) if now is None else Clock(now=now, sleep=lambda _: None)


def client_of(
    url: str,
    directory: Path,
    log: Callable[[str], None] = lambda _: None,
    *,
    clock: Clock | None = None,
    concurrency: int = 4,
) -> AmplitudeClient:
    """A client of the server at ``url`` with a quota that does not bind."""
    return AmplitudeClient(
        base_url=url,
        api_key="the-api-key",
        secret_key="the-secret-key",
        quota_directory=directory / "quota",
        queries_per_hour=1_000_000,
        concurrency=concurrency,
        log=log,
        clock=clock or instant(),
    )


def settings_of(directory: Path, **given: Any) -> Settings:
    """Settings whose database lies in ``directory``."""
    return Settings.checked({"database": str(directory / "test.duckdb"), **given})


def stored(database: Database, query: str) -> list[tuple[Any, ...]]:
    """Rows of ``query`` over the stored tables, ``store.raw.…``."""
    with database.session() as session, session.reading() as con:
        return [tuple(row) for row in con.execute(query).fetchall()]
