"""Mavenoid's three lists: their table, endpoint, versions and summary.

Belongs here: what differs between the lists. Does not belong here: what is done with each of them
(:mod:`journey_assets.raw.mavenoid`).
"""

from dataclasses import dataclass

from journey_assets.raw.reconciliation import Grouping
from journey_assets.vendors.mavenoid import AVAILABILITIES, CONVERSATIONS, SESSIONS, Endpoint
from journey_assets.warehouse.schema import Table
from journey_assets.warehouse.tables.raw import (
    MAVENOID_AVAILABILITIES,
    MAVENOID_CONVERSATIONS,
    MAVENOID_SESSIONS,
)

_CHANGED_AT = "greatest(created_at, updated_at)"


@dataclass(frozen=True, slots=True)
class Feed:
    """One list. All expressions are SQL over the table's columns, and variable ``read_at``.

    day: the row's partition. newest: orders versions of one key, the one that counts first.
    changed_at: when it last changed; empty for a row that still does. days: the days that a row may
    count under in the vendor's summary. carries_over: a row of the day before the range, which we
    do not hold, may count under the range's first day. known_by: the column that stays when the key,
    which names the day, changes; None where the key does not name the day, or nothing stays.
    moves: whether a row may come under another day.
    """

    table: Table
    endpoint: Endpoint
    grouping: Grouping
    day: str
    newest: str
    changed_at: str
    days: str
    carries_over: bool = False
    known_by: str | None = None
    moves: bool = True


CONVERSATION_FEED = Feed(
    table=MAVENOID_CONVERSATIONS,
    endpoint=CONVERSATIONS,
    grouping=Grouping("flow_name", ("flow_name",)),
    day="created_at::DATE",
    newest="updated_at DESC NULLS LAST, line_no DESC",
    changed_at=_CHANGED_AT,
    days="[created_at::DATE]",
)
SESSION_FEED = Feed(
    table=MAVENOID_SESSIONS,
    endpoint=SESSIONS,
    grouping=Grouping(
        "status",
        ("status",),
        sums=("queue_duration_ms", "first_response_ms", "chat_duration_ms"),
        spread=True,
    ),
    day="created_at::DATE",
    newest="updated_at DESC NULLS LAST, line_no DESC",
    changed_at=_CHANGED_AT,
    days="[created_at::DATE]",
    known_by="assistant_conversation_id",
)
# No source says whether the summary counts a period that crosses midnight under its first day or
# splits it: such a period may count under each of its days.
AVAILABILITY_FEED = Feed(
    table=MAVENOID_AVAILABILITIES,
    endpoint=AVAILABILITIES,
    grouping=Grouping(
        "agent_email",
        ("agent_email", "agent-email"),
        counted=False,
        sums=("duration_ms", "active_duration_ms"),
        personal=True,
    ),
    day="start_timestamp::DATE",
    newest="end_timestamp DESC NULLS LAST, line_no DESC",
    changed_at="end_timestamp",
    days="generate_series(start_timestamp::DATE, "
    "greatest(start_timestamp, least(coalesce(end_timestamp, read_at), read_at))::DATE, "
    "INTERVAL 1 DAY)::DATE[]".replace("read_at", "getvariable('read_at')"),
    carries_over=True,
    moves=False,
)
