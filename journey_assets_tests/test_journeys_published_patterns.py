"""Shapes of paths against published answers of pm4py, retentioneering and scipy."""

import json
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from journey_assets.journeys.statistics.last_events.table import LAST_EVENTS
from journey_assets.journeys.statistics.loops.table import LOOPS
from journey_assets.journeys.statistics.paths.table import PATHS
from journey_assets.journeys.statistics.removal_effects.table import REMOVAL_EFFECTS
from journey_assets.journeys.statistics.step_hazard.table import STEP_HAZARD
from journey_assets.journeys.statistics.step_matrix.table import STEP_MATRIX
from journey_assets.journeys.statistics.variants.table import VARIANTS
from journey_assets.warehouse.schema import Table
from journey_assets_tests.journeys_store import Row, Store
from journey_assets_tests.journeys_walks import collapsed
from journey_assets_tests.published import AS_OF, DATA, SETS, answers, load, needs_published

pytestmark = needs_published

Figures = dict[Table, list[Row]]


def _stated(data_set: str, name: str) -> Any:
    return json.loads((DATA / data_set / "expected" / name).read_text())


@pytest.fixture(scope="module", params=SETS)
def listed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Figures]:
    """A set's name and figures with its converters and non-converters as lists: nothing is cut."""
    name = str(request.param)
    store = load(tmp_path_factory.mktemp(name), name, lists=True, variant_limit=100_000)
    return name, store.all_figures(PATHS, VARIANTS, STEP_MATRIX, LOOPS, days=[AS_OF])


def test_the_step_matrix_of_all_persons_equals_retentioneering(
    listed: tuple[str, Figures],
) -> None:
    """Its step 0 is its own path_start; its path_end stays where a path ended, as our (ended)."""
    data_set, figures = listed
    cells: Counter[tuple[int, str]] = Counter()
    for row in figures[STEP_MATRIX]:
        cells[row["step"], row["event_type"]] += row["persons"]
    population = sum({r["cohort"]: r["cohort_persons"] for r in figures[STEP_MATRIX]}.values())
    expected = {
        (int(step), {"path_end": "(ended)"}.get(row["event"], row["event"])): float(share)
        for row in answers(data_set, "rete5_step_matrix.csv")
        if row["event"] != "path_start"
        for step, share in row.items()
        if step not in {"event", "0"}
    }
    ours = {cell: cells[cell] / population for cell in expected}
    assert ours == pytest.approx(expected, abs=1e-12)


def test_persons_who_repeat_an_event_equal_pm4pys_rework_cases(
    listed: tuple[str, Figures],
) -> None:
    data_set, figures = listed
    repeating: Counter[str] = Counter()
    for row in figures[LOOPS]:
        repeating[row["event_type"]] += row["persons_repeating"]
    assert dict(repeating) == _stated(data_set, "pm4py_rework_cases.json")


def test_whole_paths_equal_pm4pys_variants(listed: tuple[str, Figures]) -> None:
    """pm4py tells repeats in a row apart, as journeys.paths does."""
    data_set, figures = listed
    walked = Counter(" > ".join(row["events"]) for row in figures[PATHS])
    for row in answers(data_set, "pm4py_variants_top2000.csv"):
        assert walked[row["variant"]] == int(row["n"])


def test_variants_are_pm4pys_with_repeats_in_a_row_taken_as_one(
    listed: tuple[str, Figures],
) -> None:
    """Ours collapse on purpose: reloading a page makes no other way."""
    data_set, figures = listed
    variants: Counter[tuple[str, ...]] = Counter()
    for row in figures[VARIANTS]:
        variants[tuple(row["path"])] += row["persons"]
    theirs: Counter[tuple[str, ...]] = Counter()
    published = answers(data_set, "pm4py_variants_top2000.csv")
    for row in published:
        theirs[collapsed(row["variant"].split(" > "))] += int(row["n"])
    assert all(variants[path] >= persons for path, persons in theirs.items())
    if sum(map(int, (row["n"] for row in published))) == variants.total():
        assert variants == theirs


@pytest.fixture(scope="module")
def purchases(tmp_path_factory: pytest.TempPathFactory) -> Figures:
    """Paths end with the first purchase, seen a day after the last event: nobody is still active."""
    store: Store = load(
        tmp_path_factory.mktemp("cut"), "rete_ecom", lists=False, conversion_event="purchase"
    )
    return store.all_figures(
        STEP_HAZARD, REMOVAL_EFFECTS, LAST_EVENTS, days=[AS_OF + timedelta(days=1)]
    )


def test_the_step_hazard_equals_the_reference(purchases: Figures) -> None:
    columns = ("step", "at_risk", "exits", "conversions", "hazard_exit")
    expected = [
        tuple(float(row[column]) for column in columns)
        for row in answers("rete_ecom", "ref_step_hazard.csv")
    ]
    assert [tuple(row[column] for column in columns) for row in purchases[STEP_HAZARD]] == expected


def test_removal_effects_equal_the_reference(purchases: Figures) -> None:
    """The reference leaves the purchase itself out; here it is a gate."""
    expected = _stated("rete_ecom", "ref_stats.json")["markov"]
    effects = {row["event_type"]: row["effect"] for row in purchases[REMOVAL_EFFECTS]}
    assert effects.pop("purchase") == 1
    assert effects == pytest.approx(expected["removal"], abs=1e-9)
    assert {row["event_type"] for row in purchases[REMOVAL_EFFECTS] if row["gate"]} == {"purchase"}
    for row in purchases[REMOVAL_EFFECTS]:
        assert row["conversion_rate"] == pytest.approx(expected["observed_conv"], abs=1e-12)
