"""Which days of Mavenoid changed between two looks, and the sensor that asks for them."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey_assets.automation.updates import Look, changed_days, content_key
from journey_assets.simulator.simulator import Simulator
from journey_assets_tests.automation_world import World, small_simulator, world
from journey_assets_tests.small_hours import YESTERDAY

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
CONVERSATIONS = "raw/mavenoid_conversations"
SESSIONS = "raw/mavenoid_live_support_sessions"


def row(id_: str, created: datetime, **more: Any) -> dict[str, Any]:
    return {"id": id_, "created_at": created.isoformat().replace("+00:00", "Z"), **more}


def look(at: datetime, *rows: dict[str, Any]) -> Look:
    """A look that sees what of the rows lies in the last 24 hours."""
    begin = (at - timedelta(days=1)).isoformat().replace("+00:00", "Z")
    end = at.isoformat().replace("+00:00", "Z")
    return Look.of(at, {"conversations": [r for r in rows if begin <= r["created_at"] <= end]})


def test_the_day_of_a_changed_row_is_found() -> None:
    a, b = row("a", NOON - timedelta(hours=20)), row("b", NOON - timedelta(hours=2))
    old = look(NOON, a, b)
    new = look(NOON + timedelta(minutes=5), {**a, "status": "RESOLVED"}, b)
    assert changed_days(old, new) == {date(2026, 11, 19): frozenset({"conversations"})}


def test_a_new_row_is_a_change_of_its_day() -> None:
    a, b = row("a", NOON - timedelta(hours=20)), row("b", NOON - timedelta(hours=20))
    assert list(changed_days(look(NOON, a), look(NOON, a, b))) == [date(2026, 11, 19)]


def test_a_row_that_leaves_the_window_is_no_change() -> None:
    rows = [row(str(hour), NOON - timedelta(hours=hour, minutes=30)) for hour in range(24)]
    later = NOON + timedelta(hours=7, minutes=13)
    assert not changed_days(look(NOON, *rows), look(later, *rows))


def test_looks_without_a_common_hour_have_nothing_to_compare() -> None:
    a = row("a", NOON - timedelta(hours=1))
    days_later = NOON + timedelta(days=2)
    assert not changed_days(look(NOON, a), look(days_later))


@given(
    st.lists(st.tuples(st.integers(-1400, 200), st.booleans()), max_size=30),
    st.integers(0, 1500),
)
def test_exactly_the_days_with_a_change_in_common_hours_are_found(
    rows: list[tuple[int, bool]], minutes: int
) -> None:
    later = NOON + timedelta(minutes=minutes)
    before = [row(str(i), NOON + timedelta(minutes=at)) for i, (at, _) in enumerate(rows)]
    after = [{**r, "n": 1} if changed else r for r, (_, changed) in zip(before, rows, strict=True)]
    old, new = look(NOON, *before), look(later, *after)
    since = later - timedelta(days=1) + timedelta(minutes=10)
    whole = since.replace(minute=0) + timedelta(hours=1)
    expected = set()
    for at, changed in rows:
        created = NOON + timedelta(minutes=at)
        if whole <= created <= later and (changed or created > NOON):
            expected.add(created.date())
    assert set(changed_days(old, new)) == expected


def test_a_look_survives_a_restart_and_an_unreadable_cursor_is_none() -> None:
    seen = look(NOON, row("a", NOON - timedelta(hours=2)))
    assert Look.read(seen.cursor()) == seen
    assert Look.read(None) is None
    assert Look.read("{not json") is None


def test_the_key_is_the_same_for_the_same_look_and_another_when_a_state_comes_back() -> None:
    a = row("a", NOON - timedelta(hours=20))
    b = {**a, "status": "RESOLVED"}
    first, second, third = (look(NOON + timedelta(minutes=m), r) for m, r in enumerate((a, b, a)))
    day = date(2026, 11, 19)
    assert content_key(first, second, day) == content_key(first, second, day)
    fourth = look(NOON + timedelta(minutes=4), b)
    assert content_key(third, fourth, day) != content_key(first, second, day)


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with small_simulator() as running:
        yield running


@pytest.fixture
def pipeline(simulator: Simulator, tmp_path: Path) -> Iterator[World]:
    simulator.clear_faults()
    with world(tmp_path, simulator.environment()) as made:
        yield made


def yesterdays(simulator: Simulator) -> str:
    """The last conversation of yesterday."""
    rows = [r for r in simulator.conversations(1) if r["created_at"][:10] == str(YESTERDAY)]
    return str(max(rows, key=lambda r: r["created_at"])["id"])


def test_a_changed_conversation_asks_for_its_day_and_its_list_only(
    simulator: Simulator, pipeline: World
) -> None:
    pipeline.materialized(CONVERSATIONS, YESTERDAY)
    pipeline.materialized(SESSIONS, YESTERDAY)
    assert "first look" in pipeline.reason("mavenoid_updates")
    simulator.change_conversation(yesterdays(simulator), label="changed")
    (request,) = pipeline.requests("mavenoid_updates")
    assert request.partition_key == str(YESTERDAY)
    assert request.asset_selection == [dg.AssetKey(CONVERSATIONS.split("/"))]
    assert pipeline.requests("mavenoid_updates") == []


def test_a_day_that_was_never_fetched_is_left_to_its_first_run(
    simulator: Simulator, pipeline: World
) -> None:
    pipeline.tick("mavenoid_updates")
    simulator.change_conversation(yesterdays(simulator), label="changed again")
    assert "Nothing changed on a day that is stored" in pipeline.reason("mavenoid_updates")


def test_a_vendor_that_is_down_is_a_reason_to_skip_and_forgets_nothing(
    simulator: Simulator, pipeline: World
) -> None:
    pipeline.materialized(CONVERSATIONS, YESTERDAY)
    pipeline.tick("mavenoid_updates")
    simulator.change_conversation(yesterdays(simulator), label="while it was down")
    simulator.break_vendor("mavenoid")
    reason = pipeline.reason("mavenoid_updates")
    assert reason.startswith("Mavenoid: assistant conversations")
    assert "503" in reason
    assert "\n" not in reason
    simulator.clear_faults()
    assert len(pipeline.requests("mavenoid_updates")) == 1


def test_while_its_run_is_under_way_the_sensor_waits(pipeline: World) -> None:
    pipeline.tick("mavenoid_updates")
    job = pipeline.definitions.resolve_implicit_global_asset_job_def()
    pipeline.instance.create_run_for_job(
        job,
        status=dg.DagsterRunStatus.STARTED,
        tags={"dagster/sensor_name": "mavenoid_updates"},
    )
    assert "still under way" in pipeline.reason("mavenoid_updates")


def test_a_missing_token_is_named(tmp_path: Path) -> None:
    with world(tmp_path, {}) as without:
        assert without.reason("mavenoid_updates") == "Mavenoid: MAVENOID_TOKEN not set."


def test_a_vendor_left_out_is_not_asked(simulator: Simulator, tmp_path: Path) -> None:
    with world(tmp_path, simulator.environment(), JOURNEY_VENDORS="amplitude") as without:
        assert "not configured" in without.reason("mavenoid_updates")
