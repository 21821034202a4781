"""Journeys on random events: the seed's arithmetic, and identities that hold for any data."""

import itertools
import tempfile
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_assets.journeys.statistics.last_events.table import LAST_EVENTS
from journey_assets.journeys.statistics.paths.table import PATHS
from journey_assets.journeys.statistics.step_frequencies.table import STEP_FREQUENCIES
from journey_assets.journeys.statistics.summary.table import SUMMARY
from journey_assets.journeys.statistics.transitions.table import TRANSITIONS
from journey_assets_tests.clusters import design_effect, effective_number, wilson
from journey_assets_tests.journeys_store import AS_OF, Store

WINDOW_END = datetime(AS_OF.year, AS_OF.month, AS_OF.day) + timedelta(days=1)
START = WINDOW_END - timedelta(days=20)
NAMES = ("open", "search", "add", "pay", "help", "$identify", "session_start")

#: A user's events: names with the pause before each; no pause makes ties that only the vendor's
#: order resolves.
event_lists = st.lists(
    st.tuples(st.sampled_from(NAMES), st.sampled_from([0, 0, 0.4, 1, 90, 1799, 1801, 50_000])),
    max_size=40,
)
users = st.lists(event_lists, min_size=1, max_size=8)
examples = settings(max_examples=10, deadline=None)


def _timed(
    amplitude_id: int, events: Sequence[tuple[str, float]], until: datetime | None = None
) -> list[tuple[int, str, datetime, int]]:
    """The user's events in order; ``until`` moves the last one there."""
    moment = START
    rows: list[tuple[int, str, datetime, int]] = []
    for name, pause in events:
        moment += timedelta(seconds=pause)
        order = rows[-1][3] + 1 if rows and rows[-1][2] == moment else 0
        rows.append((amplitude_id, name, moment, order))
    shift = until - rows[-1][2] if until and rows else timedelta()
    return [(id_, name, at + shift, order) for id_, name, at, order in rows]


def _store(directory: str, people: Sequence[Sequence[tuple[str, float]]], **given_: Any) -> Store:
    store = Store(Path(directory), **given_)
    rows = [row for number, events in enumerate(people) for row in _timed(number, events)]
    # Stored against the order of time: nothing may lean on the order of the rows.
    rows.sort(key=lambda row: (row[1], -row[3]), reverse=True)
    store.events(rows)
    return store


def _aggregate_paths(paths: Sequence[Sequence[str]]) -> dict[str, Any]:
    """The seed's arithmetic, written again: counts of events, of neighbours and of last events."""
    return {
        "avg_length": sum(map(len, paths)) / max(len(paths), 1),
        "events": Counter(event for path in paths for event in path),
        "transitions": Counter(pair for path in paths for pair in itertools.pairwise(path)),
        "last": Counter(path[-1] for path in paths),
    }


@examples
@given(converters=users, others=users)
def test_figures_equal_the_seeds_own_arithmetic(
    converters: list[list[tuple[str, float]]], others: list[list[tuple[str, float]]]
) -> None:
    people = converters + others
    with tempfile.TemporaryDirectory() as directory:
        store = _store(directory, people, max_events=30)
        store.lists(range(len(converters)), range(len(converters), len(people)))
        figures = store.all_figures(SUMMARY, STEP_FREQUENCIES, TRANSITIONS, LAST_EVENTS)
    for cohort, members in (("converter", converters), ("non_converter", others)):
        kept = [
            [name for name, _ in events if name not in {"$identify", "session_start"}][:30]
            for events in members
        ]
        seed = _aggregate_paths([path for path in kept if path])
        rows = {
            table: [row for row in found if row["cohort"] == cohort]
            for table, found in figures.items()
        }
        lengths = [row["avg_length"] for row in rows[SUMMARY]]
        assert lengths == ([pytest.approx(seed["avg_length"])] if seed["events"] else [])
        for table, column, counter, top in (
            (STEP_FREQUENCIES, "occurrences", seed["events"], 10),
            (TRANSITIONS, "occurrences", seed["transitions"], 10),
            (LAST_EVENTS, "persons", seed["last"], 5),
        ):
            key = table.key[1:]
            ours = [
                (tuple(row[k] for k in key) if len(key) > 1 else row[key[0]], row[column])
                for row in rows[table]
            ]
            assert dict(ours) == dict(counter)
            assert [n for _, n in ours[:top]] == [n for _, n in counter.most_common(top)]


@examples
@given(
    people=users,
    limit=st.none() | st.integers(1, 12),
    conversion=st.sampled_from(["pay", "nothing has this name"]),
    still_active=st.booleans(),
)
def test_every_visit_ends_in_exactly_one_way(
    people: list[list[tuple[str, float]]], limit: int | None, conversion: str, still_active: bool
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        store = _store(directory, people, conversion_event=conversion, max_events=limit)
        if still_active:
            store.events(_timed(999, people[0], until=WINDOW_END - timedelta(minutes=30)))
        figures = store.all_figures(SUMMARY, STEP_FREQUENCIES, TRANSITIONS, LAST_EVENTS, PATHS)
    ends: Counter[tuple[str, str]] = Counter()
    left: Counter[tuple[str, str]] = Counter()
    out: dict[tuple[str, str], float] = defaultdict(float)
    for row in figures[TRANSITIONS]:
        left[row["cohort"], row["from_event"]] += row["occurrences"]
        out[row["cohort"], row["from_event"]] += row["p_out"]
    for row in figures[LAST_EVENTS]:
        cell = row["cohort"], row["event_type"]
        kinds = [row[kind] for kind in ("exits", "conversions", "censored", "cut")]
        assert sum(kinds) == row["persons"]
        ends[cell] = row["persons"]
        departures = left[cell] + row["exits"] + row["conversions"]
        if departures:
            out[cell] += (row["exits"] + row["conversions"]) / departures
    visits = {
        (row["cohort"], row["event_type"]): row["occurrences"] for row in figures[STEP_FREQUENCIES]
    }
    assert visits == {cell: left[cell] + ends[cell] for cell in visits}
    assert all(share == pytest.approx(1) for share in out.values())
    paths = Counter(row["cohort"] for row in figures[PATHS])
    sizes = {row["cohort"]: row["persons"] for row in figures[SUMMARY]}
    nobody = {"converter": 0} if paths else {}
    assert sizes == nobody | dict(paths), "that nobody converted is a cohort of none"
    for row in figures[SUMMARY]:
        assert row["persons"] == sum(row[k] for k in ("exits", "conversions", "censored", "cut"))
        assert row["events"] == sum(
            n for (cohort, _), n in visits.items() if cohort == row["cohort"]
        )


@examples
@given(people=users)
def test_persons_shares_intervals_and_quantiles_equal_scipy_and_numpy(
    people: list[list[tuple[str, float]]],
) -> None:
    import numpy as np
    from scipy.stats import binomtest

    with tempfile.TemporaryDirectory() as directory:
        store = _store(directory, people, excluded_events="", conversion_event="no such event")
        figures = store.all_figures(STEP_FREQUENCIES, TRANSITIONS, LAST_EVENTS)
    gaps = defaultdict(list)
    users_of = defaultdict(set)
    paths = [_timed(number, events) for number, events in enumerate(people) if events]
    for path in paths:
        for (user, a, at, _), (_, b, then, _) in itertools.pairwise(path):
            gaps[a, b].append((then - at).total_seconds())
            users_of[a, b].add(user)
    for row in figures[TRANSITIONS]:
        pair = row["from_event"], row["to_event"]
        assert row["persons"] == len(users_of[pair])
        quantiles = [row[f"{q}_seconds"] for q in ("median", "p75", "p90", "p95")]
        assert quantiles == pytest.approx(np.quantile(gaps[pair], [0.5, 0.75, 0.9, 0.95]), abs=1e-9)
        # Departures of one person are not independent: the interval is on their effective number.
        every = [[(a, b) for (_, a, _, _), (_, b, _, _) in itertools.pairwise(p)] for p in paths]
        xs = np.array([path.count(pair) for path in every])
        # Of every path the end is an exit, so all of its events depart.
        vs = np.array([sum(name == pair[0] for _, name, _, _ in path) for path in paths])
        assert row["deff"] == pytest.approx(design_effect(xs, vs))
        assert row["n_effective"] == pytest.approx(effective_number(xs, vs), rel=1e-4)
        interval = wilson(row["p_out"], row["n_effective"])
        assert (row["p_low"], row["p_high"]) == pytest.approx(interval, abs=1e-12)
    for row in figures[STEP_FREQUENCIES]:
        having = sum(any(row["event_type"] == name for _, name, _, _ in path) for path in paths)
        assert (row["persons"], row["cohort_persons"]) == (having, len(paths))
        interval = binomtest(having, len(paths)).proportion_ci(method="wilson")
        assert (row["share_low"], row["share_high"]) == pytest.approx(tuple(interval), abs=1e-12)
    for row in figures[LAST_EVENTS]:
        event = row["event_type"]
        xs = np.array([path[-1][1] == event for path in paths], dtype=int)
        vs = np.array([sum(name == event for _, name, _, _ in path) for path in paths])
        assert row["deff"] == pytest.approx(design_effect(xs, vs))
        interval = wilson(row["exit_rate"], row["n_effective"])
        assert (row["exit_low"], row["exit_high"]) == pytest.approx(interval, abs=1e-12)


@pytest.mark.filterwarnings("ignore:The confidence interval is undefined")
@examples
@given(
    lives=st.lists(
        st.tuples(st.integers(0, 400), st.none() | st.integers(0, 200)), min_size=10, max_size=60
    ),
    level=st.sampled_from([0.8, 0.95]),
)
def test_the_median_time_to_convert_equals_scipys_kaplan_meier(
    lives: list[tuple[int, int | None]], level: float
) -> None:
    import numpy as np
    from scipy.stats import CensoredData, ecdf

    rows = []
    converted, censored = [], []
    for user, (start, pause) in enumerate(lives):
        began = START + timedelta(hours=start)
        rows.append((user, "open", began, 0))
        if pause is None or began + timedelta(hours=pause) >= WINDOW_END:
            censored.append((WINDOW_END - began).total_seconds())
        else:
            rows.append((user, "pay", began + timedelta(hours=pause), 1))
            converted.append(pause * 3600.0)
    with tempfile.TemporaryDirectory() as directory:
        store = Store(Path(directory), conversion_event="pay", confidence_level=level)
        store.events(rows)
        summary = store.figures(SUMMARY)[0]

    survival = ecdf(CensoredData(uncensored=converted, right=censored)).sf
    with np.errstate(all="ignore"):
        low, high = survival.confidence_interval(level, method="log-log")
    times = survival.quantiles

    def first(reached: Any) -> float | None:
        return float(times[reached].min()) if reached.any() else None

    zero = survival.probabilities < 1e-12
    median = first(survival.probabilities <= 0.5 + 1e-12)
    assert summary["median_seconds_to_convert"] == median
    assert summary["time_to_convert_status"] == ("not_reached" if median is None else "reached")
    assert summary["median_seconds_low"] == first(zero | (low.probabilities <= 0.5))
    assert summary["median_seconds_high"] == first(~zero & (high.probabilities <= 0.5))
