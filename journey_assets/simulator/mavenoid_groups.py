"""Mavenoid's ``group_by``: rows summed up by the vendor itself.

Belongs here: the fields that may be grouped by and the figures of each endpoint's groups. Does not
belong here: the rows.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

_PERIODS = ("date", "week", "month")
FIELDS = {
    "/v1/assistant-conversations.json": (
        *_PERIODS,
        "flow_name",
        "touchpoint_name",
        "status",
        "label",
        "lang_code",
        "latest_live_support_session_status",
        "latest_live_support_session_resolution_label",
        "feedback_rating",
    ),
    "/v1/live-support-sessions.json": (
        *_PERIODS,
        "agent_email",
        "agent_group_name",
        "status",
        "resolution_label",
        "feedback_rating",
    ),
    # The documentation lists the field with a hyphen and asks for it with an underscore.
    "/v1/agent-availabilities.json": (*_PERIODS, "agent-email", "agent_email"),
}
_DURATIONS = ("queue_duration_ms", "first_response_ms", "chat_duration_ms")


def summarize(
    path: str, rows: Sequence[dict[str, Any]], fields: Sequence[str], *, sample_statuses: bool
) -> list[dict[str, Any]]:
    """One record per group of ``rows``, with the figures that the endpoint documents.

    sample_statuses: the groups of ``status`` are named as in the documentation's sample.
    """
    groups: defaultdict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[tuple(_value(row, field, sample_statuses) for field in fields)].append(row)
    figures = {
        "/v1/assistant-conversations.json": _count,
        "/v1/live-support-sessions.json": _session_figures,
        "/v1/agent-availabilities.json": _availability_figures,
    }[path]
    by_agent = {"agent-email", "agent_email"} & set(fields)
    answer = []
    for key, members in groups.items():
        named = {
            "date" if field in _PERIODS else field.replace("-", "_"): value
            for field, value in zip(fields, key, strict=True)
        }
        summed = figures(members)
        if by_agent:
            summed.pop("agent_count", None)
        answer.append(named | summed)
    return answer


def _value(row: dict[str, Any], field: str, sample_statuses: bool) -> Any:
    if field in _PERIODS:
        day = date.fromisoformat((row.get("created_at") or row["start_timestamp"])[:10])
        if field == "week":
            day -= timedelta(days=day.weekday())
        return str(day.replace(day=1) if field == "month" else day)
    if field == "status" and sample_statuses:
        return _sample_status(row)
    return row.get(field.replace("-", "_"))


def _sample_status(row: dict[str, Any]) -> str:
    if row["status"] != "RESOLVED":
        return str(row["status"]).lower()
    live = row["latest_live_support_session_status"] is not None
    return "live_support_resolution" if live else "self_service_resolution"


def _count(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {"count": len(rows)}


def _session_figures(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    figures: dict[str, Any] = {"count": len(rows)}
    for name in _DURATIONS:
        values = [row[name] for row in rows if name in row]
        figures[f"{name}_max"] = max(values, default=None)
        figures[f"{name}_mean"] = round(sum(values) / len(values)) if values else None
        figures[f"{name}_sum"] = sum(values)
    return figures


def _availability_figures(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {
        "agent_count": len({row["agent_email"] for row in rows}),
        "duration_ms_sum": sum(row["duration_ms"] for row in rows),
        "active_duration_ms_sum": sum(row["active_duration_ms"] for row in rows),
    }
