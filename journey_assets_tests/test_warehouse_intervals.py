"""The intervals in SQL equal scipy's."""

from typing import Any

import duckdb
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import binomtest
from scipy.stats.contingency import relative_risk

from journey_assets.warehouse.intervals import (
    register_rates,
    register_relative_risk,
    register_wilson,
)


def _wilson(k: int, n: int, level: float) -> tuple[float | None, float | None]:
    con = duckdb.connect(":memory:")
    register_wilson(con, level)
    # As columns, since constants would be folded on another path.
    row = con.execute(
        "SELECT wilson_low(k, n), wilson_high(k, n) FROM (VALUES (?::BIGINT, ?::BIGINT)) t(k, n)",
        [k, n],
    ).fetchall()[0]
    con.close()
    return row[0], row[1]


@given(
    st.integers(1, 10_000_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    st.sampled_from([0.8, 0.95, 0.99]),
)
def test_it_equals_scipys_wilson_interval(kn: tuple[int, int], level: float) -> None:
    low, high = _wilson(*kn, level)
    oracle = binomtest(*kn).proportion_ci(level, method="wilson")
    assert low == pytest.approx(oracle.low, abs=1e-9)
    assert high == pytest.approx(oracle.high, abs=1e-9)


def test_none_of_n_starts_at_exactly_zero_and_all_of_n_end_at_exactly_one() -> None:
    assert _wilson(0, 7, 0.95)[0] == 0.0
    assert _wilson(7, 7, 0.95)[1] == 1.0


def test_a_share_of_nothing_has_no_interval() -> None:
    assert _wilson(0, 0, 0.95) == (None, None)


def test_a_rate_of_fewer_than_ten_cases_is_not_stated() -> None:
    con = duckdb.connect(":memory:")
    register_rates(con, 0.95)
    rows = con.execute(
        "SELECT rate(k, n), rate_low(k, n) IS NULL, rate_high(k, n) IS NULL, verdict(n) "
        "FROM (VALUES (3, 9), (5, 10)) t(k, n)"
    ).fetchall()
    assert rows == [(None, True, True, "insufficient"), (0.5, False, False, "ok")]


def _relative_risk(counts: tuple[int, int, int, int], level: float) -> tuple[Any, ...]:
    con = duckdb.connect(":memory:")
    register_relative_risk(con, level)
    row = con.execute(
        "SELECT relative_risk(a, n, b, m), relative_risk_low(a, n, b, m), "
        "relative_risk_high(a, n, b, m), relative_risk_interval(a, n, b, m) "
        "FROM (VALUES (?::BIGINT, ?::BIGINT, ?::BIGINT, ?::BIGINT)) t(a, n, b, m)",
        list(counts),
    ).fetchall()[0]
    con.close()
    return tuple(row)


part = st.integers(1, 100_000).flatmap(lambda n: st.tuples(st.integers(1, n), st.just(n)))


@given(part, part, st.sampled_from([0.8, 0.95, 0.99]))
def test_a_ratio_of_shares_has_scipys_interval_of_katz(
    first: tuple[int, int], second: tuple[int, int], level: float
) -> None:
    assume(first[0] < first[1] or second[0] < second[1])
    oracle = relative_risk(*first, *second)
    interval = oracle.confidence_interval(level)
    ratio, low, high, method = _relative_risk((*first, *second), level)
    assert method == "katz"
    assert (ratio, low, high) == pytest.approx(
        (oracle.relative_risk, interval.low, interval.high), rel=1e-9
    )


@pytest.mark.parametrize("counts", [(0, 20, 5, 30), (5, 20, 0, 30), (20, 20, 30, 30)])
def test_where_a_cell_is_empty_half_a_person_is_added_to_each(
    counts: tuple[int, int, int, int],
) -> None:
    a, n, b, m = counts
    # Twice all counts are whole numbers; the ratio stays, its logarithm's variance halves.
    oracle = relative_risk(2 * a + 1, 2 * n + 2, 2 * b + 1, 2 * m + 2)
    interval = oracle.confidence_interval(0.95)
    ratio, low, high, method = _relative_risk(counts, 0.95)
    assert method == "haldane"
    assert ratio == pytest.approx(oracle.relative_risk)
    assert low == pytest.approx(ratio * (interval.low / ratio) ** 2**0.5)
    assert high == pytest.approx(ratio * (interval.high / ratio) ** 2**0.5)


def test_a_ratio_with_nobody_on_a_side_is_not_stated() -> None:
    assert _relative_risk((0, 0, 3, 9), 0.95) == (None, None, None, None)
