"""The tables that ``benchmarks/bench_statistics.py`` times, in small: equal to a plain count in Python."""

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from typing import Any

import numpy as np
import pytest

from journey_assets.journeys.statistics.last_events.table import LAST_EVENTS
from journey_assets.journeys.statistics.step_frequencies.table import STEP_FREQUENCIES
from journey_assets.journeys.statistics.step_matrix.table import STEP_MATRIX
from journey_assets.journeys.statistics.summary.table import SUMMARY
from journey_assets.journeys.statistics.transitions.table import TRANSITIONS
from journey_assets.journeys.statistics.variants.table import VARIANTS
from journey_assets.warehouse.schema import Table
from journey_assets_tests.journeys_store import AS_OF, Row, Store

#: Events of a path with their times.
Path_ = list[tuple[str, datetime]]

PERSONS = 200
TYPES = 12
FIRST_EVENTS = 30
VARIANT_LIMIT = 5


@pytest.fixture(scope="module")
def paths() -> dict[str, list[Path_]]:
    """Of each cohort the first events of random walks, some longer than the limit, some of one event."""
    draw = random.Random(1)
    begin = datetime(AS_OF.year, AS_OF.month, AS_OF.day) - timedelta(days=20)
    walks: dict[str, list[Path_]] = {"converter": [], "non_converter": []}
    for person in range(PERSONS):
        at = begin + timedelta(seconds=draw.randrange(900_000))
        walk = []
        for _ in range(draw.choice((1, 2, 2, 3, 5, 20, 45))):
            walk.append((f"event {int(draw.random() ** 2 * TYPES)}", at))
            at += timedelta(milliseconds=draw.randrange(1, 10_000_000))
        walks["converter" if person % 10 < 3 else "non_converter"].append(walk)
    return walks


@pytest.fixture(scope="module")
def figures(
    paths: dict[str, list[Path_]], tmp_path_factory: pytest.TempPathFactory
) -> dict[Table, list[Row]]:
    store = Store(
        tmp_path_factory.mktemp("benchmarked"),
        max_events=FIRST_EVENTS,
        step_limit=FIRST_EVENTS,
        variant_limit=VARIANT_LIMIT,
        excluded_events="",
    )
    everybody = [*paths["converter"], *paths["non_converter"]]
    store.events([(id_, name, at) for id_, walk in enumerate(everybody) for name, at in walk])
    converters = len(paths["converter"])
    store.lists(range(converters), range(converters, len(everybody)))
    return store.all_figures(
        SUMMARY, STEP_FREQUENCIES, TRANSITIONS, LAST_EVENTS, VARIANTS, STEP_MATRIX
    )


@pytest.mark.parametrize("cohort", ["converter", "non_converter"])
def test_the_six_tables_count_what_a_plain_loop_counts(
    figures: dict[Table, list[Row]], paths: dict[str, list[Path_]], cohort: str
) -> None:
    whole = paths[cohort]
    kept = [walk[:FIRST_EVENTS] for walk in whole]
    names = [[name for name, _ in walk] for walk in kept]
    of = {
        table: [row for row in rows if row["cohort"] == cohort] for table, rows in figures.items()
    }

    (summary,) = of[SUMMARY]
    lengths = [len(walk) for walk in names]
    assert summary["persons"] == len(names)
    assert summary["avg_length"] == pytest.approx(np.mean(lengths))
    assert summary["median_length"] == np.median(lengths)
    assert _by(of[STEP_FREQUENCIES], "event_type", "occurrences", "persons") == _counted(names)
    assert _by(of[LAST_EVENTS], "event_type", "persons") == _single(walk[-1] for walk in names)
    pairs = [list(pairwise(walk)) for walk in names]
    assert _by(of[TRANSITIONS], "from_event", "to_event", "occurrences", "persons") == _counted(
        pairs
    )
    for row in of[TRANSITIONS]:
        gaps = [
            (later[1] - earlier[1]) / timedelta(seconds=1)
            for walk in kept
            for earlier, later in pairwise(walk)
            if (earlier[0], later[0]) == (row["from_event"], row["to_event"])
        ]
        found = [row[f"{each}_seconds"] for each in ("median", "p75", "p90", "p95")]
        assert found == pytest.approx(np.quantile(gaps, [0.5, 0.75, 0.9, 0.95]))


@pytest.mark.parametrize("cohort", ["converter", "non_converter"])
def test_the_step_matrix_counts_persons_at_each_step(
    figures: dict[Table, list[Row]], paths: dict[str, list[Path_]], cohort: str
) -> None:
    counted = Counter(
        (step, name)
        for walk in paths[cohort]
        for step, (name, _) in enumerate(walk[:FIRST_EVENTS], start=1)
    )
    assert counted == {
        (row["step"], row["event_type"]): row["persons"]
        for row in figures[STEP_MATRIX]
        if row["cohort"] == cohort and row["event_type"] not in ("(ended)", "(later)")
    }


@pytest.mark.parametrize("cohort", ["converter", "non_converter"])
def test_the_variants_are_the_most_frequent_collapsed_paths(
    figures: dict[Table, list[Row]], paths: dict[str, list[Path_]], cohort: str
) -> None:
    seconds = defaultdict(list)
    for walk in paths[cohort]:
        first = walk[:FIRST_EVENTS]
        collapsed = tuple(name for name, _ in groupby(name for name, _ in first))
        seconds[collapsed].append((first[-1][1] - first[0][1]) / timedelta(seconds=1))
    ordered = sorted(seconds, key=lambda each: (-len(seconds[each]), each))[:VARIANT_LIMIT]
    rows = [row for row in figures[VARIANTS] if row["cohort"] == cohort]
    assert [
        (tuple(row["path"]), row["persons"], row["median_seconds"]) for row in rows[:VARIANT_LIMIT]
    ] == [(each, len(seconds[each]), pytest.approx(np.median(seconds[each]))) for each in ordered]
    assert rows[-1]["variants"] == len(seconds) - VARIANT_LIMIT


def _by(rows: Iterable[Row], *columns: str) -> dict[Any, Any]:
    """Rows as they are counted: keys, without persons and occurrences, and those."""
    values = [each for each in columns if each in ("occurrences", "persons")]
    keys = [each for each in columns if each not in values]
    return {tuple(row[key] for key in keys): tuple(row[value] for value in values) for row in rows}


def _counted(walks: Sequence[Sequence[Any]]) -> dict[Any, tuple[int, int]]:
    """How often each thing occurs, and on how many of the walks."""
    occurrences = Counter(each for walk in walks for each in walk)
    persons = Counter(each for walk in walks for each in set(walk))
    return {
        each if isinstance(each, tuple) else (each,): (n, persons[each])
        for each, n in occurrences.items()
    }


def _single(names: Iterable[str]) -> dict[tuple[str], tuple[int]]:
    return {(name,): (n,) for name, n in Counter(names).items()}
