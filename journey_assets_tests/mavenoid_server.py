"""A small Mavenoid: rows in, rows and summaries out, as its document describes them."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from journey_assets_tests.loopback import Answer, Loopback, Received, answer

#: When the tests read, UTC.
NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
DAY = date(2026, 11, 20)

Row = dict[str, Any]
_STATISTICS = {
    "live-support-sessions": ("queue_duration_ms", "first_response_ms", "chat_duration_ms"),
    "agent-availabilities": ("duration_ms", "active_duration_ms"),
}


def conversation(name: str, at: str = "2026-11-20T09:00:00.000Z", **more: Any) -> Row:
    return {
        "id": name,
        "created_at": at,
        "updated_at": at,
        "flow_name": "Scooter Support",
        "touchpoint_name": "Support Website",
        "status": "RESOLVED",
        "label": "",
        "lang_code": "en",
        "latest_search_query": None,
        "latest_search_result_chosen": None,
        "latest_search_shortcut_chosen": None,
        "latest_live_support_session_status": None,
        "latest_live_support_session_resolution_label": None,
        "feedback_topics": [],
        "feedback_comments": "",
        "feedback_rating": 4,
        "form_data": {"$customer-email": "a@example.com"},
        **more,
    }


def live_session(of: str, at: str = "2026-11-20T09:00:00.000Z", **more: Any) -> Row:
    return {
        "assistant_conversation_id": of,
        "assistant_conversation_created_at": at,
        "created_at": at,
        "updated_at": at,
        "agent_email": "agent@example.com",
        "agent_group_name": "Europe",
        "queue_duration_ms": 30000,
        "first_response_ms": 31000,
        "chat_duration_ms": 300000,
        "status": "RESOLVED",
        "resolution_label": "worked",
        "debrief_labels": ["scooter_breakdown"],
        "debrief_summary": "broken",
        "feedback_rating": None,
        **more,
    }


def availability(agent: str, start: str, end: str | None, length: int, **more: Any) -> Row:
    return {
        "agent_email": agent,
        "start_timestamp": start,
        "end_timestamp": end,
        "duration_ms": length,
        "active_duration_ms": length // 2,
        **more,
    }


class MavenoidServer:
    """Give it to :class:`Loopback`. ``rows`` may be changed by ``after`` (called with each answer's
    number, from 1) to play a vendor whose rows change while they are read.
    """

    def __init__(
        self,
        rows: Sequence[Row],
        now: datetime = NOW,
        after: Callable[["MavenoidServer", int], None] | None = None,
        summarize: Callable[[list[Row]], list[Row]] | None = None,
    ) -> None:
        self.rows = list(rows)
        self.now = now
        self.calls: list[tuple[tuple[str, str], ...]] = []
        self._after = after
        self._summarize = summarize

    def __call__(self, received: Received) -> Answer:
        self.calls.append(received.params)
        params = dict(received.params)
        since = self.now - timedelta(days=int(params["days"]))
        rows = [row for row in self.rows if (_at(row) or since) >= since]
        if "group_by" in params:
            kind = received.path.split("/")[-1].removesuffix(".json")
            rows = _grouped(rows, params["group_by"].split(","), _STATISTICS.get(kind, ()))
            rows = self._summarize(rows) if self._summarize else rows
        given = answer(rows)
        if self._after:
            self._after(self, len(self.calls))
        return given


def _at(row: Any) -> datetime | None:
    """When the row began; None for what is no row."""
    if not isinstance(row, dict):
        return None
    text = row.get("created_at") or row.get("start_timestamp")
    try:
        return datetime.fromisoformat(str(text).replace("T9:", "T09:"))
    except ValueError:
        return None


def _grouped(rows: Sequence[Row], fields: Sequence[str], statistics: Sequence[str]) -> list[Row]:
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        at = _at(row)
        if at is None:
            continue
        values = {"date": at.date().isoformat()}
        groups.setdefault(tuple(values.get(f, row.get(f)) for f in fields), []).append(row)
    summaries = []
    for key, members in groups.items():
        summary: Row = dict(zip(fields, key, strict=True))
        if "agent_email" not in fields:
            summary["count"] = len(members)
        for name in statistics:
            given = [member[name] for member in members if member.get(name) is not None]
            summary[f"{name}_sum"] = sum(given)
            if "agent_email" not in fields:
                summary[f"{name}_max"] = max(given, default=None)
                summary[f"{name}_mean"] = sum(given) / len(given) if given else None
        summaries.append(summary)
    return summaries


def loopback(rows: Sequence[Row], **more: Any) -> tuple[MavenoidServer, Loopback]:
    """The server and its address."""
    server = MavenoidServer(rows, **more)
    return server, Loopback(server)
