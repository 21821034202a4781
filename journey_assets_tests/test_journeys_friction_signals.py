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
from journey_assets_tests.hazards_oracle import Person, has_had, mantel_byar_of
from journey_assets_tests.journeys_store import AS_OF, Row
from journey_assets_tests.journeys_walks import PAY, labelled, of_itself, select, walked

#: Of eighty who meet an error at the second visit ten pay after the third, of the others sixty.
ERRORS = (
    [["a", "error", "c", PAY]] * 10
    + [["a", "b", "c", PAY]] * 60
    + [["a", "error", "c", "error"]] * 70
    + [["a", "b", "c"]] * 20
)


def _signals(directory: Path, people: list[list[str]], **given_settings: Any) -> dict[str, Row]:
    store = walked(directory, people, **given_settings)
    return {row["event_type"]: row for row in store.figures(FRICTION_SIGNALS)}


def _people(walks: list[list[str]]) -> list[Person]:
    """The same as persons with visits, for the formulas."""
    return [
        Person(tuple(walk[: walk.index(PAY)]), "conversion")
        if PAY in walk
        else Person(tuple(walk), "exit")
        for walk in walks
    ]


def test_friction_is_a_hazard_below_that_of_others_at_the_same_visit(tmp_path: Path) -> None:
    row = _signals(tmp_path, ERRORS)["error"]
    theirs = mantel_byar_of(_people(ERRORS), has_had("error"))
    assert (row["observed"], row["expected"], row["variance"]) == pytest.approx(
        (theirs.observed, theirs.expected, theirs.variance)
    )
    assert (row["hazard_ratio"], row["hr_low"], row["hr_high"]) == pytest.approx(
        (theirs.ratio, theirs.low, theirs.high)
    )
    assert row["z"] == pytest.approx(theirs.z)
    assert row["p_value"] == pytest.approx(2 * stats.norm.sf(abs(row["z"])))
    assert (row["verdict"], row["rank"], row["hr_method"]) == ("friction", 1, "mantel_haenszel")
    # Everybody is in one stratum: it says the same.
    assert (row["stratified_ratio"], row["stratified_p"]) == (row["hazard_ratio"], row["p_value"])
    assert (row["stratified_verdict"], row["strata_differ"]) == ("friction", False)


def test_the_shares_of_persons_are_a_description(tmp_path: Path) -> None:
    row = _signals(tmp_path, ERRORS)["error"]
    assert (row["non_converters_with"], row["non_converters"]) == (70, 90)
    assert (row["converters_with"], row["converters"]) == (10, 70)
    theirs = stats.contingency.relative_risk(70, 90, 10, 70)
    interval = theirs.confidence_interval(0.95)
    assert (row["relative_risk"], row["rr_low"], row["rr_high"]) == pytest.approx(
        (theirs.relative_risk, interval.low, interval.high)
    )
    assert row["interval"] == "katz"


def test_who_stays_longer_and_so_has_more_of_everything_meets_no_friction(tmp_path: Path) -> None:
    rng = np.random.default_rng(20)
    people = [
        [str(rng.choice(["use", "a"], p=[0.1, 0.9])) for _ in range(10 if person % 3 else 3)]
        + ([] if person % 3 else [PAY])
        for person in range(600)
    ]
    row = _signals(tmp_path, people)["use"]
    assert row["rr_low"] > 1.5
    assert (row["verdict"], row["hr_low"] < 1 < row["hr_high"]) == ("no_difference", True)


def test_the_conversion_itself_is_no_visit(tmp_path: Path) -> None:
    people = [["a", "b", PAY], ["a", PAY]] * 15 + [["a", "b"], ["a"]] * 15
    row = _signals(tmp_path, people)["b"]
    assert (row["rate_ratio"], row["non_converter_visits"], row["converter_visits"]) == (1, 15, 15)


def test_the_rate_per_visit_takes_persons_as_clusters(tmp_path: Path) -> None:
    row = _signals(tmp_path, ERRORS)["error"]

    def rate(people: list[list[str]]) -> tuple[float, float]:
        """The rate and the variance of its logarithm, written out over persons."""
        x, v = np.array([(one.count("error"), len(one) - (PAY in one)) for one in people]).T
        ratio = x.sum() / v.sum()
        residuals = ((x - ratio * v) ** 2).sum() * len(people) / (len(people) - 1)
        return ratio, residuals / x.sum() ** 2

    (theirs, one), (ours, other) = rate(ERRORS[70:]), rate(ERRORS[:70])
    width = stats.norm.ppf(0.975) * sqrt(one + other)
    assert row["rate_ratio"] == pytest.approx(theirs / ours)
    assert row["rate_low"] == pytest.approx(exp(log(theirs / ours) - width))
    assert row["rate_high"] == pytest.approx(exp(log(theirs / ours) + width))
    assert (row["non_converter_visits"], row["converter_visits"]) == (140, 10)


def test_what_everyone_does_and_the_outcome_are_no_signals(tmp_path: Path) -> None:
    signals = _signals(tmp_path, ERRORS)
    for event, verdict in (("a", "everyone"), (PAY, "outcome")):
        row = signals[event]
        claims = {"relative_risk", "rr_low", "p_value", "hazard_ratio", "rank", "rate_ratio"}
        assert (row["verdict"], {row[name] for name in claims}) == (verdict, {None})
    assert signals[PAY]["converters_with"] == 70


def test_what_no_converter_has_gets_finite_ratios_and_says_how(tmp_path: Path) -> None:
    people = [["a", "b", PAY]] * 60 + [["a", "error"]] * 40 + [["a", "b"]] * 20
    row = _signals(tmp_path, people)["error"]
    assert row["relative_risk"] == pytest.approx((40.5 / 61) / (0.5 / 61))
    assert (row["interval"], row["hr_method"], row["verdict"]) == ("haldane", "peto", "friction")
    assert 0 < row["hr_low"] < row["hazard_ratio"] < row["hr_high"] < 1
    assert {row["rate_ratio"], row["rate_low"], row["rate_high"]} == {None}


def test_what_goes_with_conversion_is_no_friction(tmp_path: Path) -> None:
    people = (
        [["a", "help", PAY]] * 60 + [["a", "help"]] * 20 + [["a", "b"]] * 60 + [["a", "b", PAY]] * 9
    )
    row = _signals(tmp_path, people)["help"]
    assert (row["verdict"], row["hr_low"] > 1) == ("with_conversion", True)


def test_few_conversions_to_compare_are_insufficient(tmp_path: Path) -> None:
    people = (
        [["a", "error", PAY]] * 2
        + [["a", "b", PAY]] * 18
        + [["a", "error"]] * 30
        + [["a", "b"]] * 6
    )
    row = _signals(tmp_path, people)["error"]
    assert 0 < row["variance"] < 5
    assert (row["verdict"], row["hazard_ratio"], row["p_value"]) == ("insufficient", None, None)
    assert row["rr_low"] > 1


@pytest.mark.parametrize(
    ("given_settings", "verdict"),
    [
        pytest.param({"min_persons": 80, "min_share": 0.6}, "friction", id="just enough"),
        pytest.param({"min_persons": 81, "min_share": 0.6}, "insufficient", id="too few with it"),
        pytest.param({"min_persons": 81, "min_share": 0.5}, "friction", id="the share is enough"),
        pytest.param({"min_cohort_persons": 71}, "insufficient", id="too few converters"),
    ],
)
def test_guards(tmp_path: Path, given_settings: dict[str, Any], verdict: str) -> None:
    row = _signals(tmp_path, ERRORS, **given_settings)["error"]
    assert row["verdict"] == verdict
    assert (row["q_value"] is None) is (verdict == "insufficient")
    assert row["non_converters_with"] == 70


def test_events_after_the_outcome_do_not_count(tmp_path: Path) -> None:
    people = (
        [["a", "b", PAY, "invoice"]] * 40
        + [["a", "b"]] * 20
        + [["a", "c"]] * 40
        + [["a", "c", PAY]] * 9
    )
    store = walked(tmp_path, people)
    store.lists(converters=[*range(40), *range(100, 109)], non_converters=range(40, 100))
    verdicts = {row["event_type"]: row["verdict"] for row in store.figures(FRICTION_SIGNALS)}
    assert verdicts == {"a": "everyone", "b": "with_conversion", "c": "friction", PAY: "outcome"}


def test_with_lists_and_no_conversion_event_nobody_knows_when(tmp_path: Path) -> None:
    people = [["a", PAY, "invoice"]] * 20 + [["a", "b"]] * 20
    store = walked(tmp_path, people, conversion_event="")
    store.lists(converters=range(20), non_converters=range(20, 40))
    rows = {row["event_type"]: row for row in store.figures(FRICTION_SIGNALS)}
    untold = dict.fromkeys(("b", PAY, "invoice"), "no_conversion_event")
    assert {event: row["verdict"] for event, row in rows.items()} == {"a": "everyone"} | untold
    assert rows["b"]["rr_low"] > 1
    assert {rows["b"][name] for name in ("hazard_ratio", "p_value", "observed")} == {None}


def test_who_is_listed_as_converter_and_never_seen_to_convert_is_at_no_risk(tmp_path: Path) -> None:
    people = [*ERRORS, *[["a", "error", "c"]] * 50]
    store = walked(tmp_path, people)
    listed = [*range(70), *range(160, 210)]
    store.lists(converters=listed, non_converters=range(70, 160))
    [row] = select(store.figures(FRICTION_SIGNALS), event_type="error")
    assert (row["converters"], row["converters_with"]) == (120, 60)
    assert row["z"] == pytest.approx(mantel_byar_of(_people(ERRORS), has_had("error")).z)


def test_of_a_label_its_own_persons_are_at_risk(tmp_path: Path) -> None:
    store = labelled(walked(tmp_path, ERRORS * 2), ["red"] * 160 + ["blue"] * 160)
    rows = select(store.figures(FRICTION_SIGNALS), event_type="error")
    z = mantel_byar_of(_people(ERRORS), has_had("error")).z
    assert [(row["cohort"], row["verdict"]) for row in rows] == [
        ("blue", "friction"), ("red", "friction"),
    ]  # fmt: skip
    assert [row["z"] for row in rows] == pytest.approx([z, z])


def test_friction_ranks_first_by_its_upper_bound(tmp_path: Path) -> None:
    people = (
        [["a", "rare", "a", PAY]] * 2 + [["a", "rare", "a"]] * 24
        + [["a", "error", "a", PAY]] * 40 + [["a", "error", "a"]] * 260
        + [["a", "good", "a", PAY]] * 160 + [["a", "good", "a"]] * 90
    )  # fmt: skip
    signals = _signals(tmp_path, people, min_persons=5)
    ranked = sorted((row["rank"], row["event_type"]) for row in signals.values() if row["rank"])
    assert [event for _, event in ranked] == ["error", "rare", "good"]
    assert signals["error"]["hr_high"] < signals["rare"]["hr_high"]
    assert [signals[event]["verdict"] for _, event in ranked] == [
        "friction", "friction", "with_conversion",
    ]  # fmt: skip


def test_a_day_of_a_range_is_the_day_alone(tmp_path: Path) -> None:
    store = walked(tmp_path, ERRORS)
    days = [AS_OF, AS_OF + timedelta(days=1)]
    together = store.figures(FRICTION_SIGNALS, *days)
    alone = [row for day in days for row in store.figures(FRICTION_SIGNALS, day)]
    assert of_itself(together) == of_itself(alone)
    assert Counter(row["as_of"] for row in together) == dict.fromkeys(days, 5)
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
