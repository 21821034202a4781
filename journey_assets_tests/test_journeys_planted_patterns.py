"""The shapes of paths in a simulated population show what is planted in it."""

import pytest
from scipy.stats import binomtest

from journey_assets.journeys.statistics.loops.table import LOOPS
from journey_assets.journeys.statistics.removal_effects.table import REMOVAL_EFFECTS
from journey_assets.journeys.statistics.stages.table import STAGES
from journey_assets.journeys.statistics.step_matrix.table import STEP_MATRIX
from journey_assets.journeys.statistics.variants.table import VARIANTS
from journey_assets.simulator.truths import (
    CREATE_PROJECT,
    GOLDEN_PATH,
    HELP_DOC,
    RUN_FIRST_REPORT,
    SIGN_UP,
    UPGRADE,
    planted_truths,
)
from journey_assets.warehouse.schema import Table
from journey_assets_tests.journeys_store import Row
from journey_assets_tests.journeys_walks import select
from journey_assets_tests.planted_sessions import MODEL, population, store_populations

TRUTHS = planted_truths(MODEL)

Figures = dict[Table, list[Row]]


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> Figures:
    """The figures of 2,000 newcomers."""
    directory = tmp_path_factory.mktemp("planted")
    store, days = store_populations(directory, [population(seed=5, persons=2000)])
    return store.all_figures(VARIANTS, STEP_MATRIX, LOOPS, STAGES, REMOVAL_EFFECTS, days=days)


def test_the_stages_follow_the_golden_path(figures: Figures) -> None:
    stages = {event: row["stage"] for row in figures[STAGES] for event in row["events"]}
    order = [stages[event] for event in GOLDEN_PATH]
    assert order == sorted(order)
    assert (order[0], order[-1]) == (1, len(figures[STAGES]))


def test_the_events_that_every_converter_is_sent_through_are_the_gates(figures: Figures) -> None:
    gates = {row["event_type"] for row in select(figures[REMOVAL_EFFECTS], gate=True)}
    assert gates == {SIGN_UP, CREATE_PROJECT, RUN_FIRST_REPORT, UPGRADE}


def test_the_chain_converts_as_many_as_planted(figures: Figures) -> None:
    (rate,) = {row["conversion_rate"] for row in figures[REMOVAL_EFFECTS]}
    within = binomtest(round(rate * 2000), 2000).proportion_ci(0.99)
    assert within.low <= TRUTHS.conversion_rate <= within.high


def test_the_most_frequent_variant_of_converters_goes_the_golden_path(figures: Figures) -> None:
    first = select(figures[VARIANTS], cohort="converter", rank=1)[0]
    onward = iter(first["path"])
    assert all(event in onward for event in GOLDEN_PATH)


def test_help_pages_are_opened_again_as_often_as_planted(figures: Figures) -> None:
    rows = select(figures[LOOPS], event_type=HELP_DOC)
    again = sum(row["persons_repeating"] for row in rows)
    within = binomtest(again, sum(row["persons_with"] for row in rows)).proportion_ci(0.99)
    assert within.low <= MODEL.help_again <= within.high


def test_everyone_who_converts_signs_up_within_the_steps_planted(figures: Figures) -> None:
    """One to three pages at most come before it, and it comes once."""
    rows = select(figures[STEP_MATRIX], cohort="converter", event_type=SIGN_UP)
    assert [row["step"] for row in rows] == [1, 2, 3, 4]
    assert sum(row["share"] for row in rows) == pytest.approx(1)
    first = select(rows, step=1)[0]
    assert first["share_low"] <= 1 - MODEL.anonymous_first <= first["share_high"]
