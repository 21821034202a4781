"""The Wilson interval in SQL equals scipy's."""

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from journey_assets.warehouse.intervals import register_wilson


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
