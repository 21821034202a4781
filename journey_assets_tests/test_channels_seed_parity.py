"""Segments equal the seed's own arithmetic, re-derived here in plain Python."""

import tempfile
from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journey_assets.channels.compute import compute
from journey_assets.warehouse.database import Database
from journey_assets.warehouse.tables.channels import PROFILE_CHANNELS, SEGMENTS
from journey_assets.warehouse.tables.raw import SEGMENT_EXTERNAL_IDS, SEGMENT_PROFILES
from journey_assets_tests.stored import computed, days_from, settings_for, store

counts = st.one_of(st.none(), st.integers(0, 4), st.integers(0, 500))
profile = st.fixed_dictionaries(
    {
        "web": counts,
        "mobile": counts,
        "email": counts,
        "ltv": st.one_of(st.none(), st.floats(0, 5000).map(lambda value: round(value, 2))),
        "plan": st.sampled_from([None, "starter", "pro", "enterprise", "team", "unknown"]),
        "ids": st.integers(0, 5),
    }
)


def _seed_segments(profiles: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """The seed's classification: no activity is skipped, a missing value is 0."""
    segments: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for each in profiles:
        web, mobile, email = (int(each[name] or 0) for name in ("web", "mobile", "email"))
        total = web + mobile + email
        if total == 0:
            continue
        if web / total > 0.5:
            segment = "web_dominant"
        elif mobile / total > 0.5:
            segment = "mobile_dominant"
        elif email / total > 0.5:
            segment = "email_dominant"
        else:
            segment = "omnichannel"
        segments[segment].append(
            {
                "ltv": float(each["ltv"] or 0),
                "plan": each["plan"] or "unknown",
                "web": web,
                "mobile": mobile,
                "email": email,
                "ids": each["ids"],
            }
        )
    return segments


def _seed_summary(users: list[dict[str, Any]]) -> dict[str, Any]:
    plans: dict[str, int] = defaultdict(int)
    for user in users:
        plans[user["plan"]] += 1
    summary: dict[str, Any] = {
        f"avg_{name}": sum(user[name] for user in users) / len(users)
        for name in ("ltv", "web", "mobile", "email", "ids")
    }
    ranked = sorted(plans, key=lambda plan: (-plans[plan], plan))
    return summary | {"profiles": len(users), "top_plans": ranked[:3]}


def _store(database: Database, snapshots: dict[date, list[dict[str, Any]]]) -> None:
    store(
        database,
        SEGMENT_PROFILES,
        [
            {
                "snapshot_date": day,
                "profile_key": f"user_id:u{number}",
                "web_sessions_30d": each["web"],
                "mobile_sessions_30d": each["mobile"],
                "emails_opened_30d": each["email"],
                "ltv": each["ltv"],
                "plan": each["plan"],
            }
            for day, profiles in snapshots.items()
            for number, each in enumerate(profiles)
        ],
    )
    identifiers = [
        {
            "snapshot_date": day,
            "profile_key": f"user_id:u{number}",
            "id_type": "anonymous_id",
            "id_value": f"{number}-{index}",
        }
        for day, profiles in snapshots.items()
        for number, each in enumerate(profiles)
        for index in range(each["ids"])
    ]
    if identifiers:
        store(database, SEGMENT_EXTERNAL_IDS, identifiers)


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(profile, min_size=1, max_size=40), min_size=4, max_size=8))
def test_segments_equal_the_seeds_arithmetic(populations: list[list[dict[str, Any]]]) -> None:
    days = days_from(date(2026, 11, 1), len(populations))
    snapshots = dict(zip(days, populations, strict=True))
    with tempfile.TemporaryDirectory() as directory:
        database = Database(Path(directory) / "w.duckdb")
        _store(database, snapshots)
        given_settings = settings_for(database, window_days=1)
        segments, profiles = computed(
            compute, database, days, given_settings, SEGMENTS, PROFILE_CHANNELS
        )
    for day, population in snapshots.items():
        rows = {row["segment"]: row for row in segments if row["as_of"] == day}
        _assert_equal_to_the_seed(rows, population)
        assert sum(row["as_of"] == day for row in profiles) == len(population)


def _assert_equal_to_the_seed(
    rows: dict[str, dict[str, Any]], population: list[dict[str, Any]]
) -> None:
    expected = _seed_segments(population)
    inactive = len(population) - sum(map(len, expected.values()))
    assert set(rows) == set(expected) | ({"inactive"} if inactive else set())
    for name, users in expected.items():
        summary = _seed_summary(users)
        row = rows[name]
        assert row["profiles"] == summary["profiles"]
        assert row["top_plans"] == summary["top_plans"]
        assert row["avg_identity_count"] == pytest.approx(summary["avg_ids"], rel=1e-12)
        for figure in ("avg_ltv", "avg_web", "avg_mobile", "avg_email"):
            assert row[figure] == pytest.approx(summary[figure], rel=1e-12, abs=1e-12)
    if inactive:
        assert rows["inactive"]["profiles"] == inactive
    assert {row["all_profiles"] for row in rows.values()} == {len(population)}
