"""Profiles and segments: snapshots, missing values, names, gaps and moves."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from journey_assets.channels.compute import compute
from journey_assets.identity.compute import compute as compute_persons
from journey_assets.warehouse.database import Database
from journey_assets.warehouse.pseudonyms import pseudonym
from journey_assets.warehouse.tables.channels import (
    PROFILE_CHANNELS,
    SEGMENT_MOVES,
    SEGMENTS,
    TABLES,
)
from journey_assets.warehouse.tables.identity import PERSONS
from journey_assets.warehouse.tables.raw import (
    AMPLITUDE_EVENTS,
    SEGMENT_EXTERNAL_IDS,
    SEGMENT_PROFILES,
)
from journey_assets_tests.stored import computed, days_from, settings_for, store

DAY = date(2026, 11, 20)


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(tmp_path / "w.duckdb")


def _profile(key: str, web: int | None, mobile: int | None, email: int | None, **more: Any) -> Any:
    return {
        "snapshot_date": DAY,
        "profile_key": key,
        "web_sessions_30d": web,
        "mobile_sessions_30d": mobile,
        "emails_opened_30d": email,
    } | more


def _profiles(database: Database, *days: date, **given: Any) -> list[dict[str, Any]]:
    asked = days or (DAY,)
    return computed(compute, database, asked, settings_for(database, **given), PROFILE_CHANNELS)[0]


def _segments(database: Database, *days: date, **given: Any) -> dict[str, dict[str, Any]]:
    asked = days or (DAY,)
    rows = computed(compute, database, asked, settings_for(database, **given), SEGMENTS)[0]
    return {row["segment"]: row for row in rows}


def test_a_channel_dominates_with_more_than_half_of_the_counts(database: Database) -> None:
    expected = {
        (3, 2, 0): "web_dominant",
        (2, 3, 0): "mobile_dominant",
        (1, 1, 3): "email_dominant",
        (2, 2, 0): "omnichannel",
        (5, 3, 2): "omnichannel",
        (0, 0, 0): "inactive",
        (None, None, None): "inactive",
        (None, 1, None): "mobile_dominant",
    }
    store(
        database,
        SEGMENT_PROFILES,
        [_profile(f"user_id:{n}", *counts) for n, counts in enumerate(expected)],
    )
    found = {(r["web"], r["mobile"], r["email"]): r["segment"] for r in _profiles(database)}
    assert found == expected


def test_a_missing_count_stays_empty_and_is_counted_apart_from_zero(database: Database) -> None:
    store(
        database,
        SEGMENT_PROFILES,
        [
            _profile("user_id:a", 6, None, 0),
            _profile("user_id:b", None, None, None),
            _profile("user_id:c", 0, 0, 0),
        ],
    )
    rows = {row["profile_key"]: row for row in _profiles(database)}
    assert (rows["user_id:a"]["mobile"], rows["user_id:a"]["email"]) == (None, 0)
    assert (rows["user_id:a"]["web_share"], rows["user_id:a"]["mobile_share"]) == (1.0, 0.0)
    assert [rows[f"user_id:{key}"]["missing_counts"] for key in "abc"] == [1, 3, 0]
    assert rows["user_id:c"]["web_share"] is None
    segments = _segments(database)
    assert segments["web_dominant"]["missing_mobile"] == 1
    assert segments["web_dominant"]["missing_email"] == 0
    assert segments["inactive"]["profiles"] == 2
    assert segments["inactive"]["missing_all"] == 1


def test_unknown_lifetime_values_count_as_zero_in_the_seeds_mean_and_not_in_the_known_one(
    database: Database,
) -> None:
    known = [_profile(f"user_id:{n}", 1, 0, 0, ltv=100.0 * n) for n in range(1, 13)]
    unknown = [_profile(f"user_id:x{n}", 1, 0, 0) for n in range(4)]
    store(database, SEGMENT_PROFILES, known + unknown)
    row = _segments(database)["web_dominant"]
    assert (row["profiles"], row["known_ltv"]) == (16, 12)
    assert row["avg_ltv"] == pytest.approx(7800 / 16)
    assert row["avg_known_ltv"] == row["median_ltv"] == pytest.approx(650)
    assert row["ltv_low"] < row["avg_ltv"] < row["ltv_high"]
    assert (row["median_ltv_low"], row["median_ltv_high"]) == (300, 1000)
    assert row["verdict"] == "ok"


def test_fewer_than_ten_profiles_are_insufficient_for_an_interval(database: Database) -> None:
    profiles = [_profile(f"user_id:{n}", 9, 0, 0, ltv=float(n)) for n in range(9)]
    store(database, SEGMENT_PROFILES, profiles)
    row = _segments(database)["web_dominant"]
    assert row["verdict"] == "insufficient"
    assert row["avg_ltv"] == 4
    assert (row["ltv_low"], row["ltv_high"], row["ltv_method"]) == (None, None, None)


def test_plans_are_ranked_by_frequency_then_name_and_the_rest_is_exact(database: Database) -> None:
    plans = ["pro", "pro", "basic", "zeta", None, "alpha", "alpha"]
    profiles = [_profile(f"user_id:{n}", 1, 0, 0, plan=plan) for n, plan in enumerate(plans)]
    store(database, SEGMENT_PROFILES, profiles)
    row = _segments(database)["web_dominant"]
    assert row["top_plans"] == ["alpha", "pro", "basic"]
    assert row["top_plan_profiles"] == [2, 2, 1]
    assert row["other_plan_profiles"] == 2


def test_identifiers_are_counted_and_their_types_named_in_one_spelling(database: Database) -> None:
    store(
        database, SEGMENT_PROFILES, [_profile("user_id:a", 1, 0, 0), _profile("ios.id:b", 1, 0, 0)]
    )
    given = [("ios_id", "1"), ("ios.id", "2"), ("user_id", "a")]
    store(
        database,
        SEGMENT_EXTERNAL_IDS,
        [
            {"snapshot_date": DAY, "profile_key": "user_id:a", "id_type": kind, "id_value": value}
            for kind, value in given
        ],
    )
    rows = {row["profile_key"]: row for row in _profiles(database)}
    assert rows["user_id:a"]["identity_count"] == 3
    assert rows["user_id:a"]["id_types"] == ["ios.id", "user_id"]
    assert (rows["ios.id:b"]["identity_count"], rows["ios.id:b"]["id_types"]) == (0, [])
    segment = _segments(database)["web_dominant"]
    assert (segment["few_identifiers"], segment["few_identifiers_share"]) == (1, 0.5)


def test_no_row_holds_an_email_address(database: Database) -> None:
    keys = ["email:Jo@Example.com", "user_id:jo@example.com", "user_id:JO@example.com"]
    store(database, SEGMENT_PROFILES, [_profile(key, 1, 0, 0) for key in keys])
    found = [row["profile_key"] for row in _profiles(database)]
    name = pseudonym("a test's key", "email", "jo@example.com")
    assert found == [f"email:{name}", f"user_id:{name}", f"user_id:{name}#2"]


def test_the_person_is_the_one_of_identity_persons(database: Database) -> None:
    store(
        database,
        SEGMENT_PROFILES,
        [_profile("user_id:ann@example.com", 1, 0, 0), _profile("user_id:bob", 1, 0, 0)],
    )
    store(
        database,
        SEGMENT_EXTERNAL_IDS,
        [
            {
                "snapshot_date": DAY,
                "profile_key": f"user_id:{value}",
                "id_type": "user_id",
                "id_value": value,
            }
            for value in ("ann@example.com", "bob")
        ],
    )
    event = {
        "event_date": DAY,
        "amplitude_id": 7,
        "user_id": "bob",
        "event_type": "x",
        "event_time": f"{DAY} 10:00:00",
        "source_order": 0,
    }
    store(database, AMPLITUDE_EVENTS, [event])
    given = settings_for(database)
    persons = computed(compute_persons, database, [DAY], given, PERSONS)[0]
    by_key = {r["id_value"]: r["person_id"] for r in persons if r["id_type"] == "profile_key"}
    assert len(by_key) == 2
    assert {row["profile_key"]: row["person_id"] for row in _profiles(database)} == by_key
    assert _segments(database)["web_dominant"]["in_amplitude"] == 1


def test_an_as_of_uses_the_newest_snapshot_of_its_window(database: Database) -> None:
    days = days_from(date(2026, 11, 1), 6)
    store(database, SEGMENT_PROFILES, [_profile("user_id:a", 1, 0, 0, snapshot_date=days[1])])
    store(database, SEGMENT_PROFILES, [_profile("user_id:a", 0, 1, 0, snapshot_date=days[3])])
    rows = _profiles(database, *days, window_days=2)
    assert [(row["as_of"], row["segment"], row["snapshot_date"]) for row in rows] == [
        (days[1], "web_dominant", days[1]),
        (days[2], "web_dominant", days[1]),
        (days[3], "mobile_dominant", days[3]),
        (days[4], "mobile_dominant", days[3]),
    ]


def test_a_range_gives_the_rows_of_its_days_alone(database: Database) -> None:
    days = days_from(date(2026, 11, 1), 4)
    for offset, day in enumerate(days):
        profiles = [
            _profile(f"user_id:{n}", n, offset, 1, ltv=n * 7.5, snapshot_date=day)
            for n in range(offset, offset + 12)
        ]
        store(database, SEGMENT_PROFILES, profiles)
    given = settings_for(database, window_days=3)
    together = computed(compute, database, days, given, *TABLES)
    apart = [computed(compute, database, [day], given, *TABLES) for day in days]
    for index, rows in enumerate(together):
        for position, day in enumerate(days):
            alone = [row for row in apart[position][index] if row["as_of"] == day]
            assert [row for row in rows if row["as_of"] == day] == alone


def test_moves_say_where_profiles_went_since_the_snapshot_before(database: Database) -> None:
    before, after = days_from(date(2026, 11, 1), 2)
    earlier = {"a": (9, 0, 0), "b": (9, 0, 0), "c": (9, 0, 0), "d": (0, 9, 0)}
    later = {"a": (9, 0, 0), "b": (0, 0, 0), "d": (0, 9, 0), "e": (0, 0, 9)}
    for day, profiles in ((before, earlier), (after, later)):
        rows = [
            _profile(f"user_id:{key}", *counts, ltv=10.0, snapshot_date=day)
            for key, counts in profiles.items()
        ]
        store(database, SEGMENT_PROFILES, rows)
    rows = computed(compute, database, [before, after], settings_for(database), SEGMENT_MOVES)[0]
    found = {
        (r["from_segment"], r["to_segment"]): (r["profiles"], r["from_profiles"]) for r in rows
    }
    assert found == {
        ("web_dominant", "web_dominant"): (1, 3),
        ("web_dominant", "inactive"): (1, 3),
        ("web_dominant", "gone"): (1, 3),
        ("mobile_dominant", "mobile_dominant"): (1, 1),
        ("new", "email_dominant"): (1, 1),
    }
    assert {(row["as_of"], row["previous_snapshot_date"]) for row in rows} == {(after, before)}
    values = {r["to_segment"]: (r["avg_ltv_before"], r["avg_ltv_after"]) for r in rows}
    assert values["gone"] == (10, None)
    assert values["email_dominant"] == (None, 10)


def test_without_segment_every_table_is_empty(database: Database) -> None:
    found = computed(compute, database, [DAY], settings_for(database), *TABLES)
    assert found == [[] for _ in TABLES]


def test_a_segment_that_is_only_more_active_is_worth_no_more_once_standardised(
    database: Database,
) -> None:
    # Whoever uses two channels is twice as active; value follows activity and nothing else.
    profiles = [_profile(f"w{n}", n % 9 + 1, 0, 0, ltv=10.0 * (n % 9 + 1)) for n in range(90)]
    profiles += [
        _profile(f"o{n}", n % 9 + 1, n % 9 + 1, 0, ltv=20.0 * (n % 9 + 1)) for n in range(90)
    ]
    store(database, SEGMENT_PROFILES, profiles)
    rows = _segments(database)
    assert rows["omnichannel"]["ltv_ratio"] == pytest.approx(4 / 3)
    for row in rows.values():
        assert row["standardised_ltv_ratio"] == pytest.approx(1, abs=0.02)
        assert row["standardised_ltv_low"] <= 1 <= row["standardised_ltv_high"]


def test_a_segment_worth_more_than_its_activity_stays_so_once_standardised(
    database: Database,
) -> None:
    profiles = [_profile(f"w{n}", 4, 0, 0, ltv=10.0 + n % 3) for n in range(50)]
    profiles += [_profile(f"m{n}", 0, 4, 0, ltv=30.0 + n % 3) for n in range(50)]
    store(database, SEGMENT_PROFILES, profiles)
    row = _segments(database)["mobile_dominant"]
    assert row["standardised_ltv_ratio"] == row["ltv_ratio"] > 1.4
    assert row["standardised_ltv_low"] > 1.4


def test_an_unknown_lifetime_value_is_no_part_of_the_standardised_one(database: Database) -> None:
    known = [_profile(f"w{n}", 4, 0, 0, ltv=10.0 + n % 3) for n in range(20)]
    store(database, SEGMENT_PROFILES, [*known, _profile("none", 4, 0, 0)])
    row = _segments(database)["web_dominant"]
    assert (row["standardised_ltv_ratio"], row["ltv_ratio"]) == pytest.approx((1, 1))
