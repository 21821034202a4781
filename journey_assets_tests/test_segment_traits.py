"""Channel counts computed from a profile's events."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey_assets.raw.segment_traits import channel, read_time, sessions, traits_of_events

GAP = timedelta(minutes=30)
START = datetime(2026, 11, 1, tzinfo=UTC)


def event(minute: float, name: str = "Page Viewed", **more: Any) -> dict[str, Any]:
    at = START + timedelta(minutes=minute)
    context = more.pop("context", {"library": {"name": "analytics.js"}})
    return {
        "event": name,
        "timestamp": at.isoformat().replace("+00:00", "Z"),
        "context": context,
        **more,
    }


IOS = {"device": {"type": "ios"}, "library": {"name": "analytics-ios"}}


@given(st.lists(st.integers(0, 5000)))
def test_sessions_are_counted_as_by_walking_through_the_times(minutes: list[int]) -> None:
    def oracle() -> int:
        count, previous = 0, None
        for minute in sorted(minutes):
            if previous is None or minute - previous > 30:
                count += 1
            previous = minute
        return count

    assert sessions([START + timedelta(minutes=each) for each in minutes], GAP) == oracle()


@given(st.lists(st.tuples(st.integers(0, 3000), st.sampled_from(["web", "ios"])), max_size=40))
def test_channels_do_not_share_sessions_and_order_does_not_matter(
    visits: list[tuple[int, str]],
) -> None:
    contexts = {"web": {"library": {"name": "analytics.js"}}, "ios": IOS}
    events = [event(minute, context=contexts[kind]) for minute, kind in visits]
    found = traits_of_events(events, GAP)
    assert found == traits_of_events(events[::-1], GAP)
    for kind, count in (("web", found.web_sessions_30d), ("ios", found.mobile_sessions_30d)):
        times = [START + timedelta(minutes=minute) for minute, of in visits if of == kind]
        assert count == sessions(times, GAP)


def test_a_pause_of_exactly_the_gap_does_not_end_a_session() -> None:
    assert sessions([START, START + GAP], GAP) == 1
    assert sessions([START, START + GAP + timedelta(microseconds=1)], GAP) == 2


def test_repeats_of_a_message_count_once() -> None:
    events = [event(0, message_id="m1"), event(600, message_id="m1"), event(700, message_id="m2")]
    assert traits_of_events(events, GAP).web_sessions_30d == 2


@pytest.mark.parametrize("name", ["Email Opened", "Email Link Clicked"])
@pytest.mark.parametrize("context", [IOS, {"library": {"name": "analytics.js"}, "page": {}}])
def test_an_events_name_decides_before_its_device_and_library(
    name: str, context: dict[str, Any]
) -> None:
    assert channel(event(0, name, context=context)) == "email"


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        ({"device": {"type": "ios"}, "library": {"name": "analytics.js"}, "page": {}}, "mobile"),
        ({"device": {"type": "Android"}}, "mobile"),
        ({"library": {"name": "@segment/analytics-react-native"}}, "mobile"),
        ({"library": {"name": "analytics-kotlin"}}, "mobile"),
        ({"library": {"name": "analytics.js"}}, "web"),
        ({"library": {"name": "unknown"}, "page": {"path": "/"}}, "web"),
        ({"library": {"name": "analytics-node"}}, None),
        ({"library": {"name": "axios"}}, None),
        (None, None),
        ("text", None),
    ],
)
def test_the_context_tells_mobile_from_web(context: Any, expected: str | None) -> None:
    assert channel(event(0, context=context)) == expected


def test_an_email_opened_and_clicked_is_one_email() -> None:
    named = [
        event(0, "Email Opened", properties={"email_id": "e1"}),
        event(1, "Email Link Clicked", properties={"email_id": "e1"}),
        event(2, "Email Opened", properties={"email_id": "e1"}),
        event(3, "Email Link Clicked", properties={"email_id": "e2"}),
    ]
    assert traits_of_events(named, GAP).emails_opened_30d == 2


def test_without_email_ids_openings_count_and_a_click_proves_one() -> None:
    opened, clicked = event(0, "Email Opened"), event(1, "Email Link Clicked")
    assert traits_of_events([opened, opened, clicked], GAP).emails_opened_30d == 2
    assert traits_of_events([clicked, clicked], GAP).emails_opened_30d == 1
    assert traits_of_events([], GAP).emails_opened_30d == 0


def test_last_days_are_those_of_the_newest_events_in_utc() -> None:
    events = [
        event(0),
        event(3 * 1440),
        event(1440, context=IOS),
        event(2 * 1440, "Email Link Clicked"),
        event(5 * 1440, "Email Opened"),
    ]
    found = traits_of_events(events, GAP)
    assert found.last_web_visit == date(2026, 11, 4)
    assert found.last_mobile_open == date(2026, 11, 2)
    assert found.last_email_click == date(2026, 11, 3)


def test_events_without_a_readable_time_are_told_and_not_counted() -> None:
    broken: list[Any] = [{"event": "x"}, "text", None, event(0) | {"timestamp": "yesterday"}]
    found = traits_of_events([*broken, event(0)], GAP)
    assert found.web_sessions_30d == 1
    assert list(found.unreadable) == broken


@given(st.datetimes(timezones=st.timezones(), min_value=datetime(1990, 1, 1)))
def test_times_of_any_zone_are_read_as_utc(at: datetime) -> None:
    assert read_time(at.isoformat()) == at.astimezone(UTC)


@given(st.text() | st.none() | st.integers())
def test_any_text_is_a_utc_time_or_none(text: Any) -> None:
    at = read_time(text)
    assert at is None or at.tzinfo is UTC
