"""Paths by channel segment equal a count by hand over the stored paths."""

import tempfile
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from statistics import mean, median
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from journey_assets.channels.compute import compute
from journey_assets.journeys.statistics.golden_paths.table import GOLDEN_PATHS
from journey_assets.journeys.statistics.paths.table import PATHS
from journey_assets.warehouse.database import Database
from journey_assets.warehouse.tables.channels import (
    SEGMENT_GOLDEN_STEPS,
    SEGMENT_TRANSITIONS,
    SEGMENTS,
    TABLES,
)
from journey_assets.warehouse.tables.identity import PERSONS
from journey_assets.warehouse.tables.raw import SEGMENT_EXTERNAL_IDS, SEGMENT_PROFILES
from journey_assets_tests.stored import computed, days_from, settings_for, store

DAY = date(2026, 11, 20)
CHANNELS = {"web_dominant": (9, 0, 0), "mobile_dominant": (0, 8, 0), "inactive": (0, 0, 0)}

events = st.lists(st.sampled_from("ABC"), min_size=1, max_size=7)
person = st.fixed_dictionaries(
    {
        "paths": st.lists(
            st.tuples(events, st.sampled_from(["exit", "conversion", "censored", "cut"])),
            min_size=1,
            max_size=2,
        ),
        "converter": st.booleans(),
        "profiles": st.lists(st.sampled_from(sorted(CHANNELS)), max_size=2),
    }
)


def _path(number: int, session: int, path: list[str], **more: Any) -> dict[str, Any]:
    start = datetime.combine(DAY, datetime.min.time())
    return {
        "as_of": DAY,
        "person_id": f"person_{number}",
        "session": session,
        "cohort": "non_converter",
        "events": path,
        "times": [start + timedelta(minutes=place) for place in range(len(path))],
        "n_events": len(path),
        "ending": "exit",
    } | more


def _profile(number: int, place: int, channel: str, **more: Any) -> dict[str, Any]:
    web, mobile, email = CHANNELS[channel]
    return {
        "snapshot_date": DAY,
        "profile_key": f"user_id:{number}-{place}",
        "web_sessions_30d": web,
        "mobile_sessions_30d": mobile,
        "emails_opened_30d": email,
    } | more


def _known(number: int, place: int, as_of: date = DAY) -> dict[str, Any]:
    return {
        "as_of": as_of,
        "person_id": f"person_{number}",
        "source": "segment",
        "id_type": "profile_key",
        "id_value": f"user_id:{number}-{place}",
    }


def _golden(path: list[str], as_of: date = DAY, **more: Any) -> dict[str, Any]:
    return {
        "as_of": as_of,
        "cohort": "converter",
        "reading": "common_subsequence",
        "path": path,
    } | more


def _fill(database: Database, people: list[dict[str, Any]], golden: list[str]) -> None:
    profiles = [
        (number, place, channel)
        for number, one in enumerate(people)
        for place, channel in enumerate(one["profiles"])
    ]
    # A snapshot needs a profile; this one's person has no path.
    store(
        database,
        SEGMENT_PROFILES,
        [_profile(*profile) for profile in [*profiles, (99, 0, "inactive")]],
    )
    store(
        database,
        PERSONS,
        [_known(number, place) for number, place, _ in [*profiles, (99, 0, "")]],
    )
    store(
        database,
        PATHS,
        [
            _path(
                number,
                session,
                path,
                ending=ending,
                cohort="converter" if one["converter"] else "non_converter",
            )
            for number, one in enumerate(people)
            for session, (path, ending) in enumerate(one["paths"], 1)
        ],
    )
    if golden:
        store(database, GOLDEN_PATHS, [_golden(golden)])


def _segment(one: dict[str, Any]) -> str:
    """The profile with the largest total, the first of equal ones."""
    profiles = one["profiles"]
    return max(profiles, key=lambda c: sum(CHANNELS[c])) if profiles else "no_profile"


def _reached(path: list[str], golden: list[str]) -> int:
    """The longest beginning of ``golden`` that is a subsequence, tried one by one."""

    def contains(wanted: list[str]) -> bool:
        rest = iter(path)
        return all(event in rest for event in wanted)

    return max(step for step in range(len(golden) + 1) if contains(golden[:step]))


def _check_transitions(
    rows: list[dict[str, Any]], people: list[dict[str, Any]], golden: list[str]
) -> None:
    occurrences: Counter[tuple[str, str, str]] = Counter()
    departures: Counter[tuple[str, str]] = Counter()
    persons: defaultdict[tuple[str, str, str], set[int]] = defaultdict(set)
    for number, one in enumerate(people):
        segment = _segment(one)
        for path, ending in one["paths"]:
            for pair in pairwise(path):
                occurrences[segment, *pair] += 1
                persons[segment, *pair].add(number)
                departures[segment, pair[0]] += 1
            departures[segment, path[-1]] += ending in ("exit", "conversion")
    clustered = _design_effects(people)
    steps: dict[tuple[str, str], int] = {}
    for step, pair in enumerate(pairwise(golden), 1):
        steps.setdefault(pair, step)
    sizes = Counter(_segment(one) for one in people)
    found = {(r["segment"], r["from_event"], r["to_event"]): r for r in rows}
    assert {key: row["occurrences"] for key, row in found.items()} == occurrences
    for (segment, origin, target), row in found.items():
        total = departures[segment, origin]
        assert row["persons"] == len(persons[segment, origin, target])
        assert row["departures"] == total
        assert row["p_out"] == row["occurrences"] / total
        assert row["p_low"] < row["p_out"] <= row["p_high"]
        if (segment, origin, target) in clustered:
            assert row["deff"] == pytest.approx(clustered[segment, origin, target])
        assert row["segment_persons"] == sizes[segment]
        assert row["golden_step"] == steps.get((origin, target))


def _design_effects(people: list[dict[str, Any]]) -> dict[tuple[str, str, str], float]:
    """Of each transition whose share can vary: its variance over persons, over the binomial one."""
    counted: defaultdict[tuple[str, str], list[Counter[str]]] = defaultdict(list)
    for one in people:
        mine: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for path, ending in one["paths"]:
            for origin, target in pairwise(path):
                mine[origin][target] += 1
            if ending in ("exit", "conversion"):
                mine[path[-1]]["(end)"] += 1
        for origin, targets in mine.items():
            counted[_segment(one), origin].append(targets)
    found = {}
    for (segment, origin), persons in counted.items():
        v = [targets.total() for targets in persons]
        for target in set().union(*persons):
            x = [targets[target] for targets in persons]
            share, n = sum(x) / sum(v), len(persons)
            if n > 1 and share < 1 and max(v) > 1:
                spread = sum((a - share * b) ** 2 for a, b in zip(x, v, strict=True))
                variance = n / (n - 1) * spread / sum(v) ** 2
                found[segment, origin, target] = variance / (share * (1 - share) / sum(v))
    return found


def _check_steps(
    rows: list[dict[str, Any]], people: list[dict[str, Any]], golden: list[str]
) -> None:
    reached: defaultdict[str, list[tuple[int, bool]]] = defaultdict(list)
    for one in people:
        furthest = max(_reached(path, golden) for path, _ in one["paths"])
        reached[_segment(one)].append((furthest, one["converter"]))
    # Without a golden path there is no step, so no row.
    assert {(r["segment"], r["step"]) for r in rows} == {
        (segment, step) for segment in reached for step in range(1, len(golden) + 1)
    }
    for row in rows:
        of_segment, step = reached[row["segment"]], row["step"]
        there = [converter for furthest, converter in of_segment if furthest >= step]
        assert row["event_type"] == golden[step - 1]
        assert (row["persons"], row["converters"]) == (len(there), sum(there))
        assert row["segment_persons"] == len(of_segment)
        assert row["previous_persons"] == sum(f >= step - 1 for f, _ in of_segment)
        enough = len(of_segment) >= 10
        assert row["verdict"] == ("ok" if enough else "insufficient")
        assert row["share"] == (len(there) / len(of_segment) if enough else None)


def _check_segments(rows: list[dict[str, Any]], people: list[dict[str, Any]]) -> None:
    for row in rows:
        members = [one for one in people if _segment(one) == row["segment"]]
        lengths = [len(path) for one in members for path, _ in one["paths"]]
        assert row["persons"] == len(members) + (row["segment"] == "inactive")
        assert row["persons_with_path"] == len(members)
        if not members:
            assert (row["converters"], row["median_path_length"]) == (None, None)
            continue
        converters = sum(one["converter"] for one in members)
        assert row["converters"] == converters
        assert row["median_path_length"] == median(lengths)
        assert row["avg_path_length"] == pytest.approx(mean(lengths))
        expected = converters / len(members) if len(members) >= 10 else None
        assert row["conversion_rate"] == expected


@settings(max_examples=4, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(person, min_size=20, max_size=50),
    st.lists(st.sampled_from("ABC"), max_size=4),
)
def test_paths_by_segment_equal_a_count_by_hand(
    people: list[dict[str, Any]], golden: list[str]
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        database = Database(Path(directory) / "w.duckdb")
        _fill(database, people, golden)
        transitions, steps, segments = computed(
            compute,
            database,
            [DAY],
            settings_for(database),
            SEGMENT_TRANSITIONS,
            SEGMENT_GOLDEN_STEPS,
            SEGMENTS,
        )
    _check_transitions(transitions, people, golden)
    _check_steps(steps, people, golden)
    _check_segments(segments, people)


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(tmp_path / "w.duckdb")


def test_only_the_headline_reading_of_the_converters_is_the_golden_path(
    database: Database,
) -> None:
    store(database, SEGMENT_PROFILES, [_profile(0, 0, "web_dominant")])
    store(database, PERSONS, [_known(0, 0)])
    store(database, PATHS, [_path(0, 0, ["A", "B"])])
    others = [
        _golden(["A"], reading="modal"),
        _golden(["A"], cohort="champions"),
        _golden([], cohort="converter", verdict="insufficient"),
    ]
    store(database, GOLDEN_PATHS, others)
    given = settings_for(database)
    assert computed(compute, database, [DAY], given, SEGMENT_GOLDEN_STEPS) == [[]]


def test_labels_that_do_not_say_who_converted_leave_it_to_the_conversion_event(
    database: Database,
) -> None:
    store(database, SEGMENT_PROFILES, [_profile(n, 0, "web_dominant") for n in range(12)])
    store(database, PERSONS, [_known(n, 0) for n in range(12)])
    labelled = [
        _path(n, 0, ["A"], cohort="champions", converted_at=f"{DAY} 00:00:00" if n < 3 else None)
        for n in range(12)
    ]
    store(database, PATHS, labelled)
    by_event = settings_for(database, conversion_event="A")
    row = computed(compute, database, [DAY], by_event, SEGMENTS)[0][0]
    assert (row["converters"], row["conversion_rate"]) == (3, 0.25)
    row = computed(compute, database, [DAY], settings_for(database), SEGMENTS)[0][0]
    assert (row["persons_with_path"], row["converters"]) == (12, None)


def test_identity_gaps_are_counted_with_their_share(database: Database) -> None:
    profiles = [
        _profile(0, 0, "web_dominant", email="jo@example.com"),
        _profile(1, 0, "web_dominant", profile_key="ios.id:1"),
        _profile(2, 0, "web_dominant", profile_key="email:max@example.com"),
        _profile(3, 0, "web_dominant", profile_key="ios.id:3", email=" "),
    ]
    store(database, SEGMENT_PROFILES, profiles)
    ids = [("ios.id:1", "user_id", "u1"), ("ios.id:3", "EMAIL", "a@example.com")]
    store(
        database,
        SEGMENT_EXTERNAL_IDS,
        [
            {"snapshot_date": DAY, "profile_key": key, "id_type": kind, "id_value": value}
            for key, kind, value in ids
        ],
    )
    amplitude = {"source": "amplitude", "id_type": "amplitude_id", "id_value": "7"}
    store(database, PERSONS, [_known(0, 0), _known(0, 0) | amplitude])
    row = computed(compute, database, [DAY], settings_for(database), SEGMENTS)[0][0]
    assert (row["without_email"], row["without_user_id"]) == (1, 2)
    assert (row["without_amplitude"], row["unlinked"]) == (3, 3)
    interval = binomtest(3, 4).proportion_ci(method="wilson")
    assert row["unlinked_share"] == 0.75
    assert (row["unlinked_low"], row["unlinked_high"]) == pytest.approx(
        (interval.low, interval.high)
    )


def test_a_range_of_paths_gives_the_rows_of_its_days_alone(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = days_from(DAY, 3)
    store(database, SEGMENT_PROFILES, [_profile(n, 0, "web_dominant") for n in range(12)])
    store(database, PERSONS, [_known(n, 0, day) for day in days for n in range(12)])
    paths = [
        _path(n, 0, list("ABCAB")[: 1 + (n + offset) % 5], as_of=day)
        for offset, day in enumerate(days)
        for n in range(12)
    ]
    store(database, PATHS, paths)
    store(database, GOLDEN_PATHS, [_golden(["A", "C"], day) for day in days[1:]])
    given = settings_for(database)
    apart = [computed(compute, database, [day], given, *TABLES) for day in days]
    # A day is read in several parts.
    monkeypatch.setattr("journey_assets.journeys.stored_paths.PART_EVENTS", 9)
    together = computed(compute, database, days, given, *TABLES)
    for index, rows in enumerate(together):
        for position, day in enumerate(days):
            alone = [row for row in apart[position][index] if row["as_of"] == day]
            assert [row for row in rows if row["as_of"] == day] == alone
    assert all(together[position] for position in (0, 1, 3, 4))
