"""Friction signals: whom they count, what they leave unsaid, and the mathematics against other ways."""

from collections import Counter
from datetime import timedelta
from math import exp, log, sqrt
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from journey_assets.journeys.error_control import false_discovery_rates, fisher_exact
from journey_assets.journeys.statistics.friction_signals.table import FRICTION_SIGNALS
from journey_assets_tests.journeys_store import AS_OF, Row
from journey_assets_tests.journeys_walks import PAY, of_itself, select, walked

#: Of twenty who pay two meet an error, of thirty who do not twenty-four.
ERRORS = (
    [["a", "error", PAY]] * 2
    + [["a", PAY]] * 18
    + [["a", "error", "error"]] * 24
    + [["a", "b"]] * 6
)


def _signals(directory: Path, people: list[list[str]], **given_settings: Any) -> dict[str, Row]:
    store = walked(directory, people, **given_settings)
    return {row["event_type"]: row for row in store.figures(FRICTION_SIGNALS)}


def test_friction_is_likelier_without_conversion(tmp_path: Path) -> None:
    row = _signals(tmp_path, ERRORS)["error"]
    assert (row["non_converters_with"], row["non_converters"]) == (24, 30)
    assert (row["converters_with"], row["converters"]) == (2, 20)
    theirs = stats.contingency.relative_risk(24, 30, 2, 20)
    interval = theirs.confidence_interval(0.95)
    assert (row["relative_risk"], row["rr_low"], row["rr_high"]) == pytest.approx(
        (theirs.relative_risk, interval.low, interval.high)
    )
    assert row["p_value"] == pytest.approx(stats.fisher_exact([[24, 6], [2, 18]])[1])
    assert (row["verdict"], row["rank"], row["interval"]) == ("friction", 1, "katz")


def test_the_rate_per_visit_takes_persons_as_clusters(tmp_path: Path) -> None:
    row = _signals(tmp_path, ERRORS)["error"]

    def rate(people: list[list[str]]) -> tuple[float, float]:
        """The rate and the variance of its logarithm, written out over persons."""
        x, v = np.array([(one.count("error"), len(one)) for one in people]).T
        ratio = x.sum() / v.sum()
        residuals = ((x - ratio * v) ** 2).sum() * len(people) / (len(people) - 1)
        return ratio, residuals / x.sum() ** 2

    (theirs, one), (ours, other) = rate(ERRORS[20:]), rate(ERRORS[:20])
    width = stats.norm.ppf(0.975) * sqrt(one + other)
    assert row["rate_ratio"] == pytest.approx(theirs / ours)
    assert row["rate_low"] == pytest.approx(exp(log(theirs / ours) - width))
    assert row["rate_high"] == pytest.approx(exp(log(theirs / ours) + width))
    assert (row["non_converter_visits"], row["converter_visits"]) == (48, 2)


def test_what_everyone_does_and_the_outcome_are_no_signals(tmp_path: Path) -> None:
    signals = _signals(tmp_path, ERRORS)
    for event, verdict in (("a", "everyone"), (PAY, "outcome")):
        row = signals[event]
        claims = {"relative_risk", "rr_low", "p_value", "q_value", "rank", "interval", "rate_ratio"}
        assert (row["verdict"], {row[name] for name in claims}) == (verdict, {None})
    assert signals[PAY]["converters_with"] == 20


def test_an_event_of_all_non_converters_but_not_all_converters_is_tested(tmp_path: Path) -> None:
    people = [["x", PAY]] * 5 + [["a", "x", PAY]] * 15 + [["a", "x"]] * 30
    row = _signals(tmp_path, people)["a"]
    assert (row["verdict"], row["interval"]) == ("friction", "katz")
    assert row["rr_low"] > 1


def test_what_a_cohort_never_has_gets_a_finite_ratio_and_says_how(tmp_path: Path) -> None:
    people = [["a", PAY]] * 20 + [["a", "error"]] * 10 + [["a"]] * 10
    row = _signals(tmp_path, people, min_persons=5)["error"]
    assert row["relative_risk"] == pytest.approx((10.5 / 21) / (0.5 / 21))
    assert (row["interval"], row["verdict"]) == ("haldane", "friction")
    assert 1 < row["rr_low"] < row["relative_risk"] < row["rr_high"]
    assert {row["rate_ratio"], row["rate_low"], row["rate_high"]} == {None}


def test_what_goes_with_conversion_is_no_friction(tmp_path: Path) -> None:
    people = [["a", "help", PAY]] * 20 + [["a", "help"]] * 5 + [["a"]] * 25
    row = _signals(tmp_path, people)["help"]
    assert (row["verdict"], row["rr_high"] < 1) == ("with_conversion", True)


@pytest.mark.parametrize(
    ("given_settings", "verdict"),
    [
        pytest.param({"min_persons": 26, "min_share": 0.52}, "friction", id="just enough"),
        pytest.param({"min_persons": 27, "min_share": 0.53}, "insufficient", id="too few with it"),
        pytest.param({"min_persons": 27, "min_share": 0.52}, "friction", id="the share is enough"),
        pytest.param({"min_cohort_persons": 21}, "insufficient", id="too few converters"),
    ],
)
def test_guards(tmp_path: Path, given_settings: dict[str, Any], verdict: str) -> None:
    row = _signals(tmp_path, ERRORS, **given_settings)["error"]
    assert row["verdict"] == verdict
    assert (row["q_value"] is None) is (verdict == "insufficient")
    assert row["non_converters_with"] == 24


def test_events_after_the_outcome_count_only_where_the_outcome_is_not_known(tmp_path: Path) -> None:
    people = [["a", PAY, "invoice"]] * 20 + [["a", "b"]] * 20
    found = {}
    for event in (PAY, ""):
        directory = tmp_path / f"goal {event}"
        directory.mkdir()
        store = walked(directory, people, conversion_event=event)
        store.lists(converters=range(20), non_converters=range(20, 40))
        found[event] = {
            row["event_type"]: row["verdict"] for row in store.figures(FRICTION_SIGNALS)
        }
    assert found[PAY] == {"a": "everyone", "b": "friction", PAY: "outcome"}
    assert found[""] == {
        "a": "everyone",
        "b": "friction",
        PAY: "with_conversion",
        "invoice": "with_conversion",
    }


def test_friction_ranks_first_by_its_lower_bound(tmp_path: Path) -> None:
    people = (
        [["a", "rare", PAY]] * 1 + [["a", "error", PAY]] * 10 + [["a", "good", PAY]] * 29
        + [["a", "rare", "error"]] * 8 + [["a", "error"]] * 52
    )  # fmt: skip
    signals = _signals(tmp_path, people, min_persons=5)
    ranked = sorted((row["rank"], row["event_type"]) for row in signals.values() if row["rank"])
    assert [event for _, event in ranked] == ["error", "rare", "good"]
    # The rare event has the larger ratio, but nobody can be sure of it.
    assert signals["rare"]["relative_risk"] > signals["error"]["relative_risk"]
    assert [signals[event]["verdict"] for _, event in ranked] == [
        "friction", "no_difference", "with_conversion",
    ]  # fmt: skip


def test_a_day_of_a_range_is_the_day_alone(tmp_path: Path) -> None:
    store = walked(tmp_path, ERRORS)
    days = [AS_OF, AS_OF + timedelta(days=1)]
    together = store.figures(FRICTION_SIGNALS, *days)
    alone = [row for day in days for row in store.figures(FRICTION_SIGNALS, day)]
    assert of_itself(together) == of_itself(alone)
    assert Counter(row["as_of"] for row in together) == dict.fromkeys(days, 4)
    assert select(together, event_type="error", as_of=AS_OF)[0]["verdict"] == "friction"


sizes = st.integers(1, 60)
counts = st.tuples(sizes, sizes).flatmap(
    lambda n: st.tuples(st.integers(0, n[0]), st.just(n[0]), st.integers(0, n[1]), st.just(n[1]))
)


@given(st.lists(counts, min_size=1, max_size=20))
@settings(max_examples=20, deadline=None)
def test_fisher_of_many_tables_equals_scipy_of_each(
    tables: list[tuple[int, int, int, int]],
) -> None:
    ours = fisher_exact(*np.array(tables).T)
    theirs = [stats.fisher_exact([[a, n - a], [b, m - b]])[1] for a, n, b, m in tables]
    assert ours == pytest.approx(np.array(theirs), rel=1e-9, abs=1e-12)


def test_fisher_of_large_counts_equals_scipy() -> None:
    a, b = np.array([60_000, 59_400, 300, 0]), np.array([140_000, 140_900, 400, 30])
    n, m = np.full(4, 300_000), np.full(4, 700_000)
    theirs = [
        stats.fisher_exact([[x, 300_000 - x], [y, 700_000 - y]])[1]
        for x, y in zip(a, b, strict=True)
    ]
    assert fisher_exact(a, n, b, m) == pytest.approx(np.array(theirs), rel=1e-9)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
@settings(max_examples=60, deadline=None)
def test_q_values_rise_with_p_never_fall_below_it_and_know_their_family(p: list[float]) -> None:
    values = np.array(p)
    q = false_discovery_rates(values, np.zeros(len(p), dtype=np.int64))
    order = np.argsort(values)
    assert (np.diff(q[order]) >= 0).all()
    assert (q >= values).all()
    assert q.max() <= 1
    both = false_discovery_rates(
        np.concatenate([values, values[:1]]), np.append(np.zeros(len(p), dtype=np.int64), 1)
    )
    assert (both[:-1] == q).all()
    assert both[-1] == values[0]
