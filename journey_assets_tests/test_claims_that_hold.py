"""No finding where nothing differs, in small: ``benchmarks/bench_error_rates.py`` measures it in full.

Every population goes through the whole computation. Seeds are fixed, so these are repeatable; bounds
leave the room that chance needs at this size.
"""

from pathlib import Path

import numpy as np
import pytest

from journey_assets.journeys.statistics.divergence_points.table import DIVERGENCE_POINTS
from journey_assets.journeys.statistics.dropoff_cliffs.table import DROPOFF_CLIFFS
from journey_assets.journeys.statistics.friction_signals.table import FRICTION_SIGNALS
from journey_assets.journeys.statistics.golden_transitions.table import GOLDEN_TRANSITIONS
from journey_assets.journeys.statistics.transitions.table import TRANSITIONS
from journey_assets_tests.journeys_walks import select
from journey_assets_tests.null_contacts import contact_rows, store_contacts
from journey_assets_tests.null_populations import (
    Activity,
    by_platform,
    contacts_to,
    nothing_differs,
    store_logs,
    two_ways,
)

CLAIMS = {"friction", "with_conversion", "different", "cliff", "converts_more", "converts_less"}


@pytest.mark.parametrize("activity", ["memoryless", "fixed", "heavy-tailed"])
def test_a_report_over_noise_hardly_ever_claims_anything(
    tmp_path: Path, activity: Activity
) -> None:
    logs = [
        nothing_differs(seed, 400, activity=activity, conversion=0.3, events=8)
        for seed in range(16)
    ]
    store, days = store_logs(tmp_path, logs, permutations=199)
    tables = (FRICTION_SIGNALS, DIVERGENCE_POINTS, DROPOFF_CLIFFS, GOLDEN_TRANSITIONS)
    rows = [row for each in store.all_figures(*tables, days=days).values() for row in each]
    assert sum(row["family_q"] is not None for row in rows) > 100
    assert len({row["as_of"] for row in rows if row["verdict"] in CLAIMS}) <= 2
    # The same events have a relative risk that a plain interval would call friction.
    if activity == "fixed":
        assert np.mean([row["rr_low"] > 1 for row in rows if row.get("rr_low")]) > 0.5


def test_no_step_stands_out_where_all_steps_are_alike(tmp_path: Path) -> None:
    logs = [
        nothing_differs(seed, 500, mean=25, conversion=0.3, events=4, skew=1.2, pause=0.1)
        for seed in range(12)
    ]
    store, days = store_logs(tmp_path, logs, days=5, window_days=5)
    rows = store.figures(GOLDEN_TRANSITIONS, *days)
    tested = [row for row in rows if row["hr_low"] is not None]
    assert len({row["as_of"] for row in tested}) > 8
    assert not any(row["critical"] for row in rows)
    assert np.mean([row["hr_low"] <= 1 <= row["hr_high"] for row in tested]) > 0.8


def test_what_helps_on_each_platform_is_not_called_friction_for_where_it_is_seen(
    tmp_path: Path,
) -> None:
    store, days = store_logs(tmp_path, [by_platform(seed, 3_000) for seed in range(3)])
    rows = select(store.figures(FRICTION_SIGNALS, *days), event_type="Tip")
    assert len(rows) == 3
    for row in rows:
        assert row["hr_high"] < 1 < row["stratified_ratio"]
        assert (row["verdict"], row["strata_differ"]) != ("friction", False)
        assert row["strata_differ"]


@pytest.mark.parametrize("correlation", [0.0, 0.2])
def test_an_interval_over_visits_of_persons_who_differ_holds_the_truth(
    tmp_path: Path, correlation: float
) -> None:
    logs = [
        two_ways(seed, 100, visits=10, share=0.4, correlation=correlation) for seed in range(100)
    ]
    store, days = store_logs(tmp_path, logs)
    rows = select(store.figures(TRANSITIONS, *days), from_event="a", to_event="b")
    assert len(rows) == 100
    # 95 expected; fewer than 89 or all of them happen by chance less than once in a hundred times.
    assert 89 <= sum(row["p_low"] <= 0.4 <= row["p_high"] for row in rows) < 100


def test_contacts_that_come_whatever_happens_cost_no_conversions(tmp_path: Path) -> None:
    drawn = [contacts_to(seed, 1_000, per_hour=0.03) for seed in range(4)]
    store, days = store_logs(tmp_path, [one.log for one in drawn], days=6, window_days=6)
    store_contacts(store, tmp_path, drawn, days)
    states = [
        row
        for row in select(contact_rows(store, days), cohort="all")
        if row["relative_risk"] is not None
    ]
    assert len(states) > 8
    assert not any(row["verdict"] in {"fewer_convert", "more_convert"} for row in states)
    # Where people left and could still turn to support, the plain comparison said 0.15.
    assert 0.75 < np.median([row["relative_risk"] for row in states]) < 1.33
