"""The intervals in SQL equal scipy's."""

from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, t
from scipy.stats.contingency import relative_risk

from journey_assets.warehouse.intervals import (
    register_rates,
    register_relative_risk,
    register_wilson,
)

Case = tuple[int, ...]

shares = st.integers(1, 10_000_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
levels = st.sampled_from([0.8, 0.95, 0.99])
#: An example is a query over many cases.
examples = settings(max_examples=12)


def _wilson(level: float, *cases: Case) -> list[tuple[float | None, float | None]]:
    with duckdb.connect(":memory:") as con:
        register_wilson(con, level)
        # As columns, since constants would be folded on another path.
        return con.execute(
            "SELECT wilson_low(k, n), wilson_high(k, n) FROM ("
            "SELECT c[1] AS k, c[2] AS n, i FROM unnest(?::BIGINT[][]) WITH ORDINALITY t(c, i)"
            ") ORDER BY i",
            [cases],
        ).fetchall()


@examples
@given(st.lists(shares, min_size=1, max_size=50), levels)
def test_it_equals_scipys_wilson_interval(cases: list[tuple[int, int]], level: float) -> None:
    for case, (low, high) in zip(cases, _wilson(level, *cases), strict=True):
        oracle = binomtest(*case).proportion_ci(level, method="wilson")
        assert low == pytest.approx(oracle.low, abs=1e-9)
        assert high == pytest.approx(oracle.high, abs=1e-9)


def test_none_of_n_starts_at_exactly_zero_and_all_of_n_end_at_exactly_one() -> None:
    none, all_ = _wilson(0.95, (0, 7), (7, 7))
    assert none[0] == 0.0
    assert all_[1] == 1.0


def test_a_share_of_nothing_has_no_interval() -> None:
    assert _wilson(0.95, (0, 0)) == [(None, None)]


@pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
def test_few_degrees_of_freedom_have_students_quantile(level: float) -> None:
    freedom = [*range(1, 40), 12.5, 200.0, 1e6]
    with duckdb.connect(":memory:") as con:
        register_wilson(con, level)
        rows = con.execute("SELECT students_t(df) FROM unnest(?::DOUBLE[]) AS t(df)", [freedom])
        found = [quantile for (quantile,) in rows.fetchall()]
    assert found == pytest.approx(t.ppf(0.5 + level / 2, freedom), rel=1e-4)


@pytest.mark.parametrize(("visits", "share"), [(2, 0.1), (20, 0.05), (20, 0.3), (5, 0.9)])
def test_intervals_of_twenty_persons_who_differ_hold_the_share(visits: int, share: float) -> None:
    rng = np.random.default_rng(8)
    rho, persons, samples = 0.1, 20, 2000
    shape = (1 - rho) / rho
    habits = rng.beta(share * shape, (1 - share) * shape, size=(samples, persons))
    v = 1 + rng.poisson(visits - 1, size=habits.shape)
    x = rng.binomial(v, habits)
    sums = np.stack([x, v, np.ones_like(x), x * x, x * v, v * v]).sum(axis=2)
    with duckdb.connect(":memory:") as con:
        register_wilson(con, 0.95)
        con.register(
            "sums", pa.table(dict(zip(("x", "v", "n", "xx", "xv", "vv"), sums, strict=True)))
        )
        (held,) = con.execute(
            "SELECT avg((? BETWEEN share_low(x / v, e) AND share_high(x / v, e))::INT) "
            "FROM (SELECT *, effective_number(x, v, n, xx, xv, vv) AS e FROM sums)",
            [share],
        ).fetchall()[0]
    assert 0.93 <= held <= 0.98


def test_a_rate_of_fewer_than_ten_cases_is_not_stated() -> None:
    with duckdb.connect(":memory:") as con:
        register_rates(con, 0.95)
        rows = con.execute(
            "SELECT rate(k, n), rate_low(k, n) IS NULL, rate_high(k, n) IS NULL, verdict(n) "
            "FROM (VALUES (3, 9), (5, 10)) t(k, n)"
        ).fetchall()
    assert rows == [(None, True, True, "insufficient"), (0.5, False, False, "ok")]


def _relative_risk(level: float, *cases: Case) -> list[tuple[Any, ...]]:
    with duckdb.connect(":memory:") as con:
        register_relative_risk(con, level)
        return con.execute(
            "SELECT relative_risk(a, n, b, m), relative_risk_low(a, n, b, m), "
            "relative_risk_high(a, n, b, m), relative_risk_interval(a, n, b, m) FROM ("
            "SELECT c[1] AS a, c[2] AS n, c[3] AS b, c[4] AS m, i "
            "FROM unnest(?::BIGINT[][]) WITH ORDINALITY t(c, i)) ORDER BY i",
            [cases],
        ).fetchall()


part = st.integers(1, 100_000).flatmap(lambda n: st.tuples(st.integers(1, n), st.just(n)))
#: Two shares of which one at least is below 1.
pairs = st.tuples(part, part).filter(lambda two: two[0][0] < two[0][1] or two[1][0] < two[1][1])


@examples
@given(st.lists(pairs, min_size=1, max_size=50), levels)
def test_a_ratio_of_shares_has_scipys_interval_of_katz(
    cases: list[tuple[tuple[int, int], tuple[int, int]]], level: float
) -> None:
    found = _relative_risk(level, *[(*first, *second) for first, second in cases])
    for (first, second), (ratio, low, high, method) in zip(cases, found, strict=True):
        oracle = relative_risk(*first, *second)
        interval = oracle.confidence_interval(level)
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
    [(ratio, low, high, method)] = _relative_risk(0.95, counts)
    assert method == "haldane"
    assert ratio == pytest.approx(oracle.relative_risk)
    assert low == pytest.approx(ratio * (interval.low / ratio) ** 2**0.5)
    assert high == pytest.approx(ratio * (interval.high / ratio) ** 2**0.5)


def test_a_ratio_with_nobody_on_a_side_is_not_stated() -> None:
    assert _relative_risk(0.95, (0, 0, 3, 9)) == [(None, None, None, None)]
