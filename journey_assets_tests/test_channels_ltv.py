"""Intervals of a segment's lifetime value."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from journey_assets.channels.ltv import (
    FEWEST,
    MOST_RESAMPLED,
    RESAMPLES,
    SEED,
    mean_interval,
    median_interval,
)

values = arrays(
    np.float64, st.integers(FEWEST, 60), elements=st.floats(0, 5000).map(lambda v: round(v, 2))
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(values)
def test_the_means_interval_is_the_textbooks_bootstrap_t(sample: np.ndarray) -> None:
    interval = mean_interval(sample, 0.95)
    if np.ptp(sample) == 0:
        assert (interval.low, interval.high) == (sample.mean(), sample.mean())
        return
    # One resample at a time, as Efron & Tibshirani write it down.
    n, mean, random = len(sample), sample.mean(), np.random.default_rng(SEED)
    drawn = random.integers(0, n, (RESAMPLES, n), dtype=np.int32)
    pivots = [
        (again.mean() - mean) / (again.std(ddof=1) / n**0.5)
        for again in (sample[row] for row in drawn)
        if np.ptp(again) > 0
    ]
    error = sample.std(ddof=1) / n**0.5
    assert interval.method == "bootstrap_t"
    assert interval.low == pytest.approx(mean - np.quantile(pivots, 0.975) * error, rel=1e-6)
    assert interval.high == pytest.approx(mean - np.quantile(pivots, 0.025) * error, rel=1e-6)


def test_the_interval_covers_a_skewed_mean_far_more_often_than_not() -> None:
    random = np.random.default_rng(7)
    true_mean = np.exp(5.5)
    intervals = [mean_interval(random.lognormal(5, 1, 40), 0.95) for _ in range(150)]
    hits = sum(i.low <= true_mean <= i.high for i in intervals if i.low and i.high)
    assert hits >= 130  # 92 % expected at this size and skew, standard error 2.2 %


def test_many_values_get_students_interval() -> None:
    sample = np.random.default_rng(3).lognormal(5, 1, MOST_RESAMPLED + 1)
    interval = mean_interval(sample, 0.9)
    low, high = stats.t.interval(0.9, len(sample) - 1, sample.mean(), stats.sem(sample))
    assert interval.method == "student_t"
    assert interval.low == pytest.approx(low)
    assert interval.high == pytest.approx(high)


def test_too_few_values_have_no_interval() -> None:
    few = np.arange(FEWEST - 1, dtype=np.float64)
    assert mean_interval(few, 0.95).low is None
    assert median_interval(few, 0.95).low is None


@given(st.integers(FEWEST, 400), st.sampled_from([0.8, 0.95, 0.99]))
def test_the_medians_ranks_hold_the_level_and_no_closer_pair_does(n: int, level: float) -> None:
    ranked = np.arange(1, n + 1, dtype=np.float64)
    interval = median_interval(ranked, level)
    if interval.low is None or interval.high is None:
        assert 2 * stats.binom.cdf(0, n, 0.5) > 1 - level
        return
    rank = int(interval.low)
    assert interval.high == n + 1 - rank
    assert 1 - 2 * stats.binom.cdf(rank - 1, n, 0.5) >= level
    assert 1 - 2 * stats.binom.cdf(rank, n, 0.5) < level
