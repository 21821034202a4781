"""Our rows held against the vendor's own summaries."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey_assets.raw.ingested import Reconciliation
from journey_assets.raw.mavenoid import (
    SummaryDiffers,
    ingest_availabilities,
    ingest_conversations,
    ingest_sessions,
)
from journey_assets.raw.reconciliation import MOST_LINES, Grouping, OwnGroup, reconcile
from journey_assets.warehouse.database import Database
from journey_assets_tests.mavenoid_server import (
    DAY,
    MavenoidServer,
    Row,
    availability,
    conversation,
    live_session,
)
from journey_assets_tests.test_mavenoid_ingest import ingest, rows

NEXT = DAY + timedelta(days=1)
FLOWS = Grouping("flow_name", ("flow_name",))
STATUSES = Grouping("status", ("status",), sums=("chat_duration_ms",), spread=True)
AGENTS = Grouping(
    "agent_email",
    ("agent_email", "agent-email"),
    counted=False,
    sums=("duration_ms",),
    personal=True,
)


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(tmp_path / "db.duckdb")


def verdict(
    database: Database,
    vendor: MavenoidServer,
    how: Callable[..., Any] = ingest_conversations,
    first: date = DAY,
    last: date = DAY,
) -> Reconciliation:
    """What the comparison says, of rows that were stored or that it kept from being stored."""
    try:
        found = ingest(database, vendor, first, last, how).reconciliation
    except SummaryDiffers as error:
        return error.verdict
    assert isinstance(found, Reconciliation)
    return found


def counted(number: int, unsettled: int = 0) -> OwnGroup:
    return OwnGroup({"count": (number,)}, unsettled)


def flow(name: str | None, count: Any, day: date = DAY) -> Row:
    return {"date": day.isoformat(), "flow_name": name, "count": count}


def held(own: dict[Any, OwnGroup], summary: list[Any], **more: Any) -> Reconciliation:
    return reconcile(FLOWS, own, summary, more.get("days", (DAY, DAY)), more.get("allow", {}))


def test_equal_counts_pass() -> None:
    own = {(DAY, "A"): counted(3), (DAY, ""): counted(1)}
    found = held(own, [flow("A", 3), flow(None, 1)])
    assert found == Reconciliation(compared=2)


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50))
def test_a_count_may_differ_by_the_unsettled_rows_and_no_more(
    settled: int, unsettled: int, theirs: int
) -> None:
    found = held({(DAY, "A"): counted(settled, unsettled)}, [flow("A", theirs)])
    assert found.passed == (settled <= theirs <= settled + unsettled)


def test_a_group_that_one_side_lacks_is_a_difference() -> None:
    found = held({(DAY, "A"): counted(3)}, [flow("B", 2)])
    assert not found.passed
    assert found.differences == (
        "2026-11-20, A: count is 0 in the vendor's summary, 3 in its rows",
        "2026-11-20, B: count is 2 in the vendor's summary, 0 in its rows",
    )


def test_other_days_are_not_compared() -> None:
    found = held({(NEXT, "A"): counted(3)}, [flow("A", 9, NEXT), flow("A", 1, DAY - timedelta(1))])
    assert found == Reconciliation(compared=0)


def test_records_that_could_not_be_read_may_be_in_any_group_of_their_day() -> None:
    assert held({(DAY, "A"): counted(3)}, [flow("A", 4)], allow={DAY: 1}).passed
    assert not held({(DAY, "A"): counted(3)}, [flow("A", 5)], allow={DAY: 1}).passed


@pytest.mark.parametrize(
    "record",
    [
        7,
        None,
        {},
        {"flow_name": "A", "count": 3},
        {"date": "2026-11-20", "count": 3},
        flow("A", "many"),
        flow("A", [3]),
        {"date": "last week", "flow_name": "A", "count": 3},
    ],
)
def test_a_summary_that_cannot_be_read_does_not_pass(record: Any) -> None:
    found = held({}, [record])
    assert not found.passed
    assert "not as documented" in found.differences[0]


def test_the_list_of_differences_is_bounded() -> None:
    found = held({}, [flow(f"flow {number}", 1) for number in range(MOST_LINES + 5)])
    assert len(found.differences) == MOST_LINES + 1
    assert found.differences[-1] == "and 5 more"


def test_control_characters_and_long_names_stay_out_of_the_lines() -> None:
    (line,) = held({}, [flow("A\n\x1b[31m" + "x" * 500, 1)]).differences
    assert "\n" not in line
    assert "\x1b" not in line
    assert len(line) < 150


@pytest.mark.parametrize("mean", [20.0, 20.4, 30.0, 29.6])
def test_a_mean_may_count_rows_without_a_value_or_not_and_be_rounded(mean: float) -> None:
    own = OwnGroup(
        {
            "count": (3,),
            "chat_duration_ms_sum": (60,),
            "chat_duration_ms_max": (40,),
            "chat_duration_ms_mean": (30.0, 20.0),
        }
    )
    record = {
        "date": "2026-11-20",
        "status": "RESOLVED",
        "count": 3,
        "chat_duration_ms_sum": 60,
        "chat_duration_ms_max": 40,
        "chat_duration_ms_mean": mean,
    }
    assert reconcile(STATUSES, {(DAY, "RESOLVED"): own}, [record], (DAY, DAY), {}).passed
    worse = record | {"chat_duration_ms_mean": 25}
    assert not reconcile(STATUSES, {(DAY, "RESOLVED"): own}, [worse], (DAY, DAY), {}).passed


def test_an_agents_address_is_not_in_the_lines() -> None:
    record = {"date": "2026-11-20", "agent-email": "secret@example.com", "duration_ms_sum": 5}
    (line,) = reconcile(AGENTS, {}, [record], (DAY, DAY), {}).differences
    assert "secret" not in line
    assert "an agent" in line


def test_a_row_that_the_summary_lacks_does_not_pass_after_a_second_reading(
    database: Database,
) -> None:
    vendor = MavenoidServer(
        [conversation("a"), conversation("b")],
        summarize=lambda groups: [group | {"count": 1} for group in groups],
    )
    ingest(database, [conversation("before")])
    with pytest.raises(
        SummaryDiffers, match=r"^Mavenoid: summary of .* nothing was stored"
    ) as told:
        ingest(database, vendor)
    assert not told.value.verdict.passed
    assert told.value.verdict.changed_while_reading == 0
    assert [dict(call).get("group_by") for call in vendor.calls] == [None, "date,flow_name", None]
    assert rows(database, "id") == [("before",)]


def test_rows_added_while_reading_are_excused_and_stored(database: Database) -> None:
    def add(vendor: MavenoidServer, call: int) -> None:
        if call == 1:
            vendor.rows.append(conversation("new"))

    found = verdict(database, MavenoidServer([conversation("a")], after=add))
    assert found.passed
    assert found.changed_while_reading == 1
    assert rows(database, "id") == [("a",), ("new",)]


def test_rows_that_moved_to_another_group_while_reading_are_excused(database: Database) -> None:
    def move(vendor: MavenoidServer, call: int) -> None:
        if call == 2:
            vendor.rows[0] = live_session("a", status="RESOLVED", chat_duration_ms=9)
        if call == 1:
            vendor.rows[0] = live_session("a", status="ACTIVE", chat_duration_ms=7)

    start = live_session("a", status="WAITING_FOR_AGENT", chat_duration_ms=5)
    other = live_session("b", status="ACTIVE")
    found = verdict(database, MavenoidServer([start, other], after=move), ingest_sessions)
    # The summary saw a state that neither reading of the rows did.
    assert not found.passed
    assert found.changed_while_reading == 1


def test_a_change_seen_by_the_summary_and_the_second_reading_is_excused(
    database: Database,
) -> None:
    def close(vendor: MavenoidServer, call: int) -> None:
        if call == 1:
            vendor.rows[0] = live_session("a", status="RESOLVED", chat_duration_ms=9)

    start = live_session("a", status="ACTIVE", chat_duration_ms=5)
    other = live_session("b", status="RESOLVED")
    found = verdict(database, MavenoidServer([start, other], after=close), ingest_sessions)
    assert found.passed
    assert found.changed_while_reading == 1
    stored = rows(database, "status, chat_duration_ms", "mavenoid_live_support_sessions")
    assert stored == [("RESOLVED", 9), ("RESOLVED", 300000)]


def test_changes_of_other_rows_do_not_excuse_a_missing_one(database: Database) -> None:
    def add(vendor: MavenoidServer, call: int) -> None:
        if call == 1:
            vendor.rows.append(conversation("new"))

    vendor = MavenoidServer(
        [conversation("a"), conversation("b", flow_name="Other")],
        after=add,
        summarize=lambda groups: [g | {"count": 7} for g in groups if g["flow_name"] != "Other"],
    )
    found = verdict(database, vendor)
    assert not found.passed
    assert len(found.differences) == 2


def test_sums_that_differ_do_not_pass(database: Database) -> None:
    vendor = MavenoidServer(
        [live_session("a")],
        summarize=lambda groups: [group | {"queue_duration_ms_sum": 1} for group in groups],
    )
    found = verdict(database, vendor, ingest_sessions)
    assert found.differences == (
        "2026-11-20, RESOLVED: queue_duration_ms_sum is 1 in the vendor's summary, "
        "30000 in its rows",
    )


def test_sessions_without_any_value_agree_with_empty_statistics(database: Database) -> None:
    nothing: dict[str, Any] = {
        "queue_duration_ms": None,
        "first_response_ms": None,
        "chat_duration_ms": None,
    }
    vendor = MavenoidServer([live_session("a", status="CUSTOMER_SKIPPED", **nothing)])
    assert verdict(database, vendor, ingest_sessions).passed


def split_by_day(groups: list[Row]) -> list[Row]:
    """A vendor that counts a period of 23:00 to 01:00 under both of its days."""
    agent = groups[0]["agent_email"]
    return [
        {"date": day.isoformat(), "agent_email": agent, **dict.fromkeys(SUMS, 3600000)}
        for day in (DAY, NEXT)
    ]


SUMS = ("duration_ms_sum", "active_duration_ms_sum")


@pytest.mark.parametrize("summarize", [None, split_by_day])
def test_a_period_across_midnight_may_count_under_its_first_day_or_be_split(
    database: Database, summarize: Callable[[list[Row]], list[Row]] | None
) -> None:
    period = availability(
        "a@x.org",
        "2026-11-20T23:00:00Z",
        "2026-11-21T01:00:00Z",
        7200000,
        active_duration_ms=7200000,
    )
    vendor = MavenoidServer([period], summarize=summarize)
    assert verdict(database, vendor, ingest_availabilities, DAY, NEXT).passed
    assert len(vendor.calls) == 2


def test_a_period_of_the_day_before_may_count_under_the_first_day(database: Database) -> None:
    vendor = MavenoidServer(
        [],
        summarize=lambda _: [
            {"date": "2026-11-20", "agent_email": "a@x.org", **dict.fromkeys(SUMS, 3600000)}
        ],
    )
    assert verdict(database, vendor, ingest_availabilities, DAY, NEXT).passed


def test_an_open_period_grows_and_is_no_difference(database: Database) -> None:
    def grow(vendor: MavenoidServer, call: int) -> None:
        vendor.rows[0]["duration_ms"] += 1000 * call

    period = availability("a@x.org", "2026-11-21T09:00:00Z", None, 3600000)
    vendor = MavenoidServer([period], after=grow)
    assert verdict(database, vendor, ingest_availabilities, DAY, NEXT).passed
    assert len(vendor.calls) == 2


def test_an_agents_sums_that_differ_do_not_pass(database: Database) -> None:
    period = availability("a@x.org", "2026-11-21T08:00:00Z", "2026-11-21T09:00:00Z", 3600000)
    vendor = MavenoidServer(
        [period], summarize=lambda groups: [g | {"duration_ms_sum": 1} for g in groups]
    )
    found = verdict(database, vendor, ingest_availabilities, DAY, NEXT)
    assert not found.passed
    assert "duration_ms_sum is 1" in found.differences[0]


def test_a_day_that_is_only_partly_within_reach_is_not_compared(database: Database) -> None:
    edge = date(2026, 7, 24)
    vendor = MavenoidServer(
        [conversation("x", "2026-07-24T11:00:00Z"), conversation("y", "2026-07-25T11:00:00Z")],
        summarize=lambda groups: (
            [g | {"count": 5} for g in groups if g["date"] == "2026-07-24"]
            + [g for g in groups if g["date"] != "2026-07-24"]
        ),
    )
    found = verdict(database, vendor, first=edge, last=edge + timedelta(days=1))
    assert found == Reconciliation(compared=1)
